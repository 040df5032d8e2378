"""The running service: its wire, its timer and what it hears."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis.context import Context
from services.chassis.db import INBOX, AlreadyHandledError, UnitOfWork
from services.contracts.errors import Invalid
from services.contracts.registry import EVENTS, RPCS
from services.contracts.scheduling import SlotTaken
from services.scheduling import entrypoints
from services.scheduling.usecases import holds
from tests.harness import Running
from tests.integration.scheduling.studio import Studio, role, words

Run = Callable[..., Running]

ALL_WEEK = [{"weekday": day, "opens": "00:00", "closes": "00:00"} for day in range(1, 8)]


@pytest.fixture
def ids() -> dict[str, str]:
    return {name: str(uuid4()) for name in ("branch", "service", "photographer", "booking")}


def define(call: Any, ids: dict[str, str]) -> None:
    """Define a small studio as the seed does: over the wire, in JSON."""
    call.define_branch(
        id=ids["branch"],
        name=words("外滩店"),
        address=words("中山东一路 1 号"),
        phone="021-5555 0100",
        timezone="Asia/Shanghai",
        hours=ALL_WEEK,
    )
    call.define_resource(
        id=ids["photographer"],
        branch_id=ids["branch"],
        resource_type="photographer",
        name=words("王芳"),
        roster=ALL_WEEK,
    )
    call.define_requirement(service_id=ids["service"], branch_ids=[ids["branch"]], roles=[role()])


def test_every_declared_rpc_is_answered() -> None:
    declared = {name for owner, name in RPCS if owner == "scheduling"}

    assert {name for name in declared if hasattr(entrypoints.Service, name)} == declared


def test_every_event_that_names_scheduling_is_heard() -> None:
    heard = {event.type for event in EVENTS.values() if "scheduling" in event.consumers}
    assert heard == {"booking.cancelled", "booking.completed", "booking.no_show"}


def test_a_booking_s_time_goes_through_its_life_over_the_wire(
    running: Run, ids: dict[str, str]
) -> None:
    call = running("scheduling").call("scheduling")
    define(call, ids)
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    days = {"from": tomorrow.isoformat(), "to": tomorrow.isoformat()}
    place = {"service_id": ids["service"], "branch_id": ids["branch"]}

    assert [b["id"] for b in call.list_branches()["items"]] == [ids["branch"]]
    assert call.list_resources(**place)["items"][0]["name"] == words("王芳")
    first, second = call.find_slots(**place, **days)["slots"][:2]
    held = call.hold(booking_id=ids["booking"], start=first["start"], **place)
    assert held["state"] == "held"
    with pytest.raises(SlotTaken) as refused:
        call.hold(booking_id=str(uuid4()), start=first["start"], **place)
    assert len(refused.value.details["alternatives"]) == 5
    extended = call.extend_hold(booking_id=ids["booking"])
    assert extended["expires_at"] > held["expires_at"]
    assert call.confirm(booking_id=ids["booking"])["state"] == "confirmed"
    moved = call.reschedule(booking_id=ids["booking"], start=second["start"])
    assert moved["revision"] == 1
    assert len(call.calendar(branch_id=ids["branch"], **days)["entries"]) == 1
    assert call.expire_hold(booking_id=ids["booking"]) == {"released": False}
    assert call.release(booking_id=ids["booking"]) == {"released": True}


def test_malformed_arguments_are_refused_with_pointers(running: Run) -> None:
    call = running("scheduling").call("scheduling")

    with pytest.raises(Invalid) as refused:
        call.hold(booking_id="x", start="yesterday")

    pointers = {error["pointer"] for error in refused.value.details["errors"]}
    assert {"/booking_id", "/start", "/service_id", "/branch_id"} <= pointers


def test_the_timer_sweeps_what_nobody_paid_for(running: Run, ids: dict[str, str]) -> None:
    system = running("scheduling", HOLD_TTL_SECONDS="1")
    call = system.call("scheduling")
    define(call, ids)
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)

    request = {
        "booking_id": ids["booking"],
        "service_id": ids["service"],
        "branch_id": ids["branch"],
        "start": tomorrow.isoformat(),
    }
    assert call.hold(**request)["state"] == "held"

    system.wait(lambda: call.hold(**request)["state"] == "expired")


# --- booking.cancelled


def test_a_cancelled_booking_lets_go_of_its_time_once(studio: Studio) -> None:
    booking_id = studio.hold()["booking_id"]
    studio.confirm(booking_id)
    message = Context(message_id=str(uuid4()), handler="booking.cancelled")

    def deliver() -> None:
        uow = UnitOfWork(studio.uow.engine, message)
        holds.release(uow=uow, booking_id=booking_id)

    deliver()
    with pytest.raises(AlreadyHandledError):
        deliver()

    assert studio.events().count("allocation.released") == 1
    assert "10:00" in studio.starts()


def test_a_cancellation_is_heard_and_claimed(running: Run) -> None:
    """Also for a booking that never had time: there is nothing to do, and nothing fails."""
    system = running("scheduling", "booking", "crm")

    with system.uow("booking").begin() as tx:
        tx.emit("booking.cancelled", cancelled_booking())

    def claimed() -> int | None:
        with system.uow("scheduling").read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(INBOX))

    assert system.wait(claimed) == 1


def cancelled_booking() -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "booking_id": uuid4(),
        "version": 2,
        "number": "YQ-1",
        "status": "cancelled",
        "payment_status": "unpaid",
        "branch_id": uuid4(),
        "branch_name": words("外滩店"),
        "branch_address": words("中山东一路 1 号"),
        "branch_phone": "021",
        "timezone": "Asia/Shanghai",
        "service_id": uuid4(),
        "service_name": words("写真"),
        "start": now,
        "end": now + timedelta(hours=1),
        "contact": {"name": "李雷", "phone": "13800000000"},
        "channel": "web",
        "total_cents": 0,
        "deposit_cents": 0,
        "paid_cents": 0,
        "currency": "CNY",
        "requested_at": now,
        "manage_url": "",
        "reason": "changed my mind",
    }
