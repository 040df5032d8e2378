import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.notification import domain, usecases
from services.notification.channels import Channel, channels_of
from services.notification.models import Message
from services.notification.settings import Settings
from tests.harness import Running, free_port
from tests.integration.notification.mailbox import Mailbox, mailbox
from tests.integration.notification.test_messages import NOON, send, told

ADDRESS = "wang.xiaoli@example.com"


@pytest.fixture
def uow(service_uow: Callable[[str], UnitOfWork]) -> UnitOfWork:
    return service_uow("notification")


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


def channels(port: int) -> dict[str, Channel]:
    own = Settings(
        amqp_uri="",
        database_url="",
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security="none",
        smtp_from="studio@example.com",
    )
    return channels_of(own)


@pytest.fixture
def queued(uow: UnitOfWork, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A message to an address, kept and not yet sent."""
    monkeypatch.setattr("tests.integration.notification.test_messages.CHANNELS", channels(box.port))
    message = send(uow, recipient=ADDRESS)
    assert (message["channel"], message["state"], message["sent_at"]) == ("email", "queued", None)
    message_id: UUID = message["id"]
    return message_id


def deliver(uow: UnitOfWork, port: int, now: datetime = NOON) -> int:
    return usecases.deliver_due(uow=uow, clock=lambda: now, channels=channels(port))


def kept(uow: UnitOfWork, message_id: UUID) -> Message:
    with uow.read() as session:
        return session.get_one(Message, message_id)


def test_a_queued_message_leaves_by_smtp_once(uow: UnitOfWork, box: Mailbox, queued: UUID) -> None:
    assert told(uow) == []
    assert (deliver(uow, box.port), deliver(uow, box.port)) == (1, 0)
    [mail] = box.mails
    assert (mail["To"], mail["From"]) == (ADDRESS, "studio@example.com")
    assert mail["Subject"] == "预约 YQ2611-000001 的付款将退回"
    assert "¥500.00" in mail.get_content()
    assert str(queued) in mail["Message-ID"]
    assert kept(uow, queued).state == "sent"
    assert [fact["type"] for fact in told(uow)] == ["message.sent"]


def test_a_server_that_is_away_is_tried_again_after_a_pause(
    uow: UnitOfWork, box: Mailbox, queued: UUID
) -> None:
    assert deliver(uow, free_port()) == 0
    assert kept(uow, queued).state == "queued"
    assert deliver(uow, box.port, NOON + timedelta(seconds=14)) == 0
    assert deliver(uow, box.port, NOON + timedelta(seconds=15)) == 1
    assert kept(uow, queued).attempts == 2


def test_a_mail_that_is_refused_for_good_is_not_tried_again(
    uow: UnitOfWork, box: Mailbox, queued: UUID
) -> None:
    box.answer_to_recipient = (550, "no such mailbox")
    deliver(uow, box.port)
    assert kept(uow, queued).state == "failed"
    assert told(uow) == []


@pytest.mark.parametrize(("code", "state"), [(451, "queued"), (554, "failed")])
def test_the_answer_to_the_mail_itself_counts_too(
    uow: UnitOfWork, box: Mailbox, queued: UUID, code: int, state: str
) -> None:
    box.answer_to_mail = (code, "not now")
    deliver(uow, box.port)
    assert kept(uow, queued).state == state


def test_a_server_that_never_comes_back_fails_the_message(uow: UnitOfWork, queued: UUID) -> None:
    now, nowhere = NOON, free_port()
    for _ in range(domain.MAX_ATTEMPTS):
        deliver(uow, nowhere, now)
        now += domain.RETRY_DELAYS[-1]
    message = kept(uow, queued)
    assert (message.state, message.attempts) == ("failed", domain.MAX_ATTEMPTS)


def test_a_sender_that_dies_leaves_its_letter_to_the_end_of_the_lease(
    uow: UnitOfWork, box: Mailbox, queued: UUID
) -> None:
    assert usecases.lease_letter(uow=uow, now=NOON) is not None
    assert deliver(uow, box.port, NOON + domain.LEASE / 2) == 0
    assert deliver(uow, box.port, NOON + domain.LEASE) == 1
    assert len(box.mails) == 1
    assert kept(uow, queued).state == "sent"


def test_a_sender_that_returns_after_its_lease_says_nothing_twice(
    uow: UnitOfWork, box: Mailbox, queued: UUID
) -> None:
    slow = usecases.lease_letter(uow=uow, now=NOON)
    assert slow is not None
    assert deliver(uow, box.port, NOON + domain.LEASE) == 1
    late: Any = {"now": NOON + domain.LEASE * 2, "channels": channels(box.port)}
    assert usecases.deliver(uow=uow, letter=slow, **late) is None
    assert len(told(uow)) == 1
    # At least once, and honest about it: both mails carry the same id.
    assert len({mail["Message-ID"] for mail in box.mails}) == 1


def test_a_letter_that_ends_its_process_every_time_is_given_up(
    uow: UnitOfWork, queued: UUID
) -> None:
    now = NOON
    for _ in range(domain.MAX_ATTEMPTS + 1):
        usecases.lease_letter(uow=uow, now=now)
        now += domain.LEASE
    assert kept(uow, queued).state == "failed"


def test_the_log_of_a_failed_delivery_names_no_person(
    uow: UnitOfWork, box: Mailbox, queued: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    box.answer_to_recipient = (550, f"{ADDRESS} is unknown here")
    with caplog.at_level(logging.DEBUG):
        deliver(uow, box.port)
    lines = [str(vars(record)) for record in caplog.records]
    assert any("a message was not delivered" in line for line in lines)
    assert not any(ADDRESS in line or "王小丽" in line for line in lines)


def test_the_running_service_sends_mail_in_the_background(
    running: Callable[..., Running], box: Mailbox
) -> None:
    system = running(
        "notification",
        SMTP_HOST="127.0.0.1",
        SMTP_PORT=str(box.port),
        SMTP_SECURITY="none",
        SMTP_FROM="studio@example.com",
    )
    subject_id = str(uuid4())
    answer = system.call("notification").send(
        message_id=str(uuid4()),
        template="payment_late_refund",
        recipient=ADDRESS,
        subject_id=subject_id,
        context={"customer_name": "王小丽", "number": "YQ1", "amount": "¥1.00"},
    )
    assert answer["state"] == "queued"
    system.wait(lambda: box.mails)
    system.wait(
        lambda: system.call("notification").list_messages(subject_id=subject_id)["items"][0][
            "sent_at"
        ]
    )


def test_states_that_contradict_themselves_are_refused_by_the_database(
    uow: UnitOfWork, queued: UUID
) -> None:
    for change in ("state = 'sent'", "state = 'lost'", "next_try_at = NULL"):
        with pytest.raises(sa.exc.IntegrityError), uow.begin() as tx:
            tx.session.execute(sa.text("UPDATE message SET " + change))
