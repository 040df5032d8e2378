"""One timer for many deadlines: it sleeps until the next, and is gone when there is none."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Alarm:
    """Call functions at given instants of the monotonic clock, from a thread of its own.

    The thread lives only while something is due later. In a process that eventlet has patched it
    is a green thread, in any other a real one; both wait on a condition and never poll.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        # The counter keeps equal instants in order, and the heap from comparing functions.
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._counter = itertools.count()
        self._thread: threading.Thread | None = None

    def call_at(self, instant: float, function: Callable[[], None]) -> None:
        with self._changed:
            entry = (instant, next(self._counter), function)
            heapq.heappush(self._due, entry)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            elif self._due[0] is entry:
                self._changed.notify()

    def close(self) -> None:
        """Forget every deadline; the thread ends by itself."""
        with self._changed:
            self._due.clear()
            self._changed.notify()

    def _run(self) -> None:
        while (function := self._next_due()) is not None:
            # Outside the lock: the function takes the broker's lock, whose holders call `call_at`.
            function()

    def _next_due(self) -> Callable[[], None] | None:
        with self._changed:
            while self._due:
                seconds_left = self._due[0][0] - time.monotonic()
                if seconds_left <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(seconds_left)
            self._thread = None
            return None
