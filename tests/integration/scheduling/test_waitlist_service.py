"""The waitlist over the wire, with its timers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import OUTBOX
from services.contracts.errors import Invalid
from services.contracts.scheduling import OfferExpired, WaitlistUnknown
from tests.harness import Running
from tests.integration.scheduling.studio import role, words

ALL_WEEK = [{"weekday": day, "opens": "00:00", "closes": "00:00"} for day in range(1, 8)]


def define(call: Any) -> dict[str, str]:
    """Define a studio with one photographer; return the service and the branch."""
    branch_id, service_id = str(uuid4()), str(uuid4())
    call.define_branch(
        id=branch_id,
        name=words("外滩店"),
        address=words("中山东一路 1 号"),
        phone="021-5555 0100",
        timezone="Asia/Shanghai",
        hours=ALL_WEEK,
    )
    call.define_resource(
        id=str(uuid4()),
        branch_id=branch_id,
        resource_type="photographer",
        name=words("王芳"),
        roster=ALL_WEEK,
    )
    call.define_requirement(service_id=service_id, branch_ids=[branch_id], roles=[role()])
    return {"service_id": service_id, "branch_id": branch_id}


def test_a_place_on_the_list_goes_through_its_life_over_the_wire(
    running: Callable[..., Running],
) -> None:
    system = running("scheduling")
    call = system.call("scheduling")
    place = define(call)
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    contact = {"name": "王小丽", "phone": "13800138000", "language": "en"}
    request = {
        "id": str(uuid4()),
        **place,
        "from": day,
        "to": day,
        "earliest": "10:00",
        "latest": "16:30",
        "contact": contact,
    }

    joined = call.join_waitlist(**request)
    assert (joined["state"], joined["earliest"], joined["latest"]) == ("waiting", "10:00", "16:30")
    kept = contact | {"phone": "+8613800138000"}
    assert (joined["from"], joined["to"], joined["contact"]) == (day, day, kept)
    token = joined["token"]

    def offered() -> dict[str, Any] | None:
        entry: dict[str, Any] = call.get_waitlist_entry(token=token)
        return entry if entry["state"] == "offered" else None

    entry = system.wait(offered)
    assert datetime.fromisoformat(entry["offer"]["start"]).astimezone(UTC).hour == 2
    assert [item["id"] for item in call.list_waitlist(**place)["items"]] == [joined["id"]]
    accepted = call.accept_offer(token=token)
    assert accepted["hold"]["booking_id"] == entry["offer"]["booking_id"]
    assert call.leave_waitlist(token=token) == {"removed": False}
    assert call.remove_waitlist_entry(id=joined["id"]) == {"removed": False}
    call.release(booking_id=entry["offer"]["booking_id"])
    with pytest.raises(OfferExpired):
        call.accept_offer(token=token)
    with system.uow("scheduling").read() as session:
        rows = session.scalars(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.id))
        types = [row["type"] for row in rows if row["type"].startswith("waitlist.")]
    assert types == ["waitlist.joined", "waitlist.offered", "waitlist.accepted"]


def test_what_makes_no_sense_is_refused_over_the_wire(running: Callable[..., Running]) -> None:
    call = running("scheduling").call("scheduling")

    with pytest.raises(Invalid) as refused:
        call.join_waitlist(**{"from": "soon", "earliest": "noon", "contact": {}, "priority": -1})
    pointers = {error["pointer"] for error in refused.value.details["errors"]}
    assert {"/id", "/from", "/to", "/earliest", "/contact/name", "/priority"} <= pointers
    with pytest.raises(WaitlistUnknown):
        call.get_waitlist_entry(token="x" * 64)
    with pytest.raises(Invalid):
        call.accept_offer(token="short")
