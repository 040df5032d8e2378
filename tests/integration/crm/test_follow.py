"""What crm makes of each fact, once, whatever the order."""

from datetime import timedelta
from uuid import UUID, uuid4

import eventlet
import pytest
import sqlalchemy as sa

from services.chassis.db import OUTBOX
from services.contracts.registry import EVENTS
from services.crm.domain import TIMELINE, BookingNotYetKnown
from services.crm.models import Customer, PhoneNotNormalised
from services.crm.usecases import asking, following
from tests.integration.crm.facts import (
    BRANCH,
    DEPOSIT_CENTS,
    NOON,
    OTHER_BRANCH,
    PHONE,
    agreement_payload,
    booking_fact,
    booking_payload,
    deliver,
    deliver_twice,
    fact,
    message_payload,
    payment_fact,
)

BOOKING = UUID(int=100)
HOUR = timedelta(hours=1)
BOOKING_TYPES = sorted(t for t in TIMELINE if t.startswith("booking.") and t != "booking.retracted")
PAYMENT_TYPES = sorted(t for t in TIMELINE if t.startswith(("payment.", "refund.")))


@pytest.fixture
def uow(service_uow):
    return service_uow("crm")


def customers(uow):
    return asking.list_customers(uow=uow, q=None, branch_ids=None, cursor=None, limit=200)["items"]


def only_customer(uow):
    (customer,) = customers(uow)
    return asking.get_customer(uow=uow, customer_id=customer["id"], branch_ids=None)


def emitted(uow):
    with uow.read() as session:
        envelopes = session.scalars(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.id)).all()
    return [(envelope["type"], envelope["payload"]) for envelope in envelopes]


def request(uow, booking_id=BOOKING, **changes):
    deliver(uow, following.follow_booking, booking_fact("booking.requested", booking_id, **changes))


@pytest.mark.parametrize("event_type", BOOKING_TYPES)
def test_each_fact_about_a_booking_makes_the_customer_and_one_entry_once(uow, event_type):
    deliver_twice(uow, following.follow_booking, booking_fact(event_type, BOOKING))
    customer = only_customer(uow)
    assert customer["phone"] == PHONE
    assert [entry["type"] for entry in customer["timeline"]] == [event_type]
    assert [booking["id"] for booking in customer["bookings"]] == [BOOKING]


def test_a_payout_is_an_entry_and_no_money_of_the_customer(uow):
    request(uow)
    deliver(uow, following.follow_payment, payment_fact("payment.succeeded", BOOKING, NOON))
    paid = only_customer(uow)["spent_cents"]
    payout = {"payout_id": uuid4(), "method": "cash", "amount_cents": 20_000, "owed_cents": 0}
    told = fact("payout.made", booking_payload(BOOKING, version=9, **payout), NOON + HOUR)
    deliver_twice(uow, following.follow_payment, told)
    customer = only_customer(uow)
    assert customer["timeline"][0]["type"] == "payout.made"
    assert customer["timeline"][0]["details"]["amount_cents"] == 20_000
    assert customer["spent_cents"] == paid == DEPOSIT_CENTS


@pytest.mark.parametrize("event_type", PAYMENT_TYPES)
def test_each_fact_about_money_makes_one_entry_once(uow, event_type):
    request(uow)
    deliver_twice(uow, following.follow_payment, payment_fact(event_type, BOOKING, NOON + HOUR))
    entry = only_customer(uow)["timeline"][0]
    assert entry["type"] == event_type
    assert entry["booking_id"] == BOOKING
    assert entry["details"]["amount_cents"] == DEPOSIT_CENTS


def test_a_sent_message_makes_one_entry_once(uow):
    request(uow)
    sent = fact("message.sent", message_payload(BOOKING), NOON + HOUR)
    deliver_twice(uow, following.follow_message, sent)
    entry = only_customer(uow)["timeline"][0]
    assert entry["title"] == {"zh": "确认信息已发送", "en": "Confirmation sent"}
    assert entry["details"] == {"template": "booking_confirmed", "channel": "sms"}


def test_a_signed_agreement_makes_one_entry_once(uow):
    request(uow)
    signed = fact("agreement.signed", agreement_payload(BOOKING), NOON + HOUR)
    deliver_twice(uow, following.follow_agreement, signed)
    entries = only_customer(uow)["timeline"]
    assert [entry["type"] for entry in entries] == ["agreement.signed", "booking.requested"]
    assert entries[0]["title"] == {"zh": "合同已签署", "en": "Agreement signed"}
    assert entries[0]["booking_id"] == BOOKING
    assert set(entries[0]["details"]) == {"number", "title"}


def test_a_message_to_somebody_who_only_waits_is_heard_and_left_alone(uow):
    changes = {"template": "waitlist_offered", "channel": "sms"}
    sent = fact("message.sent", message_payload(uuid4(), **changes), NOON + HOUR)
    deliver_twice(uow, following.follow_message, sent)
    assert customers(uow) == []


def test_what_overtakes_its_booking_is_tried_again_and_leaves_nothing(uow):
    paid = payment_fact("payment.succeeded", BOOKING)
    sent = fact("message.sent", message_payload(BOOKING))
    signed = fact("agreement.signed", agreement_payload(BOOKING))
    for handler, early in (
        (following.follow_payment, paid),
        (following.follow_message, sent),
        (following.follow_agreement, signed),
    ):
        with pytest.raises(BookingNotYetKnown):
            deliver(uow, handler, early)
    assert customers(uow) == []
    request(uow)
    deliver_twice(uow, following.follow_payment, paid)
    deliver_twice(uow, following.follow_message, sent)
    assert only_customer(uow)["spent_cents"] == DEPOSIT_CENTS


def test_the_same_phone_twice_is_one_customer_with_the_newest_name(uow):
    request(uow, uuid4(), name="王小姐")
    request(uow, uuid4(), name="王小丽", requested_at=NOON + HOUR, branch_id=OTHER_BRANCH)
    request(uow, uuid4(), name="王", requested_at=NOON - HOUR)
    customer = only_customer(uow)
    assert customer["name"] == "王小丽"
    assert customer["bookings_count"] == 3
    assert customer["last_booking_at"] == NOON + HOUR


def test_the_same_phone_at_the_same_moment_is_one_customer(uow):
    facts = [booking_fact("booking.requested", uuid4()) for _ in range(8)]
    for green in [eventlet.spawn(deliver, uow, following.follow_booking, f) for f in facts]:
        green.wait()
    customer = only_customer(uow)
    assert customer["bookings_count"] == 8
    assert len(customer["timeline"]) == 8
    types = [event_type for event_type, _ in emitted(uow)]
    assert sorted(types) == ["customer.created"] + ["customer.updated"] * 7


def test_payments_at_the_same_moment_are_all_counted(uow):
    request(uow)
    facts = [payment_fact("payment.succeeded", BOOKING, amount_cents=100) for _ in range(8)]
    for green in [eventlet.spawn(deliver, uow, following.follow_payment, f) for f in facts]:
        green.wait()
    assert only_customer(uow)["spent_cents"] == 800


def test_an_older_fact_adds_its_entry_but_does_not_turn_the_booking_back(uow):
    cancelled = booking_fact("booking.cancelled", BOOKING, version=3, reason="下雨")
    confirmed = booking_fact("booking.confirmed", BOOKING, NOON - HOUR, version=2)
    deliver(uow, following.follow_booking, cancelled)
    deliver(uow, following.follow_booking, confirmed)
    customer = only_customer(uow)
    assert [b["status"] for b in customer["bookings"]] == ["cancelled"]
    assert [e["type"] for e in customer["timeline"]] == ["booking.cancelled", "booking.confirmed"]
    assert customer["timeline"][0]["details"]["reason"] == "下雨"


@pytest.mark.parametrize(
    ("event_type", "count", "last"),
    [
        ("booking.cancelled", 1, NOON),
        ("booking.no_show", 1, NOON),
        ("booking.expired", 0, None),
    ],
)
def test_a_lapsed_booking_does_not_count_a_cancelled_one_does(uow, event_type, count, last):
    request(uow)
    deliver(uow, following.follow_booking, booking_fact(event_type, BOOKING, version=2))
    customer = only_customer(uow)
    assert (customer["bookings_count"], customer["last_booking_at"]) == (count, last)


def test_spent_is_what_was_received_less_what_was_paid_back(uow):
    request(uow)
    payment = uuid4()
    for event_type, cents in (
        ("payment.failed", 50_000),
        ("payment.late", 50_000),
        ("payment.succeeded", 50_000),
        ("refund.succeeded", 20_000),
    ):
        told = payment_fact(event_type, BOOKING, payment_id=payment, amount_cents=cents)
        deliver(uow, following.follow_payment, told)
    assert only_customer(uow)["spent_cents"] == 30_000


def test_the_same_payment_told_by_two_messages_is_counted_once(uow):
    request(uow)
    payment = uuid4()
    for _ in range(2):
        told = payment_fact("payment.succeeded", BOOKING, payment_id=payment)
        deliver(uow, following.follow_payment, told)
    assert only_customer(uow)["spent_cents"] == DEPOSIT_CENTS


def test_the_first_fact_says_created_and_every_other_says_updated(uow):
    request(uow)
    deliver(uow, following.follow_payment, payment_fact("payment.succeeded", BOOKING))
    deliver(uow, following.follow_message, fact("message.sent", message_payload(BOOKING)))
    types = [event_type for event_type, _ in emitted(uow)]
    assert types == ["customer.created", "customer.updated", "customer.updated"]
    for event_type, payload in emitted(uow):
        told = EVENTS[event_type].decode(payload)
        assert told["customer_id"] == only_customer(uow)["id"]
        assert told["branch_id"] == BRANCH
        assert told["timezone"] == "Asia/Shanghai"
        assert told["created_at"] == NOON


def test_every_change_raises_the_version_of_the_customer(uow):
    request(uow)
    deliver(uow, following.follow_payment, payment_fact("payment.succeeded", BOOKING))
    with uow.read() as session:
        assert session.scalars(sa.select(Customer.version)).one() == 2


def test_a_phone_that_is_not_international_is_set_aside_not_filed_twice(uow):
    with pytest.raises(PhoneNotNormalised):
        request(uow, phone="138 0000 1111")
    assert customers(uow) == []
