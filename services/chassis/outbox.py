"""The relay that publishes what committed transactions left in the outbox.

Every replica may run one: rows are locked, not owned, so the rows of a dead process are picked
up by the living. Facts about one subject leave in the order in which they were written.
"""

import logging
import time
from typing import Any

import eventlet
import eventlet.event
import sqlalchemy as sa
from kombu import Connection
from nameko import config
from nameko.extensions import DependencyProvider
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from services.chassis import amqp, metrics, settings
from services.chassis.db import OUTBOX, Database
from services.contracts.errors import Unavailable

logger = logging.getLogger(__name__)

BATCH = 200
"""Rows of one pass; larger ones hold row locks longer without being quicker."""

STOP_SECONDS = 1.5
"""A step takes milliseconds, and this long only when database or broker do not answer."""

MEASURE_SECONDS = 5.0
"""Pause between looks at how much waits; Prometheus asks every 15 seconds."""

AGE = sa.func.extract("epoch", sa.func.now() - sa.func.min(OUTBOX.c.created_at))
WAITING = sa.select(sa.func.count(), sa.func.coalesce(AGE, 0)).where(
    OUTBOX.c.published_at.is_(None)
)

IN_FLIGHT = sa.bindparam("in_flight", type_=ARRAY(UUID(as_uuid=False)))
EARLIER, LATER = OUTBOX.alias("earlier"), OUTBOX.alias("later")


def _waits(row: Any) -> sa.ColumnElement[bool]:
    return sa.and_(row.c.published_at.is_(None), row.c.message_id != sa.all_(IN_FLIGHT))


# The oldest row of each subject, so that order within one is kept, and whether it has a follower.
DUE = (
    sa.select(
        OUTBOX.c.message_id,
        OUTBOX.c.envelope,
        sa.exists()
        .where(LATER.c.subject == OUTBOX.c.subject, LATER.c.id > OUTBOX.c.id, _waits(LATER))
        .label("is_followed"),
    )
    .where(
        _waits(OUTBOX),
        ~sa.exists().where(
            EARLIER.c.subject == OUTBOX.c.subject, EARLIER.c.id < OUTBOX.c.id, _waits(EARLIER)
        ),
    )
    .order_by(OUTBOX.c.id)
    .limit(BATCH)
    .with_for_update(of=OUTBOX, skip_locked=True)
)


class Relay(DependencyProvider):
    """Publish the outbox of a service; declared beside its `Database`.

    With RabbitMQ a row is done when the broker has confirmed it. A transport that keeps its
    messages in memory says `settles_when_handled`: there a row is done when every handler has
    acknowledged it, so that the end of the process loses nothing.
    """

    def __init__(self) -> None:
        self.in_flight: set[str] = set()
        self._stopping = False
        self._declared = False
        self._measured_at = float("-inf")
        self._wakeup = eventlet.event.Event()

    def setup(self) -> None:
        self.poll_seconds: float = settings.of(self.container.service_name).outbox_poll_seconds
        self.uri: str = config["AMQP_URI"]
        self.transport = Connection(self.uri).transport
        self.tracks_handling = getattr(self.transport, "settles_when_handled", False)
        self.database = Database.of(self.container)
        self.database.on_commit = self.wake

    def start(self) -> None:
        self._thread = self.container.spawn_managed_thread(self._run, identifier="outbox relay")

    def stop(self) -> None:
        """Let the present step end: a thread killed while it connects leaves the server waiting."""
        self._stopping = True
        self.wake()
        with eventlet.Timeout(STOP_SECONDS, False):
            self._thread.wait()

    def wake(self) -> None:
        """Look at the outbox now: a transaction of this process has committed."""
        if not self._wakeup.ready():
            self._wakeup.send()

    def _run(self) -> None:
        while not self._stopping:
            self._wakeup = eventlet.event.Event()
            more_is_due = False
            try:
                self._measure()
                more_is_due = self.step()
            except Unavailable as error:
                logger.warning("the outbox waits", extra={"code": error.code})
            except Exception:  # the rows stay where they are; the relay must outlive any of them
                logger.exception("the outbox relay failed and goes on")
            if not more_is_due:
                # Until a commit of this process, one during the step too, or until the poll.
                with eventlet.Timeout(self.poll_seconds, False):
                    self._wakeup.wait()

    def _measure(self) -> None:
        """Tell how many events wait and for how long: what grows when the broker is away."""
        if time.monotonic() < self._measured_at + MEASURE_SECONDS:
            return
        self._measured_at = time.monotonic()
        with self.database.unit_of_work().read() as session:
            count, seconds = session.execute(WAITING).one()
        service = self.container.service_name
        metrics.OUTBOX_PENDING.labels(service).set(count)
        metrics.OUTBOX_OLDEST_SECONDS.labels(service).set(seconds)

    def step(self) -> bool:
        """Publish one batch and mark what is done; tell whether more was due already."""
        self._declare_once()
        service = self.container.service_name
        settled = self._settled()
        with self.database.unit_of_work().begin() as tx:
            rows = tx.session.execute(DUE, {"in_flight": list(self.in_flight)}).all()
            for row in rows:
                self._publish(row.envelope)
                metrics.EVENTS_PUBLISHED.labels(service, row.envelope["type"]).inc()
            sent = [row.message_id for row in rows]
            done = settled if self.tracks_handling else sent
            if done:
                tx.session.execute(
                    OUTBOX.update()
                    .where(OUTBOX.c.message_id.in_(done))
                    .values(published_at=sa.func.now())
                )
        if self.tracks_handling:
            self.in_flight.difference_update(settled)
            self.in_flight.update(sent)
        return len(rows) == BATCH or any(row.is_followed for row in rows)

    def _settled(self) -> list[str]:
        if not self.tracks_handling:
            return []
        return [m for m in self.in_flight if self.transport.is_settled(m)]

    def _declare_once(self) -> None:
        """Make the queues of all consumers exist, also of those that have never started."""
        if self._declared:
            return
        try:
            with Connection(self.uri, connect_timeout=2) as connection:
                amqp.declare_consumers_of(connection.channel(), self.container.service_name)
        except amqp.BROKER_DOWN as error:
            raise amqp.BrokerDown() from error
        self._declared = True

    def _publish(self, envelope: dict[str, Any]) -> None:
        amqp.publish(
            self.uri,
            envelope,
            confirms=True,
            exchange=amqp.EVENTS_EXCHANGE,
            routing_key=envelope["type"],
            message_id=envelope["id"],
            delivery_mode=amqp.PERSISTENT,
        )
