"""Where an import stands, and each of its rows."""

from enum import StrEnum


class State(StrEnum):
    RECEIVING = "receiving"
    RECEIVED = "received"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class RowState(StrEnum):
    """A kept row was to be taken back, and what came of it had changed by then."""

    NEW = "new"
    GOOD = "good"
    BAD = "bad"
    DONE = "done"
    UNDONE = "undone"
    KEPT = "kept"


WORKING = (State.CHECKING, State.RUNNING, State.UNDOING)
"""These go on by themselves."""

MAPPABLE = (State.RECEIVED, State.CHECKING, State.CHECKED)
REMOVABLE = (State.RECEIVING, *MAPPABLE)
"""Nothing has come of it yet."""

STARTED = (State.RUNNING, State.DONE)
LIVE = (RowState.DONE, RowState.KEPT)
"""Rows of which something came, and is here."""
