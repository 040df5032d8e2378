"""Databases on a server that DATABASE_URL names, through a role with just enough rights."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa

from deploy.local import databases
from deploy.local.databases import DatabaseRightsMissing, DatabaseUnreachable, NamedServer
from deploy.local.postgres import LocalPostgres
from deploy.local.state import Secrets


@pytest.fixture
def name(postgres: LocalPostgres) -> Iterator[str]:
    """A word that no other test uses for its roles and databases."""
    made = f"named_{os.urandom(4).hex()}"
    yield made
    for database in (f"{made}_a", f"{made}_b"):
        postgres.execute(f"DROP DATABASE IF EXISTS {database}")
    roles = "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)"
    for (role,) in postgres.execute(roles, (made,)):
        postgres.execute(f"DROP OWNED BY {role}")
        postgres.execute(f"DROP ROLE {role}")


def admin_url(postgres: LocalPostgres, name: str, rights: str) -> str:
    postgres.execute(f"CREATE ROLE {name}_admin LOGIN {rights} PASSWORD 'p@ss'")
    postgres.execute(f"GRANT CONNECT ON DATABASE postgres TO {name}_admin")
    url = sa.make_url(postgres.url("postgres"))
    return url.set(username=f"{name}_admin", password="p@ss").render_as_string(hide_password=False)


def connect(url: str) -> "psycopg2.extensions.connection":
    return psycopg2.connect(url.replace("+psycopg2", ""))


def test_each_database_has_a_role_that_enters_no_other(
    postgres: LocalPostgres, name: str, tmp_path: Path
) -> None:
    url = admin_url(postgres, name, "CREATEDB CREATEROLE")
    server = NamedServer(url, Secrets(tmp_path / "secrets.json"))
    server.check()
    a, b = (
        server.ensure_database(f"{name}_{x}", f"{name}_{x}", databases.EXTENSIONS) for x in "ab"
    )
    with connect(a) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (span tstzrange, EXCLUDE USING gist (span WITH &&))")
        cursor.execute("SELECT similarity('影期', '影期')")
    connection.close()
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        connect(b.replace(f"{name}_b:", f"{name}_a:").replace(password(b), password(a)))


def test_doing_it_again_changes_nothing(postgres: LocalPostgres, name: str, tmp_path: Path) -> None:
    url = admin_url(postgres, name, "CREATEDB CREATEROLE")
    secrets = Secrets(tmp_path / "secrets.json")
    first = NamedServer(url, secrets).ensure_database(f"{name}_a", f"{name}_a")
    assert NamedServer(url, secrets).ensure_database(f"{name}_a", f"{name}_a") == first


@pytest.mark.parametrize("rights", ["", "CREATEDB", "CREATEROLE"])
def test_a_role_that_may_not_create_is_told_what_it_needs(
    postgres: LocalPostgres, name: str, tmp_path: Path, rights: str
) -> None:
    server = NamedServer(admin_url(postgres, name, rights), Secrets(tmp_path / "secrets.json"))
    with pytest.raises(DatabaseRightsMissing) as raised:
        server.ensure_database(f"{name}_a", f"{name}_a")
    assert f'ALTER ROLE "{name}_admin" CREATEDB CREATEROLE' in raised.value.en


def test_a_wrong_password_is_told_and_not_repeated(postgres: LocalPostgres, tmp_path: Path) -> None:
    url = sa.make_url(postgres.url("postgres")).set(password="hidden")
    server = NamedServer(
        url.render_as_string(hide_password=False), Secrets(tmp_path / "secrets.json")
    )
    with pytest.raises(DatabaseUnreachable, match="password authentication failed") as raised:
        server.check()
    assert "hidden" not in str(raised.value)


def password(url: str) -> str:
    return str(sa.make_url(url).password)
