"""What is seen of every piece of work: its context in the logs, its duration in the metrics."""

import logging
import time
from typing import Any

from nameko.extensions import DependencyProvider
from nameko.timer import Timer

from services.chassis import metrics
from services.chassis.context import Context, current
from services.chassis.db import AlreadyHandledError
from services.contracts.errors import YingqiError

logger = logging.getLogger(__name__)


class Telemetry(DependencyProvider):
    """Declared on every service: `telemetry = Telemetry()`; entrypoints never touch it."""

    def __init__(self) -> None:
        self.started: dict[int, float] = {}

    def get_dependency(self, worker_ctx: Any) -> None:
        current.set(Context.of_worker(worker_ctx.data))

    def worker_setup(self, worker_ctx: Any) -> None:
        self.started[id(worker_ctx)] = time.perf_counter()

    def worker_result(self, worker_ctx: Any, result: Any = None, exc_info: Any = None) -> None:
        seconds = time.perf_counter() - self.started.pop(id(worker_ctx))
        error = exc_info[1] if exc_info else None
        entrypoint = worker_ctx.entrypoint.method_name
        outcome = _outcome(error)
        metrics.WORK_SECONDS.labels(self.container.service_name, entrypoint, outcome).observe(
            seconds
        )
        extra = {
            "service": self.container.service_name,
            "entrypoint": entrypoint,
            "outcome": outcome,
            "duration_ms": round(seconds * 1000, 1),
        }
        if outcome == "bug":
            logger.error("work failed", exc_info=exc_info, extra=extra)
        else:
            # A timer that found nothing wrong has nothing to tell, many times a minute.
            quiet = outcome == "ok" and isinstance(worker_ctx.entrypoint, Timer)
            logger.log(logging.DEBUG if quiet else logging.INFO, "work done", extra=extra)


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return "ok"
    if isinstance(error, AlreadyHandledError):
        return "repeated"
    return error.code if isinstance(error, YingqiError) else "bug"
