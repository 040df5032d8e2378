"""The engine against a slow and obvious computation of the same, in worlds drawn at random."""

import os
from collections import defaultdict
from uuid import UUID

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from services.chassis.db import UnitOfWork
from tests.integration.scheduling import engine, oracle
from tests.integration.scheduling.drawing import worlds
from tests.integration.scheduling.worlds import Taken, World, build

Unit = tuple[UUID, tuple[int, int] | None]

EXAMPLES = int(os.environ.get("YINGQI_EXAMPLES", "40"))
"""Worlds of each kind; with 2 000 a night finds what a minute does not."""

THEMES = [
    ("days",),
    ("rosters",),
    ("skills",),
    ("garments",),
    ("places",),
    ("classes",),
    ("classes", "skills"),
    ("quotas",),
    ("quotas", "garments"),
    ("several",),
    ("several", "skills"),
    ("several", "garments", "rosters"),
    ("days", "rosters", "skills", "garments", "places", "quotas"),
]


@pytest.mark.parametrize("themes", THEMES, ids="-".join)
def test_the_engine_finds_what_the_slow_way_finds(uow: UnitOfWork, themes: tuple[str, ...]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(world=worlds(*themes), data=st.data())
    def in_every_world(world: World, data: st.DataObject) -> None:
        if {"classes", "skills"} <= set(themes):
            # Who might teach as well as serve one customer is counted with care when wished for.
            world = engine.wishing(world, [])
        note(str(world))
        build(uow, world)
        try:
            found = engine.find(uow, world)
        except engine.UNGRANTABLE:
            assert oracle.slots(world) == {}
            world = engine.wishing(world, [])
            found = engine.find(uow, world)
        check_slots(world, found)
        for _ in range(2):
            if not found:
                event("nothing is free")
                break
            start = data.draw(st.sampled_from(sorted(found)))
            world, crew = engine.hold(uow, world, start)
            check_crew(world, start, crew)
            found = engine.find(uow, world)
            check_slots(world, found)

    in_every_world()


def check_slots(world: World, found: dict[int, int]) -> None:
    """Each start is found, with as many bookings as fit; of what a quota withholds, no more."""
    expected = oracle.slots(world)
    if not oracle.shares_units(world):
        assert found == expected
        return
    assert found.keys() == expected.keys()
    assert all(number <= expected[start] for start, number in found.items())
    assert oracle.overfull(world, found) == []


def check_crew(world: World, start: int, crew: list[Taken]) -> None:
    """Every line has as many as it needs, who could serve it, for its time; the wished are in."""
    wanted: dict[Unit, set[int]] = defaultdict(set)
    had: dict[Unit, set[int]] = defaultdict(set)
    for line in oracle.lines(world):
        some = [each for each in crew if each.line == line["key"]]
        able = {each.id for each in oracle.able(world, line)}
        assert len({unit(each) for each in some}) == line["quantity"]
        assert {each.resource for each in some} <= able
        for each in some:
            wanted[unit(each)] |= oracle.needed(world, line, start)
            had[unit(each)] |= set(range(each.begin, each.end))
            assert set(oracle.work(world, line, start)) <= set(range(each.begin, each.end))
    assert had == wanted
    assert world.wished <= {each.resource for each in crew}


def unit(taken: Taken) -> Unit:
    return taken.resource, taken.units
