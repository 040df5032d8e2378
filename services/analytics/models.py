"""The tables of analytics."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.chassis.db import new_metadata
from services.contracts.errors import YingqiError


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = {
        datetime: sa.DateTime(timezone=True),
        str: sa.Text,
        dict[str, Any]: JSONB,
    }


def local_date(instant: str) -> sa.Computed:
    """A column with the date of an instant in the branch's zone, computed when the row is written.

    Days are asked for far more often than written, and an index needs the date itself.
    """
    return sa.Computed(f"({instant} AT TIME ZONE timezone)::date", persisted=True)


class BookingFact(Base):
    """A booking as its newest fact told it, and the moments that any of its facts told."""

    __tablename__ = "fact_booking"
    __table_args__ = (
        sa.Index(
            "fact_booking_requested_on_branch_id_idx",
            "requested_on",
            "branch_id",
            postgresql_include=["confirmed_on"],
        ),
        sa.Index(
            "fact_booking_confirmed_on_branch_id_idx",
            "confirmed_on",
            "branch_id",
            postgresql_include=["cancelled_on"],
        ),
        sa.Index("fact_booking_cancelled_on_branch_id_idx", "cancelled_on", "branch_id"),
    )

    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    status: Mapped[str]
    branch_id: Mapped[UUID]
    timezone: Mapped[str]
    service_id: Mapped[UUID]
    service_name: Mapped[dict[str, Any]]
    channel: Mapped[str]
    starts_at: Mapped[datetime]
    total_cents: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str]
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    no_show_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    requested_on: Mapped[date] = mapped_column(local_date("requested_at"))
    confirmed_on: Mapped[date | None] = mapped_column(local_date("confirmed_at"))
    cancelled_on: Mapped[date | None] = mapped_column(local_date("cancelled_at"))
    completed_on: Mapped[date | None] = mapped_column(local_date("completed_at"))
    no_show_on: Mapped[date | None] = mapped_column(local_date("no_show_at"))
    expired_on: Mapped[date | None] = mapped_column(local_date("expired_at"))


class PaymentFact(Base):
    """Money that moved: `amount_cents` is negative for a refund.

    `movement_id` is the payment's id, or the refund's own: a payment may go back in parts.
    """

    __tablename__ = "fact_payment"
    __table_args__ = (
        sa.Index(
            "fact_payment_occurred_on_branch_id_idx",
            "occurred_on",
            "branch_id",
            postgresql_include=["amount_cents"],
        ),
    )

    movement_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[UUID]
    branch_id: Mapped[UUID]
    timezone: Mapped[str]
    amount_cents: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str]
    occurred_at: Mapped[datetime]
    occurred_on: Mapped[date] = mapped_column(local_date("occurred_at"))


class CustomerFact(Base):
    """A customer, with the branch and the moment of their first booking."""

    __tablename__ = "fact_customer"
    __table_args__ = (
        sa.Index("fact_customer_created_on_branch_id_idx", "created_on", "branch_id"),
    )

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID]
    timezone: Mapped[str]
    created_at: Mapped[datetime]
    created_on: Mapped[date] = mapped_column(local_date("created_at"))


class UtilisationFact(Base):
    """How one resource's local date at a branch was used, or is planned until it has `ended`.

    `measured_at` is when that was told; the latest word counts.
    """

    __tablename__ = "fact_utilisation"
    __table_args__ = (
        sa.Index(
            "fact_utilisation_day_branch_id_idx",
            "day",
            "branch_id",
            postgresql_include=[
                "ended",
                "rostered_minutes",
                "allocated_minutes",
                "served_minutes",
                "idle_minutes",
            ],
        ),
    )

    resource_id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    resource_type: Mapped[str]
    ended: Mapped[bool]
    rostered_minutes: Mapped[int]
    allocated_minutes: Mapped[int]
    served_minutes: Mapped[int]
    idle_minutes: Mapped[int]
    measured_at: Mapped[datetime]


FACTS: dict[str, type[BookingFact | PaymentFact | CustomerFact | UtilisationFact]] = {
    "booking": BookingFact,
    "payment": PaymentFact,
    "customer": CustomerFact,
    "utilisation": UtilisationFact,
}

CONSTRAINT_ERRORS: dict[str, type[YingqiError]] = {}
