"""Reading and locking imports and the rows of their files."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.booking.domain.imports.states import LIVE, WORKING, RowState
from services.booking.models import (
    BOOKING_NUMBER,
    ORDER_NUMBER,
    Booking,
    Import,
    ImportRow,
    Payment,
    Service,
)
from services.booking.queries.locking import KEEP_KEYS
from services.chassis import paging
from services.chassis.db import OUTBOX

ONE_AT_A_TIME = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended('imports', 0))")
"""Two that work at once could both find that an order is not here yet."""


def import_(session: Session, import_id: UUID) -> Import | None:
    """Return an import as it stands."""
    return session.get(Import, import_id)


def lock_import(session: Session, import_id: UUID) -> Import | None:
    """Return an import that nobody else changes, or works at, until the transaction ends."""
    return session.get(Import, import_id, with_for_update=KEEP_KEYS)


def next_work(session: Session) -> Import | None:
    """Return the oldest import with something to do, not locked."""
    return session.scalars(_work()).first()


def take_work(session: Session) -> Import | None:
    """Return the oldest import with something to do, locked; None also while another works."""
    if not session.scalar(ONE_AT_A_TIME):
        return None
    return session.scalars(_work().with_for_update(key_share=True)).first()


def imports_page(
    session: Session, *, cursor: str | None, limit: int
) -> tuple[list[Import], str | None]:
    """Return a page of imports, the newest first, and the cursor of the next one.

    Errors:  Invalid for a cursor that is none.
    """
    key = (Import.created_at, Import.id)
    return paging.newest_first(session, sa.select(Import), key=key, cursor=cursor, limit=limit)


def add_rows(session: Session, import_id: UUID, rows: Sequence[dict[str, Any]]) -> int:
    """Add the rows of a file that are not here yet; return how many those are."""
    if not rows:
        return 0
    values = [{"import_id": import_id, "state": RowState.NEW, **row} for row in rows]
    added = session.execute(insert(ImportRow).values(values).on_conflict_do_nothing())
    return int(added.rowcount)  # type: ignore[attr-defined]


def next_rows(
    session: Session, import_id: UUID, states: Collection[RowState], limit: int
) -> list[ImportRow]:
    """Return the first rows of the file in some states; who changes them locks the import."""
    return list(
        session.scalars(
            sa.select(ImportRow)
            .where(ImportRow.import_id == import_id, ImportRow.state.in_(states))
            .order_by(ImportRow.line)
            .limit(limit)
        )
    )


def rows_after(
    session: Session, import_id: UUID, *, state: str | None, after: int, limit: int
) -> list[ImportRow]:
    """Return rows in the order of the file, those after a line."""
    asked = sa.select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.line > after)
    if state is not None:
        asked = asked.where(ImportRow.state == state)
    return list(session.scalars(asked.order_by(ImportRow.line).limit(limit)))


def forget_checks(session: Session, import_id: UUID) -> None:
    """Make all rows of an import new again."""
    session.execute(
        sa.update(ImportRow)
        .where(ImportRow.import_id == import_id)
        .values(state=RowState.NEW, faults=[], key=None, parsed=None, known=False)
    )


def delete_import(session: Session, import_id: UUID) -> None:
    """Delete an import and its rows."""
    session.execute(sa.delete(ImportRow).where(ImportRow.import_id == import_id))
    session.execute(sa.delete(Import).where(Import.id == import_id))


def texts_of(session: Session, import_id: UUID, column: int, limit: int) -> list[tuple[str, int]]:
    """Return what stands in a column and how often, the most frequent first."""
    text = sa.func.btrim(ImportRow.cells[column + 1])
    count = sa.func.count()
    found = session.execute(
        sa.select(text, count)
        .where(ImportRow.import_id == import_id, text != "")
        .group_by(text)
        .order_by(count.desc(), text)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in found]


def known_keys(session: Session, keys: Collection[str]) -> set[str]:
    """Return those of some orders that are here already."""
    return set(
        session.scalars(
            sa.select(ImportRow.key).where(
                ImportRow.key.in_(keys),
                ImportRow.state.in_(LIVE),
                ImportRow.booking_id.is_not(None),
            )
        )
    )


def repeated_keys(session: Session, import_id: UUID, keys: Collection[str]) -> set[str]:
    """Return those of some keys that an earlier row of the same file has."""
    return set(
        session.scalars(
            sa.select(ImportRow.key).where(
                ImportRow.import_id == import_id, ImportRow.key.in_(keys)
            )
        )
    )


def touched(session: Session, import_id: UUID, version: int) -> int:
    """Count the imported orders to which something has happened since."""
    return (
        session.scalar(
            sa.select(sa.func.count())
            .select_from(ImportRow)
            .join(Booking, Booking.id == ImportRow.booking_id)
            .where(
                ImportRow.import_id == import_id,
                ImportRow.state == RowState.DONE,
                Booking.version != version,
            )
        )
        or 0
    )


def lock_bookings(session: Session, booking_ids: Collection[UUID]) -> dict[UUID, Booking]:
    """Return some bookings that nobody else changes until the transaction ends."""
    found = session.scalars(
        sa.select(Booking)
        .where(Booking.id.in_(booking_ids))
        .order_by(Booking.id)
        .with_for_update(of=Booking, key_share=True)
    )
    return {booking.id: booking for booking in found}


def lock_payments(session: Session, booking_ids: Collection[UUID]) -> dict[UUID, Payment]:
    """Return the payment of each booking that was paid, locked; imports make one at most."""
    found = session.scalars(
        sa.select(Payment)
        .where(Payment.booking_id.in_(booking_ids))
        .order_by(Payment.id)
        .with_for_update(key_share=True)
    )
    return {payment.booking_id: payment for payment in found}


def services(session: Session) -> list[Service]:
    """Return all that was ever sold, what is sold now last."""
    return list(session.scalars(sa.select(Service).order_by(Service.active, Service.id)))


def currency(session: Session) -> str | None:
    """Return the currency of what is sold; a studio keeps its books in one."""
    asked = sa.select(Service.currency).order_by(Service.active.desc(), Service.id)
    return session.scalars(asked.limit(1)).first()


def date_ends(session: Session, import_id: UUID, now: datetime) -> None:
    """Date the rows of an ended import of which nothing is here, so that they are forgotten."""
    session.execute(
        sa.update(ImportRow)
        .where(ImportRow.import_id == import_id, ImportRow.state.not_in(LIVE))
        .values(ended_at=now)
    )


def draw_numbers(session: Session, count: int) -> list[tuple[int, int]]:
    """Draw the running parts of some bookings' and their orders' numbers."""
    drawn = session.execute(
        sa.select(BOOKING_NUMBER.next_value(), ORDER_NUMBER.next_value()).select_from(
            sa.func.generate_series(1, count)
        )
    )
    return [(row[0], row[1]) for row in drawn]


def waiting_events(session: Session, limit: int) -> int:
    """Return how many events wait to be published, counted up to a limit."""
    waiting = sa.select(OUTBOX.c.id).where(OUTBOX.c.published_at.is_(None)).limit(limit)
    return session.scalar(sa.select(sa.func.count()).select_from(waiting.subquery())) or 0


def _work() -> sa.Select[tuple[Import]]:
    return (
        sa.select(Import)
        .where(Import.state.in_(WORKING))
        .order_by(Import.created_at, Import.id)
        .limit(1)
    )
