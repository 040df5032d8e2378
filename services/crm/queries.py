"""Every SELECT and lock of crm, one named function each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.chassis import paging
from services.crm.domain import HISTORY_LIMIT, RETRACTED, UNCOUNTED_STATUSES, Search
from services.crm.models import (
    AccountEntry,
    Coupon,
    CouponUse,
    Customer,
    CustomerBooking,
    CustomerBranch,
    CustomerPayment,
    MemberLevel,
    TimelineEntry,
)


def customers(
    session: Session,
    *,
    search: Search | None,
    branch_ids: Sequence[UUID] | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Customer], str | None]:
    """Return a page of customers, the newest first, and the cursor of the next one.

    Errors:  Invalid for a cursor that is none.
    """
    asked = sa.select(Customer).where(_seen_at(branch_ids))
    if search is not None:
        asked = asked.where(_matches(search))
    key = (Customer.created_at, Customer.id)
    return paging.newest_first(session, asked, key=key, cursor=cursor, limit=limit)


def customer(
    session: Session, customer_id: UUID, branch_ids: Sequence[UUID] | None
) -> Customer | None:
    """Return a customer who was seen at one of these branches."""
    return session.scalars(
        sa.select(Customer).where(Customer.id == customer_id, _seen_at(branch_ids))
    ).one_or_none()


def timeline_of(session: Session, customer_id: UUID) -> Sequence[TimelineEntry]:
    """Return the newest entries of a timeline, newest first."""
    return session.scalars(
        sa.select(TimelineEntry)
        .where(TimelineEntry.customer_id == customer_id)
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        .limit(HISTORY_LIMIT)
    ).all()


def bookings_of(session: Session, customer_id: UUID) -> Sequence[CustomerBooking]:
    """Return a customer's newest bookings, newest first."""
    return session.scalars(
        sa.select(CustomerBooking)
        .where(CustomerBooking.customer_id == customer_id, CustomerBooking.status != RETRACTED)
        .order_by(CustomerBooking.requested_at.desc(), CustomerBooking.booking_id.desc())
        .limit(HISTORY_LIMIT)
    ).all()


def lock_customer_of(session: Session, booking_id: UUID) -> CustomerBooking | None:
    """Return the replica of a booking, its customer locked until the transaction ends."""
    return session.scalars(
        sa.select(CustomerBooking)
        .join(Customer, Customer.id == CustomerBooking.customer_id)
        .where(CustomerBooking.booking_id == booking_id)
        .with_for_update(of=Customer)
    ).one_or_none()


def standing(session: Session, customer_id: UUID) -> dict[str, Any]:
    """Return what follows from a customer's bookings and payments, as columns of the customer."""
    own = CustomerBooking.customer_id == customer_id
    counted = CustomerBooking.status.not_in(UNCOUNTED_STATUSES)
    name = (
        sa.select(CustomerBooking.contact_name)
        .where(own)
        .order_by(CustomerBooking.requested_at.desc(), CustomerBooking.booking_id.desc())
        .limit(1)
    )
    spent = sa.select(sa.func.coalesce(sa.func.sum(CustomerPayment.received_cents), 0)).where(
        CustomerPayment.customer_id == customer_id
    )
    found = session.execute(
        sa.select(
            name.scalar_subquery().label("name"),
            spent.scalar_subquery().label("spent_cents"),
            sa.func.count().filter(counted).label("bookings_count"),
            sa.func.max(CustomerBooking.requested_at).filter(counted).label("last_booking_at"),
        ).where(own)
    ).one()
    return dict(found._mapping)


# --- members


def levels(session: Session) -> Sequence[MemberLevel]:
    """Return all member levels, the lowest discount first."""
    ranked = (MemberLevel.active.desc(), MemberLevel.discount_basis_points, MemberLevel.id)
    return session.scalars(sa.select(MemberLevel).order_by(*ranked)).all()


def level_of(session: Session, customer_id: UUID) -> MemberLevel | None:
    """Return the level of a customer, active or not."""
    return session.scalars(
        sa.select(MemberLevel)
        .join(Customer, Customer.level_id == MemberLevel.id)
        .where(Customer.id == customer_id)
    ).one_or_none()


def active_level(session: Session, phone: str) -> MemberLevel | None:
    """Return the level by which whoever has this phone pays less."""
    return session.scalars(
        sa.select(MemberLevel)
        .join(Customer, Customer.level_id == MemberLevel.id)
        .where(Customer.phone == phone, MemberLevel.active)
    ).one_or_none()


def coupons(session: Session, *, cursor: str | None, limit: int) -> tuple[list[Coupon], str | None]:
    """Return a page of coupons, the newest first, and the cursor of the next one.

    Errors:  Invalid for a cursor that is none.
    """
    key = (Coupon.created_at, Coupon.id)
    return paging.newest_first(session, sa.select(Coupon), key=key, cursor=cursor, limit=limit)


def coupon_of_code(session: Session, code: str) -> Coupon | None:
    """Return an active coupon, not locked."""
    return session.scalars(
        sa.select(Coupon).where(Coupon.code == code, Coupon.active)
    ).one_or_none()


def lock_coupons(session: Session, coupon_ids: set[UUID]) -> dict[UUID, Coupon]:
    """Return coupons by id, locked until the transaction ends, in the order of their ids.

    Their keys stay free: a use that was just inserted refers to them, and two such would wait for
    each other.
    """
    found = session.scalars(
        sa.select(Coupon)
        .where(Coupon.id.in_(coupon_ids))
        .order_by(Coupon.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {coupon.id: coupon for coupon in found}


def lock_use(session: Session, booking_id: UUID) -> CouponUse | None:
    """Return the use of a coupon by a booking, locked until the transaction ends."""
    return session.scalars(
        sa.select(CouponUse).where(CouponUse.booking_id == booking_id).with_for_update()
    ).one_or_none()


def lock_forgotten_uses(session: Session, before: datetime, limit: int) -> Sequence[CouponUse]:
    """Return reservations of before an instant, locked; what another process has locked stays."""
    return session.scalars(
        sa.select(CouponUse)
        .where(CouponUse.state == "reserved", CouponUse.reserved_at < before)
        .order_by(CouponUse.reserved_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def uses_by(session: Session, coupon_id: UUID, phone: str) -> int:
    """Return how many bookings of one phone use a coupon or are about to."""
    return session.scalars(
        sa.select(sa.func.count()).where(
            CouponUse.coupon_id == coupon_id,
            CouponUse.phone == phone,
            CouponUse.state != "returned",
        )
    ).one()


def status_of(session: Session, booking_id: UUID) -> str:
    """Return the status of a booking as its newest fact told it."""
    return session.scalars(
        sa.select(CustomerBooking.status).where(CustomerBooking.booking_id == booking_id)
    ).one()


# --- accounts


def lock_customer(session: Session, customer_id: UUID) -> Customer | None:
    """Return a customer, locked until the transaction ends."""
    return _locked(session, Customer.id == customer_id)


def lock_customer_with(session: Session, phone: str) -> Customer | None:
    """Return the customer with a phone, locked until the transaction ends."""
    return _locked(session, Customer.phone == phone)


def _locked(session: Session, who: sa.ColumnElement[bool]) -> Customer | None:
    return session.scalars(
        sa.select(Customer).where(who).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()


def entries(
    session: Session, customer_id: UUID, *, cursor: str | None, limit: int
) -> tuple[list[AccountEntry], str | None]:
    """Return a page of a customer's account, the newest first, and the cursor of the next one.

    Errors:  Invalid for a cursor that is none.
    """
    own = sa.select(AccountEntry).where(AccountEntry.customer_id == customer_id)
    key = (AccountEntry.entered_at, AccountEntry.id)
    return paging.newest_first(session, own, key=key, cursor=cursor, limit=limit)


def entry(session: Session, key: str) -> AccountEntry | None:
    """Return the entry that a key has made."""
    return session.scalars(sa.select(AccountEntry).where(AccountEntry.key == key)).one_or_none()


def spend(session: Session, payment_id: UUID) -> AccountEntry | None:
    """Return what a payment took from an account."""
    return session.scalars(
        sa.select(AccountEntry).where(
            AccountEntry.payment_id == payment_id, AccountEntry.kind == "spend"
        )
    ).one_or_none()


def returned(session: Session, payment_id: UUID) -> tuple[int, int]:
    """Return what has come back of a payment: in units of its account, and in cents."""
    total = sa.func.coalesce(sa.func.sum(AccountEntry.amount), 0)
    cents = sa.func.coalesce(sa.func.sum(AccountEntry.cents), 0)
    amount, worth = session.execute(
        sa.select(total, cents).where(
            AccountEntry.payment_id == payment_id, AccountEntry.kind == "return"
        )
    ).one()
    return int(amount), int(worth)


def paid_in_points(session: Session, booking_id: UUID) -> int:
    """Return the cents of a booking that were paid in points and did not go back."""
    sign = sa.case((AccountEntry.kind == "spend", 1), else_=-1)
    cents = session.scalars(
        sa.select(sa.func.coalesce(sa.func.sum(sign * AccountEntry.cents), 0)).where(
            AccountEntry.booking_id == booking_id,
            AccountEntry.account == "points",
            AccountEntry.kind.in_(("spend", "return")),
        )
    ).one()
    return int(cents)


def _seen_at(branch_ids: Sequence[UUID] | None) -> sa.ColumnElement[bool]:
    if branch_ids is None:
        return sa.true()
    return Customer.id.in_(
        sa.select(CustomerBranch.customer_id).where(CustomerBranch.branch_id.in_(branch_ids))
    )


def _matches(search: Search) -> sa.ColumnElement[bool]:
    named = _like(Customer.name, search.name)
    return named | _like(Customer.phone, search.digits) if search.digits else named


def _like(column: InstrumentedAttribute[str], text: str) -> sa.ColumnElement[bool]:
    """Look for a text where the trigram index can find it.

    Three characters are found anywhere. Two, like most given names, make a trigram only with the
    end or beginning of a name beside them, and one only as its beginning, the surname.
    """
    literal = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    patterns = {1: ["{}%"], 2: ["{}%", "%{}"]}.get(len(text), ["%{}%"])
    return sa.or_(*(column.ilike(pattern.format(literal)) for pattern in patterns))
