"""The services' databases: one with a role of its own each, here or on a server that is named."""

from collections.abc import Sequence
from typing import Any, Protocol

import psycopg2
import sqlalchemy as sa
from psycopg2 import errors, sql

from deploy.local.errors import LocalRunError
from deploy.local.state import Secrets

EXTENSIONS = ("btree_gist", "pg_trgm")
OLDEST_SERVER = 14  # the first with multiranges, in which scheduling computes what is free
CONNECT_SECONDS = 5


class DatabaseUnreachable(LocalRunError):
    code = "local.database_unreachable"

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(
            zh=f"无法连接 DATABASE_URL 指定的 PostgreSQL（{server}）：{reason}。",
            en=f"The PostgreSQL that DATABASE_URL names ({server}) cannot be reached: {reason}.",
        )


class DatabaseTooOld(LocalRunError):
    code = "local.database_too_old"

    def __init__(self, server: str, major: int) -> None:
        super().__init__(
            zh=f"{server} 的 PostgreSQL 版本是 {major}，需要 {OLDEST_SERVER} 或更高。",
            en=f"The PostgreSQL at {server} is {major}; it takes {OLDEST_SERVER} or newer.",
        )


class DatabaseRightsMissing(LocalRunError):
    code = "local.database_rights_missing"

    def __init__(self, role: str, reason: str) -> None:
        remedy = f'ALTER ROLE "{role}" CREATEDB CREATEROLE'
        super().__init__(
            zh=f"DATABASE_URL 的角色 {role} 权限不足（{reason}）。请由管理员执行：{remedy};",
            en=f"The role {role} of DATABASE_URL lacks a right ({reason}). "
            f"Have an administrator run: {remedy};",
        )


class Server(Protocol):
    """A PostgreSQL that can be asked for databases; `LocalPostgres` is the other one."""

    def ensure_database(self, name: str, role: str, extensions: Sequence[str] = ()) -> str: ...


class NamedServer:
    """The PostgreSQL of DATABASE_URL, through a role that may make databases and roles.

    The passwords of the roles that it makes are kept in the state folder.
    """

    def __init__(self, url: str, passwords: Secrets) -> None:
        self._url = sa.make_url(url)
        self._passwords = passwords

    def check(self) -> None:
        """Make sure that it can be used.

        Errors:  DatabaseUnreachable, DatabaseTooOld.
        """
        ((version,),) = self._execute(self._url, "SHOW server_version_num")
        major = int(version) // 10_000
        if major < OLDEST_SERVER:
            raise DatabaseTooOld(self._address, major)

    def ensure_database(self, name: str, role: str, extensions: Sequence[str] = ()) -> str:
        """Make a database that belongs to a role; return its URL. Repeating it is safe.

        Errors:  DatabaseUnreachable, DatabaseRightsMissing.
        """
        own = self._url.set(
            username=role, password=self._passwords.get(f"database.{role}"), database=name
        )
        try:
            self._ensure_role(role, str(own.password))
            self._ensure_database(name, role)
            self._close_to_public(own, name)
            for extension in extensions:
                # As the owner, who may make these two: PostgreSQL trusts them.
                create = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}")
                self._execute(own, create.format(sql.Identifier(extension)))
        except errors.InsufficientPrivilege as error:
            raise DatabaseRightsMissing(str(self._url.username), _first_line(error)) from error
        return own.render_as_string(hide_password=False)

    def _ensure_role(self, role: str, password: str) -> None:
        identifier = sql.Identifier(role)
        if not self._execute(self._url, "SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)):
            self._execute(self._url, sql.SQL("CREATE ROLE {} LOGIN").format(identifier))
        alter = sql.SQL("ALTER ROLE {} PASSWORD {}")
        self._execute(self._url, alter.format(identifier, sql.Literal(password)))

    def _ensure_database(self, name: str, role: str) -> None:
        if self._execute(self._url, "SELECT 1 FROM pg_database WHERE datname = %s", (name,)):
            return
        # Since PostgreSQL 16 who makes a role is not yet a member of it, and only a member may
        # give it a database.
        grant = sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(role))
        self._execute(self._url, grant)
        create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'")
        self._execute(self._url, create.format(sql.Identifier(name), sql.Identifier(role)))

    def _close_to_public(self, own: sa.URL, name: str) -> None:
        revoke = sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name))
        self._execute(own, revoke)

    def _execute(
        self, url: sa.URL, statement: str | sql.Composable, parameters: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        plain = url.set(drivername="postgresql", database=url.database or "postgres")
        try:
            connection = psycopg2.connect(
                plain.render_as_string(hide_password=False), connect_timeout=CONNECT_SECONDS
            )
        except psycopg2.OperationalError as error:
            raise DatabaseUnreachable(self._address, _first_line(error)) from error
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    @property
    def _address(self) -> str:
        return f"{self._url.host}:{self._url.port or 5432}"


def ensure(server: Server, services: Sequence[str]) -> dict[str, str]:
    """Make the database of every service; return their URLs by service."""
    names = {service: f"yingqi_{service}" for service in services}
    return {
        service: server.ensure_database(name, role=name, extensions=EXTENSIONS)
        for service, name in names.items()
    }


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
