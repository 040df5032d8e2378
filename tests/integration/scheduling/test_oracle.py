"""The engine against a slow and obvious computation of the same, in worlds drawn at random."""

import os

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from services.chassis.db import UnitOfWork
from tests.integration.scheduling import engine, oracle
from tests.integration.scheduling.drawing import worlds
from tests.integration.scheduling.worlds import Taken, World, build

EXAMPLES = int(os.environ.get("YINGQI_EXAMPLES", "40"))
"""Worlds of each kind; with 2 000 a night finds what a minute does not."""

THEMES = [
    ("days",),
    ("rosters",),
    ("skills",),
    ("garments",),
    ("places",),
    ("classes",),
    ("quotas",),
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
        note(str(world))
        build(uow, world)
        try:
            found = engine.find(uow, world)
        except engine.UNGRANTABLE:
            assert oracle.slots(world) == {}
            world = engine.wishing(world, [])
            found = engine.find(uow, world)
        assert found == oracle.slots(world)
        for _ in range(2):
            if not found:
                event("nothing is free")
                break
            start = data.draw(st.sampled_from(sorted(found)))
            world, crew = engine.hold(uow, world, start)
            check_crew(world, start, crew)
            found = engine.find(uow, world)
            assert found == oracle.slots(world)

    in_every_world()


def check_crew(world: World, start: int, crew: list[Taken]) -> None:
    """Every line has as many as it needs, who could serve it, for its time; the wished are in."""
    for line in oracle.lines(world):
        some = [each for each in crew if each.line == line["key"]]
        needed = oracle.needed(world, line, start)
        able = {each.id for each in oracle.able(world, line)}
        assert len({(each.resource, each.units) for each in some}) == line["quantity"]
        assert {each.resource for each in some} <= able
        assert all(set(range(each.begin, each.end)) == needed for each in some)
    assert world.wished <= {each.resource for each in crew}
