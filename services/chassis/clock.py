"""The clock: the one place that asks what time it is, so that tests can answer instead."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from nameko.extensions import DependencyProvider

_frozen: list[datetime] = []


def now() -> datetime:
    """Return the present instant, aware UTC."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


@contextmanager
def frozen(instant: datetime) -> Iterator[None]:
    """Hold the clock at one instant (tests)."""
    _frozen.append(instant)
    try:
        yield
    finally:
        _frozen.pop()


class Clock(DependencyProvider):
    """Give entrypoints `self.now()`."""

    def get_dependency(self, worker_ctx: Any) -> Callable[[], datetime]:
        return now
