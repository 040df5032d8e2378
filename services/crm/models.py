"""The tables of crm."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.chassis.db import new_metadata
from services.contracts.errors import Invalid, KeyReused, YingqiError
from services.contracts.member_accounts import ACCOUNTS, KINDS, BalanceTooLow
from services.contracts.members import CouponCodeTaken, LevelUnknown


class PhoneNotNormalised(Invalid):
    code = "crm.phone_not_normalised"
    sentence = {"zh": "手机号码格式无效", "en": "The phone number is not in international form"}


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = {
        datetime: sa.DateTime(timezone=True),
        str: sa.Text,
        dict[str, Any]: JSONB,
        list[UUID]: ARRAY(sa.Uuid),
    }


class Customer(Base):
    """One person of the organisation, known by their phone number.

    `name`, the counters and `last_booking_at` follow from the rows below and are recounted after
    every change; `last_booking_at` is when the newest booking that counts was requested, and
    `created_at` when the first one that was heard of was. The organisation keeps its books in one
    currency. `stored_value_cents` and `points` are the sums of the customer's account entries and
    are written with them. `removed` is one of whom nothing tells any more since an import was
    undone: out of sight until something does, for accounts and facts still refer to the row.
    """

    __tablename__ = "customer"
    __table_args__ = (
        sa.CheckConstraint("stored_value_cents >= 0", name="stored_value"),
        sa.CheckConstraint("points >= 0", name="points"),
        # Two spellings of one number would be two customers.
        sa.CheckConstraint(r"phone ~ '^\+[1-9][0-9]{4,14}$'", name="phone_e164"),
        sa.Index("customer_created_at_id_idx", "created_at", "id"),
        sa.Index(
            "customer_name_phone_idx",
            "name",
            "phone",
            postgresql_using="gin",
            postgresql_ops={"name": "gin_trgm_ops", "phone": "gin_trgm_ops"},
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    currency: Mapped[str]
    spent_cents: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    bookings_count: Mapped[int] = mapped_column(server_default="0")
    last_booking_at: Mapped[datetime | None]
    level_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("member_level.id"))
    stored_value_cents: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    points: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="0")
    removed: Mapped[bool] = mapped_column(server_default=sa.false())


class ImportedCustomer(Base):
    """A row of an import, and what it did to a customer.

    A row that was taken back before it came has no customer; it never comes. `made` says that the
    row made the customer, `seen` that its branch was new to them; `level_id` is the level that it
    gave. A row that was to be taken back is `kept` where something has happened to the customer.
    """

    __tablename__ = "imported_customer"
    __table_args__ = (
        sa.CheckConstraint("state IN ('here', 'kept', 'undone')", name="state"),
        sa.CheckConstraint(
            "customer_id IS NULL OR (branch_id IS NOT NULL AND timezone IS NOT NULL)",
            name="customer_id",
        ),
        sa.CheckConstraint("customer_id IS NOT NULL OR state = 'undone'", name="absent"),
        sa.Index("imported_customer_customer_id_idx", "customer_id"),
    )

    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("customer.id"))
    state: Mapped[str]
    made: Mapped[bool] = mapped_column(server_default=sa.false())
    branch_id: Mapped[UUID | None]
    timezone: Mapped[str | None]
    seen: Mapped[bool] = mapped_column(server_default=sa.false())
    level_id: Mapped[UUID | None]
    imported_at: Mapped[datetime]


class CustomerBranch(Base):
    """A branch where a customer was seen: its staff may open the customer's file."""

    __tablename__ = "customer_branch"
    __table_args__ = (
        sa.Index("customer_branch_branch_id_customer_id_idx", "branch_id", "customer_id"),
    )

    customer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customer.id"), primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(primary_key=True)


class CustomerBooking(Base):
    """The replica of a booking as its newest fact told it."""

    __tablename__ = "customer_booking"
    __table_args__ = (
        sa.Index(
            "customer_booking_customer_id_requested_at_booking_id_idx",
            "customer_id",
            "requested_at",
            "booking_id",
        ),
    )

    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customer.id"))
    version: Mapped[int]
    number: Mapped[str]
    status: Mapped[str]
    payment_status: Mapped[str]
    service_name: Mapped[dict[str, Any]]
    branch_id: Mapped[UUID]
    timezone: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    total_cents: Mapped[int] = mapped_column(sa.BigInteger)
    paid_cents: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str]
    channel: Mapped[str]
    requested_at: Mapped[datetime]


class CustomerPayment(Base):
    """Money that moved: `received_cents` is negative for a refund.

    `movement_id` is the payment's id, or the refund's own: a payment may go back in parts.
    """

    __tablename__ = "customer_payment"

    movement_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customer.id"), index=True)
    received_cents: Mapped[int] = mapped_column(sa.BigInteger)


class TimelineEntry(Base):
    """Something that happened to a customer; its id is the id of the event that told it.

    A top-up is about no booking.
    """

    __tablename__ = "timeline_entry"
    __table_args__ = (sa.Index("timeline_entry_customer_id_at_id_idx", "customer_id", "at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customer.id"))
    at: Mapped[datetime]
    type: Mapped[str]
    title: Mapped[dict[str, Any]]
    booking_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]


class MemberLevel(Base):
    """What members of a level pay less, and the points they earn per hundred that they paid."""

    __tablename__ = "member_level"
    __table_args__ = (
        sa.CheckConstraint("discount_basis_points BETWEEN 0 AND 10000", name="discount"),
        sa.CheckConstraint("points_per_hundred >= 0", name="points"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[dict[str, Any]]
    discount_basis_points: Mapped[int]
    points_per_hundred: Mapped[int]
    active: Mapped[bool]


class Coupon(Base):
    """A coupon; `taken` counts its uses that were not given back.

    With a `phone` it is that customer's own. `taken` may pass `stock` by one when a booking is
    told of after its reservation was given up: what was promised to a customer is kept.
    """

    __tablename__ = "coupon"
    __table_args__ = (
        sa.CheckConstraint("(amount_cents IS NULL) <> (basis_points IS NULL)", name="worth"),
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint("basis_points BETWEEN 1 AND 10000", name="basis_points"),
        sa.CheckConstraint("valid_from < valid_to", name="validity"),
        sa.CheckConstraint("taken >= 0", name="taken"),
        sa.Index("coupon_created_at_id_idx", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    label: Mapped[dict[str, Any]]
    amount_cents: Mapped[int | None] = mapped_column(sa.BigInteger)
    basis_points: Mapped[int | None]
    minimum_cents: Mapped[int] = mapped_column(sa.BigInteger)
    service_ids: Mapped[list[UUID]]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    stock: Mapped[int | None]
    per_customer: Mapped[int | None]
    taken: Mapped[int] = mapped_column(server_default="0")
    active: Mapped[bool]
    phone: Mapped[str | None]
    created_at: Mapped[datetime]


class CouponUse(Base):
    """The coupon of a booking: reserved for it, used by it, or returned.

    Known by phone, because who books for the first time is no customer yet.
    """

    __tablename__ = "coupon_use"
    __table_args__ = (
        sa.CheckConstraint("state IN ('reserved', 'used', 'returned')", name="state"),
        sa.Index("coupon_use_coupon_id_phone_idx", "coupon_id", "phone"),
        sa.Index(
            "coupon_use_reserved_idx",
            "reserved_at",
            postgresql_where=sa.text("state = 'reserved'"),
        ),
    )

    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    coupon_id: Mapped[UUID] = mapped_column(sa.ForeignKey("coupon.id"))
    phone: Mapped[str]
    state: Mapped[str]
    reserved_at: Mapped[datetime]


class AccountEntry(Base):
    """A line of a customer's stored value or points; a trigger refuses to change or delete it.

    `amount` is in cents or points, its sign what it does to the balance; `cents` is the money that
    a spend or a return stands for. `key` names what made it, so that it is made once.
    """

    __tablename__ = "account_entry"
    __table_args__ = (
        sa.CheckConstraint(sa.column("account").in_(ACCOUNTS), name="account"),
        sa.CheckConstraint(sa.column("kind").in_(KINDS), name="kind"),
        sa.CheckConstraint(
            "CASE WHEN kind = 'spend' THEN amount < 0"
            " WHEN kind IN ('adjust', 'opening') THEN amount <> 0"
            " WHEN kind = 'return' THEN amount >= 0 ELSE amount > 0 END",
            name="sign",
        ),
        sa.CheckConstraint(
            "(kind IN ('spend', 'return')) = (payment_id IS NOT NULL AND cents IS NOT NULL)",
            name="payment",
        ),
        sa.Index("account_entry_customer_id_entered_at_id_idx", "customer_id", "entered_at", "id"),
        sa.Index("account_entry_payment_id_idx", "payment_id"),
        sa.Index("account_entry_booking_id_idx", "booking_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customer.id"))
    account: Mapped[str]
    kind: Mapped[str]
    amount: Mapped[int] = mapped_column(sa.BigInteger)
    cents: Mapped[int | None] = mapped_column(sa.BigInteger)
    key: Mapped[str] = mapped_column(unique=True)
    payment_id: Mapped[UUID | None]
    booking_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(server_default="")
    entered_at: Mapped[datetime]


CONSTRAINT_ERRORS: dict[str, type[YingqiError]] = {
    "account_entry_key_key": KeyReused,
    "coupon_code_key": CouponCodeTaken,
    "customer_level_id_fkey": LevelUnknown,
    "customer_phone_e164_check": PhoneNotNormalised,
    "customer_points_check": BalanceTooLow,
    "customer_stored_value_check": BalanceTooLow,
}
