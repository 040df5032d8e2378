"""Where the run's log lies, and that it does not grow without end."""

import logging
from pathlib import Path

from deploy.local.errors import FolderNotWritable
from deploy.local.state import StateFolder
from deploy.local.terminal import ErrorLines, Terminal
from services.chassis import logs

LIMIT_BYTES = 20_000_000
"""A longer log is put aside at the next start, in the place of the one before."""


def path_of(state: StateFolder) -> Path:
    return state.path / "logs" / "yingqi.log"


def begin(state: StateFolder, terminal: Terminal, level: str) -> None:
    """Send the logs of the whole process to the file, and errors to the terminal too.

    Errors:  FolderNotWritable.
    """
    path = state.folder("logs") / path_of(state).name
    try:
        if path.exists() and path.stat().st_size > LIMIT_BYTES:
            path.replace(path.with_suffix(".log.1"))
        stream = open(path, "a", buffering=1, encoding="utf-8")  # noqa: SIM115  (to the end)
    except OSError as error:
        raise FolderNotWritable(path.parent, error.strerror or str(error)) from error
    logs.configure(level, stream)
    logging.captureWarnings(True)
    logging.getLogger().addHandler(ErrorLines(terminal))
