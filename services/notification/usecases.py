"""What notification does, one business verb and one transaction each."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.chassis.db import Transaction, UnitOfWork
from services.contracts.notification import ContextIncomplete, TemplateUnknown
from services.notification import domain, queries
from services.notification.channels import Channel, Letter, Undelivered, choose
from services.notification.metrics import MESSAGES
from services.notification.models import Message
from services.notification.templates import TEMPLATES

logger = logging.getLogger(__name__)


def send(
    *,
    uow: UnitOfWork,
    now: datetime,
    channels: dict[str, Channel],
    message_id: UUID,
    template: str,
    language: str,
    recipient: str,
    subject_id: UUID,
    context: dict[str, Any],
) -> dict[str, Any]:
    """Send a message, or return what became of it when this id was sent before.

    Shapes:  context values are texts, or texts in both languages of which one is said.
    Errors:  TemplateUnknown; ContextIncomplete with the missing names.
    """
    with uow.begin() as tx:
        message = tx.session.get(Message, message_id)
        if message is None:
            subject, body = _render(template, language, context)
            values = {
                "id": message_id,
                "template": template,
                "language": language,
                "recipient": recipient,
                "subject_id": subject_id,
                "subject": subject,
                "body": body,
                "created_at": now,
            }
            message = _keep(tx, choose(channels, recipient), values)
        return _describe(message)


def list_messages(*, uow: UnitOfWork, subject_id: UUID) -> dict[str, Any]:
    """Return the messages about one subject, oldest first."""
    with uow.read() as session:
        return {"items": [_describe(m) for m in queries.messages_of(session, subject_id)]}


def deliver_due(
    *, uow: UnitOfWork, clock: Callable[[], datetime], channels: dict[str, Channel]
) -> int:
    """Deliver what waits; return how many were sent.

    The first that fails ends the round: in an outage the others would wait for the same limits.
    """
    sent = 0
    while letter := lease_letter(uow=uow, now=clock()):
        if deliver(uow=uow, now=clock(), channels=channels, letter=letter) != "sent":
            break
        sent += 1
    return sent


def lease_letter(*, uow: UnitOfWork, now: datetime) -> Letter | None:
    """Take the message that has waited longest, for the length of a lease.

    Whoever dies with it loses nothing: it is due again when the lease ends, and then leaves a
    second time if the first had left already.
    """
    with uow.begin() as tx:
        message = queries.lock_due_message(tx.session, now)
        if message is None:
            return None
        if message.attempts >= domain.MAX_ATTEMPTS:
            _mark_undelivered(message, now, Undelivered("lease_ended", permanent=True))
            return None
        message.attempts += 1
        message.next_try_at = now + domain.LEASE
        return _letter(message)


def deliver(
    *, uow: UnitOfWork, now: datetime, channels: dict[str, Channel], letter: Letter
) -> str | None:
    """Hand a leased letter to its channel; return the message's state after that.

    None when the lease had ended and another attempt has the message now.
    """
    fault: Undelivered | None = None
    try:
        channels[letter.channel].deliver(letter)
    except Undelivered as error:
        fault = error
    with uow.begin() as tx:
        message = queries.lock_attempt(tx.session, letter.id, letter.attempt)
        if message is None:
            return None
        if fault is None:
            _mark_sent(tx, message, now)
        else:
            _mark_undelivered(message, now, fault)
        return message.state


def _render(name: str, language: str, context: dict[str, Any]) -> tuple[str, str]:
    template = TEMPLATES.get(name)
    if template is None:
        raise TemplateUnknown(template=name)
    missing = template.missing(language, context)
    if missing:
        raise ContextIncomplete(missing=missing)
    return template.render(language, context)


def _keep(tx: Transaction, channel: Channel, values: dict[str, Any]) -> Message:
    """Keep a new message, unless another request with its id was quicker by a moment."""
    queued = values | {
        "channel": channel.name,
        "state": "queued",
        "attempts": 0,
        "next_try_at": values["created_at"],
    }
    kept = tx.session.execute(
        insert(Message).values(**queued).on_conflict_do_nothing(index_elements=[Message.id])
    )
    message = tx.session.get_one(Message, values["id"])
    if kept.rowcount and channel.local:  # type: ignore[attr-defined]
        message.attempts = 1
        channel.deliver(_letter(message))
        _mark_sent(tx, message, values["created_at"])
    return message


def _mark_sent(tx: Transaction, message: Message, now: datetime) -> None:
    message.state, message.sent_at, message.next_try_at = "sent", now, None
    tx.emit(
        "message.sent",
        {
            "message_id": message.id,
            "subject_id": message.subject_id,
            "template": message.template,
            "channel": message.channel,
            "sent_at": now,
        },
    )
    MESSAGES.labels(message.channel, "sent").inc()


def _mark_undelivered(message: Message, now: datetime, fault: Undelivered) -> None:
    again_at = None if fault.permanent else domain.next_try_at(message.attempts, now)
    message.next_try_at = again_at
    message.state = "queued" if again_at else "failed"
    MESSAGES.labels(message.channel, "postponed" if again_at else "failed").inc()
    logger.log(
        logging.WARNING if again_at else logging.ERROR,
        "a message was not delivered",
        extra={
            "message_id": message.id,
            "code": fault.reason,
            "attempt": message.attempts,
            "outcome": message.state,
        },
    )


def _letter(message: Message) -> Letter:
    return Letter(
        id=message.id,
        recipient=message.recipient,
        subject=message.subject,
        body=message.body,
        created_at=message.created_at,
        channel=message.channel,
        attempt=message.attempts,
    )


def _describe(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "subject": message.subject,
        "body": message.body,
        "channel": message.channel,
        "state": message.state,
        "sent_at": message.sent_at,
    }
