"""The script that makes the databases, run on a real server."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa

from deploy.local.postgres import LocalPostgres, find_binaries
from tests.unit.deploy.files import DEPLOY, SERVICES

PASSWORDS = {service: f"it's {service}'s" for service in SERVICES}


def run(server: LocalPostgres, passwords: dict[str, str], script: str) -> tuple[int, str]:
    admin = sa.make_url(server.url("postgres"))
    environment = {
        "PATH": f"{find_binaries()}:{os.environ['PATH']}",
        "PGHOST": str(admin.host),
        "PGPORT": str(admin.port),
        "PGPASSWORD": str(admin.password),
        "POSTGRES_USER": str(admin.username),
        **{f"{name.upper()}_DATABASE_PASSWORD": word for name, word in passwords.items()},
    }
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def server(server_folder: Path) -> Iterator[LocalPostgres]:
    """A server of this module's own: roles belong to a whole server."""
    with LocalPostgres(server_folder / "deploy", ephemeral=True) as server:
        yield server


@pytest.fixture(scope="module")
def script() -> str:
    return (DEPLOY / "postgres/databases.sh").read_text()


@pytest.fixture(scope="module")
def made(server: LocalPostgres, script: str) -> LocalPostgres:
    code, errors = run(server, PASSWORDS, script)
    assert (code, errors) == (0, "")
    return server


def open_as(server: LocalPostgres, role: str, database: str, password: str | None = None):
    return psycopg2.connect(
        host="127.0.0.1",
        port=server.port,
        user=role,
        dbname=database,
        password=password or PASSWORDS[role],
    )


def who_gets_in(server: LocalPostgres) -> set[tuple[str, str]]:
    """Return every pair of a role and a foreign database that lets it in."""
    found = set()
    for role in SERVICES:
        for database in (*SERVICES, "postgres", "template1"):
            try:
                open_as(server, role, database).close()
            except psycopg2.OperationalError as error:
                if "permission denied for database" not in str(error):
                    raise
            else:
                found.add((role, database))
    return found


def test_every_role_is_let_into_its_own_database_alone(made):
    assert who_gets_in(made) == {(service, service) for service in SERVICES}


def test_a_database_that_stays_open_to_all_is_noticed(made):
    made.execute("GRANT CONNECT ON DATABASE crm TO PUBLIC")
    try:
        assert ("booking", "crm") in who_gets_in(made)
    finally:
        made.execute("REVOKE ALL ON DATABASE crm FROM PUBLIC")


def test_a_role_makes_tables_and_neither_roles_nor_databases(made):
    with open_as(made, "booking", "booking") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE visit (id int, during tstzrange)")
        cursor.execute("ALTER TABLE visit ADD EXCLUDE USING gist (id WITH =, during WITH &&)")
        cursor.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'booking'"
        )
        assert cursor.fetchone() == (False, False, False)
        connection.rollback()
    connection.close()


def test_chinese_names_are_searched_by_their_letters(made):
    ((letters,),) = made.execute("SELECT show_trgm('影期')", database="crm")
    assert len(letters) == 3
    assert made.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = 'crm'"
    ) == [("UTF8", "C")]


def test_a_plain_c_character_type_would_ignore_them(made):
    made.execute("CREATE DATABASE plain TEMPLATE template0 LC_CTYPE 'C'")
    made.execute("CREATE EXTENSION pg_trgm", database="plain")
    assert made.execute("SELECT show_trgm('影期')", database="plain") == [([],)]


def test_it_can_be_run_again_to_change_a_password(made, script):
    assert run(made, {**PASSWORDS, "crm": "another"}, script) == (0, "")
    try:
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            open_as(made, "crm", "crm")
        open_as(made, "crm", "crm", "another").close()
    finally:
        assert run(made, PASSWORDS, script) == (0, "")


def test_a_missing_password_is_named_before_anything_is_made(server, script):
    code, errors = run(server, {**PASSWORDS, "identity": ""}, script)
    assert code == 1
    assert errors == "IDENTITY_DATABASE_PASSWORD is missing\n"


def test_a_statement_that_fails_ends_the_script(server, script):
    broken = script.replace("ALTER ROLE", "ALTER ROLES")
    assert broken != script
    code, errors = run(server, PASSWORDS, broken)
    assert code != 0
    assert "syntax error" in errors


def test_the_passwords_appear_in_no_argument(script):
    for line in script.splitlines():
        if "psql" in line or "--" in line:
            assert "PASSWORD" not in line
