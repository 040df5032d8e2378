from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest
import sqlalchemy as sa

from services.chassis.db import OUTBOX, UnitOfWork
from services.contracts.notification import ContextIncomplete, TemplateUnknown
from services.notification import usecases
from services.notification.channels import channels_of
from services.notification.settings import Settings

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
CHANNELS = channels_of(Settings(amqp_uri="", database_url=""))


@pytest.fixture
def uow(service_uow: Callable[[str], UnitOfWork]) -> UnitOfWork:
    return service_uow("notification")


def send(uow: UnitOfWork, *, now: datetime = NOON, **changes: Any) -> dict[str, Any]:
    message = {
        "message_id": uuid4(),
        "template": "payment_late_refund",
        "language": "zh",
        "recipient": "+8613800001111",
        "subject_id": uuid4(),
        "context": {"customer_name": "王小丽", "number": "YQ2611-000001", "amount": "¥500.00"},
    }
    return usecases.send(uow=uow, now=now, channels=CHANNELS, **{**message, **changes})


def told(uow: UnitOfWork) -> list[dict[str, Any]]:
    with uow.read() as session:
        rows = session.scalars(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.id))
        return [{"type": envelope["type"], **envelope["payload"]} for envelope in rows]


def subjects_of(uow: UnitOfWork, subject_id: UUID) -> list[str]:
    items = usecases.list_messages(uow=uow, subject_id=subject_id)["items"]
    return [message["subject"] for message in items]


def test_a_message_to_the_inbox_is_sent_by_being_kept(uow: UnitOfWork) -> None:
    message_id, subject_id = uuid4(), uuid4()
    message = send(uow, message_id=message_id, subject_id=subject_id)
    assert message["subject"] == "预约 YQ2611-000001 的付款将退回"
    assert (message["channel"], message["state"], message["sent_at"]) == ("inbox", "sent", NOON)
    assert told(uow) == [
        {
            "type": "message.sent",
            "message_id": str(message_id),
            "subject_id": str(subject_id),
            "template": "payment_late_refund",
            "channel": "inbox",
            "sent_at": NOON.isoformat(),
        }
    ]


def test_the_same_id_again_is_the_same_message_sent_once(uow: UnitOfWork) -> None:
    message_id, subject_id = uuid4(), uuid4()
    first = send(uow, message_id=message_id, subject_id=subject_id)
    later = NOON + timedelta(hours=1)
    # Even when the template has meanwhile come to need more.
    again = send(uow, message_id=message_id, subject_id=subject_id, now=later, context={})
    assert again == first
    assert len(told(uow)) == len(subjects_of(uow, subject_id)) == 1


def test_many_requests_with_one_id_at_once_send_one_message(uow: UnitOfWork) -> None:
    message_id, subject_id = uuid4(), uuid4()

    def request(_: int) -> dict[str, Any]:
        own = UnitOfWork(uow.engine)
        return send(own, message_id=message_id, subject_id=subject_id)

    answers = list(eventlet.GreenPool(8).imap(request, range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert len(told(uow)) == len(subjects_of(uow, subject_id)) == 1


def test_a_message_is_said_in_the_language_asked_for(uow: UnitOfWork) -> None:
    message = send(uow, language="en")
    assert message["subject"] == "Your payment for booking YQ2611-000001 is being refunded"


def test_an_unknown_template_is_refused(uow: UnitOfWork) -> None:
    for name in ("nothing", "__init__", "../secret"):
        with pytest.raises(TemplateUnknown):
            send(uow, template=name)


def test_missing_values_are_refused_by_name_and_nothing_is_kept(uow: UnitOfWork) -> None:
    subject_id = uuid4()
    with pytest.raises(ContextIncomplete) as refused:
        send(uow, subject_id=subject_id, context={"number": "YQ1"})
    assert refused.value.details == {"missing": ["amount", "customer_name"]}
    assert subjects_of(uow, subject_id) == []


def test_messages_are_listed_by_subject_oldest_first(uow: UnitOfWork) -> None:
    subject_id, someone_else = uuid4(), uuid4()
    send(uow, subject_id=subject_id, now=NOON + timedelta(minutes=1), language="en")
    send(uow, subject_id=subject_id)
    send(uow, subject_id=someone_else)
    assert [subject[:2] for subject in subjects_of(uow, subject_id)] == ["预约", "Yo"]
