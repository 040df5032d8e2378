"""The first account: create an owner, or give an existing one a new password.

    python -m services.identity.create_owner LOGIN NAME                    prints a new password
    python -m services.identity.create_owner LOGIN NAME --password-stdin   reads it, prints nothing

Further accounts are made in the console.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

import services.chassis.green  # noqa: F401  (before the driver is loaded)
from services.chassis import settings
from services.chassis.context import new_id
from services.chassis.db import UnitOfWork, connect
from services.contracts.errors import Invalid
from services.contracts.identity import DEFINE_STAFF
from services.identity import domain, queries, usecases
from services.identity.models import CONSTRAINT_ERRORS
from services.identity.settings import Settings

GENERATED_BYTES = 12
"""96 bits, sixteen characters: too many to guess, few enough to type once."""


def create_owner(*, uow: UnitOfWork, login: str, name: str, password: str) -> None:
    """Create the owner with this login, or change its name, role and password.

    Errors:  Invalid when the password or the name breaks the contract of `define_staff`.
    """
    with uow.read() as session:
        known = queries.staff_by_login(session, domain.normalise_login(login))
    staff = {
        "id": str(known.id) if known else new_id(),
        "login": login,
        "name": name,
        "role": "owner",
        "password": password,
        "resource_id": known and known.resource_id,
    }
    usecases.define_staff(uow=uow, **DEFINE_STAFF.decode(staff))


def main(
    arguments: Sequence[str], environ: Mapping[str, str] = os.environ, stdin: TextIO = sys.stdin
) -> int:
    """Create the owner in the database that the environment names."""
    parser = argparse.ArgumentParser(prog="python -m services.identity.create_owner")
    parser.add_argument("login")
    parser.add_argument("name")
    parser.add_argument("--password-stdin", action="store_true")
    given = parser.parse_args(arguments)
    own = settings.load(Settings, environ)
    engine = connect(own.database_url, pool_size=1, statement_timeout_ms=own.statement_timeout_ms)
    generated = secrets.token_urlsafe(GENERATED_BYTES)
    password = stdin.readline().rstrip("\r\n") if given.password_stdin else generated
    uow = UnitOfWork(engine, constraint_errors=CONSTRAINT_ERRORS)
    try:
        create_owner(uow=uow, login=given.login, name=given.name, password=password)
    except Invalid as error:
        sys.stderr.write(f"refused: {error}\n")
        return 1
    finally:
        engine.dispose()
    if not given.password_stdin:
        sys.stdout.write(f"{password}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
