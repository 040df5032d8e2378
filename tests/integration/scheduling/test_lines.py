"""What a service needs: skills, pools, attributes, rivals, options and whole days."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.contracts.scheduling import (
    OptionUnknown,
    ResourceUnsuitable,
    SlotTaken,
    StartNotOffered,
)
from tests.integration.scheduling.studio import DAY, NOW, Studio, role, week

Make = Callable[..., Studio]


def test_only_who_has_the_skill_at_its_level_serves(make_studio: Make) -> None:
    studio = make_studio(crew={})
    studio.add_resource("photographer-1", "photographer", skills={"newborn": 2})
    studio.add_resource("photographer-2", "photographer", skills={"newborn": 4})
    studio.add_resource("photographer-3", "photographer")
    studio.define_service(roles=[role(skills={"newborn": 3})])

    held = studio.hold("10:00")

    assert studio.names(held) == ["photographer-2"]
    assert held["crew"][0]["chosen_by"] == "only"
    assert "10:00" not in studio.starts()


def test_of_those_who_can_the_most_skilled_is_chosen(make_studio: Make) -> None:
    studio = make_studio(crew={})
    studio.add_resource("photographer-1", "photographer", skills={"newborn": 3})
    studio.add_resource("photographer-2", "photographer", skills={"newborn": 5})
    studio.define_service(roles=[role(skills={"newborn": 1})])

    held = studio.hold("10:00")

    assert studio.names(held) == ["photographer-2"]
    assert held["crew"][0]["chosen_by"] == "skill"


def test_a_line_is_served_from_its_pool_and_the_pools_in_it(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    studio.add_pool("inner", ["photographer-3"])
    pool_id = studio.add_pool("outer", ["photographer-2"], ["inner"])
    studio.define_service(roles=[role(pool_id=pool_id)])

    served = {studio.names(studio.hold("10:00"))[0] for _ in range(2)}

    assert served == {"photographer-2", "photographer-3"}
    with pytest.raises(SlotTaken):
        studio.hold("10:00")


def test_a_dress_is_of_the_size_that_is_asked_for(make_studio: Make) -> None:
    studio = make_studio(crew={})
    studio.add_resource("garment-1", "garment", attributes={"size": "S"}, roster=None)
    studio.add_resource("garment-2", "garment", attributes={"size": "M"}, roster=None)
    studio.define_service(roles=[role("garment", attributes={"size": "M"})])

    assert studio.names(studio.hold("10:00")) == ["garment-2"]
    assert "10:00" not in studio.starts()


def test_counted_things_are_taken_one_by_one(make_studio: Make) -> None:
    studio = make_studio(
        crew={"prop": 1}, capacity={"prop": 5}, roles=[role("prop", quantity=2)], roster=None
    )

    assert studio.remaining()["10:00"] == 2
    held = studio.hold("10:00")
    assert studio.names(held) == ["prop-1", "prop-1"]
    assert studio.remaining()["10:00"] == 1
    studio.hold("10:00")
    assert "10:00" not in studio.starts()
    assert studio.remaining()["11:00"] == 2


def test_two_lines_of_one_type_need_two_people(make_studio: Make) -> None:
    lead = role(key="lead", skills={"lead": 1})
    studio = make_studio(crew={}, roles=[role(key="second")])
    studio.add_resource("photographer-1", "photographer", skills={"lead": 3})
    studio.add_resource("photographer-2", "photographer")
    studio.add_resource("photographer-3", "photographer", skills={"lead": 3})
    studio.define_service(roles=[role(key="second"), lead])

    assert studio.remaining()["10:00"] == 1  # three people make one pair, not one and a half
    held = studio.hold("10:00")
    assert {each["line"] for each in held["crew"]} == {"lead", "second"}
    assert "10:00" not in studio.starts()


def test_the_only_one_who_can_lead_is_kept_for_it(make_studio: Make) -> None:
    studio = make_studio(crew={}, roles=[role(key="second")])
    studio.add_resource("photographer-1", "photographer", skills={"lead": 3})
    studio.add_resource("photographer-2", "photographer")
    studio.define_service(roles=[role(key="second"), role(key="lead", skills={"lead": 1})])

    held = studio.hold("10:00")

    lines = {each["line"]: each["name"]["zh"] for each in held["crew"]}
    assert lines == {"second": "photographer-2", "lead": "photographer-1"}


def test_who_is_asked_for_must_fit_a_line_that_is_left(make_studio: Make) -> None:
    studio = make_studio(crew={}, roles=[role()])
    studio.add_resource("photographer-1", "photographer", skills={"lead": 3})
    studio.add_resource("photographer-2", "photographer")
    studio.define_service(roles=[role(key="lead", skills={"lead": 1})])

    assert studio.starts(wished=["photographer-1"])
    with pytest.raises(ResourceUnsuitable) as refused:
        studio.hold("10:00", wished=["photographer-1", "photographer-2"])
    assert refused.value.details["errors"][0]["pointer"] == "/resource_ids/1"


def test_favourites_are_taken_if_they_are_free(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    favourite = [studio.resources["photographer-2"]]

    first = studio.hold("10:00", preferred=favourite)
    second = studio.hold("10:00", preferred=favourite)

    assert (studio.names(first), first["crew"][0]["chosen_by"]) == (
        ["photographer-2"],
        "preferred",
    )
    assert studio.names(second) == ["photographer-1"]


def test_an_optional_line_is_served_when_it_is_asked_for(make_studio: Make) -> None:
    studio = make_studio(
        crew={"photographer": 2, "assistant": 1},
        roles=[role(), role("assistant", optional=True)],
    )

    assert studio.remaining()["10:00"] == 2
    assert studio.remaining(options=["assistant"])["10:00"] == 1
    assert studio.names(studio.hold("10:00", options=["assistant"])) == [
        "assistant-1",
        "photographer-1",
    ]
    assert studio.remaining()["10:00"] == 1
    with pytest.raises(SlotTaken):
        studio.hold("10:00", options=["assistant"])
    with pytest.raises(OptionUnknown):
        studio.hold("10:00", options=["photographer"])


def test_a_dress_is_gone_from_the_day_before_to_the_day_after(make_studio: Make) -> None:
    fitting = role("garment", offset_minutes=-1440, length_minutes=2 * 1440 + 60, whole_days=True)
    studio = make_studio(crew={"photographer": 2})
    studio.add_resource("garment-1", "garment", roster=None)
    studio.define_service(roles=[role(), fitting])

    held = studio.hold("10:00")

    dress = next(each for each in held["crew"] if each["resource_type"] == "garment")
    before, after = DAY - timedelta(days=1), DAY + timedelta(days=2)
    assert (dress["start"], dress["end"]) == (
        studio.at("00:00", before),
        studio.at("00:00", after),
    )
    for days, free in ((1, False), (2, False), (3, True)):
        assert bool(studio.starts(DAY + timedelta(days=days))) is free
    # The customer is there for the shoot alone.
    assert (held["start"], held["end"]) == (studio.at("10:00"), studio.at("11:00"))


def test_a_line_may_begin_before_the_branch_opens(make_studio: Make) -> None:
    studio = make_studio(
        crew={"makeup_artist": 1, "photographer": 1},
        roster=week("07:00", "18:00"),
        roles=[role(), role("makeup_artist", offset_minutes=-90, length_minutes=90)],
    )

    held = studio.hold("09:00")

    artist = next(each for each in held["crew"] if each["resource_type"] == "makeup_artist")
    assert artist["start"] == studio.at("07:30")
    assert held["start"] == studio.at("09:00")


def test_the_least_busy_of_the_week_is_chosen_then_who_has_rested_longest(
    make_studio: Make,
) -> None:
    studio = make_studio(crew={"photographer": 2})
    first = studio.hold("09:00")
    second = studio.hold("11:00")
    third = studio.hold("13:00")

    assert studio.names(first) == ["photographer-1"]
    assert (studio.names(second), second["crew"][0]["chosen_by"]) == (["photographer-2"], "load")
    assert (studio.names(third), third["crew"][0]["chosen_by"]) == (
        ["photographer-1"],
        "fairness",
    )


def test_a_weekday_that_a_service_does_not_have_is_not_offered(studio: Studio) -> None:
    studio.define_service(weekdays=[6, 7])

    assert studio.starts() == []  # a Wednesday
    assert studio.starts(DAY + timedelta(days=3))
    with pytest.raises(StartNotOffered):
        studio.hold("10:00", now=NOW)
