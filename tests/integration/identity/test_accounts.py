from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import eventlet
import pytest
import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.contracts.identity import LoginTaken
from services.identity.models import Staff
from tests.integration.identity.test_sessions import RESOURCE, define, quick_hashes, sign_in

__all__ = ["quick_hashes"]  # applies here too


@pytest.fixture
def uow(service_uow: Callable[[str], UnitOfWork]) -> UnitOfWork:
    return service_uow("identity")


def at_once(uow: UnitOfWork, definitions: list[dict[str, Any]]) -> Counter[str]:
    """Define accounts in as many workers; return how often each outcome was."""

    def one(definition: dict[str, Any]) -> str:
        own = UnitOfWork(uow.engine, constraint_errors=uow._constraint_errors)
        try:
            define(own, **definition)
        except LoginTaken:
            return "taken"
        return "defined"

    return Counter(eventlet.GreenPool(16).imap(one, definitions))


def logins(uow: UnitOfWork) -> list[str]:
    with uow.read() as session:
        return list(session.scalars(sa.select(Staff.login).order_by(Staff.login)))


def test_an_account_is_changed_by_defining_it_again(uow: UnitOfWork) -> None:
    staff_id = define(uow)["id"]
    changed = define(uow, id=staff_id, login="Anna.Li", name="李安娜", password=None)
    assert (changed["login"], changed["name"]) == ("anna.li", "李安娜")
    assert logins(uow) == ["anna.li"]


def test_an_account_is_linked_to_who_it_is_on_the_calendar_and_set_loose_again(
    uow: UnitOfWork,
) -> None:
    linked = define(uow)
    assert linked["resource_id"] == RESOURCE
    assert define(uow, id=linked["id"], resource_id=None)["resource_id"] is None


def test_an_account_without_a_password_lets_nobody_in(uow: UnitOfWork) -> None:
    define(uow, password=None)
    with pytest.raises(Exception, match="bad_credentials"):
        sign_in(uow, "")


def test_a_login_belongs_to_one_account_however_it_is_written(uow: UnitOfWork) -> None:
    define(uow)
    other = define(uow, login="ben")["id"]
    with pytest.raises(LoginTaken):
        define(uow, login=" ANNA ")
    with pytest.raises(LoginTaken):
        define(uow, id=other, login="Anna")
    assert logins(uow) == ["anna", "ben"]


def test_the_same_definition_many_times_at_once_makes_one_account(uow: UnitOfWork) -> None:
    for n in range(20):
        same = {"id": uuid4(), "login": f"anna{n}"}
        assert at_once(uow, [same] * 8) == {"defined": 8}
    assert len(logins(uow)) == 20


def test_of_many_accounts_that_want_one_login_at_once_one_gets_it(uow: UnitOfWork) -> None:
    outcome = at_once(uow, [{"id": uuid4()} for _ in range(16)])
    assert outcome == {"defined": 1, "taken": 15}
    assert logins(uow) == ["anna"]
