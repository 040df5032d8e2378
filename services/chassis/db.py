"""The database of a service: engine, unit of work, and the tables that carry messages."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa
from nameko.extensions import DependencyProvider
from psycopg2 import errors as pg_errors
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Session

from services.chassis import clock, pruning, settings
from services.chassis.context import Context, new_id
from services.contracts.envelope import seal
from services.contracts.errors import Unavailable, YingqiError

logger = logging.getLogger(__name__)

NAMES = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
}


def new_metadata() -> sa.MetaData:
    """Return metadata that names every constraint and holds the chassis' own tables."""
    metadata = sa.MetaData(naming_convention=NAMES)
    sa.Table(
        "outbox",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("message_id", UUID(as_uuid=False), nullable=False, unique=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("envelope", JSONB, nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Index(
            "outbox_pending_idx", "subject", "id", postgresql_where=sa.text("published_at IS NULL")
        ),
        sa.Index(
            "outbox_published_at_idx",
            "published_at",
            postgresql_where=sa.text("published_at IS NOT NULL"),
        ),
    )
    sa.Table(
        "inbox",
        metadata,
        sa.Column("message_id", UUID(as_uuid=False), primary_key=True),
        sa.Column("handler", sa.Text, primary_key=True),
        sa.Column(
            "handled_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Index("inbox_handled_at_idx", "handled_at"),
    )
    sa.Table(
        "dead_letter",
        metadata,
        sa.Column("message_id", UUID(as_uuid=False), primary_key=True),
        sa.Column("handler", sa.Text, primary_key=True),
        sa.Column("envelope", JSONB, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column(
            "died_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
    )
    sa.Table(
        "idempotency_key",
        metadata,
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("answer", JSONB),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Index("idempotency_key_created_at_idx", "created_at"),
    )
    return metadata


TABLES = new_metadata().tables
OUTBOX, INBOX = TABLES["outbox"], TABLES["inbox"]

# As text, because SQLAlchemy spends longer on either than the database does.
STAGE = sa.text(
    "INSERT INTO outbox (message_id, subject, envelope)"
    " VALUES (:message_id, :subject, CAST(:envelope AS jsonb))"
)
CLAIM = sa.text(
    "INSERT INTO inbox (message_id, handler) VALUES (:message_id, :handler) ON CONFLICT DO NOTHING"
)


class DatabaseDown(Unavailable):
    code = "database.unavailable"
    sentence = {
        "zh": "数据暂时无法访问，请稍后重试",
        "en": "The data cannot be reached right now",
    }


class DatabaseBusy(Unavailable):
    code = "database.busy"
    sentence = {"zh": "系统繁忙，请重试", "en": "The system is busy, please try again"}


BUSY = (pg_errors.DeadlockDetected, pg_errors.SerializationFailure, pg_errors.QueryCanceled)


class AlreadyHandledError(Exception):
    """This message took effect before; nothing is to be done."""


class TransactionOpenError(Exception):
    """Bug: a call leaves the process while a transaction holds locks."""


_local = threading.local()


def assert_no_transaction(action: str) -> None:
    """Refuse to leave the process while this worker has a transaction open."""
    if getattr(_local, "open", False):
        raise TransactionOpenError(f"{action} inside a transaction")


def connect(url: str, *, pool_size: int, statement_timeout_ms: int) -> sa.Engine:
    """Return an engine whose pool never grows and whose statements always end.

    A client-side timeout alone would leave the query running on the server.
    """
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 3,
            "options": f"-c statement_timeout={statement_timeout_ms} -c timezone=UTC",
        },
    )


class Transaction:
    """One open transaction: its session, and the events that become true with its commit."""

    def __init__(self, session: Session, context: Context) -> None:
        self.session = session
        self.context = context
        self.staged = 0

    def emit(self, event_type: str, payload: dict[str, Any]) -> None:
        """Stage an event in the outbox; it is published after the commit, and only then."""
        envelope = seal(
            event_type,
            payload,
            id=new_id(),
            occurred_at=clock.now(),
            actor=self.context.actor,
            correlation_id=self.context.correlation_id,
            causation_id=self.context.message_id,
        )
        self.session.execute(
            STAGE,
            {
                "message_id": envelope["id"],
                "subject": envelope["subject"],
                "envelope": orjson.dumps(envelope).decode(),
            },
        )
        self.staged += 1

    def _claim_message(self) -> None:
        claim = {"message_id": self.context.message_id, "handler": self.context.handler}
        if not self.session.execute(CLAIM, claim).rowcount:  # type: ignore[attr-defined]
            raise AlreadyHandledError


class UnitOfWork:
    """Opens the transactions of one worker.

    Inside an event handler the first transaction also claims the message, so that effect and
    claim commit together; a handler therefore has exactly one transaction.
    """

    def __init__(
        self,
        engine: sa.Engine,
        context: Context | None = None,
        *,
        constraint_errors: Mapping[str, type[YingqiError]] | None = None,
        after_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self.engine = engine
        self.context = context or Context()
        self._constraint_errors = constraint_errors or {}
        self._after_commit = after_commit
        self._claimed = False

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Run a block as one transaction: commits at its end, rolls back when it raises.

        Errors:  the error that models.CONSTRAINT_ERRORS gives for a violated constraint;
                 DatabaseDown and DatabaseBusy.
        """
        with self._opened() as session:
            transaction = Transaction(session, self.context)
            self._claim(transaction)
            yield transaction
            session.commit()
        if transaction.staged:
            self._after_commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Run reads only: nothing is committed and no message is claimed."""
        with self._opened() as session:
            yield session

    @contextmanager
    def _opened(self) -> Iterator[Session]:
        assert_no_transaction("a second transaction")
        _local.open = True
        try:
            with self._translated(), Session(self.engine, expire_on_commit=False) as session:
                yield session
        finally:
            _local.open = False

    def _claim(self, transaction: Transaction) -> None:
        if self.context.message_id is None:
            return
        if self._claimed:
            raise TransactionOpenError("an event handler has exactly one transaction")
        self._claimed = True
        transaction._claim_message()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.IntegrityError as error:
            named = self._constraint_errors.get(error.orig.diag.constraint_name or "")  # type: ignore[union-attr]
            if named is None:
                raise
            raise named() from error
        except sa.exc.TimeoutError as error:
            raise DatabaseBusy() from error
        except sa.exc.OperationalError as error:
            raise (DatabaseBusy if isinstance(error.orig, BUSY) else DatabaseDown)() from error
        except (sa.exc.DBAPIError, sa.exc.InvalidRequestError) as error:
            if isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated:
                raise DatabaseDown() from error
            raise


class Database(DependencyProvider):
    """Give a service `self.uow`: a unit of work bound to the worker's context."""

    def __init__(
        self,
        *,
        constraint_errors: Mapping[str, type[YingqiError]] | None = None,
        pruned: Sequence[pruning.Pruned] = (),
    ) -> None:
        self.constraint_errors = constraint_errors
        self.pruned = pruned
        self.engine: sa.Engine | None = None
        self.on_commit: Callable[[], None] = lambda: None

    def setup(self) -> None:
        config = settings.of(self.container.service_name)
        # One connection a worker and two for the relay and the sweepers.
        self.engine = connect(
            config.database_url,
            pool_size=config.max_workers + 2,
            statement_timeout_ms=config.statement_timeout_ms,
        )

    def start(self) -> None:
        prune = partial(pruning.run, self.unit_of_work, self.pruned)
        self.container.spawn_managed_thread(prune, identifier="pruning")

    @staticmethod
    def of(container: Any) -> "Database":
        """Return the database of the service in this container."""
        return next(d for d in container.dependencies if isinstance(d, Database))

    def stop(self) -> None:
        if self.engine is not None:
            self.engine.dispose()

    def get_dependency(self, worker_ctx: Any) -> UnitOfWork:
        return self.unit_of_work(Context.of_worker(worker_ctx.data))

    def unit_of_work(self, context: Context | None = None) -> UnitOfWork:
        """Return a unit of work outside any worker (relay, dead letters)."""
        assert self.engine is not None, "set up by the container"
        return UnitOfWork(
            self.engine,
            context,
            constraint_errors=self.constraint_errors,
            after_commit=self.on_commit,
        )
