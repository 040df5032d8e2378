"""The running service: it hears every fact that names it, and answers over the wire."""

import random
from datetime import date

import pytest

from services.analytics.domain import METRICS
from services.chassis import amqp
from services.contracts.analytics import MetricUnknown, RangeInvalid
from services.contracts.registry import EVENTS
from tests.integration.crm.facts import (
    BRANCH,
    DEPOSIT_CENTS,
    NOON,
    booking_payload,
    envelope,
    payment_payload,
)

BOOKING = "00000000-0000-7000-8000-000000000100"
PAYMENT = "00000000-0000-7000-8000-000000000200"
DAY = {"from": "2026-11-25", "to": "2026-11-25"}


def payload_of(event_type):
    noun = event_type.split(".")[0]
    if noun == "booking":
        return booking_payload(BOOKING)
    if noun == "customer":
        place = {"branch_id": BRANCH, "timezone": "Asia/Shanghai"}
        return {"customer_id": BOOKING, "created_at": NOON, **place}
    if noun == "utilisation":
        return utilisation_payload(BOOKING)
    cents = DEPOSIT_CENTS if noun == "payment" else 1
    return payment_payload(BOOKING, payment_id=PAYMENT, amount_cents=cents)


def utilisation_payload(resource_id):
    return {
        "resource_id": resource_id,
        "resource_type": "photographer",
        "resource_name": {"zh": "林晨", "en": "Lin Chen"},
        "branch_id": BRANCH,
        "day": date(2026, 11, 25),
        "ended": True,
        "rostered_minutes": 480,
        "allocated_minutes": 360,
        "served_minutes": 240,
        "idle_minutes": 120,
    }


def publish(broker_uri, told):
    amqp.publish(
        broker_uri,
        told,
        confirms=True,
        exchange=amqp.EVENTS_EXCHANGE,
        routing_key=told["type"],
        message_id=told["id"],
    )


def test_it_hears_every_fact_in_any_order_and_once(running, broker_uri):
    system = running("analytics")
    analytics = system.call("analytics")
    followed = [event.type for event in EVENTS.values() if "analytics" in event.consumers]
    # What is imported, and forgotten again, has tests of its own: it would undo what the rest says.
    heard = [name for name in followed if not name.endswith((".imported", ".retracted"))] * 2
    random.Random(1).shuffle(heard)
    told = {event_type: envelope(event_type, payload_of(event_type)) for event_type in heard}
    for event_type in heard:
        publish(broker_uri, told[event_type])
    expected = {
        "bookings_requested": 1,
        "bookings_confirmed": 1,
        "bookings_cancelled": 1,
        "revenue_cents": DEPOSIT_CENTS - 1,
        "new_customers": 1,
        "cancel_rate": 1,
        "conversion_rate": 1,
        "utilisation_rate": 0.5,
        "idle_minutes": 120,
        "saturation_rate": 0.75,
    }
    system.wait(lambda: expected == {n: analytics.measure(name=n, **DAY)["value"] for n in METRICS})


def test_a_customer_whom_crm_meets_is_counted_once(running, broker_uri):
    system = running("crm", "analytics")
    for booking_id in (BOOKING, PAYMENT):  # two bookings of one phone
        publish(broker_uri, envelope("booking.requested", booking_payload(booking_id)))

    def measured(name):
        return system.call("analytics").measure(name=name, **DAY)["value"]

    system.wait(lambda: measured("bookings_requested") == 2 and measured("new_customers") == 1)


def test_its_answers_cross_the_wire(running):
    analytics = running("analytics").call("analytics")
    items = analytics.list_metrics()["items"]
    assert [item["name"] for item in items] == list(METRICS)
    assert all(item["title"]["zh"] and item["description"]["en"] for item in items)
    answer = analytics.measure(name="cancel_rate", by="day", branch_ids=[str(BRANCH)], **DAY)
    assert answer == {
        "name": "cancel_rate",
        "unit": "ratio",
        **DAY,
        "value": None,
        "series": [{"on": "2026-11-25", "value": None}],
    }
    with pytest.raises(MetricUnknown):
        analytics.measure(name="happiness", **DAY)
    with pytest.raises(RangeInvalid):
        analytics.measure(name="cancel_rate", **{"from": "2026-11-25", "to": "2026-11-24"})
