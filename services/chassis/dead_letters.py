"""The operator's view of what a service could not handle: its dead letters, and how to replay them.

    python -m services.chassis.dead_letters services.crm list      one line per letter, no payload
    python -m services.chassis.dead_letters services.crm replay    all of them, back into the queue

Replay what failed for a reason that has gone: a bug that is mended, an outage that has ended.
"""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence

import services.chassis.green  # noqa: F401  (before the driver is loaded)
from services.chassis import inbox, logs, process, settings
from services.chassis.db import Database, connect

USAGE = "usage: python -m services.chassis.dead_letters PACKAGE list|replay\n"


def lines(database: Database) -> list[str]:
    """Return when each letter died, its id, its handler and why; never what it carries."""
    letter = inbox.DEAD_LETTER
    with database.unit_of_work().read() as session:
        rows = session.execute(letter.select().order_by(letter.c.died_at)).all()
    return [
        "  ".join(
            (
                row.died_at.isoformat(timespec="seconds"),
                row.message_id,
                row.handler,
                logs.redact(row.error),
            )
        )
        for row in rows
    ]


def main(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """List or replay the letters of one service; its settings come from the environment."""
    if len(arguments) != 2 or arguments[1] not in {"list", "replay"}:
        sys.stderr.write(USAGE)
        return 2
    package, verb = arguments
    own = settings.load(importlib.import_module(f"{package}.settings").Settings, environ)
    database = Database()
    database.engine = connect(
        own.database_url, pool_size=1, statement_timeout_ms=own.statement_timeout_ms
    )
    try:
        if verb == "list":
            found = lines(database)
            sys.stdout.writelines(f"{line}\n" for line in found)
            sys.stdout.write(f"{len(found)} dead letters\n")
        else:
            process.configure(own.amqp_uri)
            replayed = inbox.replay(database, own.amqp_uri, package.rpartition(".")[2])
            sys.stdout.write(f"{replayed} replayed\n")
    finally:
        database.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
