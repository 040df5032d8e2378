from services.automation.entrypoints import Service
from services.chassis.inbox import Handler
from services.contracts import booking_facts
from services.contracts.registry import EVENTS


def test_every_event_that_names_automation_a_consumer_has_its_handler() -> None:
    heard = {
        entrypoint.event_type
        for method in vars(Service).values()
        for entrypoint in getattr(method, "nameko_entrypoints", ())
        if isinstance(entrypoint, Handler)
    }
    assert booking_facts.BOOKING_CONFIRMED.type in heard
    assert heard == {event.type for event in EVENTS.values() if "automation" in event.consumers}
