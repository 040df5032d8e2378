"""Automation and notification as they run: real containers, a real outbox, inbox and RPC."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import nameko
import pytest
import sqlalchemy as sa

from services.chassis import amqp, metrics
from services.chassis.context import Context
from services.chassis.db import OUTBOX, UnitOfWork
from services.contracts.automation import TaskUnknown
from services.contracts.errors import Invalid
from tests.harness import Running
from tests.integration.automation.builders import runs_in
from tests.integration.crm.facts import BRANCH, PHONE, booking_payload, payment_payload

Start = Callable[..., Running]


def emit(system: Running, event_type: str, payload: dict[str, Any], request: str) -> None:
    """Write a fact into an outbox; the relay publishes it as it does its owner's."""
    uow = UnitOfWork(system.uow("automation").engine, Context(correlation_id=request))
    with uow.begin() as tx:
        tx.emit(event_type, payload)


def messages_about(system: Running, booking_id: UUID) -> list[dict[str, Any]]:
    answer = system.call("notification").list_messages(subject_id=str(booking_id))
    items: list[dict[str, Any]] = answer["items"]
    return items


def published(system: Running, service: str, event_type: str) -> dict[str, Any]:
    """Return the envelope of the only event of a type in a service's outbox."""
    with system.uow(service).read() as session:
        envelopes = session.scalars(sa.select(OUTBOX.c.envelope)).all()
    [found] = [e for e in envelopes if e["type"] == event_type]
    return dict(found)


def repeat(system: Running, event_type: str) -> None:
    """Deliver a fact once more and wait until automation has seen that it is a repetition."""
    before = _repetitions(event_type)
    amqp.publish(
        nameko.config["AMQP_URI"],
        published(system, "automation", event_type),
        confirms=True,
        exchange=amqp.EVENTS_EXCHANGE,
        routing_key=event_type,
        delivery_mode=amqp.PERSISTENT,
    )
    system.wait(lambda: _repetitions(event_type) > before)


def _repetitions(event_type: str) -> float:
    counter = metrics.EVENTS_HANDLED.labels("automation", event_type, "repeated")
    return float(counter._value.get())


def test_the_customer_of_a_confirmed_booking_reads_one_message_within_a_second_or_so(
    running: Start,
) -> None:
    system, booking_id = running("automation", "notification"), uuid4()
    payload = booking_payload(booking_id, status="confirmed", paid_cents=50_000)
    began = time.monotonic()
    emit(system, "booking.confirmed", payload, "the request")
    [message] = system.wait(lambda: messages_about(system, booking_id))
    assert time.monotonic() - began < 3  # a promise of one second, on a machine that is shared
    assert (message["channel"], message["state"]) == ("inbox", "sent")
    assert message["subject"] == "预约已确认：婚纱照，2026年12月25日 周五 12:00"
    assert "到店支付余款：¥1,499.00" in message["body"]
    repeat(system, "booking.confirmed")
    assert [m["id"] for m in messages_about(system, booking_id)] == [message["id"]]
    assert PHONE not in message["body"]


def test_all_that_one_request_causes_carries_its_correlation_id(running: Start) -> None:
    system, booking_id = running("automation", "notification"), uuid4()
    emit(system, "booking.confirmed", booking_payload(booking_id), "the request")
    system.wait(lambda: messages_about(system, booking_id))
    sent = published(system, "notification", "message.sent")
    assert (sent["correlation_id"], sent["subject"]) == ("the request", str(booking_id))


def test_a_late_payment_appears_in_the_to_do_inbox_and_can_be_completed(running: Start) -> None:
    system, booking_id = running("automation", "notification"), uuid4()
    emit(system, "payment.late", payment_payload(booking_id), "a callback")
    automation = system.call("automation")
    [task] = system.wait(lambda: automation.list_tasks(branch_ids=[str(BRANCH)])["items"])
    assert task["title"] == {"zh": "迟到付款", "en": "Late payment"}
    repeat(system, "payment.late")
    assert len(automation.list_tasks()["items"]) == 1
    done = automation.complete_task(task_id=task["id"], staff_id=str(uuid4()))
    assert (done["state"], automation.list_tasks()["items"]) == ("done", [])
    assert published(system, "automation", "task.created")["correlation_id"] == "a callback"
    assert len(system.wait(lambda: messages_about(system, booking_id))) == 1


def test_a_booking_confirmed_while_notification_is_down_is_told_when_it_is_back(
    running: Start,
) -> None:
    system, booking_id = running("automation", RPC_TIMEOUT_SECONDS="0.3"), uuid4()
    emit(system, "booking.confirmed", booking_payload(booking_id), "the request")
    uow = system.uow("automation")
    system.wait(lambda: [run for run in runs_in(uow) if run.error == "rpc.timed_out"])
    back = running("notification")
    assert back.wait(lambda: messages_about(back, booking_id))
    system.wait(lambda: [run.state for run in runs_in(uow)] == ["done"])
    assert len(messages_about(back, booking_id)) == 1


def test_a_run_whose_process_died_becomes_one_message_when_its_lease_has_ended(
    running: Start,
) -> None:
    """Two containers on one database: the first dies between the message and its note."""
    first, booking_id = running("automation", "notification"), uuid4()
    emit(first, "booking.confirmed", booking_payload(booking_id), "the request")
    first.wait(lambda: messages_about(first, booking_id))
    uow = first.uow("automation")
    first.wait(lambda: [run.state for run in runs_in(uow)] == ["done"])
    first.containers["automation"].kill()
    with uow.begin() as tx:  # as the death left it: leased, sent, and not noted
        tx.session.execute(
            sa.text(
                "UPDATE run SET state = 'running', done_at = NULL,"
                " lease_until = now() + interval '1 second'"
            )
        )
    running("automation")
    first.wait(lambda: [(r.state, r.attempts) for r in runs_in(uow)] == [("done", 2)])
    assert len(messages_about(first, booking_id)) == 1


def test_errors_cross_the_wire_as_the_contract_declares_them(running: Start) -> None:
    automation = running("automation").call("automation")
    with pytest.raises(TaskUnknown):
        automation.complete_task(task_id=str(uuid4()), staff_id=str(uuid4()))
    with pytest.raises(Invalid):
        automation.list_tasks(cursor="no cursor")
