"""Defining and listing branches, resources and requirements."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from services.contracts import scheduling as contract
from services.contracts.errors import Invalid
from services.contracts.scheduling import BranchUnknown, ServiceUnknown
from services.scheduling.usecases import branches
from tests.integration.scheduling.studio import Studio, role, week, words

Make = Callable[..., Studio]


def listed(studio: Studio, branch_id: UUID, service_id: UUID | None = None) -> list[str]:
    answer = branches.list_resources(uow=studio.uow, branch_id=branch_id, service_id=service_id)
    items = contract.LIST_RESOURCES.encode(answer)["items"]
    return [item["name"]["zh"] for item in items]


def test_defining_a_branch_again_changes_it(studio: Studio) -> None:
    studio.define_branch(phone="400", hours=week("10:00", "12:00"))

    (branch,) = contract.LIST_BRANCHES.encode(branches.list_branches(uow=studio.uow))["items"]
    assert branch["phone"] == "400"
    assert studio.starts() == ["10:00", "11:00"]


def test_branches_keep_the_order_in_which_they_were_defined(make_studio: Make) -> None:
    ids = [make_studio().branch_id for _ in range(3)]
    make_studio(branch_id=ids[0])

    items = branches.list_branches(uow=make_studio(branch_id=ids[1]).uow)["items"]

    assert [branch.id for branch in items] == ids


def test_a_zone_that_nobody_knows_is_refused(studio: Studio) -> None:
    with pytest.raises(Invalid) as refused:
        studio.define_branch(timezone="Asia/Beijing")

    assert refused.value.details["errors"][0]["pointer"] == "/timezone"


def test_hours_given_twice_are_kept_once(make_studio: Make) -> None:
    studio = make_studio(hours=week("09:00", "11:00") + week("09:00", "11:00"))

    assert studio.starts() == ["09:00", "10:00"]


def test_defining_a_resource_again_changes_its_roster(studio: Studio) -> None:
    id = studio.resources["photographer-1"]

    studio.add_resource("王芳", "photographer", id=id, roster=week("09:00", "10:00"))

    assert listed(studio, studio.branch_id) == ["王芳"]
    assert studio.starts() == ["09:00"]


def test_a_resource_needs_a_branch(studio: Studio) -> None:
    with pytest.raises(BranchUnknown):
        studio.add_resource("nobody", "photographer", branch_id=uuid4())


def test_a_requirement_needs_branches_that_exist(studio: Studio) -> None:
    with pytest.raises(BranchUnknown):
        studio.define_service(branch_ids=[studio.branch_id, uuid4()])

    assert studio.starts(), "the old requirement stays as it was"


def test_defining_a_requirement_again_replaces_its_roles(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 1, "studio_room": 2})

    studio.define_service(roles=[role("studio_room", length_minutes=480)])

    assert studio.remaining() == {"09:00": 2, "10:00": 2}


def test_a_requirement_with_two_lines_of_one_type_is_refused(studio: Studio) -> None:
    with pytest.raises(Invalid):
        studio.define_service(roles=[role(), role(offset_minutes=60)])


def test_a_definition_answers_what_was_defined(studio: Studio) -> None:
    answer = contract.DEFINE_REQUIREMENT.encode(studio.define_service())

    assert answer["branch_ids"] == [str(studio.branch_id)]
    assert answer["roles"][0]["resource_type"] == "photographer"
    resource = branches.define_resource(
        uow=studio.uow,
        id=uuid4(),
        branch_id=studio.branch_id,
        resource_type="garment",
        name=words("婚纱"),
        level=words("首席"),
        bookable_by_name=True,
        roster=[],
    )
    assert contract.DEFINE_RESOURCE.encode(resource)["level"] == {"zh": "首席", "en": "首席"}


def test_resources_are_those_that_the_service_needs(make_studio: Make) -> None:
    studio = make_studio(crew={"vehicle": 1, "photographer": 2})

    assert listed(studio, studio.branch_id) == ["photographer-1", "photographer-2", "vehicle-1"]
    assert listed(studio, studio.branch_id, studio.service_id) == [
        "photographer-1",
        "photographer-2",
    ]


def test_resources_of_what_does_not_exist_are_refused(make_studio: Make) -> None:
    here, there = make_studio(), make_studio()

    with pytest.raises(BranchUnknown):
        listed(here, uuid4())
    with pytest.raises(BranchUnknown):
        listed(here, uuid4(), here.service_id)
    with pytest.raises(ServiceUnknown):
        listed(here, here.branch_id, uuid4())
    with pytest.raises(ServiceUnknown):
        listed(here, here.branch_id, there.service_id)
