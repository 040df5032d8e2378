"""What analytics makes of orders that came from elsewhere, and went again."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.analytics import usecases
from services.analytics.domain import BookingNotYetKnown
from tests.integration.crm.facts import (
    NOON,
    PRICE_CENTS,
    booking_fact,
    deliver,
    deliver_twice,
    fact,
    payment_fact,
)

BOOKING, PAYMENT = UUID(int=100), UUID(int=200)
ORDERED = NOON - timedelta(days=600)
SERVED = ORDERED + timedelta(days=9)
PAID = ORDERED + timedelta(days=1)


@pytest.fixture
def uow(service_uow):
    return service_uow("analytics")


def booked(told, status="completed", **changes):
    past = {"start": SERVED, "requested_at": ORDERED, "ended_at": SERVED}
    return booking_fact(told, BOOKING, status=status, **past, **changes)


def paid(told):
    money = {"payment_id": PAYMENT, "amount_cents": PRICE_CENTS, "occurred_at": PAID}
    return payment_fact(told, BOOKING, **money)


def measured(uow, name):
    """The days on which a metric counted something."""
    found = usecases.measure(
        uow=uow,
        name=name,
        from_=(ORDERED - timedelta(days=3)).date(),
        to=(ORDERED + timedelta(days=30)).date(),
        branch_id=None,
        branch_ids=None,
        by="day",
    )
    return {day["on"]: day["value"] for day in found["series"] if day["value"]}


@pytest.mark.parametrize(
    ("status", "confirmed", "cancelled"),
    [("completed", {ORDERED.date(): 1}, {}), ("no_show", {ORDERED.date(): 1}, {}),
     ("cancelled", {}, {SERVED.date(): 1})],
)  # fmt: skip
def test_history_counts_on_its_own_days(uow, status, confirmed, cancelled):
    deliver_twice(uow, usecases.follow_import, booked("booking.imported", status))
    deliver_twice(uow, usecases.follow_payment, paid("payment.imported"))
    assert measured(uow, "bookings_requested") == {ORDERED.date(): 1}
    assert measured(uow, "bookings_confirmed") == confirmed
    assert measured(uow, "bookings_cancelled") == cancelled
    assert measured(uow, "revenue_cents") == {PAID.date(): PRICE_CENTS}


def test_history_that_is_taken_back_counts_nowhere(uow):
    deliver_twice(uow, usecases.follow_import, booked("booking.imported"))
    # Money may be taken back before it was heard of.
    deliver_twice(uow, usecases.follow_payment, paid("payment.retracted"))
    deliver_twice(uow, usecases.follow_payment, paid("payment.imported"))
    deliver_twice(uow, usecases.forget_import, booked("booking.retracted", "cancelled", version=2))
    for name in ("bookings_requested", "bookings_confirmed", "bookings_cancelled", "revenue_cents"):
        assert measured(uow, name) == {}, name


def test_a_booking_is_not_forgotten_before_it_was_heard_of(uow):
    gone = booked("booking.retracted", "cancelled", version=2)
    with pytest.raises(BookingNotYetKnown):
        deliver(uow, usecases.forget_import, gone)
    deliver_twice(uow, usecases.follow_import, booked("booking.imported"))
    deliver_twice(uow, usecases.forget_import, gone)
    assert measured(uow, "bookings_requested") == {}


def test_a_customer_who_is_taken_back_was_never_new(uow):
    told = {"customer_id": UUID(int=300), "branch_id": UUID(int=1), "timezone": "Asia/Shanghai"}
    for event_type, handler, counted in (
        ("customer.created", usecases.follow_customer, {ORDERED.date(): 1}),
        ("customer.retracted", usecases.forget_customer, {}),
    ):
        deliver_twice(uow, handler, fact(event_type, told | {"created_at": ORDERED}))
        assert measured(uow, "new_customers") == counted
