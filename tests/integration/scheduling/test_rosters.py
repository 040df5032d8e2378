"""Rosters: drafts, making them count, and what that does to bookings and to who waits."""

import random
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.db import UnitOfWork
from services.contracts.errors import Invalid, YingqiError
from services.contracts.scheduling import BranchUnknown, ResourceUnknown
from services.scheduling.models import Resource
from services.scheduling.usecases import branches, resources, rosters
from services.scheduling.usecases import conflicts as telling
from tests.integration.scheduling.rosters import NOW, House, hours, instant, words
from tests.integration.scheduling.test_storms import at_once


@pytest.fixture
def house(uow: UnitOfWork) -> House:
    return House(uow)


def test_a_published_roster_reads_as_it_was_defined(house: House) -> None:
    rules = [
        house.rule("一", "09:00-12:00", "20:00-02:00", breaks=hours("23:00-23:30")),
        house.rule(
            "一",
            priority=5,
            extra=True,
            weekdays=[9, 8, 8],
            first_day=date(2026, 12, 1),
            last_day=date(2026, 12, 31),
            cycle_weeks=2,
            cycle_week=1,
            cycle_from=date(2026, 11, 23),
        ),
        house.rule("一", weekdays=[7], hours=[]),
    ]

    house.define(*rules)

    published = house.roster()["published"]
    rules[0]["cycle_from"] = rules[2]["cycle_from"] = date(2000, 1, 3)
    rules[1]["weekdays"] = [8, 9]
    assert published == rules
    assert house.roster()["draft"] is None


def test_a_draft_counts_for_nobody_until_it_is_published(house: House) -> None:
    house.define(house.rule())
    answer = house.define(house.rule("一", "12:00-20:00"), publish=False)

    assert answer == {"resource_ids": [], "conflicts": []}
    assert house.roster()["published"][0]["hours"] == hours("09:00-18:00")
    assert house.roster()["draft"][0]["hours"] == hours("12:00-20:00")

    answer = house.publish()

    assert answer["resource_ids"] == [house.resources["林晨"]]
    assert house.roster()["published"][0]["hours"] == hours("12:00-20:00")
    assert house.roster()["draft"] is None


def test_a_draft_is_replaced_whole_and_an_empty_one_is_none(house: House) -> None:
    house.define(house.rule(), house.rule(weekdays=[8]), publish=False)
    house.define(house.rule("一", "12:00-20:00"), publish=False)
    assert len(house.roster()["draft"]) == 1

    house.define(publish=False)

    assert house.roster() == {
        "resource_id": house.resources["林晨"],
        "published": [],
        "draft": None,
    }


def test_publishing_no_rules_at_all_leaves_nobody_at_work(house: House) -> None:
    house.define(house.rule())
    booking_id = house.book()

    answer = house.define()

    assert house.roster()["published"] == []
    assert [each["booking_id"] for each in answer["conflicts"]] == [booking_id]


def test_all_drafts_that_touch_a_branch_are_published_at_once(house: House) -> None:
    for name in ("周宁", "陈曦", "吴桐", "苏晚"):
        house.add_resource(name)
    house.define(house.rule("一"), publish=False)
    house.define(house.rule("二"), who="周宁", publish=False)
    house.define(house.rule("一"), who="陈曦")
    house.define(house.rule("二"), who="陈曦", publish=False)  # leaves the branch
    house.define(house.rule("一"), who="吴桐")

    answer = house.publish("一")

    expected = sorted([house.resources["林晨"], house.resources["陈曦"]])
    assert answer["resource_ids"] == expected
    assert house.roster("周宁")["draft"] is not None


def test_only_the_named_are_published_when_somebody_is_named(house: House) -> None:
    house.add_resource("周宁")
    house.define(house.rule(), publish=False)
    house.define(house.rule(), who="周宁", publish=False)

    assert house.publish(who=["周宁"])["resource_ids"] == [house.resources["周宁"]]
    assert house.roster()["published"] == []
    assert house.publish(who=["周宁"])["resource_ids"] == [], "there is no draft any more"


def test_a_branch_publishes_only_for_those_who_have_to_do_with_it(house: House) -> None:
    house.add_resource("周宁", "二")
    house.define(house.rule("二"), who="周宁", publish=False)

    with pytest.raises(ResourceUnknown):
        house.publish("一", who=["周宁"])

    house.define(house.rule("二"), house.rule("一", weekdays=[6]), who="周宁", publish=False)
    assert house.publish("一", who=["周宁"])["resource_ids"] == [house.resources["周宁"]]


def test_every_branch_hears_of_the_rosters_that_touch_it(house: House) -> None:
    house.define(house.rule("一"))
    house.define(house.rule("二"))

    told = house.told("roster.published")

    lin = str(house.resources["林晨"])
    assert told[0] == {"branch_id": str(house.branches["一"]), "resource_ids": [lin]}
    assert {each["branch_id"] for each in told[1:]} == {str(id) for id in house.branches.values()}
    ahead = NOW + timedelta(days=93)
    assert house.freed() == [("一", NOW, ahead), ("二", NOW, ahead)]


def test_bookings_that_a_new_roster_leaves_bare_are_returned_and_told(house: House) -> None:
    house.define(house.rule())
    early = house.book("09:30")
    kept = house.book("14:00")
    held = house.book("17:30", state="held", expires_at=NOW + timedelta(minutes=15))
    house.book("20:00", state="released")
    house.book("21:00", forced=True, reason="老客户")
    house.book(NOW - timedelta(hours=12))

    answer = house.define(house.rule("一", "10:00-18:00"))

    found = {each["booking_id"]: each for each in answer["conflicts"]}
    assert list(found) == [early, held]
    assert kept not in found
    assert found[early]["start"] == instant("09:30")
    assert found[early]["end"] == instant("10:30")
    told = house.told("allocation.conflicted")
    assert [each["booking_id"] for each in told] == [str(early), str(held)]
    assert {each["cause"] for each in told} == {"roster"}
    assert {each["branch_id"] for each in told} == {str(house.branches["一"])}


def test_a_conflict_is_told_once_as_long_as_it_lasts_and_again_when_it_comes_back(
    house: House,
) -> None:
    first = house.book("09:30")
    narrow, wide = house.rule("一", "11:00-18:00"), house.rule("一")

    assert len(house.define(narrow)["conflicts"]) == 1
    second = house.book("10:00", who=house.add_resource("周舟") and "周舟")
    again = house.define(narrow)
    house.define(narrow, who="周舟")

    assert [each["booking_id"] for each in again["conflicts"]] == [first], "it is there still"
    told = [str(first), str(second)]
    assert [each["booking_id"] for each in house.told("allocation.conflicted")] == told
    house.define(wide)
    house.define(narrow)
    assert [each["booking_id"] for each in house.told("allocation.conflicted")] == [*told, told[0]]


def test_who_is_sent_elsewhere_leaves_the_bookings_here_bare(house: House) -> None:
    house.define(house.rule("一"))
    booking_id = house.book()

    answer = house.define(house.rule("一"), house.rule("二", priority=1, weekdays=[3]))

    assert [each["booking_id"] for each in answer["conflicts"]] == [booking_id]


def test_a_room_without_a_roster_can_always_be_used(house: House) -> None:
    house.add_resource("白棚", resource_type="studio_room")
    house.book("03:00", who="白棚")

    with house.uow.begin() as tx:
        found = telling.tell_conflicts_at(
            tx, now=NOW, cause="closure", branch_id=house.branches["一"]
        )

    assert found == []


def test_a_closure_tells_of_the_bookings_in_it(house: House) -> None:
    house.define(house.rule())
    inside = house.book("10:00")
    house.book(instant("10:00", date(2026, 11, 27)))
    house.close("一", date(2026, 11, 25), date(2026, 11, 26))

    with house.uow.begin() as tx:
        found = telling.tell_conflicts_at(
            tx, now=NOW, cause="closure", branch_id=house.branches["一"]
        )

    assert [each.booking_id for each in found] == [inside]
    assert [each["cause"] for each in house.told("allocation.conflicted")] == ["closure"]


# --- people at several branches


def mobile(house: House, who: str = "林晨") -> bool:
    with house.uow.read() as session:
        return session.get_one(Resource, house.resources[who]).mobile


def test_who_works_at_two_branches_needs_time_for_the_way(house: House) -> None:
    house.define(house.rule("一", weekdays=[1, 2, 3]))
    house.book("10:00")
    assert not mobile(house)

    house.define(house.rule("一", weekdays=[1, 2, 3]), house.rule("二", weekdays=[4, 5]))

    assert mobile(house)
    [booked] = house.allocations()
    assert booked.place_id == house.branches["一"]
    assert booked.reach is not None
    assert (booked.reach.lower, booked.reach.upper) == (instant("09:30"), instant("11:30"))


def test_a_room_never_moves(house: House) -> None:
    house.add_resource("移动棚", resource_type="studio_room")

    house.define(house.rule("一"), house.rule("二"), who="移动棚")

    assert not mobile(house, "移动棚")


def test_the_place_of_a_booking_outdoors_is_its_location(house: House) -> None:
    house.add_resource("外滩", resource_type="location", travel_minutes=60)
    booking_id = house.book("10:00", who=["林晨", "外滩"])

    house.define(house.rule("一"), house.rule("二"))

    [person] = [each for each in house.allocations() if each.resource_type == "photographer"]
    assert person.booking_id == booking_id
    assert person.place_id == house.resources["外滩"]
    assert person.reach is not None
    assert (person.reach.lower, person.reach.upper) == (instant("09:00"), instant("12:00"))


def test_bookings_too_far_apart_to_get_from_one_to_the_other_are_told(house: House) -> None:
    first = house.book("10:00", at="一")
    second = house.book("11:30", at="二")
    house.book("15:00", at="二")
    house.book(NOW - timedelta(hours=5), at="二")

    answer = house.define(house.rule("一", "09:00-12:00"), house.rule("二"))

    assert [each["booking_id"] for each in answer["conflicts"]] == [first, second]
    assert len(house.told("allocation.conflicted")) == 2
    assert [each.place_id for each in house.allocations()] == [
        None,  # over
        None,
        None,
        house.branches["二"],
    ]


# --- refused


def test_a_roster_that_cannot_be_is_refused_and_nothing_is_written(house: House) -> None:
    house.define(house.rule())
    before = house.roster()

    with pytest.raises(Invalid) as refused:
        house.define(house.rule(), house.rule("一", "09:00-12:00", "11:00-13:00"))
    assert refused.value.details["errors"][0]["pointer"] == "/rules/1/hours/1"
    with pytest.raises(BranchUnknown):
        house.define(house.rule(branch_id=uuid4()))

    assert house.roster() == before


def test_who_and_where_must_be_known(house: House) -> None:
    unknown = uuid4()
    branch_id = house.branches["一"]
    house.define(house.rule(), publish=False)

    with pytest.raises(ResourceUnknown):
        rosters.define_roster(uow=house.uow, now=NOW, resource_id=unknown, rules=[], publish=True)
    with pytest.raises(ResourceUnknown):
        rosters.get_roster(uow=house.uow, resource_id=unknown)
    with pytest.raises(BranchUnknown):
        rosters.publish_rosters(uow=house.uow, now=NOW, branch_id=unknown, resource_ids=[])
    with pytest.raises(ResourceUnknown):
        rosters.publish_rosters(
            uow=house.uow,
            now=NOW,
            branch_id=branch_id,
            resource_ids=[house.resources["林晨"], unknown],
        )

    assert house.roster()["published"] == [], "all of them or none"


# --- at once


def test_changes_of_the_same_people_at_once_never_wait_in_a_circle(storm_uow: UnitOfWork) -> None:
    house = House(storm_uow)
    house.add_resource("周宁", "二")
    both = [house.rule("一"), house.rule("二", weekdays=[6, 7])]
    days = (date(2026, 12, 1), date(2026, 12, 2))
    calls = [
        call
        for round in range(6)
        for call in (
            partial(house.define, *both, now=NOW + timedelta(seconds=round)),
            partial(house.define, *reversed(both), who="周宁"),
            partial(house.define, *both, publish=False),
            partial(house.publish, "一"),
            partial(house.publish, "二"),
            partial(house.ask, approve=True),
            partial(house.ask, who="周宁", approve=True),
            partial(shut, house, "一", *days),
            partial(shut, house, "二", *days),
            partial(rename, house, "林晨", str(round)),
            partial(rename, house, "周宁", str(round)),
        )
    ]
    random.Random(3).shuffle(calls)

    answers = at_once(*calls)

    assert [answer for answer in answers if isinstance(answer, YingqiError)] == []
    assert len(house.roster()["published"]) == len(house.roster("周宁")["published"]) == 2


def shut(house: House, name: str, first: date, last: date) -> dict[str, Any]:
    return branches.define_closure(
        uow=house.uow,
        now=NOW,
        id=uuid4(),
        branch_id=house.branches[name],
        first_day=first,
        last_day=last,
        reason="盘点",
    )


def rename(house: House, who: str, name: str) -> dict[str, Any]:
    known = resources.get_resource(uow=house.uow, id=house.resources[who])
    changed = {"roster": None, "name": words(name)}
    return resources.define_resource(uow=house.uow, now=NOW, **{**known, **changed})
