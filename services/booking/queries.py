"""Every SELECT and lock of booking, one named function each."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking import domain
from services.booking.domain import Money
from services.booking.models import BOOKING_NUMBER, Booking, LedgerEntry, Payment, Service
from services.chassis import paging

WIDEST_OFFSET = timedelta(hours=14)
"""No zone is farther from UTC; a smaller value would lose bookings at the ends of a range."""

KEEP_KEYS = {"key_share": True}
"""Lock what changes, not the key: a new ledger entry refers to a locked booking and must not wait
for it, or the one that pays and the one that cancels would wait for each other."""


def service(session: Session, service_id: UUID) -> Service | None:
    """Return a package, offered or not."""
    return session.get(Service, service_id)


def offered_services(session: Session, branch_id: UUID | None) -> list[Service]:
    """Return the packages on offer, at one branch or anywhere, in the studio's order."""
    offered = sa.select(Service).where(Service.active).order_by(Service.position, Service.id)
    if branch_id is not None:
        offered = offered.where(Service.branch_ids.contains([branch_id]))
    return list(session.scalars(offered))


def next_sequence(session: Session) -> int:
    """Draw the running part of a booking's number; a rolled back transaction leaves a gap."""
    return session.execute(sa.select(BOOKING_NUMBER.next_value())).scalar_one()


def booking(session: Session, booking_id: UUID) -> Booking | None:
    """Return a booking as it stands."""
    return session.get(Booking, booking_id)


def lock_booking(session: Session, booking_id: UUID) -> Booking | None:
    """Return a booking that nobody else changes until the transaction ends."""
    return session.get(Booking, booking_id, with_for_update=KEEP_KEYS)


def lock_booking_of(session: Session, payment_id: UUID) -> Booking | None:
    """Return the booking that a payment is for, locked; always locked before its payments."""
    return session.scalars(
        sa.select(Booking)
        .join(Payment, Payment.booking_id == Booking.id)
        .where(Payment.id == payment_id)
        .with_for_update(of=Booking, key_share=True)
    ).one_or_none()


def payment(session: Session, payment_id: UUID) -> Payment | None:
    """Return a payment as it stands."""
    return session.get(Payment, payment_id)


def lock_payment(session: Session, payment_id: UUID) -> Payment | None:
    """Return a payment that nobody else changes until the transaction ends."""
    return session.get(Payment, payment_id, with_for_update=KEEP_KEYS)


def payments_of(session: Session, booking_id: UUID) -> list[Payment]:
    """Return the payments of a booking, oldest first."""
    return list(session.scalars(_payments_of(booking_id)))


def lock_payments_of(session: Session, booking_id: UUID) -> list[Payment]:
    """Return the payments of a booking, oldest first, locked in that order."""
    return list(session.scalars(_payments_of(booking_id).with_for_update(key_share=True)))


def accounts(session: Session, booking_ids: Iterable[UUID]) -> dict[UUID, Money]:
    """Return what the ledger says of each booking, in one query for all of them."""
    amount, kind = LedgerEntry.amount_cents, LedgerEntry.kind
    refunding = sa.exists().where(
        Payment.booking_id == LedgerEntry.booking_id, Payment.state == "refunding"
    )

    def total(*kinds: str) -> sa.ColumnElement[int]:
        entries = sa.func.sum(amount).filter(kind.in_(kinds))
        return sa.cast(sa.func.coalesce(entries, 0), sa.BigInteger)

    rows = session.execute(
        sa.select(
            LedgerEntry.booking_id,
            total("charge", "adjustment").label("charged"),
            (-total("payment", "refund")).label("paid"),
            total("refund").label("refunded"),
            refunding.label("refunding"),
        )
        .where(LedgerEntry.booking_id.in_(list(booking_ids)))
        .group_by(LedgerEntry.booking_id)
    )
    return {r.booking_id: Money(r.charged, r.paid, r.refunded, r.refunding) for r in rows}


def account(session: Session, booking_id: UUID) -> Money:
    """Return what the ledger says of one booking."""
    return accounts(session, [booking_id]).get(booking_id, Money())


def bookings_page(
    session: Session,
    *,
    branch_id: UUID | None,
    branch_ids: list[UUID] | None,
    status: str | None,
    from_: date | None,
    to: date | None,
    q: str | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Booking], str | None]:
    """Return a page of bookings, the newest request first, and the cursor of the next one.

    Shapes:  `from_` and `to` are inclusive dates of the start, on the clock of each booking's
             branch.
    Errors:  Invalid for a cursor that is none.
    """
    asked = sa.select(Booking)
    if branch_id is not None:
        asked = asked.where(Booking.branch_id == branch_id)
    if branch_ids is not None:
        asked = asked.where(Booking.branch_id.in_(branch_ids))
    if status is not None:
        asked = asked.where(Booking.status == status)
    if from_ is not None:
        asked = asked.where(*_starting_on_or_after(from_))
    if to is not None:
        asked = asked.where(*_starting_on_or_before(to))
    if q and (needle := domain.squeeze(q)):
        asked = asked.where(*_matching(needle))
    key = (Booking.requested_at, Booking.id)
    return paging.newest_first(session, asked, key=key, cursor=cursor, limit=limit)


def bookings(session: Session, booking_ids: list[UUID]) -> list[Booking]:
    """Return those of some bookings that exist."""
    return list(session.scalars(sa.select(Booking).where(Booking.id.in_(booking_ids))))


def _payments_of(booking_id: UUID) -> sa.Select[tuple[Payment]]:
    return (
        sa.select(Payment)
        .where(Payment.booking_id == booking_id)
        .order_by(Payment.created_at, Payment.id)
    )


# The exact comparison needs each row's own zone, which no index knows; the wider one before it
# lets the index on the start do the work.
LOCAL_DATE = sa.cast(sa.func.timezone(Booking.timezone, Booking.starts_at), sa.Date)


def _starting_on_or_after(day: date) -> tuple[Any, ...]:
    return Booking.starts_at >= sa.cast(day, sa.Date) - WIDEST_OFFSET, day <= LOCAL_DATE


def _starting_on_or_before(day: date) -> tuple[Any, ...]:
    end_of_day = sa.cast(day, sa.Date) + timedelta(days=1)
    return Booking.starts_at < end_of_day + WIDEST_OFFSET, day >= LOCAL_DATE


def _matching(needle: str) -> tuple[Any, ...]:
    terms = domain.grams(needle)
    # The index finds candidates that have all the pieces; the text says whether they are in order.
    candidates = [Booking.search_terms.contains(terms)] if terms else []
    return (*candidates, Booking.search_text.contains(needle, autoescape=True))
