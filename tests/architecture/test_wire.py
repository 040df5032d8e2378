"""What the contracts promise is there: every RPC is answered, every event is heard, names stay."""

import importlib

import pytest

from services.chassis.inbox import Handler
from services.chassis.rpc import Entrypoint
from services.contracts.registry import EVENTS, RPCS
from tests.harness import SERVICES

for service in SERVICES:
    importlib.import_module(f"services.{service}.entrypoints")

# Wire names: a change breaks services of the previous release that still run. Only add.
FROZEN = """
analytics: list_metrics measure
automation: complete_task list_tasks
booking: cancel check_in complete define_service get_booking list_bookings list_providers
    list_services no_show request reschedule sandbox_checkout sandbox_decide start_payment
    summarise take_notification
crm: get_customer list_customers
identity: check_session close_session define_staff open_session
notification: list_messages send
scheduling: calendar confirm define_branch define_requirement define_resource expire_hold
    extend_hold find_slots hold list_branches list_resources release reschedule
"""


def entrypoints(service, kind):
    cls = importlib.import_module(f"services.{service}.entrypoints").Service
    return [
        (name, entrypoint)
        for name in dir(cls)
        for entrypoint in getattr(getattr(cls, name), "nameko_entrypoints", ())
        if isinstance(entrypoint, kind)
    ]


def frozen_names():
    names = {}
    for word in FROZEN.split():
        if word.endswith(":"):
            current = names.setdefault(word[:-1], set())
        else:
            current.add(word)
    return names


@pytest.mark.parametrize("service", SERVICES)
def test_every_declared_rpc_is_answered_by_its_owner_and_no_other_exists(service):
    declared = {name for owner, name in RPCS if owner == service}
    assert {name for name, _ in entrypoints(service, Entrypoint)} == declared


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_is_heard_by_the_consumers_that_it_names(service):
    expected = {e.type for e in EVENTS.values() if service in e.consumers and e.owner != "toy"}
    assert {handler.event_type for _, handler in entrypoints(service, Handler)} == expected


@pytest.mark.parametrize("service", SERVICES)
def test_wire_names_stay_what_they_were(service):
    declared = {name for owner, name in RPCS if owner == service}
    assert declared == frozen_names()[service]
