"""How services may be booked, and quotas: what is kept and what is refused."""

from collections.abc import Callable
from datetime import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts import scheduling as contract
from services.contracts.errors import Invalid
from services.contracts.scheduling import (
    BranchUnknown,
    PoolUnknown,
    QuotaUnknown,
    ResourceTypeUnknown,
    ResourceUnknown,
    ServiceUnknown,
)
from services.scheduling.usecases import quotas, requirements
from tests.integration.scheduling.studio import Studio, role

Make = Callable[..., Studio]


def read(studio: Studio, service_id: UUID | None = None) -> dict[str, Any]:
    answer = requirements.get_requirement(
        uow=studio.uow, service_id=service_id or studio.service_id
    )
    encoded: dict[str, Any] = contract.GET_REQUIREMENT.encode(answer)
    return encoded


def keys(studio: Studio) -> list[str]:
    return [each["key"] for each in read(studio)["roles"]]


def part(name: str, opens: str, closes: str) -> dict[str, Any]:
    return {
        "part": name,
        "opens": time.fromisoformat(opens),
        "closes": time.fromisoformat(closes),
    }


def listed_quotas(studio: Studio) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = contract.LIST_QUOTAS.encode(quotas.list_quotas(uow=studio.uow))[
        "items"
    ]
    return items


# --- requirements


def test_what_is_defined_is_what_is_read(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 1, "garment": 1})
    pool_id = studio.add_pool("新人", ["photographer-1"])
    answer = studio.define_service(
        duration_minutes=45,
        places=6,
        weekdays=[7, 1, 9, 1],
        day_parts=[part("morning", "09:00", "12:00"), part("afternoon", "13:00", "18:00")],
        waitlist_mode="notify",
        waitlist_offer_minutes=120,
        roles=[
            role(pool_id=pool_id, shared=True, skills={"newborn": 3}, buffer_after_minutes=15),
            role(
                "garment",
                key="dress",
                offset_minutes=-1440,
                length_minutes=4320,
                whole_days=True,
                optional=True,
                attributes={"size": "M"},
            ),
        ],
    )

    assert read(studio) == contract.DEFINE_REQUIREMENT.encode(answer)
    assert read(studio) == {
        "service_id": str(studio.service_id),
        "branch_ids": [str(studio.branch_id)],
        "slot_step_minutes": 60,
        "minimum_notice_minutes": 0,
        "horizon_days": 92,
        "duration_minutes": 45,
        "places": 6,
        "weekdays": [1, 7, 9],
        "day_parts": [
            {"part": "morning", "opens": "09:00", "closes": "12:00"},
            {"part": "afternoon", "opens": "13:00", "closes": "18:00"},
        ],
        "waitlist_mode": "notify",
        "waitlist_offer_minutes": 120,
        "roles": [
            role(
                key="photographer",
                pool_id=str(pool_id),
                shared=True,
                skills={"newborn": 3},
                buffer_after_minutes=15,
            ),
            role(
                "garment",
                key="dress",
                offset_minutes=-1440,
                length_minutes=4320,
                whole_days=True,
                optional=True,
                attributes={"size": "M"},
            ),
        ],
    }


def test_defining_a_requirement_again_replaces_all_of_it(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 1, "studio_room": 2})
    studio.define_service(day_parts=[part("morning", "09:00", "12:00")], weekdays=[3])

    studio.define_service(roles=[role("studio_room", length_minutes=480)])

    assert studio.remaining() == {"09:00": 2, "10:00": 2}
    assert (read(studio)["day_parts"], read(studio)["weekdays"]) == ([], None)


def test_lines_keep_their_order_and_are_named_by_their_type(studio: Studio) -> None:
    studio.define_service(
        roles=[role("studio_room"), role(), role(key="second", offset_minutes=60)]
    )

    assert keys(studio) == ["studio_room", "photographer", "second"]


@pytest.mark.parametrize(
    ("roles", "minutes"),
    [
        ([role(length_minutes=60), role("assistant", offset_minutes=30, length_minutes=90)], 120),
        ([role(), role("assistant", offset_minutes=60, optional=True)], 60),
        ([role(), role("garment", length_minutes=2880, whole_days=True)], 60),
        ([role("garment", length_minutes=2880, whole_days=True)], 1),
        ([role("prop", offset_minutes=-120, length_minutes=60)], 1),
    ],
)
def test_a_service_lasts_until_its_last_line_has_served(
    studio: Studio, roles: list[dict[str, Any]], minutes: int
) -> None:
    assert studio.define_service(roles=roles)["duration_minutes"] == minutes
    assert read(studio)["duration_minutes"] == minutes


def test_two_lines_of_one_type_need_two_people(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 1})
    two = [role(), role(key="second")]

    studio.define_service(roles=two)
    assert studio.starts() == []

    studio.add_resource("photographer-2", "photographer")
    assert studio.starts()


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"roles": [role(), role(offset_minutes=60)]}, "/roles/1/key"),
        ({"roles": [role(), role("assistant", key="photographer")]}, "/roles/1/key"),
        ({"roles": [role(optional=True)]}, "/roles"),
        ({"places": 4}, "/roles"),
        ({"places": 4, "roles": [role(), role("prop", shared=True, optional=True)]}, "/roles"),
        ({"roles": [role(length_minutes=16 * 1440 + 1)]}, "/roles/0/length_minutes"),
        ({"roles": [role(length_minutes=7 * 1440 + 1)]}, "/duration_minutes"),
        (
            {"day_parts": [part("am", "09:00", "12:00"), part("am", "10:00", "12:00")]},
            "/day_parts/1/part",
        ),
    ],
)
def test_a_requirement_that_cannot_be_met_is_refused_and_the_old_one_stays(
    studio: Studio, values: dict[str, Any], pointer: str
) -> None:
    before = read(studio)

    with pytest.raises(Invalid) as refused:
        studio.define_service(**values)

    assert refused.value.details["errors"][0]["pointer"] == pointer
    assert read(studio) == before


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"roles": [role("balloon")]}, ResourceTypeUnknown),
        ({"roles": [role(pool_id=uuid4())]}, PoolUnknown),
        ({"branch_ids": [uuid4()]}, BranchUnknown),
    ],
)
def test_what_a_requirement_names_must_exist(
    studio: Studio, values: dict[str, Any], error: type[Exception]
) -> None:
    before = read(studio)

    with pytest.raises(error):
        studio.define_service(**values)

    assert read(studio) == before
    assert studio.starts(), "the old requirement stays as it was"


def test_an_unknown_service_has_no_requirement(studio: Studio) -> None:
    with pytest.raises(ServiceUnknown):
        read(studio, uuid4())


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"quantity": 0}, "/roles/0/quantity"),
        ({"length_minutes": 0}, "/roles/0/length_minutes"),
        ({"key": "Not a slug"}, "/roles/0/key"),
        ({"offset_minutes": 20_000}, "/roles/0/offset_minutes"),
        ({"skills": {"newborn": 6}}, "/roles/0/skills/newborn/value"),
    ],
)
def test_the_wire_refuses_lines_that_mean_nothing(wrong: dict[str, Any], pointer: str) -> None:
    line = {"resource_type": "photographer", "length_minutes": 60, **wrong}

    with pytest.raises(Invalid) as refused:
        contract.DEFINE_REQUIREMENT.decode(
            {"service_id": str(uuid4()), "branch_ids": [], "roles": [line]}
        )

    assert [fault["pointer"] for fault in refused.value.details["errors"]] == [pointer]


# --- quotas


def test_quotas_are_listed_by_period_and_strictness(studio: Studio) -> None:
    studio.add_quota(20, per="branch", period="month", branch_id=studio.branch_id)
    studio.add_quota(5, weekdays=[6, 7], service_id=studio.service_id)
    studio.add_quota(240, per="customer", unit="minutes", period="week")
    studio.add_quota(2, per="resource", resource_id=studio.resources["photographer-1"])

    found = listed_quotas(studio)

    assert [(each["per"], each["unit"], each["period"], each["maximum"]) for each in found] == [
        ("resource", "count", "day", 2),
        ("service", "count", "day", 5),
        ("customer", "minutes", "week", 240),
        ("branch", "count", "month", 20),
    ]
    assert found[1]["weekdays"] == [6, 7]
    assert found[1]["service_id"] == str(studio.service_id)


def test_a_quota_is_changed_and_removed(studio: Studio) -> None:
    id = studio.add_quota(5)
    studio.add_quota(3, id=id)
    assert [each["maximum"] for each in listed_quotas(studio)] == [3]

    assert quotas.remove_quota(uow=studio.uow, id=id) == {"removed": True}
    assert listed_quotas(studio) == []
    with pytest.raises(QuotaUnknown):
        quotas.remove_quota(uow=studio.uow, id=id)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"branch_id": uuid4()}, BranchUnknown),
        ({"service_id": uuid4()}, ServiceUnknown),
        ({"per": "resource", "resource_id": uuid4()}, ResourceUnknown),
        ({"per": "resource", "resource_type": "balloon"}, ResourceTypeUnknown),
    ],
)
def test_what_a_quota_names_must_exist(
    studio: Studio, values: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        studio.add_quota(3, **values)

    assert listed_quotas(studio) == []
