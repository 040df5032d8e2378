"""The appointments."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.booking.domain.lifecycle import Status
from services.booking.links import FIRST_VERSION
from services.booking.models.base import Base, Json
from services.booking.models.orders import Order

BOOKING_NUMBER = sa.Sequence("booking_number_seq", metadata=Base.metadata)


class Booking(Base):
    """One customer's appointment, with the service and the branch as they were when it was made.

    `schedule_revision` is the newest move of its time that was applied here. `version` counts
    its changes, `reschedule_count` its moves and `moves_used` those that the policy counts;
    `asked_moves` are those that scheduling was asked for and that are not counted yet, as
    moving.ask notes them. What was sold at which price its order knows. `also` are the services
    right after the first: [{"id", "name", "version"}]; `follows` says that it was not its order's
    first.
    """

    __tablename__ = "booking"
    __table_args__ = (
        sa.CheckConstraint("ends_at > starts_at", name="time"),
        sa.CheckConstraint(
            "(status = 'held') = (hold_expires_at IS NOT NULL)", name="hold_expires_at"
        ),
        sa.CheckConstraint(sa.column("status").in_([str(s) for s in Status]), name="status"),
        sa.Index("booking_starts_at_idx", "starts_at"),
        sa.Index("booking_requested_at_id_idx", "requested_at", "id"),
        sa.Index("booking_branch_id_requested_at_id_idx", "branch_id", "requested_at", "id"),
        sa.Index(
            "booking_contact_phone_requested_at_id_idx", "contact_phone", "requested_at", "id"
        ),
        sa.Index("booking_status_requested_at_id_idx", "status", "requested_at", "id"),
        sa.Index("booking_search_terms_idx", "search_terms", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("order.id"), index=True)
    order: Mapped[Order] = relationship(lazy="joined", innerjoin=True)
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[str]
    needs_approval: Mapped[bool] = mapped_column(default=False)
    in_conflict: Mapped[bool] = mapped_column(default=False)
    service_id: Mapped[UUID]
    service_name: Mapped[Json]
    service_version: Mapped[int]
    also: Mapped[list[Json]] = mapped_column(default=list, server_default=sa.text("'[]'::jsonb"))
    follows: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
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
    checked_in_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")
    reschedule_count: Mapped[int] = mapped_column(default=0)
    moves_used: Mapped[int] = mapped_column(default=0)
    asked_moves: Mapped[list[Json]] = mapped_column(
        default=list, server_default=sa.text("'[]'::jsonb")
    )
    manage_version: Mapped[int] = mapped_column(default=FIRST_VERSION)
