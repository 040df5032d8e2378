"""Which message ids still have a copy in the broker; it counts, and decides nothing."""

from collections import Counter

from deploy.local.broker.messages import Message


class Ledger:
    """Count the copies of each message id that wait in a queue or are with a consumer, unacked.

    Whoever replaces a copy by another (dead-lettering) enters the new one first, so that the
    count never touches zero on the way. Messages without an id are not counted.
    """

    def __init__(self) -> None:
        self._copies: Counter[str] = Counter()

    def enter(self, message: Message) -> None:
        if message.message_id is not None:
            self._copies[message.message_id] += 1

    def strike(self, message: Message) -> None:
        message_id = message.message_id
        if message_id is None:
            return
        self._copies[message_id] -= 1
        if self._copies[message_id] <= 0:
            del self._copies[message_id]

    def holds(self, message_id: str) -> bool:
        return message_id in self._copies
