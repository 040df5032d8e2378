"""What crm makes of orders that came from elsewhere, and went again."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import OUTBOX
from services.crm.usecases import asking, following
from tests.integration.crm.facts import (
    NOON,
    PRICE_CENTS,
    booking_fact,
    deliver_twice,
    payment_fact,
)

BOOKING, PAYMENT = UUID(int=100), UUID(int=200)
LONG_AGO = NOON - timedelta(days=600)
PAID = {"payment_id": PAYMENT, "amount_cents": PRICE_CENTS, "occurred_at": LONG_AGO}


@pytest.fixture
def uow(service_uow):
    return service_uow("crm")


def customers(uow):
    return asking.list_customers(uow=uow, q=None, branch_ids=None, cursor=None, limit=2)["items"]


def customer(uow):
    (found,) = customers(uow)
    return asking.get_customer(uow=uow, customer_id=found["id"], branch_ids=None)


def booked(told, version, **changes):
    past = {"start": LONG_AGO, "requested_at": LONG_AGO, "status": "completed"}
    return booking_fact(told, BOOKING, version=version, **past, **changes)


def history():
    return [
        (following.follow_booking, booked("booking.imported", 1, paid_cents=PRICE_CENTS)),
        (following.follow_payment, payment_fact("payment.imported", BOOKING, version=1, **PAID)),
    ]


def its_end():
    paid_back = payment_fact("payment.retracted", BOOKING, version=2, **PAID)
    return [
        (following.follow_payment, paid_back),
        (following.follow_booking, booked("booking.retracted", 3)),
    ]


def test_history_stands_in_the_file_where_it_once_happened(uow):
    for handler, fact in history():
        deliver_twice(uow, handler, fact)
    found = customer(uow)
    assert (found["bookings_count"], found["spent_cents"]) == (1, PRICE_CENTS)
    assert found["created_at"] == found["last_booking_at"] == LONG_AGO
    assert [(each["type"], each["at"]) for each in found["timeline"]] == [
        ("payment.imported", LONG_AGO),
        ("booking.imported", LONG_AGO),
    ]


def test_history_that_is_taken_back_takes_along_whom_nothing_else_knows(uow):
    for handler, fact in history() + its_end():
        deliver_twice(uow, handler, fact)
    assert customers(uow) == []
    with uow.read() as session:
        told = [each["type"] for each in session.scalars(sa.select(OUTBOX.c.envelope))]
    assert told[-1] == "customer.retracted"


def test_history_that_is_taken_back_counts_for_nothing(uow):
    known = booking_fact("booking.requested", uuid4(), requested_at=LONG_AGO - timedelta(days=1))
    lapsed = booking_fact("booking.expired", known.payload["booking_id"], version=2)
    for handler, fact in [(following.follow_booking, known), (following.follow_booking, lapsed)]:
        deliver_twice(uow, handler, fact)
    for handler, fact in history() + its_end():
        deliver_twice(uow, handler, fact)
    found = customer(uow)
    assert (found["bookings_count"], found["spent_cents"]) == (0, 0)
    assert [each["status"] for each in found["bookings"]] == ["expired"]
    assert found["last_booking_at"] is None
    assert found["timeline"][0]["type"] == "booking.retracted"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_the_facts_does_not_matter(uow, order):
    _, paid = history()
    paid_back, gone = its_end()
    deliver_twice(uow, *history()[0])
    for at in order:
        deliver_twice(uow, *(paid, paid_back, gone)[at])
    assert customers(uow) == []


def test_what_the_customer_books_here_is_left_alone(uow):
    own = booking_fact("booking.requested", uuid4())
    deliver_twice(uow, following.follow_booking, own)
    for handler, fact in history() + its_end():
        deliver_twice(uow, handler, fact)
    assert [each["id"] for each in customer(uow)["bookings"]] == [own.payload["booking_id"]]
    assert customer(uow)["bookings_count"] == 1
