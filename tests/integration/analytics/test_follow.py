"""What analytics makes of each fact, once, whatever the order."""

from datetime import date, datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.analytics import usecases
from services.analytics.domain import MOMENTS
from services.analytics.models import BookingFact, CustomerFact, PaymentFact, UtilisationFact
from services.contracts.registry import EVENTS
from tests.integration.crm.facts import (
    BRANCH,
    DEPOSIT_CENTS,
    NOON,
    OTHER_BRANCH,
    booking_fact,
    deliver,
    deliver_twice,
    fact,
    payment_fact,
)

BOOKING = UUID(int=100)
HOUR = timedelta(hours=1)
IMPORTS = {"booking.imported", "booking.retracted"}
BOOKING_TYPES = sorted(
    t
    for t, e in EVENTS.items()
    if t.startswith("booking.") and "analytics" in e.consumers and t not in IMPORTS
)


@pytest.fixture
def uow(service_uow):
    return service_uow("analytics")


def rows(uow, table):
    with uow.read() as session:
        return session.scalars(sa.select(table)).all()


def customer_fact(**changes):
    payload = {
        "customer_id": uuid4(),
        "branch_id": BRANCH,
        "timezone": "Asia/Shanghai",
        "created_at": NOON,
        **changes,
    }
    return fact("customer.created", payload)


def utilisation_fact(at=NOON, **changes):
    payload = {
        "resource_id": UUID(int=50),
        "resource_type": "photographer",
        "resource_name": {"zh": "林晨", "en": "Lin Chen"},
        "branch_id": BRANCH,
        "day": date(2026, 11, 25),
        "ended": True,
        "rostered_minutes": 540,
        "allocated_minutes": 300,
        "served_minutes": 0,
        "idle_minutes": 240,
        **changes,
    }
    return fact("utilisation.measured", payload, at)


@pytest.mark.parametrize("event_type", BOOKING_TYPES)
def test_each_fact_about_a_booking_tells_its_state_and_its_own_moment_once(uow, event_type):
    deliver_twice(uow, usecases.follow_booking, booking_fact(event_type, BOOKING, NOON + HOUR))
    (booking,) = rows(uow, BookingFact)
    assert booking.requested_at == NOON
    told = {moment: getattr(booking, moment) for moment in MOMENTS.values()}
    assert told == {
        moment: NOON + HOUR if MOMENTS.get(event_type) == moment else None for moment in told
    }


@pytest.mark.parametrize(
    ("event_type", "sign"), [("payment.succeeded", 1), ("refund.succeeded", -1)]
)
def test_each_fact_about_money_is_entered_once_with_its_sign(uow, event_type, sign):
    told = payment_fact(event_type, BOOKING)
    deliver_twice(uow, usecases.follow_payment, told)
    (payment,) = rows(uow, PaymentFact)
    assert payment.amount_cents == sign * DEPOSIT_CENTS
    assert payment.occurred_on == date(2026, 11, 25)


def test_a_payment_and_its_refund_are_two_facts_and_repetitions_none(uow):
    payment = uuid4()
    for event_type in ("refund.succeeded", "payment.succeeded", "refund.succeeded"):
        told = payment_fact(event_type, BOOKING, payment_id=payment)
        deliver(uow, usecases.follow_payment, told)
    assert sum(p.amount_cents for p in rows(uow, PaymentFact)) == 0
    assert len(rows(uow, PaymentFact)) == 2


def test_a_new_customer_is_entered_once_and_stays_where_they_came_first(uow):
    first = customer_fact()
    deliver_twice(uow, usecases.follow_customer, first)
    again = customer_fact(customer_id=first.payload["customer_id"], branch_id=OTHER_BRANCH)
    deliver(uow, usecases.follow_customer, again)
    (customer,) = rows(uow, CustomerFact)
    assert customer.branch_id == BRANCH
    assert customer.created_on == date(2026, 11, 25)


def test_how_a_date_was_used_is_entered_once_and_the_latest_word_counts(uow):
    deliver_twice(uow, usecases.follow_utilisation, utilisation_fact())
    deliver_twice(
        uow, usecases.follow_utilisation, utilisation_fact(NOON + HOUR, served_minutes=90)
    )
    deliver(uow, usecases.follow_utilisation, utilisation_fact(NOON + HOUR / 2, served_minutes=60))
    (used,) = rows(uow, UtilisationFact)
    assert (used.served_minutes, used.measured_at) == (90, NOON + HOUR)


def test_each_resource_branch_and_date_is_a_fact_of_its_own(uow):
    for change in ({}, {"day": date(2026, 11, 26)}, {"branch_id": OTHER_BRANCH}):
        deliver(uow, usecases.follow_utilisation, utilisation_fact(**change))
    deliver(uow, usecases.follow_utilisation, utilisation_fact(resource_id=UUID(int=51)))
    assert len(rows(uow, UtilisationFact)) == 4


def test_any_order_of_a_bookings_facts_ends_alike(uow):
    def told(booking_id):
        start = NOON + timedelta(days=40)
        return [
            booking_fact("booking.requested", booking_id, NOON),
            booking_fact("booking.confirmed", booking_id, NOON + HOUR, version=2),
            booking_fact(
                "booking.rescheduled", booking_id, NOON + 2 * HOUR, version=3, start=start
            ),
            booking_fact("booking.cancelled", booking_id, NOON + 3 * HOUR, version=4, start=start),
        ]

    for order in permutations(range(4)):
        facts = told(uuid4())
        for i in (*order, order[0]):
            again = fact(facts[i].type, facts[i].payload, facts[i].occurred_at)
            deliver(uow, usecases.follow_booking, again)  # new messages: the inbox does not help
    states = {
        (
            booking.version,
            booking.status,
            booking.starts_at,
            booking.requested_at,
            booking.confirmed_at,
            booking.cancelled_at,
        )
        for booking in rows(uow, BookingFact)
    }
    assert states == {
        (4, "cancelled", NOON + timedelta(days=40), NOON, NOON + HOUR, NOON + 3 * HOUR)
    }


@pytest.mark.parametrize(
    ("timezone", "requested_at", "local"),
    [
        ("Asia/Shanghai", "2026-11-25T15:59:59+00:00", date(2026, 11, 25)),
        ("Asia/Shanghai", "2026-11-25T16:00:00+00:00", date(2026, 11, 26)),
        ("Asia/Urumqi", "2026-11-25T17:59:00+00:00", date(2026, 11, 25)),
        ("America/New_York", "2026-11-25T04:59:59+00:00", date(2026, 11, 24)),
        ("America/New_York", "2026-07-25T04:00:00+00:00", date(2026, 7, 25)),  # summer time
    ],
)
def test_dates_are_those_of_the_branch(uow, timezone, requested_at, local):
    changes = {"timezone": timezone, "requested_at": datetime.fromisoformat(requested_at)}
    deliver(uow, usecases.follow_booking, booking_fact("booking.requested", BOOKING, **changes))
    assert rows(uow, BookingFact)[0].requested_on == local
