"""Why a start cannot be had: every rule and obstacle, in agreement with find_slots and hold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import Range

from services.chassis.db import UnitOfWork
from services.contracts import scheduling as contract
from services.contracts.scheduling import ServiceUnknown
from services.scheduling.models import BusyFeed, BusyTime, SpecialDay
from services.scheduling.usecases import explain, rosters
from tests.harness import Running
from tests.integration.scheduling import engine, oracle
from tests.integration.scheduling.drawing import worlds
from tests.integration.scheduling.studio import (
    DAY,
    EVERY_DAY,
    NOW,
    Studio,
    checked,
    role,
    week,
    words,
)
from tests.integration.scheduling.worlds import World, build, local, tick

Make = Callable[..., Studio]


def ask(
    studio: Studio, start: datetime | str = "10:00", wished: tuple[str, ...] = (), **values: Any
) -> dict[str, Any]:
    """Ask why a start cannot be had, as a caller reads the answer."""
    question = {
        "service_id": studio.service_id,
        "branch_id": studio.branch_id,
        "start": studio.at(start) if isinstance(start, str) else start,
        "resource_ids": studio.ids(wished),
        **values,
    }
    now = question.pop("now", NOW)
    return checked(explain.explain(uow=studio.uow, now=now, **question), contract.EXPLAIN)


def rules(answer: dict[str, Any]) -> dict[str, str]:
    return {rule["code"]: rule["message"]["zh"] for rule in answer["rules"]}


def obstacles(answer: dict[str, Any], line: int = 0) -> list[tuple[str, str]]:
    """Return who is kept from a line by what."""
    return [(each["name"]["zh"], each["kind"]) for each in answer["lines"][line]["obstacles"]]


def obstacle(answer: dict[str, Any]) -> dict[str, Any]:
    (only,) = answer["lines"][0]["obstacles"]
    return dict(only)


def test_a_start_that_is_free_has_nothing_to_explain(studio: Studio) -> None:
    assert ask(studio) == {
        "offered": True,
        "rules": [],
        "lines": [
            {
                "line": "photographer",
                "resource_type": "photographer",
                "needed": 1,
                "free": 1,
                "obstacles": [],
            }
        ],
        "alternatives": [],
    }


# --- rules


def test_a_start_that_has_passed(studio: Studio) -> None:
    answer = ask(studio, studio.at("10:00", date(2026, 11, 23)))

    assert rules(answer) == {"past": "11月23日 10:00 已经过去"}
    assert answer["alternatives"][0]["start"] == "2026-11-24T09:00:00+08:00"


def test_a_start_within_the_notice(make_studio: Make) -> None:
    studio = make_studio(notice=1440)

    assert rules(ask(studio, NOW + timedelta(hours=2))) == {
        "notice": "需至少提前 1 天预约，目前最早可约 11月25日 09:00"
    }


def test_a_start_beyond_the_horizon_is_near_its_end(make_studio: Make) -> None:
    studio = make_studio(horizon=60)

    answer = ask(studio, studio.at("10:00", date(2027, 3, 1)))

    assert rules(answer) == {"horizon": "最多提前 60 天预约，目前可约到 2027年1月23日"}
    assert answer["alternatives"][0]["start"][:10] == "2027-01-23"


@pytest.mark.parametrize("year", [1, 9999])
def test_other_centuries_are_refused_like_any_other_time(studio: Studio, year: int) -> None:
    answer = ask(studio, datetime(year, 1, 1, tzinfo=NOW.tzinfo))

    assert list(rules(answer)) == ["past" if year == 1 else "horizon"]


def test_a_closure_is_told_with_its_days_and_reason(studio: Studio) -> None:
    studio.close(DAY, DAY + timedelta(days=3))

    answer = ask(studio)

    assert rules(answer) == {"closed": "门店 11月25日至11月28日闭店：春节"}
    assert obstacles(answer) == [("photographer-1", "closed")]


def test_a_public_holiday_is_told_by_its_name(uow: UnitOfWork) -> None:
    studio = Studio(uow)
    studio.define_branch(holiday_calendar="CN", open_on_holidays=False)
    with uow.begin() as tx:
        tx.session.merge(
            SpecialDay(calendar="CN", day=DAY, kind="holiday", name=words("店庆日"), edited=True)
        )

    assert rules(ask(studio)) == {"holiday": "11月25日是店庆日，门店不营业"}


def test_hours_are_told_with_what_the_service_takes(make_studio: Make) -> None:
    studio = make_studio(
        hours=week("09:00", "12:00") + week("13:00", "15:00"), roles=[role(length_minutes=90)]
    )

    answer = ask(studio, "11:00")

    assert rules(answer) == {
        "hours": "该服务需要 1 小时 30 分钟，须在营业时间内完成：11月25日 09:00–12:00、13:00–15:00"
    }


def test_a_day_without_hours(make_studio: Make) -> None:
    studio = make_studio(hours=week("09:00", "18:00", days=[1, 2]))

    assert rules(ask(studio)) == {"hours": "门店 11月25日不营业"}


def test_hours_of_the_night_before_count(make_studio: Make) -> None:
    studio = make_studio(hours=week("22:00", "02:00", days=[2]), roster=week("00:00", "00:00"))

    assert ask(studio, "00:00")["offered"]
    assert list(rules(ask(studio, "02:00"))) == ["hours"]


def test_a_service_that_starts_on_some_days_only(studio: Studio) -> None:
    studio.define_service(weekdays=[6, 7, 8])

    assert rules(ask(studio)) == {"weekday": "该服务仅周六、周日、法定节假日可预约"}


def test_a_start_between_the_steps_is_told_its_neighbours(make_studio: Make) -> None:
    studio = make_studio(step=30)

    answer = ask(studio, "10:10")

    assert rules(answer) == {"grid": "每 30 分钟一个开始时间，10:00 之后是 10:30"}
    assert answer["alternatives"][0]["start"] == "2026-11-25T10:00:00+08:00"


def test_a_quota_is_told_with_its_numbers(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    studio.add_quota(2)
    studio.add_quota(150, "branch", unit="minutes", period="week")
    studio.hold("10:00")
    studio.hold("10:00")

    messages = [rule["message"] for rule in ask(studio, "15:00")["rules"]]
    assert sorted(message["zh"] for message in messages) == [
        "该服务每天最多预约 2 次，当天已有 2 次",
        "该门店每周最多预约 2 小时 30 分钟，当周已约 2 小时，本次需要 1 小时",
    ]
    assert "This service may have 2 bookings a day at most; there are 2 that day" in {
        message["en"] for message in messages
    }


def test_a_customers_quota_counts_for_who_says_who_they_are(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    studio.add_quota(1, "customer", period="month")
    studio.hold("10:00", customer_key="k")

    assert ask(studio, "15:00")["offered"]
    assert rules(ask(studio, "15:00", customer_key="k")) == {
        "quota": "每位顾客每月最多预约 1 次，当月已有 1 次"
    }


# --- obstacles


def test_time_that_is_booked_or_held_names_the_booking_and_its_end(studio: Studio) -> None:
    held = studio.hold("10:00")

    found = obstacle(ask(studio))

    assert found["kind"] == "held"
    assert found["booking_id"] == held["booking_id"]
    assert found["allocation_id"] == held["crew"][0]["allocation_id"]
    assert (found["start"], found["end"]) == (studio.at("10:00"), studio.at("11:00"))
    studio.confirm(held["booking_id"])
    assert obstacle(ask(studio))["kind"] == "booked"


def test_a_hold_that_has_expired_is_no_obstacle(studio: Studio) -> None:
    held = studio.hold("10:00")

    assert ask(studio, now=held["expires_at"])["offered"]


def test_a_block_is_an_obstacle_without_a_booking(studio: Studio) -> None:
    studio.block("photographer-1", studio.at("09:00"), studio.at("12:00"))

    found = obstacle(ask(studio))

    assert (found["kind"], found["booking_id"]) == ("blocked", None)
    assert found["end"] == studio.at("12:00")


def test_buffers_are_obstacles_too(make_studio: Make) -> None:
    studio = make_studio(roles=[role(buffer_after_minutes=30)])
    studio.hold("10:00")

    assert obstacle(ask(studio, "11:00"))["end"] == studio.at("11:30")


def test_leave_is_told_before_the_roster(make_studio: Make) -> None:
    studio = make_studio(hours=week("09:00", "18:00"), roster=week("13:00", "18:00"))

    found = obstacle(ask(studio))
    assert (found["kind"], found["end"]) == ("off_roster", studio.at("13:00"))
    studio.send_on_leave("photographer-1", studio.at("08:00"), studio.at("20:00"))
    found = obstacle(ask(studio))
    assert (found["kind"], found["end"]) == ("leave", studio.at("20:00"))


def test_times_of_a_calendar_elsewhere_are_told_as_such(studio: Studio) -> None:
    feed, who = uuid4(), studio.resources["photographer-1"]
    with studio.uow.begin() as tx:
        tx.session.add(BusyFeed(id=feed, resource_id=who, url="https://x", due_at=NOW))
        tx.session.flush()
        during = Range(studio.at("10:30"), studio.at("11:30"), bounds="[)")
        tx.session.add(BusyTime(id=uuid4(), feed_id=feed, resource_id=who, during=during))

    assert obstacle(ask(studio))["kind"] == "busy_elsewhere"


def test_the_way_from_another_branch_is_an_obstacle(make_studio: Make) -> None:
    here, there = make_studio(crew={}), make_studio(crew={})
    here.define_branch(travel_minutes=30)
    there.define_branch(travel_minutes=45)
    who = here.add_resource("photographer-1", "photographer", mobile=True, roster=[])
    both = [daily(here), daily(there)]
    rosters.define_roster(uow=here.uow, now=NOW, resource_id=who, rules=both, publish=True)
    there.hold("09:00")

    found = obstacle(ask(here))

    assert found["kind"] == "travel"
    assert found["end"] == here.at("11:15")
    assert here.starts(wished=["photographer-1"])[0] == "12:00"


def test_a_resource_that_may_serve_no_more_is_told_so(make_studio: Make) -> None:
    studio = make_studio()
    studio.add_quota(1, "resource", resource_type="photographer")
    studio.hold("10:00")

    found = obstacle(ask(studio, "15:00"))

    assert found["kind"] == "quota"
    assert found["end"] == studio.at("00:00", DAY + timedelta(days=1))


def test_each_unit_of_a_counted_thing_is_told_for_itself(make_studio: Make) -> None:
    studio = make_studio(crew={"prop": 1}, capacity={"prop": 3}, roles=[role("prop", quantity=2)])
    first = studio.hold("10:00")

    answer = ask(studio)

    assert (answer["lines"][0]["needed"], answer["lines"][0]["free"]) == (2, 1)
    assert obstacles(answer) == [("prop-1", "held")] * 2
    assert {each["booking_id"] for each in answer["lines"][0]["obstacles"]} == {first["booking_id"]}


def test_whoever_is_free_is_not_an_obstacle(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3}, roles=[role(quantity=3)])
    studio.block("photographer-2", studio.at("10:00"), studio.at("11:00"))

    answer = ask(studio)

    assert (answer["lines"][0]["needed"], answer["lines"][0]["free"]) == (3, 2)
    assert obstacles(answer) == [("photographer-2", "blocked")]


# --- lines that want the same people, and wishes


def test_lines_that_want_the_same_people_are_told_as_contested(make_studio: Make) -> None:
    studio = make_studio(
        crew={"photographer": 2},
        roles=[role(key="lead"), role(key="second"), role(key="third", offset_minutes=30)],
    )

    answer = ask(studio)

    assert [line["free"] for line in answer["lines"]] == [2, 2, 2]
    assert rules(answer) == {"contested": "该服务同时需要 3 位摄影师，该时间合适且有空的只有 2 位"}


def test_a_wish_that_cannot_be_granted_is_named(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    studio.block("photographer-1", studio.at("10:00"), studio.at("11:00"))

    answer = ask(studio, wished=("photographer-1",))

    assert rules(answer) == {"wished": "所选的photographer-1在该时间没有空"}
    assert obstacles(answer) == [("photographer-1", "blocked")]


def test_a_class_with_places_left_is_on_offer_although_its_teacher_is_busy(
    make_studio: Make,
) -> None:
    studio = make_studio(places=2, roles=[role(shared=True)])
    studio.hold("10:00")
    assert ask(studio)["offered"]
    assert obstacles(ask(studio)) == []
    studio.hold("10:00")

    answer = ask(studio)

    assert (answer["offered"], answer["lines"][0]["free"]) == (False, 0)
    assert obstacles(answer) == [("photographer-1", "held")] * 2


# --- moving


def test_a_booking_that_moves_is_not_in_its_own_way(studio: Studio) -> None:
    held = studio.hold("10:00")

    assert ask(studio, "10:00", booking_id=held["booking_id"])["offered"]
    studio.hold("12:00")
    answer = ask(studio, "12:00", booking_id=held["booking_id"])
    starts = [each["start"][11:16] for each in answer["alternatives"]]
    assert starts[:2] == ["11:00", "13:00"]
    assert "10:00" not in starts


def test_a_move_is_judged_by_the_quotas_of_its_customer(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    studio.add_quota(1, "customer")
    held = studio.hold("10:00", customer_key="k")
    studio.hold(studio.at("10:00", DAY + timedelta(days=1)), customer_key="k")

    tomorrow = studio.at("15:00", DAY + timedelta(days=1))
    assert ask(studio, "15:00", booking_id=held["booking_id"])["offered"]
    assert list(rules(ask(studio, tomorrow, booking_id=held["booking_id"]))) == ["quota"]


# --- on the wire


def test_the_running_service_explains(running: Callable[..., Running]) -> None:
    system = running("scheduling")
    studio = Studio(system.uow("scheduling"), hours=week("00:00", "00:00"))
    question = {"service_id": str(studio.service_id), "branch_id": str(studio.branch_id)}
    call = system.call("scheduling")

    answer = call.explain(start="2020-01-01T10:00:00+08:00", **question)

    assert [rule["code"] for rule in answer["rules"]] == ["past"]
    assert len(answer["alternatives"]) == 5
    with pytest.raises(ServiceUnknown):
        call.explain(start="2020-01-01T10:00:00+08:00", **question | {"service_id": str(uuid4())})


# --- agreement


@pytest.mark.parametrize(
    "themes",
    [("rosters", "options"), ("skills",), ("places",), ("classes",), ("quotas", "garments")],
)
def test_explain_agrees_with_what_is_shown_and_what_can_be_held(
    uow: UnitOfWork, themes: tuple[str, ...]
) -> None:
    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(world=worlds(*themes), data=st.data())
    def in_every_world(world: World, data: st.DataObject) -> None:
        build(uow, world)
        try:
            found = engine.find(uow, world)
        except engine.UNGRANTABLE:
            return
        hours = st.integers(-4, 24 * 3).map(lambda hour: midnight(world) + 4 * hour)
        for start in data.draw(st.lists(hours | st.sampled_from(sorted(found) or [0]), max_size=3)):
            check(uow, world, start, found)

    in_every_world()


def check(uow: UnitOfWork, world: World, start: int, found: dict[int, int]) -> None:
    answer = engine.why_not(uow, world, start)
    if world.first <= oracle.on(world, start) <= world.last:
        assert answer["offered"] == (start in found)
    if answer["offered"]:
        assert answer["rules"] == []
        assert all(line["free"] >= line["needed"] for line in answer["lines"])
        return
    short = [line for line in answer["lines"] if line["free"] < line["needed"]]
    assert answer["rules"] or short
    with pytest.raises(engine.REFUSED):
        engine.hold(uow, world, start)
    for near in answer["alternatives"]:
        assert can_be_had(uow, world, near)


def can_be_had(uow: UnitOfWork, world: World, near: dict[str, Any]) -> bool:
    """Tell whether an alternative is one: it is on offer with the wishes that it leaves."""
    start = tick(datetime.fromisoformat(near["start"]))
    day = oracle.on(world, start)
    there = replace(world, first=day, last=day)
    if near["kind"] == "time":
        wishes = [world.wished]
    elif "resource_id" in near:
        wishes = [world.wished - {one} | {UUID(near["resource_id"])} for one in world.wished]
    else:
        wishes = [frozenset()]
    return any(engine.find(uow, engine.wishing(there, some)).get(start) for some in wishes)


def midnight(world: World) -> int:
    return local(world.first, time(0), world.zone)


def daily(studio: Studio) -> dict[str, Any]:
    """Return a rule of a roster: at this branch every day from nine to six."""
    return {
        "branch_id": studio.branch_id,
        "priority": 0,
        "extra": False,
        "weekdays": list(EVERY_DAY),
        "first_day": None,
        "last_day": None,
        "cycle_weeks": 1,
        "cycle_week": 0,
        "cycle_from": None,
        "hours": [{"opens": time(9), "closes": time(18)}],
        "breaks": [],
    }
