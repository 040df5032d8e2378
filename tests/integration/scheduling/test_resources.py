"""Defining and listing resources, their types and their skills."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis import paging
from services.contracts import scheduling as contract
from services.contracts.errors import Invalid
from services.contracts.scheduling import (
    BranchUnknown,
    ResourceTypeInUse,
    ResourceTypeUnknown,
    ResourceUnknown,
    ServiceUnknown,
    SkillUnknown,
)
from services.scheduling.models import FreedTime, Resource, ResourceType, RosterRule, RosterSpan
from services.scheduling.usecases import pools, resource_types, resources
from tests.integration.scheduling.studio import NOW, Studio, role, week, words

Make = Callable[..., Studio]
BUILT_IN = [
    "photographer",
    "makeup_artist",
    "assistant",
    "retoucher",
    "studio_room",
    "location",
    "garment",
    "prop",
    "vehicle",
]


def define_type(studio: Studio, id: str, kind: str = "thing", name: str = "气球") -> dict[str, Any]:
    answer = resource_types.define_resource_type(
        uow=studio.uow, id=id, name=words(name), kind=kind, built_in=True
    )
    encoded: dict[str, Any] = contract.DEFINE_RESOURCE_TYPE.encode(answer)
    return encoded


def types(studio: Studio) -> dict[str, dict[str, Any]]:
    answer = resource_types.list_resource_types(uow=studio.uow)
    return {each["id"]: each for each in contract.LIST_RESOURCE_TYPES.encode(answer)["items"]}


def page(studio: Studio, **filters: Any) -> dict[str, Any]:
    asked = contract.LIST_RESOURCES.decode({"branch_id": str(studio.branch_id), **filters})
    encoded: dict[str, Any] = contract.LIST_RESOURCES.encode(
        resources.list_resources(uow=studio.uow, **asked)
    )
    return encoded


def listed(studio: Studio, **filters: Any) -> list[str]:
    return [item["name"]["zh"] for item in page(studio, **filters)["items"]]


def read(studio: Studio, name: str) -> dict[str, Any]:
    answer = resources.get_resource(uow=studio.uow, id=studio.resources[name])
    encoded: dict[str, Any] = contract.GET_RESOURCE.encode(answer)
    return encoded


def rules(studio: Studio, name: str) -> list[tuple[UUID, list[int], list[str]]]:
    """Return the published rules: where, on what kinds of days, and the hours."""
    with studio.uow.read() as session:
        rows = session.execute(
            sa.select(
                RosterRule.branch_id,
                RosterRule.weekdays,
                sa.func.array_agg(
                    sa.cast(RosterSpan.opens, sa.Text), type_=sa.ARRAY(sa.Text)
                ).label("opens"),
            )
            .join(RosterSpan, RosterSpan.rule_id == RosterRule.id)
            .where(
                RosterRule.resource_id == studio.resources[name], RosterRule.state == "published"
            )
            .group_by(RosterRule.id)
            .order_by(RosterRule.weekdays)
        ).all()
    return [(row.branch_id, row.weekdays, sorted(opens[:5] for opens in row.opens)) for row in rows]


def count(studio: Studio, model: Any) -> int:
    with studio.uow.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


# --- types


def test_every_change_of_a_resource_is_told_to_the_branches_that_it_concerns(
    make_studio: Make,
) -> None:
    here, there = make_studio(), make_studio()
    here.change_resource("photographer-1", name=words("林晨"))
    here.change_resource("photographer-1", branch_id=there.branch_id)

    told = [e["payload"] for e in here.envelopes() if e["type"] == "resource.changed"]
    assert {each["resource_id"] for each in told} == {str(here.resources["photographer-1"])}
    assert [each["branch_id"] for each in told] == [
        str(here.branch_id),
        *sorted([str(here.branch_id), str(there.branch_id)]),
    ]


def test_every_change_of_what_all_branches_share_is_told(studio: Studio) -> None:
    define_type(studio, "balloon")
    resource_types.remove_resource_type(uow=studio.uow, id="balloon")
    resource_types.define_skill(uow=studio.uow, id="newborn", name=words("新生儿"))
    pool = studio.add_pool("人像", ["photographer-1"])
    pools.remove_pool(uow=studio.uow, id=pool)

    assert [(each["type"], each["subject"]) for each in studio.envelopes()] == [
        *[("resource_type.changed", "balloon")] * 2,
        ("skill.changed", "newborn"),
        *[("pool.changed", str(pool))] * 2,
    ]


def test_the_product_brings_nine_types(studio: Studio) -> None:
    assert list(types(studio)) == BUILT_IN
    assert all(each["built_in"] for each in types(studio).values())


def test_a_studio_adds_types_behind_the_others(studio: Studio) -> None:
    assert not define_type(studio, "balloon")["built_in"]
    define_type(studio, "drone", name="无人机")
    define_type(studio, "balloon", "space", "大气球")

    assert list(types(studio)) == [*BUILT_IN, "balloon", "drone"]
    assert types(studio)["balloon"] == {
        "id": "balloon",
        "name": words("大气球"),
        "kind": "space",
        "built_in": False,
    }
    studio.add_resource("drone-1", "drone", roster=[])
    assert listed(studio) == ["photographer-1", "drone-1"]


def test_a_built_in_type_can_be_renamed_and_nothing_else(studio: Studio) -> None:
    define_type(studio, "garment", "thing", "婚纱礼服")
    assert types(studio)["garment"]["name"] == words("婚纱礼服")
    assert types(studio)["garment"]["built_in"]

    with pytest.raises(Invalid) as refused:
        define_type(studio, "garment", "person", "模特")

    assert refused.value.details["errors"][0]["pointer"] == "/kind"
    assert types(studio)["garment"]["name"] == words("婚纱礼服")


def test_a_type_is_removed_when_nothing_uses_it(studio: Studio) -> None:
    define_type(studio, "balloon")
    assert resource_types.remove_resource_type(uow=studio.uow, id="balloon") == {"removed": True}
    with pytest.raises(ResourceTypeUnknown):
        resource_types.remove_resource_type(uow=studio.uow, id="balloon")


@pytest.mark.parametrize(
    "use",
    [
        lambda studio: studio.add_resource("b", "balloon"),
        lambda studio: studio.define_service(roles=[role(), role("balloon")]),
        lambda studio: studio.add_quota(3, per="resource", resource_type="balloon"),
    ],
)
def test_a_type_in_use_is_not_removed(studio: Studio, use: Callable[[Studio], Any]) -> None:
    define_type(studio, "balloon")
    use(studio)

    with pytest.raises(ResourceTypeInUse):
        resource_types.remove_resource_type(uow=studio.uow, id="balloon")

    assert "balloon" in types(studio)


def test_a_built_in_type_is_not_removed(studio: Studio) -> None:
    with pytest.raises(ResourceTypeInUse):
        resource_types.remove_resource_type(uow=studio.uow, id="vehicle")


def test_things_without_a_roster_can_be_used_and_people_cannot(make_studio: Make) -> None:
    studio = make_studio(crew={})
    define_type(studio, "balloon", "thing")
    studio.add_resource("b", "balloon", roster=[])
    studio.define_service(roles=[role("balloon")])
    assert studio.starts()

    define_type(studio, "balloon", "person")

    assert studio.starts() == []


# --- skills


def test_skills_are_defined_and_renamed(studio: Studio) -> None:
    for id, name in (("newborn", "新生儿"), ("aerial", "航拍"), ("newborn", "新生儿摄影")):
        resource_types.define_skill(uow=studio.uow, id=id, name=words(name))

    answer = contract.LIST_SKILLS.encode(resource_types.list_skills(uow=studio.uow))

    assert {each["id"]: each["name"]["zh"] for each in answer["items"]} == {
        "newborn": "新生儿摄影",
        "aerial": "航拍",
    }


def test_skills_of_a_resource_are_replaced(studio: Studio) -> None:
    studio.add_resource("王芳", "photographer", skills={"newborn": 3, "aerial": 1})

    studio.change_resource("王芳", skills={"newborn": 5})

    assert read(studio, "王芳")["skills"] == {"newborn": 5}
    assert read(studio, "photographer-1")["skills"] == {}


def test_an_unknown_skill_is_refused_and_nothing_is_written(studio: Studio) -> None:
    with pytest.raises(SkillUnknown):
        studio.change_resource("photographer-1", name=words("王芳"), skills={"aerial": 2})

    assert listed(studio) == ["photographer-1"]


# --- resources


def test_a_resource_answers_all_that_was_defined(studio: Studio) -> None:
    id = studio.add_resource(
        "婚纱",
        "garment",
        level=words("首席"),
        bookable_by_name=False,
        capacity=2,
        attributes={"size": "M", "colour": "红"},
        travel_minutes=15,
    )

    assert read(studio, "婚纱") == {
        "id": str(id),
        "branch_id": str(studio.branch_id),
        "resource_type": "garment",
        "name": words("婚纱"),
        "level": {"zh": "首席", "en": "首席"},
        "bookable_by_name": False,
        "capacity": 2,
        "attributes": {"size": "M", "colour": "红"},
        "skills": {},
        "mobile": False,
        "travel_minutes": 15,
        "active": True,
    }


def test_defining_a_resource_again_changes_it_and_keeps_its_roster(studio: Studio) -> None:
    before = rules(studio, "photographer-1")

    studio.change_resource("photographer-1", name=words("王芳"))

    assert listed(studio) == ["王芳"]
    assert rules(studio, "photographer-1") == before


def test_a_roster_replaces_the_published_one(studio: Studio) -> None:
    studio.change_resource("photographer-1", roster=week("09:00", "10:00"))

    assert studio.starts() == ["09:00"]


def test_days_with_the_same_hours_become_one_rule(studio: Studio) -> None:
    studio.change_resource(
        "photographer-1",
        roster=[
            *week("09:00", "12:00", [1, 2]),
            *week("13:00", "18:00", [1, 2]),
            *week("10:00", "16:00", [6, 8]),
        ],
    )

    assert rules(studio, "photographer-1") == [
        (studio.branch_id, [1, 2], ["09:00", "13:00"]),
        (studio.branch_id, [6, 8], ["10:00"]),
    ]


def test_a_person_with_an_empty_roster_works_never(studio: Studio) -> None:
    studio.change_resource("photographer-1", roster=[])

    assert studio.starts() == []
    assert rules(studio, "photographer-1") == []


def test_a_roster_leaves_the_draft_alone(studio: Studio) -> None:
    id = studio.resources["photographer-1"]
    with studio.uow.begin() as tx:
        draft = {"resource_id": id, "branch_id": studio.branch_id, "state": "draft"}
        tx.session.add(RosterRule(id=uuid4(), weekdays=[7], **draft))

    studio.change_resource("photographer-1", roster=[])

    assert count(studio, RosterRule) == 1


def test_who_retires_is_not_offered_but_keeps_bookings(studio: Studio) -> None:
    booked = studio.hold("10:00")

    studio.change_resource("photographer-1", active=False)

    assert studio.starts() == []
    assert listed(studio) == []
    assert listed(studio, include_inactive=True) == ["photographer-1"]
    assert studio.confirm(booked["booking_id"])["state"] == "confirmed"


def test_bookings_that_a_new_roster_leaves_are_told_of(studio: Studio) -> None:
    morning, _ = studio.hold("10:00"), studio.hold("14:00")

    studio.change_resource("photographer-1", roster=week("12:00", "18:00"))

    told = [e["payload"] for e in studio.envelopes() if e["type"] == "allocation.conflicted"]
    assert [(each["booking_id"], each["cause"]) for each in told] == [
        (str(morning["booking_id"]), "roster")
    ]


def test_who_works_at_two_branches_stays_mobile(make_studio: Make) -> None:
    here, there = make_studio(), make_studio()
    with here.uow.begin() as tx:
        rule = {"resource_id": here.resources["photographer-1"], "branch_id": there.branch_id}
        tx.session.add(RosterRule(id=uuid4(), weekdays=[7], state="published", **rule))

    assert here.change_resource("photographer-1", mobile=False)["mobile"]
    assert not there.change_resource("photographer-1", mobile=False)["mobile"]


def test_whoever_waits_is_asked_when_somebody_comes(studio: Studio) -> None:
    assert count(studio, FreedTime) == 0

    studio.add_resource("王芳", "photographer")

    assert count(studio, FreedTime) == 1


@pytest.mark.parametrize(
    ("resource_type", "values", "error"),
    [
        ("photographer", {"branch_id": uuid4()}, BranchUnknown),
        ("balloon", {}, ResourceTypeUnknown),
    ],
)
def test_a_resource_needs_a_branch_and_a_type(
    studio: Studio, resource_type: str, values: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        studio.add_resource("nobody", resource_type, **values)

    assert count(studio, Resource) == 1


def test_an_unknown_resource_cannot_be_read(studio: Studio) -> None:
    with pytest.raises(ResourceUnknown):
        resources.get_resource(uow=studio.uow, id=uuid4())


# --- lists


def test_resources_stand_by_type_and_name(make_studio: Make) -> None:
    studio = make_studio(crew={"vehicle": 1, "photographer": 2, "assistant": 1})

    assert listed(studio) == ["photographer-1", "photographer-2", "assistant-1", "vehicle-1"]


def test_resources_of_a_service_are_those_that_it_needs(make_studio: Make) -> None:
    studio = make_studio(crew={"vehicle": 1, "photographer": 2, "assistant": 1})
    studio.define_service(roles=[role(), role("assistant", optional=True)])
    service_id = str(studio.service_id)

    assert listed(studio, service_id=service_id) == [
        "photographer-1",
        "photographer-2",
        "assistant-1",
    ]
    assert listed(studio, service_id=service_id, resource_type="assistant") == ["assistant-1"]
    assert listed(studio, service_id=service_id, resource_type="vehicle") == []
    assert listed(studio, resource_type="vehicle") == ["vehicle-1"]


def test_who_is_rostered_at_a_branch_belongs_to_its_list(make_studio: Make) -> None:
    here, there = make_studio(), make_studio(crew={})
    with here.uow.begin() as tx:
        rule = {"resource_id": here.resources["photographer-1"], "branch_id": there.branch_id}
        tx.session.add(RosterRule(id=uuid4(), weekdays=[7], state="published", **rule))

    assert listed(there) == ["photographer-1"]
    assert listed(here) == ["photographer-1"]


@pytest.mark.parametrize(
    ("search", "found"),
    [("王", ["王芳"]), ("WANG", ["王芳"]), ("  芳 ", ["王芳"]), ("%", ["100%"]), ("李", [])],
)
def test_a_search_looks_in_both_names(studio: Studio, search: str, found: list[str]) -> None:
    studio.add_resource("王芳", "photographer", name={"zh": "王芳", "en": "Wang Fang"})
    studio.add_resource("100%", "prop")

    assert listed(studio, search=search) == found


def pages(studio: Studio, limit: int) -> Iterator[list[str]]:
    cursor = None
    while True:
        answer = page(studio, limit=limit, cursor=cursor)
        yield [item["name"]["zh"] for item in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            return


def test_pages_follow_each_other_whatever_comes_between(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3, "vehicle": 2})
    turning = pages(studio, 2)

    first = next(turning)
    studio.add_resource("photographer-0", "photographer")
    rest = list(turning)

    assert first == ["photographer-1", "photographer-2"]
    assert rest == [["photographer-3", "vehicle-1"], ["vehicle-2"]]


@pytest.mark.parametrize("cursor", ["x", paging.encode([uuid4()]), paging.encode([NOW])])
def test_a_cursor_of_nowhere_is_refused(studio: Studio, cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        page(studio, cursor=cursor)

    assert refused.value.details["errors"][0]["pointer"] == "/cursor"


def test_resources_of_what_does_not_exist_are_refused(make_studio: Make) -> None:
    here, there = make_studio(), make_studio()
    for service_id in (uuid4(), there.service_id):
        with pytest.raises(ServiceUnknown):
            listed(here, service_id=str(service_id))

    here.branch_id = uuid4()
    with pytest.raises(BranchUnknown):
        listed(here)
    with pytest.raises(BranchUnknown):
        listed(here, service_id=str(here.service_id))


def test_a_type_that_is_defined_twice_is_one(studio: Studio) -> None:
    define_type(studio, "balloon")

    assert define_type(studio, "balloon") == define_type(studio, "balloon")
    assert count(studio, ResourceType) == len(BUILT_IN) + 1
