"""The entrypoint that does due runs: each in a worker of its own, in the context of its event."""

import logging
from typing import Any

import eventlet
from eventlet.event import Event
from nameko.extensions import Entrypoint

from services.automation import usecases
from services.chassis import clock, settings
from services.chassis.db import Database
from services.contracts.errors import Unavailable, YingqiError

logger = logging.getLogger(__name__)


class Worker(Entrypoint):
    """Call the method with each run that is due; every replica takes other ones.

    nameko's timer has one worker for all runs, without the correlation id of any, and that
    worker would wait for a slow action while the others are due.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(expected_exceptions=(YingqiError,), **kwargs)
        self._stopped = Event()

    def setup(self) -> None:
        self.poll_seconds: float = settings.of(self.container.service_name).run_poll_seconds
        self.database = Database.of(self.container)

    def start(self) -> None:
        self._thread = self.container.spawn_managed_thread(self._run, identifier="due runs")

    def stop(self) -> None:
        self._stopped.send()
        self._thread.wait()

    def _run(self) -> None:
        while not self._stopped.ready():
            if not self._step():
                with eventlet.Timeout(self.poll_seconds, False):
                    self._stopped.wait()

    def _step(self) -> int:
        try:
            runs = usecases.lease_runs(uow=self.database.unit_of_work(), now=clock.now())
        except Unavailable as error:
            logger.warning("due runs wait", extra={"code": error.code})
            return 0
        for run in runs:
            data = {"correlation_id": run.correlation_id}
            self.container.spawn_worker(self, (run,), {}, context_data=data)
        return len(runs)


performs = Worker.decorator
