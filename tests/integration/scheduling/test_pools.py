"""Pools of resources and of other pools."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.contracts import scheduling as contract
from services.contracts.scheduling import PoolCyclic, PoolInUse, PoolUnknown, ResourceUnknown
from services.scheduling.models import Pool, PoolResource
from services.scheduling.queries import pools as queries
from services.scheduling.usecases import pools
from tests.integration.scheduling.studio import Studio, role, words

Make = Callable[..., Studio]
ROUNDS = 40


@pytest.fixture
def studio(make_studio: Make) -> Studio:
    return make_studio(crew={"photographer": 4})


def listed(studio: Studio) -> dict[str, dict[str, Any]]:
    answer = contract.LIST_POOLS.encode(pools.list_pools(uow=studio.uow))
    return {each["name"]["zh"]: each for each in answer["items"]}


def contents(studio: Studio) -> dict[str, set[str]]:
    """Return whom each pool contains, by their numbers."""
    numbers = {str(id): name[-1] for name, id in studio.resources.items()}
    return {name: {numbers[id] for id in each["contains"]} for name, each in listed(studio).items()}


def photographers(*numbers: int) -> list[str]:
    return [f"photographer-{number}" for number in numbers]


def define(uow: UnitOfWork, id: UUID, *inner: UUID) -> dict[str, Any]:
    return pools.define_pool(
        uow=uow, id=id, name=words("组"), resource_ids=[], pool_ids=list(inner)
    )


def test_a_pool_contains_its_own_and_those_of_its_pools(studio: Studio) -> None:
    studio.add_pool("新人", photographers(1, 2))
    studio.add_pool("全部", photographers(2, 3), ["新人"])

    assert contents(studio) == {"新人": {"1", "2"}, "全部": {"1", "2", "3"}}
    everybody = listed(studio)["全部"]
    assert everybody["pool_ids"] == [str(studio.pools["新人"])]
    assert set(everybody["resource_ids"]) == {
        str(studio.resources[name]) for name in photographers(2, 3)
    }


def test_pools_around_a_changed_one_follow_at_whatever_depth(studio: Studio) -> None:
    studio.add_pool("内", photographers(1))
    studio.add_pool("中", photographers(2), ["内"])
    studio.add_pool("另", [], ["内"])
    studio.add_pool("外", [], ["中", "另"])

    studio.add_pool("内", photographers(3, 4))
    assert contents(studio) == {
        "内": {"3", "4"},
        "中": {"2", "3", "4"},
        "另": {"3", "4"},
        "外": {"2", "3", "4"},
    }

    studio.add_pool("中", photographers(2))
    assert contents(studio)["外"] == {"2", "3", "4"}
    studio.add_pool("另", [])
    assert contents(studio)["外"] == {"2"}


def test_a_definition_answers_what_the_pool_contains(studio: Studio) -> None:
    studio.add_pool("新人", photographers(1))
    answer = pools.define_pool(
        uow=studio.uow,
        id=uuid4(),
        name=words("全部"),
        resource_ids=studio.ids(photographers(2, 2)),
        pool_ids=[studio.pools["新人"], studio.pools["新人"]],
    )

    encoded = contract.DEFINE_POOL.encode(answer)

    assert encoded["pool_ids"] == [str(studio.pools["新人"])]
    assert set(encoded["contains"]) == {str(id) for id in studio.ids(photographers(1, 2))}


def test_a_service_is_served_from_its_pool(studio: Studio) -> None:
    pool_id = studio.add_pool("新人", photographers(1, 2))

    studio.define_service(roles=[role(pool_id=pool_id)])
    assert set(studio.remaining().values()) == {2}

    studio.add_pool("新人", photographers(1, 2, 3))
    assert set(studio.remaining().values()) == {3}


# --- what is refused


def test_a_pool_never_contains_itself(studio: Studio) -> None:
    studio.add_pool("内", photographers(1))
    studio.add_pool("中", [], ["内"])
    studio.add_pool("外", [], ["中"])

    for inner, pointer in ((["内"], "/pool_ids/0"), (["外"], "/pool_ids/0")):
        with pytest.raises(PoolCyclic) as refused:
            studio.add_pool("内", photographers(2), inner)
        assert refused.value.details["errors"][0]["pointer"] == pointer

    assert contents(studio) == {"内": {"1"}, "中": {"1"}, "外": {"1"}}


def test_what_a_pool_holds_must_exist(studio: Studio) -> None:
    for values, error in (
        ({"pool_ids": [uuid4()], "resource_ids": []}, PoolUnknown),
        ({"pool_ids": [], "resource_ids": [uuid4()]}, ResourceUnknown),
    ):
        with pytest.raises(error):
            pools.define_pool(uow=studio.uow, id=uuid4(), name=words("空"), **values)

    assert listed(studio) == {}


def test_a_pool_is_removed_when_nothing_uses_it(studio: Studio) -> None:
    inner = studio.add_pool("内", photographers(1))
    outer = studio.add_pool("外", [], ["内"])
    serving = studio.add_pool("服务", photographers(2))
    studio.define_service(roles=[role(pool_id=serving)])

    for used in (inner, serving):
        with pytest.raises(PoolInUse):
            pools.remove_pool(uow=studio.uow, id=used)
    assert set(listed(studio)) == {"内", "外", "服务"}

    for free in (outer, inner):
        assert pools.remove_pool(uow=studio.uow, id=free) == {"removed": True}
    assert contents(studio) == {"服务": {"2"}}
    with pytest.raises(PoolUnknown):
        pools.remove_pool(uow=studio.uow, id=inner)


# --- two at once


def test_two_who_put_pools_into_each_other_never_make_a_circle(storm_uow: UnitOfWork) -> None:
    """Each sees the pools before the other's change; one of them must wait, and then refuse."""
    refusals = 0
    with ThreadPoolExecutor(2) as callers:
        for _ in range(ROUNDS):
            a, b = uuid4(), uuid4()
            define(storm_uow, a)
            define(storm_uow, b)
            attempts = [callers.submit(define, storm_uow, *pair) for pair in ((a, b), (b, a))]
            errors = [each.exception() for each in attempts]
            refused = [error for error in errors if error is not None]
            assert [type(error) for error in refused] == [PoolCyclic], errors
            refusals += 1
            with storm_uow.read() as session:
                children = queries.children(session)
            assert not (b in children.get(a, ()) and a in children.get(b, ()))

    assert refusals == ROUNDS


def test_what_pools_contain_is_right_after_many_changed_at_once(storm_uow: UnitOfWork) -> None:
    studio = Studio(storm_uow, crew={"photographer": 6})
    names = [f"p{number}" for number in range(6)]
    for name in names:
        studio.add_pool(name)

    def change(number: int) -> None:
        """Each pool holds one photographer and the pool before it."""
        inner = names[number - 1 : number] if number else []
        studio.add_pool(names[number], photographers(number + 1), inner)

    with ThreadPoolExecutor(6) as callers:
        list(callers.map(change, [3, 1, 5, 0, 4, 2] * 5))

    assert contents(studio) == {
        f"p{number}": {str(each) for each in range(1, number + 2)} for number in range(6)
    }
    with storm_uow.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(PoolResource)) == 21
        assert session.scalar(sa.select(sa.func.count()).select_from(Pool)) == 6
