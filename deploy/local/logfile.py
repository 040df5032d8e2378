"""Where the run's log lies, and that it does not grow without end."""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from deploy.local.errors import FolderNotWritable
from deploy.local.state import StateFolder
from deploy.local.terminal import ErrorLines, Terminal
from services.chassis import logs

LIMIT_BYTES = 20_000_000
"""A log that would grow longer is put aside, in the place of the one before."""


def path_of(state: StateFolder) -> Path:
    return state.path / "logs" / "yingqi.log"


def begin(state: StateFolder, terminal: Terminal, level: str) -> None:
    """Send the logs of the whole process to the file, and errors to the terminal too.

    Errors:  FolderNotWritable.
    """
    path = state.folder("logs") / path_of(state).name
    try:
        file = RotatingFileHandler(path, maxBytes=LIMIT_BYTES, backupCount=1, encoding="utf-8")
    except OSError as error:
        raise FolderNotWritable(path.parent, error.strerror or str(error)) from error
    file.setFormatter(logs.JsonFormatter())
    logs.configure(level)
    logging.getLogger().handlers[:] = [file, ErrorLines(terminal)]
    logging.captureWarnings(True)
