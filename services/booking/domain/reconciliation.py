"""Comparing our books with a provider's statement of one day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Entry:
    """A movement of money, as we or a provider have it in the books.

    Shapes:  `kind` is payment or refund; `number` is our id of it in hex, or whatever another
             system wrote there; `reference` is the provider's.
    Units:   amount_cents > 0 for both kinds; fee_cents is what the provider keeps of it, and
             negative for what it returns.
    """

    kind: str
    number: str
    reference: str
    amount_cents: int
    currency: str
    settled_at: datetime
    fee_cents: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.number

    @property
    def sum(self) -> tuple[int, str]:
        return self.amount_cents, self.currency


@dataclass(frozen=True)
class Differences:
    """What the comparison found; pairs are (ours, theirs).

    Shapes:  `repeated` are further lines of the statement about what an earlier line told.
    """

    matched: list[tuple[Entry, Entry]]
    differing: list[tuple[Entry, Entry]]
    missing_here: list[Entry]
    missing_there: list[Entry]
    repeated: list[Entry]

    @property
    def are_none(self) -> bool:
        return not (self.differing or self.missing_here or self.missing_there or self.repeated)


def reconcile(
    ours: Iterable[Entry], theirs: Iterable[Entry], *, start: datetime, end: datetime
) -> Differences:
    """Compare our entries with a statement of [start, end).

    Our entries may reach beyond that time: near midnight the two clocks put a movement on
    different days. Ours from outside can be found in the statement, and are not missed there.
    """
    stated: dict[tuple[str, str], Entry] = {}
    repeated = [entry for entry in theirs if stated.setdefault(entry.key, entry) is not entry]
    booked = {entry.key: entry for entry in ours}
    pairs = [(booked[key], entry) for key, entry in stated.items() if key in booked]
    return Differences(
        matched=[pair for pair in pairs if pair[0].sum == pair[1].sum],
        differing=[pair for pair in pairs if pair[0].sum != pair[1].sum],
        missing_here=[entry for key, entry in stated.items() if key not in booked],
        missing_there=[
            entry
            for key, entry in booked.items()
            if key not in stated and start <= entry.settled_at < end
        ],
        repeated=repeated,
    )
