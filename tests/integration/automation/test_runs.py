from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import eventlet
import pytest
import sqlalchemy as sa

from services.automation import domain, usecases
from services.automation.models import Rule
from services.chassis.db import UnitOfWork
from services.chassis.rpc import RpcTimedOut
from services.contracts.notification import TemplateUnknown
from tests.integration.automation.builders import (
    Sender,
    hear,
    raise_late_payment,
    runs_in,
    tasks_in,
    told,
    work,
)
from tests.integration.crm.facts import NOON, PHONE, booking_fact, payment_fact

UNHEEDED = ("requested", "expired", "checked_in", "completed", "no_show")


class Died(BaseException):
    """The end of a process: nothing after it happens."""


class Dying(Sender):
    """Sends, and does not live to note it."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender

    def send(self, **message: Any) -> dict[str, Any]:
        self.sender.send(**message)
        raise Died


@pytest.fixture
def uow(service_uow: Callable[[str], UnitOfWork]) -> UnitOfWork:
    return service_uow("automation")


def test_a_confirmed_booking_is_told_to_its_customer_once(uow: UnitOfWork) -> None:
    booking_id, sender = uuid4(), Sender()
    hear(uow, booking_fact("booking.confirmed", booking_id, paid_cents=50_000))
    assert work(uow, sender) == ["done"]
    assert work(uow, sender) == []
    [message] = sender.messages.values()
    assert message["template"] == "booking_confirmed"
    assert (message["recipient"], message["subject_id"]) == (PHONE, str(booking_id))
    assert message["context"]["start"]["zh"] == "2026年12月25日 周五 12:00"
    assert sender.calls == 1


@pytest.mark.parametrize(
    ("event", "template"),
    [("rescheduled", "booking_rescheduled"), ("cancelled", "booking_cancelled")],
)
def test_a_change_of_a_paid_booking_is_told(uow: UnitOfWork, event: str, template: str) -> None:
    sender = Sender()
    hear(uow, booking_fact(f"booking.{event}", uuid4(), payment_status="deposit_paid"))
    assert work(uow, sender) == ["done"]
    assert [m["template"] for m in sender.messages.values()] == [template]


def test_giving_up_a_booking_that_was_never_paid_is_not_told(uow: UnitOfWork) -> None:
    hear(uow, booking_fact("booking.cancelled", uuid4(), payment_status="unpaid"))
    assert runs_in(uow) == []


@pytest.mark.parametrize("event", UNHEEDED)
def test_a_fact_without_a_rule_is_claimed_and_changes_nothing(uow: UnitOfWork, event: str) -> None:
    hear(uow, booking_fact(f"booking.{event}", uuid4()))
    assert runs_in(uow) == []


def test_a_rule_that_is_switched_off_does_nothing(uow: UnitOfWork) -> None:
    with uow.begin() as tx:
        tx.session.execute(sa.update(Rule).where(Rule.key == "R4").values(enabled=False))
    hear(uow, booking_fact("booking.confirmed", uuid4()))
    assert runs_in(uow) == []


def test_a_late_payment_raises_a_task_and_is_told(uow: UnitOfWork) -> None:
    late, sender = payment_fact("payment.late", uuid4()), Sender()
    hear(uow, late)
    assert work(uow, sender) == ["done", "done"]
    [message] = sender.messages.values()
    assert message["template"] == "payment_late_refund"
    assert message["context"]["amount"] == "¥500.00"
    [task] = tasks_in(uow)
    assert (task.kind, task.state) == ("late_payment", "open")
    assert task.branch_id == late.payload["branch_id"]
    assert (task.details["amount"], task.details["customer_phone"]) == ("¥500.00", PHONE)
    assert told(uow) == ["task.created"]


def test_a_message_that_nobody_took_is_sent_again_after_a_pause(uow: UnitOfWork) -> None:
    sender = Sender()
    hear(uow, booking_fact("booking.confirmed", uuid4()))
    assert work(uow, sender.fails(RpcTimedOut())) == ["waiting"]
    assert work(uow, sender.fails(None)) == []
    assert work(uow, sender, NOON + timedelta(seconds=1)) == ["done"]
    [run] = runs_in(uow)
    assert (run.attempts, run.error, run.lease_until) == (2, None, None)


def test_a_message_that_will_never_go_fails_at_once(uow: UnitOfWork) -> None:
    hear(uow, booking_fact("booking.confirmed", uuid4()))
    assert work(uow, Sender().fails(TemplateUnknown(template="gone"))) == ["failed"]
    [run] = runs_in(uow)
    assert (run.state, run.error) == ("failed", "notification.template_unknown")


def test_an_outage_of_more_than_a_day_fails_the_run(uow: UnitOfWork) -> None:
    sender, now = Sender().fails(RpcTimedOut()), NOON
    hear(uow, booking_fact("booking.confirmed", uuid4()))
    for _ in range(domain.MAX_ATTEMPTS):
        [state] = work(uow, sender, now)
        now += domain.LONGEST_PAUSE
    assert state == "failed"
    assert work(uow, sender, now) == []


def test_a_process_that_dies_with_a_run_leaves_it_to_another_when_its_lease_ends(
    uow: UnitOfWork,
) -> None:
    sender: Any = Sender()
    hear(uow, booking_fact("booking.confirmed", uuid4()))
    [lost] = usecases.lease_runs(uow=uow, now=NOON)
    with pytest.raises(Died):
        usecases.perform(uow=uow, now=NOON, sender=Dying(sender), run=lost)  # type: ignore[arg-type]
    assert work(uow, sender, NOON + domain.LEASE / 2) == []
    assert work(uow, sender, NOON + domain.LEASE) == ["done"]
    assert (sender.calls, len(sender.messages)) == (2, 1)


def test_one_who_comes_back_after_his_lease_changes_nothing(uow: UnitOfWork) -> None:
    sender: Any = Sender()
    hear(uow, payment_fact("payment.late", uuid4()))
    slow = usecases.lease_runs(uow=uow, now=NOON)
    assert work(uow, sender, NOON + domain.LEASE) == ["done", "done"]
    late = NOON + domain.LEASE * 2
    for run in slow:
        assert usecases.perform(uow=uow, now=late, sender=sender, run=run) is None
    assert len(sender.messages) == 1
    assert len(tasks_in(uow)) == 1
    assert told(uow) == ["task.created"]


def test_a_run_that_ends_its_process_every_time_is_given_up(uow: UnitOfWork) -> None:
    hear(uow, booking_fact("booking.confirmed", uuid4()))
    now = NOON
    for _ in range(domain.MAX_ATTEMPTS):
        assert len(usecases.lease_runs(uow=uow, now=now)) == 1
        now += domain.LEASE
    assert usecases.lease_runs(uow=uow, now=now) == []
    assert [run.state for run in runs_in(uow)] == ["failed"]


def test_messages_about_one_booking_leave_in_the_order_of_its_facts(uow: UnitOfWork) -> None:
    booking_id, sender = uuid4(), Sender()
    hear(uow, booking_fact("booking.confirmed", booking_id))
    hear(uow, booking_fact("booking.rescheduled", booking_id), NOON + timedelta(seconds=1))
    soon = NOON + timedelta(seconds=2)
    assert work(uow, sender.fails(RpcTimedOut()), soon) == ["waiting"]
    assert work(uow, sender.fails(None), soon) == []
    later = soon + timedelta(seconds=1)
    assert [*work(uow, sender, later), *work(uow, sender, later)] == ["done", "done"]
    told_of = [m["template"] for m in sender.messages.values()]
    assert told_of == ["booking_confirmed", "booking_rescheduled"]


def test_a_message_that_waits_holds_up_neither_tasks_nor_other_bookings(uow: UnitOfWork) -> None:
    booking_id = uuid4()
    hear(uow, booking_fact("booking.confirmed", booking_id))
    work(uow, Sender().fails(RpcTimedOut()))
    hear(uow, payment_fact("payment.late", booking_id))
    hear(uow, booking_fact("booking.confirmed", uuid4()))
    sender = Sender()
    assert work(uow, sender) == ["done", "done"]
    assert [m["template"] for m in sender.messages.values()] == ["booking_confirmed"]
    assert len(tasks_in(uow)) == 1


def test_two_workers_never_take_the_same_run(uow: UnitOfWork) -> None:
    for _ in range(6):
        hear(uow, booking_fact("booking.confirmed", uuid4()))
    with uow.begin() as tx:  # another process, in the middle of its own lease
        taken = tx.session.execute(sa.text("SELECT id FROM run LIMIT 2 FOR UPDATE")).scalars().all()
        other = UnitOfWork(uow.engine)
        # In a thread of its own: one greenthread has one transaction.
        free = _in_another_thread(lambda: usecases.lease_runs(uow=other, now=NOON))
    assert len(free) == 4
    assert not set(taken) & {run.id for run in free}


def _in_another_thread(work: Callable[[], list[usecases.LeasedRun]]) -> list[usecases.LeasedRun]:
    return eventlet.spawn(work).wait()  # type: ignore[no-any-return]


def test_runs_that_were_done_long_ago_are_forgotten_and_no_others(uow: UnitOfWork) -> None:
    done, failed, waiting = uuid4(), uuid4(), uuid4()
    later = NOON + domain.RUNS_KEPT
    hear(uow, booking_fact("booking.confirmed", done))
    assert work(uow, Sender()) == ["done"]
    hear(uow, booking_fact("booking.confirmed", failed))
    assert work(uow, Sender().fails(TemplateUnknown())) == ["failed"]
    hear(uow, booking_fact("booking.confirmed", waiting))
    assert work(uow, Sender().fails(RpcTimedOut())) == ["waiting"]

    usecases.forget_the_past(uow=uow, now=later)
    assert {run.subject_id for run in runs_in(uow)} == {done, failed, waiting}
    usecases.forget_the_past(uow=uow, now=later + timedelta(seconds=1))
    assert {run.subject_id for run in runs_in(uow)} == {failed, waiting}


def test_a_run_that_raised_a_task_stays_with_it(uow: UnitOfWork) -> None:
    raise_late_payment(uow)
    usecases.forget_the_past(uow=uow, now=NOON + 2 * domain.RUNS_KEPT)
    assert [run.action for run in runs_in(uow)] == ["raise_task"]
    assert [task.run_id for task in tasks_in(uow)] == [run.id for run in runs_in(uow)]
