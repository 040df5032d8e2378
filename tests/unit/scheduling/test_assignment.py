"""Who is chosen, and why, without a database."""

import itertools
import random
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.scheduling.domain.assignment import Candidate, choose
from tests.unit.scheduling.test_time import line


def candidate(number: int, key: str = "photographer", **values: Any) -> Candidate:
    fields = {
        "line": key,
        "resource_id": UUID(int=number),
        "resource_type": key,
        "name": f"{number:03}",
    }
    return Candidate(**{**fields, **values})


def chosen(*args: Any, wished: tuple[int, ...] = (), **options: Any) -> list[int] | None:
    """Choose, and return the numbers of the chosen."""
    picks = choose(*args, wished={UUID(int=n) for n in wished}, **options)
    return None if picks is None else [pick.candidate.resource_id.int for pick in picks]


def reason(*args: Any, **options: Any) -> str:
    (pick,) = choose(*args, **options) or []
    return pick.chosen_by


def test_the_wished_come_first_then_the_preferred() -> None:
    free = [candidate(1), candidate(2, load_minutes=600), candidate(3, load_minutes=900)]

    assert chosen([line()], free, wished=(2,)) == [2]
    assert chosen([line()], free, preferred={UUID(int=3)}) == [3]
    assert chosen([line()], free, wished=(2,), preferred={UUID(int=3)}) == [2]


@pytest.mark.parametrize(
    ("better", "worse", "criterion"),
    [
        ({"skill": 5}, {"skill": 4}, "skill"),
        ({"load_minutes": 60}, {"load_minutes": 120}, "load"),
        (
            {"idle_since": datetime(2026, 11, 1, tzinfo=UTC)},
            {"idle_since": datetime(2026, 11, 2, tzinfo=UTC)},
            "fairness",
        ),
        ({}, {"idle_since": datetime(2026, 11, 2, tzinfo=UTC)}, "fairness"),
        ({"name": "001"}, {"name": "002"}, "order"),
    ],
)
def test_each_criterion_decides_when_those_before_it_do_not(
    better: dict[str, Any], worse: dict[str, Any], criterion: str
) -> None:
    free = [candidate(1, **worse), candidate(2, **better)]

    assert chosen([line()], free) == [2]
    assert reason([line()], free) == criterion


def test_skill_outweighs_load_and_load_outweighs_fairness() -> None:
    free = [
        candidate(1, skill=3, load_minutes=900),
        candidate(2, skill=1),
        candidate(3, skill=3, load_minutes=950),
    ]

    assert chosen([line()], free) == [1]


def test_whoever_is_the_only_one_is_chosen_for_that() -> None:
    assert reason([line()], [candidate(1)]) == "only"


def test_nobody_is_chosen_when_a_line_stays_empty_or_a_wish_unmet() -> None:
    free = [candidate(1), candidate(2)]

    assert chosen([line(quantity=3)], free) is None
    assert chosen([line(), line("studio_room")], free) is None
    assert chosen([line()], free, wished=(9,)) is None
    assert chosen([line()], free, wished=(1, 2)) is None


def rivals(*able: tuple[str, int], **values: Any) -> list[Candidate]:
    return [candidate(number, key, resource_type="photographer", **values) for key, number in able]


LEAD = line("lead", resource_type="photographer")
SECOND = line("second", resource_type="photographer")


def test_the_only_one_who_can_lead_is_not_wasted_on_the_second_place() -> None:
    free = rivals(("second", 1), ("second", 2), ("lead", 1))

    assert chosen([SECOND, LEAD], free) == [2, 1]


def test_one_person_cannot_fill_two_lines() -> None:
    assert chosen([LEAD, SECOND], rivals(("lead", 1), ("second", 1))) is None


def test_who_is_wished_for_gets_the_line_that_is_left() -> None:
    free = rivals(("lead", 1), ("lead", 2), ("second", 2), ("second", 3))

    assert chosen([LEAD, SECOND], free, wished=(2, 3)) == [2, 3]
    assert chosen([LEAD, SECOND], free, wished=(1, 2)) == [1, 2]
    assert chosen([LEAD, SECOND], free, wished=(3,)) == [1, 3]


def test_units_of_one_thing_count_one_by_one() -> None:
    chairs = [candidate(1, "prop", unit=unit, capacity=3) for unit in (1, 2, 3)]

    assert chosen([line("prop", quantity=3)], chairs) == [1, 1, 1]
    assert chosen([line("prop", quantity=4)], chairs) is None


@pytest.mark.parametrize("seed", range(60))
def test_a_crew_is_found_exactly_when_trying_everything_finds_one(seed: int) -> None:
    dice = random.Random(seed)
    lines = [
        line(key, resource_type="photographer", quantity=dice.choice([1, 1, 2]))
        for key in ("a", "b", "c")
    ]
    able = {
        key: {number for number in range(1, 6) if dice.random() < 0.45} for key in ("a", "b", "c")
    }
    wished = tuple(number for number in range(1, 6) if dice.random() < 0.2)
    places = [each.key for each in lines for _ in range(each.quantity)]
    possible = [
        crew
        for crew in itertools.permutations(range(1, 6), len(places))
        if all(number in able[key] for key, number in zip(places, crew, strict=True))
        and set(wished) <= set(crew)
    ]
    free = rivals(*((key, number) for key in able for number in able[key]))
    dice.shuffle(free)

    found = chosen(lines, free, wished=wished)

    assert (found is not None) == bool(possible)
    assert found is None or tuple(found) in possible


@pytest.mark.parametrize("seed", range(10))
def test_the_order_in_which_candidates_come_does_not_matter(seed: int) -> None:
    free = [candidate(n, load_minutes=n % 3 * 60) for n in range(1, 9)]
    shuffled = random.Random(seed).sample(free, len(free))

    assert chosen([line(quantity=3)], shuffled) == chosen([line(quantity=3)], free)
