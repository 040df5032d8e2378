"""A studio that is defined over the wire, in JSON, by the running service."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from services.contracts.errors import Invalid
from services.contracts.scheduling import HolidayCalendarUnknown, PoolCyclic, PoolInUse
from tests.harness import Running
from tests.integration.scheduling.studio import words

Run = Callable[..., Running]
BRANCH, SERVICE, PHOTOGRAPHER, DRESS, POOL, QUOTA, CLOSURE = (str(uuid4()) for _ in range(7))
OPEN = [{"weekday": day, "opens": "09:00", "closes": "18:00"} for day in (1, 2, 3, 4, 5)]


@pytest.fixture
def call(running: Run) -> Any:
    caller = running("scheduling").call("scheduling")
    caller.define_branch(
        id=BRANCH,
        name=words("外滩店"),
        address=words("中山东一路 1 号"),
        phone="021",
        timezone="Asia/Shanghai",
        holiday_calendar="CN",
        hours=OPEN,
    )
    caller.define_skill(id="newborn", name=words("新生儿"))
    caller.define_resource_type(id="balloon", name=words("气球"), kind="thing")
    caller.define_resource(
        id=PHOTOGRAPHER,
        branch_id=BRANCH,
        resource_type="photographer",
        name=words("王芳"),
        skills={"newborn": 4},
        roster=OPEN,
    )
    caller.define_resource(
        id=DRESS, branch_id=BRANCH, resource_type="garment", name=words("婚纱"), capacity=2
    )
    return caller


def test_a_branch_and_its_days(call: Any) -> None:
    days = {"branch_id": BRANCH, "from": "2028-02-01", "to": "2028-02-05"}
    assert call.get_branch(branch_id=BRANCH)["hours"] == OPEN
    assert call.list_branches()["items"][0]["holiday_calendar"] == "CN"

    hours = [{"opens": "10:00", "closes": "12:00"}]
    call.define_branch_day(branch_id=BRANCH, day="2028-02-01", hours=hours, reason="活动")
    call.define_closure(
        id=CLOSURE, branch_id=BRANCH, first_day="2028-02-02", last_day="2028-02-03", reason="装修"
    )
    call.define_special_day(calendar="CN", day="2028-02-04", kind="holiday", name=words("店庆"))

    found = call.list_branch_days(**days)
    assert found["days"][0]["hours"] == hours
    assert (found["closures"][0]["first_day"], found["closures"][0]["last_day"]) == (
        "2028-02-02",
        "2028-02-03",
    )
    assert found["special_days"] == [
        {
            "calendar": "CN",
            "day": "2028-02-04",
            "kind": "holiday",
            "name": words("店庆"),
            "edited": True,
        }
    ]
    assert call.remove_closure(id=CLOSURE) == {"removed": True}
    assert call.list_branch_days(**days)["closures"] == []


def test_resources_types_and_skills(call: Any) -> None:
    assert [skill["id"] for skill in call.list_skills()["items"]] == ["newborn"]
    assert call.list_resource_types()["items"][-1]["id"] == "balloon"
    assert call.remove_resource_type(id="balloon") == {"removed": True}
    assert call.get_resource(id=PHOTOGRAPHER)["skills"] == {"newborn": 4}

    levels = call.skill_levels(resource_ids=[PHOTOGRAPHER, POOL, DRESS])["items"]
    assert {each["resource_id"]: each["skills"] for each in levels} == {
        PHOTOGRAPHER: {"newborn": 4},
        DRESS: {},
    }

    first = call.list_resources(branch_id=BRANCH, limit=1)
    second = call.list_resources(branch_id=BRANCH, limit=1, cursor=first["next_cursor"])

    assert [each["items"][0]["id"] for each in (first, second)] == [PHOTOGRAPHER, DRESS]
    assert second["items"][0]["capacity"] == 2
    assert second["next_cursor"] is None


def test_pools_requirements_and_quotas(call: Any) -> None:
    pool = call.define_pool(id=POOL, name=words("新人"), resource_ids=[PHOTOGRAPHER])
    assert pool["contains"] == [PHOTOGRAPHER]
    assert call.list_pools()["items"] == [pool]

    line = {"resource_type": "photographer", "length_minutes": 60, "pool_id": POOL}
    part = {"part": "morning", "opens": "09:00", "closes": "12:00"}
    defined = call.define_requirement(
        service_id=SERVICE,
        branch_ids=[BRANCH],
        roles=[line, {"resource_type": "garment", "length_minutes": 60, "whole_days": True}],
        day_parts=[part],
    )
    assert defined["duration_minutes"] == 60
    assert [each["key"] for each in defined["roles"]] == ["photographer", "garment"]
    assert call.get_requirement(service_id=SERVICE) == defined

    quota = call.define_quota(id=QUOTA, per="service", period="day", maximum=3, service_id=SERVICE)
    assert call.list_quotas()["items"] == [quota]
    assert call.remove_quota(id=QUOTA) == {"removed": True}
    with pytest.raises(PoolInUse):
        call.remove_pool(id=POOL)


def test_what_is_wrong_is_named(call: Any) -> None:
    with pytest.raises(PoolCyclic) as refused:
        call.define_pool(id=POOL, name=words("新人"), pool_ids=[POOL])
    assert refused.value.details["errors"][0]["pointer"] == "/pool_ids/0"

    branch = call.get_branch(branch_id=BRANCH)
    with pytest.raises(HolidayCalendarUnknown):
        call.define_branch(**{**branch, "holiday_calendar": "XX"})
    with pytest.raises(Invalid) as refused:
        call.define_branch(**{**branch, "hours": [{"weekday": 10, "opens": "9", "closes": ""}]})
    assert {fault["pointer"] for fault in refused.value.details["errors"]} == {
        "/hours/0/weekday",
        "/hours/0/opens",
        "/hours/0/closes",
    }
    assert call.get_branch(branch_id=BRANCH) == branch
