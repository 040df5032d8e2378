"""The first account is made from the command line."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.chassis.db import UnitOfWork
from services.contracts.identity import BadCredentials
from services.identity import create_owner, usecases

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.fixture
def uow(service_uow: Callable[[str], UnitOfWork]) -> UnitOfWork:
    return service_uow("identity")


@pytest.fixture
def run(uow: UnitOfWork) -> Callable[..., int]:
    url = uow.engine.url.render_as_string(hide_password=False)

    def call(*arguments: str, stdin: str = "") -> int:
        environ = {"AMQP_URI": "unused://", "DATABASE_URL": url}
        return create_owner.main(arguments, environ, io.StringIO(stdin))

    return call


def sign_in(uow: UnitOfWork, password: str) -> dict[str, Any]:
    opened = usecases.open_session(uow=uow, now=NOW, login="boss", password=password)
    staff: dict[str, Any] = opened["staff"]
    return staff


def test_a_password_is_made_and_told_once(uow, run, capsys):
    assert run("Boss", "王老板") == 0
    staff = sign_in(uow, capsys.readouterr().out.strip())
    assert (staff["name"], staff["role"], staff["branch_ids"]) == ("王老板", "owner", None)


def test_a_given_password_is_not_repeated(uow, run, capsys):
    assert run("boss", "Boss", "--password-stdin", stdin="correct horse\n") == 0
    assert capsys.readouterr().out == ""
    assert sign_in(uow, "correct horse")["role"] == "owner"


def test_the_same_login_again_is_the_same_account_with_another_password(uow, run):
    run("boss", "Boss", "--password-stdin", stdin="correct horse\n")
    first = sign_in(uow, "correct horse")
    run(" BOSS ", "New Boss", "--password-stdin", stdin="battery staple\n")
    second = sign_in(uow, "battery staple")
    assert second == first | {"name": "New Boss"}
    with pytest.raises(BadCredentials):
        sign_in(uow, "correct horse")


def test_a_short_password_is_refused(uow, run, capsys):
    assert run("boss", "Boss", "--password-stdin", stdin="short\n") == 1
    assert "password" in capsys.readouterr().err
    with pytest.raises(BadCredentials):
        sign_in(uow, "short")
