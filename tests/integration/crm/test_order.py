"""The facts of a booking in any order, and repeated, leave the same customer as in order."""

from collections import deque
from datetime import timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.db import AlreadyHandledError
from services.crm.domain import BookingNotYetKnown
from services.crm.usecases import asking, following
from tests.integration.crm.facts import (
    NOON,
    booking_fact,
    deliver,
    fact,
    message_payload,
    payment_fact,
)

LENGTH = 8
phones = count(13_800_000_000)


def story(booking_id: UUID, phone: str):
    """Return everything that is ever told of one booking, in order."""

    def booking(event_type, version, **changes):
        at = NOON + timedelta(minutes=version)
        told = booking_fact(event_type, booking_id, at, version=version, phone=phone, **changes)
        return following.follow_booking, told

    def payment(event_type, minutes, **changes):
        at = NOON + timedelta(minutes=minutes)
        return following.follow_payment, payment_fact(event_type, booking_id, at, **changes)

    deposit, balance = uuid4(), uuid4()
    facts = [
        booking("booking.requested", 1, name="王小姐"),
        payment("payment.succeeded", 2, payment_id=deposit, amount_cents=500),
        booking("booking.confirmed", 3, payment_status="deposit_paid", paid_cents=500),
        (following.follow_message, fact("message.sent", message_payload(booking_id), NOON)),
        booking("booking.rescheduled", 5, name="王小丽", start=NOON + timedelta(days=40)),
        payment("payment.succeeded", 6, payment_id=balance, amount_cents=1500),
        booking("booking.cancelled", 7, payment_status="refunding", paid_cents=2000),
        payment("refund.succeeded", 8, payment_id=balance, amount_cents=1500),
    ]
    assert len(facts) == LENGTH
    return facts


def hear(uow, facts):
    """Deliver facts; one that came too early comes again at the end, as from the retry queue."""
    queue = deque(facts)
    while queue:
        handler, told = queue.popleft()
        try:
            deliver(uow, handler, told)
        except AlreadyHandledError:
            pass
        except BookingNotYetKnown:
            queue.append((handler, told))


def state_of(uow, phone):
    """Return a customer's file without what is different for every customer."""
    (item,) = asking.list_customers(uow=uow, q=phone, branch_ids=None, cursor=None, limit=2)[
        "items"
    ]
    customer = asking.get_customer(uow=uow, customer_id=item["id"], branch_ids=None)
    entries = [(entry["at"], entry["type"]) for entry in customer.pop("timeline")]
    bookings = [
        {k: v for k, v in booking.items() if k not in ("id", "contact")}
        for booking in customer.pop("bookings")
    ]
    return {k: v for k, v in customer.items() if k not in ("id", "phone")}, entries, bookings


@pytest.fixture
def uow(service_uow):
    return service_uow("crm")


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    order=st.permutations(range(LENGTH)),
    repeated=st.lists(st.tuples(st.integers(0, LENGTH - 1), st.integers(0, LENGTH)), max_size=6),
)
def test_any_order_and_repetition_leave_the_same_customer(uow, order, repeated):
    in_order, shuffled = f"+86{next(phones)}", f"+86{next(phones)}"
    hear(uow, story(uuid4(), in_order))
    facts = story(uuid4(), shuffled)
    played = [facts[i] for i in order]
    for which, where in repeated:
        played.insert(where, facts[which])
    hear(uow, played)
    assert state_of(uow, shuffled) == state_of(uow, in_order)


def test_the_story_in_order_ends_as_told(uow):
    hear(uow, story(uuid4(), "+8613900000000"))
    customer, entries, bookings = state_of(uow, "+8613900000000")
    assert customer["name"] == "王小丽"
    assert customer["spent_cents"] == 500
    assert customer["bookings_count"] == 1
    assert len(entries) == LENGTH
    assert [booking["status"] for booking in bookings] == ["cancelled"]
