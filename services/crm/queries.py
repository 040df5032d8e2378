"""Every SELECT and lock of crm, one named function each."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from services.chassis import paging
from services.crm.domain import HISTORY_LIMIT, OPENING, RETRACTED, UNCOUNTED_STATUSES, Search
from services.crm.models import (
    AccountEntry,
    Coupon,
    CouponUse,
    Customer,
    CustomerBooking,
    CustomerBranch,
    CustomerPayment,
    ImportedCustomer,
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
    asked = sa.select(Customer).where(_seen_at(branch_ids), ~Customer.removed)
    if search is not None:
        asked = asked.where(_matches(search))
    key = (Customer.created_at, Customer.id)
    return paging.newest_first(session, asked, key=key, cursor=cursor, limit=limit)


def customer(
    session: Session, customer_id: UUID, branch_ids: Sequence[UUID] | None
) -> Customer | None:
    """Return a customer who was seen at one of these branches."""
    return session.scalars(
        sa.select(Customer).where(
            Customer.id == customer_id, _seen_at(branch_ids), ~Customer.removed
        )
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
    """Return what follows from what is known of a customer, as columns of the customer.

    Who has never booked is called what an import called them.
    """
    own = CustomerBooking.customer_id == customer_id
    counted = CustomerBooking.status.not_in(UNCOUNTED_STATUSES)
    name = (
        sa.select(CustomerBooking.contact_name)
        .where(own)
        .order_by(CustomerBooking.requested_at.desc(), CustomerBooking.booking_id.desc())
        .limit(1)
    )
    given = sa.select(Customer.name).where(Customer.id == customer_id)
    spent = sa.select(sa.func.coalesce(sa.func.sum(CustomerPayment.received_cents), 0)).where(
        CustomerPayment.customer_id == customer_id
    )
    found = session.execute(
        sa.select(
            sa.func.coalesce(name.scalar_subquery(), given.scalar_subquery()).label("name"),
            spent.scalar_subquery().label("spent_cents"),
            sa.func.count().filter(counted).label("bookings_count"),
            sa.func.max(CustomerBooking.requested_at).filter(counted).label("last_booking_at"),
            sa.select(_unknown())
            .where(Customer.id == customer_id)
            .scalar_subquery()
            .label("removed"),
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


def points_earned(session: Session, booking_id: UUID) -> int:
    """Return the points that a booking has earned, less those that went with refunds."""
    points = session.scalars(
        sa.select(sa.func.coalesce(sa.func.sum(AccountEntry.amount), 0)).where(
            AccountEntry.booking_id == booking_id,
            AccountEntry.account == "points",
            AccountEntry.kind.in_(("earn", "adjust")),
        )
    ).one()
    return int(points)


# --- imports

IMPORTING = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('imports', 0))")
"""Of two calls with the same rows the second sees what the first has done."""


def lock_imports(session: Session) -> None:
    """Let no other import of customers go on until the transaction ends."""
    session.execute(IMPORTING)


def imported_rows(session: Session, row_ids: Collection[UUID]) -> dict[UUID, ImportedCustomer]:
    """Return those of some imports' rows that were heard of, by their id."""
    found = session.scalars(sa.select(ImportedCustomer).where(ImportedCustomer.row_id.in_(row_ids)))
    return {row.row_id: row for row in found}


def lock_customers(session: Session, who: sa.ColumnElement[bool]) -> dict[UUID, Customer]:
    """Return some customers, locked until the transaction ends, in the order of their phones."""
    found = session.scalars(
        sa.select(Customer)
        .where(who)
        .order_by(Customer.phone)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {customer.id: customer for customer in found}


def here_with(session: Session, phones: Collection[str]) -> dict[UUID, str]:
    """Return the phones of those customers who are here, by their id."""
    found = session.execute(
        sa.select(Customer.id, Customer.phone).where(Customer.phone.in_(phones), ~Customer.removed)
    )
    return {row[0]: row[1] for row in found}


def moved_accounts(session: Session, customer_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Return which accounts of some customers have a balance or were ever moved.

    An opening balance that was taken back leaves an account as if it had never been.
    """
    found = session.execute(
        sa.select(AccountEntry.customer_id, AccountEntry.account)
        .where(AccountEntry.customer_id.in_(customer_ids))
        .group_by(AccountEntry.customer_id, AccountEntry.account)
        .having(
            sa.func.bool_or(AccountEntry.kind != OPENING) | (sa.func.sum(AccountEntry.amount) != 0)
        )
        .order_by(AccountEntry.account)
    )
    accounts: dict[UUID, list[str]] = {}
    for customer_id, account in found:
        accounts.setdefault(customer_id, []).append(account)
    return accounts


def touched_rows(session: Session, row_ids: Collection[UUID]) -> set[UUID]:
    """Return the imported rows to whose customers something has happened since."""
    row, other = ImportedCustomer, aliased(ImportedCustomer)
    spent = sa.exists().where(
        AccountEntry.customer_id == row.customer_id,
        AccountEntry.kind != OPENING,
        row.made | (AccountEntry.entered_at >= row.imported_at),
    )
    known_too = sa.exists().where(
        other.customer_id == row.customer_id, other.row_id != row.row_id, other.state != "undone"
    )
    raised = Customer.level_id.is_distinct_from(row.level_id)
    return set(
        session.scalars(
            sa.select(row.row_id)
            .join(Customer, Customer.id == row.customer_id)
            .where(
                row.row_id.in_(row_ids),
                spent | (row.made & (_booked(row.customer_id) | known_too | raised)),
            )
        )
    )


def entries_with(session: Session, keys: Collection[str]) -> list[AccountEntry]:
    """Return the entries that some keys have made."""
    return list(session.scalars(sa.select(AccountEntry).where(AccountEntry.key.in_(keys))))


def forget_branches(session: Session, rows: Collection[UUID]) -> None:
    """Take from customers the branches that imported rows said, where they never booked."""
    row = ImportedCustomer
    booked_there = sa.exists().where(
        CustomerBooking.customer_id == row.customer_id, CustomerBooking.branch_id == row.branch_id
    )
    session.execute(
        sa.delete(CustomerBranch).where(
            CustomerBranch.customer_id == row.customer_id,
            CustomerBranch.branch_id == row.branch_id,
            row.row_id.in_(rows),
            row.seen,
            ~booked_there,
        )
    )


def recount_removed(session: Session, customer_ids: Collection[UUID]) -> list[Customer]:
    """Remove those customers of whom nothing tells any more; return all, as they are now."""
    changed = (
        sa.update(Customer)
        .where(Customer.id.in_(customer_ids))
        .values(removed=_unknown(), version=Customer.version + 1)
        .returning(Customer)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return list(session.scalars(changed))


def _unknown() -> sa.ColumnElement[bool]:
    """Say whether nothing tells of a customer: no booking, level, account or import."""
    imported = sa.exists().where(
        ImportedCustomer.customer_id == Customer.id, ImportedCustomer.state != "undone"
    )
    moved = sa.exists().where(AccountEntry.customer_id == Customer.id, AccountEntry.kind != OPENING)
    return ~(_booked(Customer.id) | Customer.level_id.is_not(None) | imported | moved)


def _booked(customer_id: sa.ColumnElement[Any] | InstrumentedAttribute[Any]) -> sa.Exists:
    booking = aliased(CustomerBooking)  # the question may itself be about bookings
    return sa.exists().where(booking.customer_id == customer_id, booking.status != RETRACTED)


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
