"""What an event tells open pages."""

import pytest

from gateway.changes import RESOURCES, Hub, Listener, change_of
from gateway.routes.stream import PERMISSIONS
from services.contracts import registry


@pytest.mark.parametrize(
    ("event_type", "resource"),
    [
        ("booking.confirmed", "booking"),
        ("payment.late", "booking"),
        ("refund.succeeded", "booking"),
        ("message.sent", "booking"),
        ("hold.expired", "calendar"),
        ("allocation.moved", "calendar"),
        ("block.created", "calendar"),
        ("leave.approved", "leave"),
        ("branch.changed", "branch"),
        ("resource.changed", "resource"),
        ("resource_type.changed", "resource"),
        ("skill.changed", "resource"),
        ("pool.changed", "resource"),
        ("roster.published", "roster"),
        ("waitlist.offered", "waitlist"),
        ("customer.updated", "customer"),
        ("form.submitted", "form"),
        ("task.created", "task"),
    ],
)
def test_every_kind_of_event_shows_on_its_page(event_type: str, resource: str) -> None:
    envelope = {"id": "1", "type": event_type, "subject": "s", "payload": {"branch_id": "b"}}
    assert change_of(envelope) == {
        "id": "1",
        "resource": resource,
        "type": event_type,
        "subject": "s",
        "branch_id": "b",
    }


def test_events_of_the_house_itself_show_nowhere() -> None:
    assert change_of({"id": "1", "type": "session.opened", "subject": "s", "payload": {}}) is None


def test_every_declared_event_is_decided_about() -> None:
    declared = {event.type for event in registry.EVENTS.values() if event.owner != "toy"}
    silent = {event for event in declared if event.partition(".")[0] not in RESOURCES}
    assert silent <= {"session.opened", "utilisation.measured", "reconciliation.failed"}
    assert set(PERMISSIONS) == set(RESOURCES.values())


def test_the_hub_remembers_so_many_changes_and_no_more() -> None:
    hub = Hub()
    for number in range(1500):
        change = change_of(
            {"id": str(number), "type": "task.created", "subject": "s", "payload": {}}
        )
        assert change is not None
        hub.publish(change)
    assert len(hub.since("0")) == 1000
    assert [change["id"] for change in hub.since("1497")] == ["1498", "1499"]
    assert hub.since(None) == []


def test_a_broken_connection_to_the_broker_sends_every_page_back_to_fetch_again() -> None:
    hub = Hub()
    listener = Listener(hub, "memory://")
    with hub.subscribe(lambda _: True) as subscriber:
        listener.on_consume_ready(None, None, [])
        assert hub.is_fed
        assert not subscriber.is_cut
        listener.on_connection_error(OSError("gone"), 2)
        assert not hub.is_fed
        listener.on_consume_ready(None, None, [])
        assert hub.is_fed
        assert subscriber.is_cut
        assert subscriber.waiting.get_nowait() is None
