"""The tables of crm."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.chassis.db import new_metadata
from services.contracts.errors import Invalid, YingqiError


class PhoneNotNormalised(Invalid):
    code = "crm.phone_not_normalised"
    sentence = {"zh": "手机号码格式无效", "en": "The phone number is not in international form"}


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = {
        datetime: sa.DateTime(timezone=True),
        str: sa.Text,
        dict[str, Any]: JSONB,
    }


class Customer(Base):
    """One person of the organisation, known by their phone number.

    `name`, the counters and `last_booking_at` follow from the rows below and are recounted after
    every change; `last_booking_at` is when the newest booking that counts was requested, and
    `created_at` when the first one that was heard of was. The organisation keeps its books in one
    currency.
    """

    __tablename__ = "customer"
    __table_args__ = (
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
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="0")


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
    """Something that happened to a customer; its id is the id of the event that told it."""

    __tablename__ = "timeline_entry"
    __table_args__ = (sa.Index("timeline_entry_customer_id_at_id_idx", "customer_id", "at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customer.id"))
    at: Mapped[datetime]
    type: Mapped[str]
    title: Mapped[dict[str, Any]]
    booking_id: Mapped[UUID]
    details: Mapped[dict[str, Any]]


CONSTRAINT_ERRORS: dict[str, type[YingqiError]] = {
    "customer_phone_e164_check": PhoneNotNormalised,
}
