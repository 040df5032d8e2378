"""Dunning: customers are reminded of what their payment schedule asks for, each time once."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.booking import views
from services.booking.domain.schedule import Reminder, next_asking, to_ask
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
    certain_at = booking.confirmed_at or booking.requested_at
    certain_on = certain_at.astimezone(ZoneInfo(booking.timezone)).date()
    for reminder in to_ask(lines, money.paid, certain_on=certain_on, today=today):
        line = reminder.line
        if (line.kind, line.on, reminder.stage) not in told:
            _tell(tx, booking, reminder, links, now)
    return next_asking(lines, money.paid, today)


def _tell(
    tx: Transaction, booking: Booking, reminder: Reminder, links: Links, now: datetime
) -> None:
    line = reminder.line
    assert line.on is not None, "what has no day is not asked for"
    tx.session.add(
        Told(
            order_id=booking.order_id,
            kind=line.kind,
            due_on=line.on,
            stage=reminder.stage,
            open_cents=line.open_cents,
            told_at=now,
        )
    )
    steps.tell(
        tx,
        PAYMENT_DUE.type,
        booking,
        links,
        kind=line.kind,
        open_cents=line.open_cents,
        due_on=line.on,
        stage=reminder.stage,
    )


def _morning(order: Order, day: date) -> datetime:
    return datetime.combine(day, MORNING, ZoneInfo(order.timezone))
