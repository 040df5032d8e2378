"""Ctrl-C and SIGTERM under eventlet: the first asks for an orderly end, the second ends at once."""

import os
import signal
from collections.abc import Callable
from types import FrameType

import eventlet
from eventlet.hubs import trampoline

EXIT_AT_ONCE = 130  # as shells report a process that Ctrl-C has ended


def on_stop(ask: Callable[[], None]) -> None:
    """Call `ask`, in a greenthread of its own, at the first signal to stop.

    A signal does not wake eventlet's hub, whose wait goes on for up to a minute; the byte that
    Python writes to a pipe when a signal arrives does. PostgreSQL learns from the system that we
    have ended (see `processes`), so that ending at once leaves nothing behind.
    """
    wakeup, ring = os.pipe()
    for descriptor in (wakeup, ring):
        os.set_blocking(descriptor, False)
    signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
    asked = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os._exit(EXIT_AT_ONCE)
        asked = True

    def wait() -> None:
        while not asked:
            trampoline(wakeup, read=True)
            os.read(wakeup, 64)
        ask()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    eventlet.spawn(wait)
