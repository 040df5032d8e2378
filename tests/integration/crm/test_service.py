"""The running service: it hears every fact that names it, and answers over the wire."""

import eventlet
import pytest

from services.chassis import amqp
from services.contracts.crm import CustomerUnknown
from services.contracts.errors import Invalid
from services.contracts.registry import EVENTS
from services.crm.domain import TIMELINE
from tests.integration.crm.facts import (
    PHONE,
    agreement_payload,
    booking_payload,
    envelope,
    message_payload,
    payment_payload,
    payout_payload,
    top_up_payload,
)

BOOKING = "00000000-0000-7000-8000-000000000100"
PAYLOADS = {
    "agreement": agreement_payload,
    "booking": booking_payload,
    "order": booking_payload,
    "payment": payment_payload,
    "payout": payout_payload,
    "refund": payment_payload,
}


def payload_of(event_type):
    older = {"version": 0} if event_type == "booking.retracted" else {}  # it counts for nothing
    return PAYLOADS.get(event_type.split(".")[0], message_payload)(BOOKING, **older)


def publish_twice(broker_uri, event_type, payload):
    told = envelope(event_type, payload)
    for _ in range(2):
        amqp.publish(
            broker_uri,
            told,
            confirms=True,
            exchange=amqp.EVENTS_EXCHANGE,
            routing_key=event_type,
            message_id=told["id"],
        )


def test_it_hears_every_fact_in_any_order_and_once(running, broker_uri):
    system = running("crm")
    crm = system.call("crm")
    of_bookings = set(TIMELINE) - {"stored_value.topped_up"}
    for event_type in sorted(of_bookings, reverse=True):  # messages before their booking
        publish_twice(broker_uri, event_type, payload_of(event_type))

    def file():
        items = crm.list_customers(q=PHONE)["items"]
        return crm.get_customer(customer_id=items[0]["id"]) if items else None

    customer = system.wait(file)
    publish_twice(broker_uri, "stored_value.topped_up", top_up_payload(customer["id"]))
    system.wait(lambda: len(file()["timeline"]) == len(TIMELINE))
    eventlet.sleep(0.1)  # repetitions that come last would still add an entry now
    customer = file()
    assert sorted(entry["type"] for entry in customer["timeline"]) == sorted(TIMELINE)
    assert customer["bookings_count"] == 1
    assert customer["spent_cents"] == 0
    assert customer["currency"] == "CNY"
    assert crm.get_account(customer_id=customer["id"])["stored_value_cents"] == 110_000
    assert {event.type for event in EVENTS.values() if "crm" in event.consumers} == set(TIMELINE)


def test_its_refusals_cross_the_wire(running):
    crm = running("crm").call("crm")
    with pytest.raises(CustomerUnknown):
        crm.get_customer(customer_id=BOOKING)
    with pytest.raises(Invalid) as refused:
        crm.list_customers(limit=0)
    assert refused.value.details["errors"][0]["pointer"] == "/limit"
