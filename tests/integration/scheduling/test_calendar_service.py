"""The calendar of the running service: what is dragged in it crosses the wire and is heard."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from services.chassis import amqp, clock
from services.contracts import scheduling as contract
from services.contracts.scheduling import SlotTaken
from tests.integration.crm.facts import booking_payload, envelope
from tests.integration.scheduling.studio import NOW, Studio

Running = Callable[..., Any]


@pytest.fixture
def system(running: Running) -> Iterator[Any]:
    """The running service, on the studio's Tuesday."""
    with clock.frozen(NOW):
        yield running("scheduling")


@pytest.fixture
def studio(system: Any) -> Studio:
    """A studio on the running service's database."""
    return Studio(system.uow("scheduling"), crew={"photographer": 2})


def day(system: Any, studio: Studio) -> dict[str, Any]:
    shown = system.call("scheduling").calendar(
        **{"branch_id": str(studio.branch_id), "from": "2026-11-25", "to": "2026-11-25"}
    )
    assert contract.CALENDAR.response.validate(shown) == {}
    return dict(shown)


def test_drags_cross_the_wire_and_so_do_refusals(system: Any, studio: Studio) -> None:
    scheduling = system.call("scheduling")
    confirmed = studio.confirm(studio.hold("10:00", wished=["photographer-1"])["booking_id"])
    (entry,) = day(system, studio)["entries"]
    block = {
        "id": str(uuid4()),
        "resource_id": str(studio.resources["photographer-2"]),
        "start": "2026-11-25T12:00:00+08:00",
        "end": "2026-11-25T13:00:00+08:00",
        "reason": "盘点",
    }
    assert scheduling.block(**block)["reason"] == "盘点"

    with pytest.raises(SlotTaken) as refused:
        to = {"start": block["start"], "resource_id": block["resource_id"]}
        scheduling.move_allocation(id=entry["id"], **to)
    (obstacle,) = refused.value.details["obstacles"]
    assert (obstacle["kind"], obstacle["allocation_id"]) == ("blocked", block["id"])

    moved = scheduling.move_allocation(id=entry["id"], start=block["start"])
    assert moved["hold"]["booking_id"] == str(confirmed["booking_id"])
    assert moved["block"] is None
    longer = scheduling.resize_allocation(
        id=block["id"], start=block["start"], end="2026-11-25T14:00:00+08:00"
    )
    assert longer["block"]["end"] == "2026-11-25T06:00:00+00:00"
    assert scheduling.unblock(id=block["id"]) == {"removed": True}
    assert [each["start"] for each in day(system, studio)["entries"]] == [block["start"]]


@pytest.mark.parametrize(
    ("event_type", "status"), [("booking.completed", "served"), ("booking.no_show", "no_show")]
)
def test_what_came_of_a_booking_is_heard(
    system: Any, studio: Studio, broker_uri: str, event_type: str, status: str
) -> None:
    booking_id = studio.hold("10:00")["booking_id"]
    studio.confirm(booking_id)
    told = envelope(event_type, booking_payload(booking_id))

    amqp.publish(
        broker_uri,
        told,
        confirms=True,
        exchange=amqp.EVENTS_EXCHANGE,
        routing_key=told["type"],
        message_id=told["id"],
    )

    system.wait(lambda: [each["status"] for each in day(system, studio)["entries"]] == [status])
