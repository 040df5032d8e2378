"""Crm answers and hears what its contracts say."""

from services.contracts.registry import EVENTS, RPCS
from services.crm.entrypoints import Service


def entrypoints_of(service):
    return [
        (name, entrypoint)
        for name, method in vars(service).items()
        for entrypoint in getattr(method, "nameko_entrypoints", ())
    ]


def test_every_fact_that_names_crm_as_a_consumer_has_a_handler():
    heard = {e.event_type for _, e in entrypoints_of(Service) if hasattr(e, "event_type")}
    assert heard == {event.type for event in EVENTS.values() if "crm" in event.consumers}


def test_every_declared_question_is_answered():
    answered = {name for name, e in entrypoints_of(Service) if not hasattr(e, "event_type")}
    assert answered == {rpc.name for rpc in RPCS.values() if rpc.owner == "crm"}
