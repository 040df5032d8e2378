"""The engine's verbs in a world that was drawn at random."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import (
    QuotaReached,
    ResourceUnknown,
    ResourceUnsuitable,
    SlotTaken,
    StartNotOffered,
    StartPast,
)
from services.scheduling.models import Allocation, Hold
from services.scheduling.usecases import explain, holds, slots
from tests.integration.scheduling.oracle import is_over
from tests.integration.scheduling.worlds import Booked, Taken, World, instant, tick

UNGRANTABLE = (ResourceUnknown, ResourceUnsuitable)
REFUSED = (SlotTaken, QuotaReached, StartNotOffered, StartPast)


def find(uow: UnitOfWork, world: World) -> dict[int, int]:
    """Return what is free: how many bookings fit at each start."""
    found = slots.find_slots(
        uow=uow, now=instant(world.now), from_=world.first, to=world.last, **wishes(world)
    )["slots"]
    return {tick(datetime.fromisoformat(slot["start"])): slot["remaining"] for slot in found}


def why_not(uow: UnitOfWork, world: World, start: int) -> dict[str, Any]:
    return explain.explain(uow=uow, now=instant(world.now), start=instant(start), **wishes(world))


def hold(uow: UnitOfWork, world: World, start: int) -> tuple[World, list[Taken]]:
    """Hold a start; return the world with it, and who serves it."""
    booking_id = uuid4()
    holds.hold(
        uow=uow,
        now=instant(world.now),
        ttl_seconds=900,
        booking_id=booking_id,
        start=instant(start),
        **wishes(world),
    )
    with uow.read() as session:
        booked = session.get_one(Hold, booking_id)
        rows = session.scalars(sa.select(Allocation).filter_by(booking_id=booking_id)).all()
    crew = [_read(row) for row in rows]
    known = [each for each in world.taken if not is_over(world, each)]
    return replace(world, booked=[*world.booked, _booked(booked)], taken=[*known, *crew]), crew


def wishes(world: World) -> dict[str, Any]:
    """Return what the world asks for, as every verb takes it."""
    return {
        "service_id": world.service,
        "also": [world.other_service] if world.also else [],
        "branch_id": world.branches[0].id,
        "resource_ids": sorted(world.wished),
        "options": world.options,
        "customer_key": world.customer,
    }


def wishing(world: World, wished: Iterable[UUID]) -> World:
    return replace(world, wished=frozenset(wished))


def _booked(hold: Hold) -> Booked:
    return Booked(
        id=hold.booking_id,
        service=hold.service_id,
        branch=hold.branch_id,
        begin=tick(hold.start_at),
        end=tick(hold.end_at),
        customer=hold.customer_key,
        expires=tick(hold.expires_at),
    )


def _read(row: Allocation) -> Taken:
    way = (row.during.lower - row.reach.lower).total_seconds() / 60 if row.reach else 0
    return Taken(
        resource=row.resource_id,
        begin=tick(row.during.lower),
        end=tick(row.during.upper),
        units=row.units.upper and (row.units.lower, row.units.upper),
        place=row.place_id if row.reach else None,
        travel=int(way),
        booking=row.booking_id,
        session=row.session,
        serving=(tick(row.serving.lower), tick(row.serving.upper)),
        expires=tick(row.expires_at),
        line=row.line,
    )
