"""The tables of booking."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.booking.domain import Status
from services.booking.links import FIRST_VERSION
from services.chassis.db import new_metadata
from services.contracts.errors import YingqiError
from services.contracts.payments import NotificationInvalid
from services.contracts.scheduling import OfferExpired

Json = dict[str, Any]
Cents = Annotated[int, mapped_column(sa.BigInteger)]


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: sa.DateTime(timezone=True),
        str: sa.Text,
        Json: JSONB,
        list[Json]: JSONB,
        list[UUID]: ARRAY(sa.Uuid),
        list[str]: ARRAY(sa.Text),
    }


BOOKING_NUMBER = sa.Sequence("booking_number_seq", metadata=Base.metadata)


class Service(Base):
    """A package as it is sold now; a booking keeps its own copy of what it was sold as."""

    __tablename__ = "service"
    __table_args__ = (
        sa.CheckConstraint("deposit_cents BETWEEN 0 AND price_cents", name="deposit"),
        sa.CheckConstraint("duration_minutes > 0", name="duration"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[Json]
    category: Mapped[Json]
    summary: Mapped[Json]
    content: Mapped[list[Json]]
    duration_minutes: Mapped[int]
    price_cents: Mapped[Cents]
    deposit_cents: Mapped[Cents]
    currency: Mapped[str]
    cover: Mapped[str | None]
    roles: Mapped[list[Json]]
    branch_ids: Mapped[list[UUID]]
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())


class Booking(Base):
    """One customer's appointment, with the service and the branch as they were when it was made.

    `schedule_revision` is the newest move of its time that was applied here. `version` counts
    its changes.
    """

    __tablename__ = "booking"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="time"),
        sa.CheckConstraint("deposit_cents BETWEEN 0 AND price_cents", name="deposit"),
        sa.CheckConstraint(
            "(status = 'held') = (hold_expires_at IS NOT NULL)", name="hold_expires_at"
        ),
        sa.CheckConstraint(sa.column("status").in_([str(s) for s in Status]), name="status"),
        sa.Index("booking_starts_at_idx", "starts_at"),
        sa.Index("booking_requested_at_id_idx", "requested_at", "id"),
        sa.Index("booking_branch_id_requested_at_id_idx", "branch_id", "requested_at", "id"),
        sa.Index("booking_status_requested_at_id_idx", "status", "requested_at", "id"),
        sa.Index("booking_search_terms_idx", "search_terms", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[str]
    service_id: Mapped[UUID]
    service_name: Mapped[Json]
    price_cents: Mapped[Cents]
    deposit_cents: Mapped[Cents]
    currency: Mapped[str]
    branch_id: Mapped[UUID]
    branch_name: Mapped[Json]
    branch_address: Mapped[Json]
    branch_phone: Mapped[str]
    timezone: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    day_part: Mapped[str | None]
    schedule_revision: Mapped[int]
    crew: Mapped[list[Json]]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    search_text: Mapped[str]
    search_terms: Mapped[list[str]]
    note: Mapped[str]
    answers: Mapped[Json]
    channel: Mapped[str]
    hold_expires_at: Mapped[datetime | None]
    requested_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")
    reschedule_count: Mapped[int] = mapped_column(default=0)
    manage_version: Mapped[int] = mapped_column(default=FIRST_VERSION)


class Payment(Base):
    """One attempt to collect money through a provider.

    `late` says that it came when the hold had already expired.
    """

    __tablename__ = "payment"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint("kind IN ('deposit', 'balance')", name="kind"),
        sa.CheckConstraint(
            "state IN ('pending', 'succeeded', 'failed', 'refunding', 'refunded')", name="state"
        ),
        sa.CheckConstraint("(state IN ('pending', 'failed')) = (paid_at IS NULL)", name="paid_at"),
        sa.UniqueConstraint("provider", "provider_reference"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    kind: Mapped[str]
    provider: Mapped[str]
    amount_cents: Mapped[Cents]
    currency: Mapped[str]
    state: Mapped[str]
    provider_reference: Mapped[str | None]
    late: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]


class LedgerEntry(Base):
    """One line of a booking's account; a trigger refuses to change or delete it.

    The sign says what it does to the customer's debt, so the balance is the plain sum. A payment
    counts once, and so does its refund: the pair (payment, kind) is unique.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        sa.CheckConstraint(
            "CASE kind WHEN 'charge' THEN amount_cents >= 0 WHEN 'payment' THEN amount_cents < 0"
            " WHEN 'refund' THEN amount_cents > 0 ELSE kind = 'adjustment' END",
            name="sign",
        ),
        sa.CheckConstraint(
            "(kind IN ('payment', 'refund')) = (payment_id IS NOT NULL)", name="payment"
        ),
        sa.UniqueConstraint("payment_id", "kind"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    booking_id: Mapped[UUID] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    payment_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("payment.id"))
    kind: Mapped[str]
    amount_cents: Mapped[Cents]
    currency: Mapped[str]
    entered_at: Mapped[datetime]


CONSTRAINT_ERRORS: dict[str, type[YingqiError]] = {
    # Only an offer of the waitlist has its booking's id before; it was booked already.
    "booking_pkey": OfferExpired,
    # A reference that belongs to another payment: the notification tells an untruth.
    "payment_provider_provider_reference_key": NotificationInvalid,
}
