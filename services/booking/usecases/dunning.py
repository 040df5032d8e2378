"""Dunning: customers are reminded of what their payment schedule asks for, each time once."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.booking import views
from services.booking.domain.lifecycle import Action
from services.booking.domain.schedule import (
    Reminder,
    Served,
    Stage,
    after_service,
    next_asking,
    to_ask,
)
from services.booking.links import Links
from services.booking.models import Booking, Order
from services.booking.models import Reminder as Told
from services.booking.queries import accounts, dunning
from services.booking.usecases import steps
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.dunning import PAYMENT_DUE

MORNING, EVENING = time(9), time(20)
"""Between these, by the branch's clock, people are reminded; at other hours it would wake them."""

BATCH = 100
"""Orders of one look, in one transaction of well below a second."""


def remind(*, uow: UnitOfWork, now: datetime, links: Links) -> int:
    """Tell what is to be paid of orders whose time has come, up to a batch; return how many.

    Replicas look at different orders. What was told once is never told again.
    """
    with uow.begin() as tx:
        orders = dunning.lock_due(tx.session, now, BATCH)
        for order in orders:
            _look(tx, order, links, now)
        return len(orders)


def follow_service(
    tx: Transaction, booking: Booking, action: Action, links: Links, now: datetime
) -> None:
    """Note when a (locked) appointment began or ended, which parts of its price may wait for.

    Whoever was served is told at once what is open and due by now.
    """
    if action is Action.CHECK_IN:
        booking.checked_in_at = now
    if action is Action.COMPLETE:
        booking.completed_at = now
        _ask_at_once(tx, booking, links, now)


def _ask_at_once(tx: Transaction, booking: Booking, links: Links, now: datetime) -> None:
    first = dunning.first_standing(tx.session, booking.order_id)
    assert first is not None, "one that was served stands itself"
    money = accounts.account(tx.session, booking.order_id)
    told = dunning.told(tx.session, booking.order_id)
    today = _local_day(first, now)
    for reminder in after_service(views.schedule(first, money), money.paid, today):
        if _key(reminder) not in told:
            _tell(tx, booking, reminder, links, now)


def _look(tx: Transaction, order: Order, links: Links, now: datetime) -> None:
    local = now.astimezone(ZoneInfo(order.timezone))
    booking = dunning.first_standing(tx.session, order.id)
    if booking is None:
        order.remind_at = None
    elif not MORNING <= local.time() < EVENING:
        order.remind_at = _morning(order, local.date() + timedelta(days=local.time() >= EVENING))
    else:
        day = _ask(tx, booking, links, local.date(), now)
        order.remind_at = None if day is None else _morning(order, day)


def _ask(
    tx: Transaction, booking: Booking, links: Links, today: date, now: datetime
) -> date | None:
    """Tell what is asked for today; return the next day on which something may be."""
    money = accounts.account(tx.session, booking.order_id)
    lines = views.schedule(booking, money)
    told = dunning.told(tx.session, booking.order_id)
    served: Served = {
        (kind, on): _local_day(booking, told_at)
        for (kind, on, stage), told_at in told.items()
        if stage == Stage.SERVED
    }
    certain_on = _local_day(booking, booking.confirmed_at or booking.requested_at)
    asked = to_ask(lines, money.paid, certain_on=certain_on, today=today, served=served)
    for reminder in asked:
        if _key(reminder) not in told:
            _tell(tx, booking, reminder, links, now)
    return next_asking(lines, money.paid, today, served=served)


def _key(reminder: Reminder) -> tuple[str, date, str]:
    line = reminder.line
    assert line.on is not None, "what has no day is not asked for"
    return line.kind, line.on, reminder.stage


def _local_day(booking: Booking, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(booking.timezone)).date()


def _tell(
    tx: Transaction, booking: Booking, reminder: Reminder, links: Links, now: datetime
) -> None:
    line = reminder.line
    kind, due_on, stage = _key(reminder)
    tx.session.add(
        Told(
            order_id=booking.order_id,
            kind=kind,
            due_on=due_on,
            stage=stage,
            open_cents=line.open_cents,
            told_at=now,
        )
    )
    steps.tell(
        tx,
        PAYMENT_DUE.type,
        booking,
        links,
        kind=kind,
        open_cents=line.open_cents,
        due_on=due_on,
        stage=stage,
    )


def _morning(order: Order, day: date) -> datetime:
    return datetime.combine(day, MORNING, ZoneInfo(order.timezone))
