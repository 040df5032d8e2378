"""Every event has an example that fits its contract, and every example has an event."""

import json
from pathlib import Path

import pytest

from services import contracts
from services.contracts import (  # noqa: F401  (declare their events)
    analytics,
    automation,
    booking,
    cash,
    crm,
    dunning,
    identity,
    notification,
    scheduling,
)
from services.contracts.envelope import SCHEMA, seal
from services.contracts.registry import EVENTS

EXAMPLES = Path(contracts.__file__).parent / "examples"
OWN = {name: event for name, event in EVENTS.items() if event.owner != "toy"}
SERVICES = {
    "analytics",
    "automation",
    "booking",
    "crm",
    "identity",
    "notification",
    "scheduling",
}


def example(name):
    return json.loads((EXAMPLES / f"{name}.v{OWN[name].version}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(OWN))
def test_an_event_has_an_example_that_its_contract_accepts(name):
    envelope = example(name)
    SCHEMA.load(envelope)
    assert envelope["type"] == name
    assert envelope["source"] == OWN[name].owner
    payload = OWN[name].decode(envelope["payload"])
    assert OWN[name].encode(payload) == envelope["payload"], "it has more"
    assert str(payload[OWN[name].subject]) == envelope["subject"]


def test_every_example_belongs_to_an_event():
    named = {f"{name}.v{event.version}.json" for name, event in OWN.items()}
    assert {path.name for path in EXAMPLES.iterdir()} == named


@pytest.mark.parametrize("name", sorted(OWN))
def test_owner_and_consumers_are_services_of_this_system(name):
    assert {OWN[name].owner, *OWN[name].consumers} <= SERVICES


def test_a_payload_that_breaks_its_contract_is_never_sealed():
    envelope = example("booking.confirmed")
    broken = {**OWN["booking.confirmed"].decode(envelope["payload"]), "total_cents": "much"}
    with pytest.raises(ValueError, match=r"much|invalid"):
        seal(
            "booking.confirmed",
            broken,
            id=envelope["id"],
            occurred_at=SCHEMA.load(envelope)["occurred_at"],
            actor=envelope["actor"],
            correlation_id=envelope["correlation_id"],
            causation_id=None,
        )
