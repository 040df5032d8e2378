"""Orders: what a customer has bought, at which prices and on which terms."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base, Cents, Json

ORDER_NUMBER = sa.Sequence("order_number_seq", metadata=Base.metadata)

LINE_KINDS = ("service", "package", "add_on", "adjustment", "extra", "product", "fee", "discount")
SESSION_STATES = ("open", "booked", "used", "forfeited", "void")


class Order(Base):
    """One deal: its lines say what it costs, its ledger what is owed, its bookings when it is done.

    `deposit_cents` secures the time; `deposit_money` says what the law takes it for. `policy` and
    `schedule` are the terms as they were when it was sold. `items` is what a package holds, and
    `is_pack` says that it holds several appointments. Locked before its payments are.
    Dunning looks at it at `remind_at`.
    """

    __tablename__ = "order"
    __table_args__ = (
        sa.CheckConstraint("deposit_cents >= 0", name="deposit"),
        sa.CheckConstraint("deposit_money IN ('earnest', 'advance')", name="deposit_money"),
        sa.Index(
            "order_remind_at_idx",
            "remind_at",
            postgresql_where=sa.text("remind_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    branch_id: Mapped[UUID]
    timezone: Mapped[str]
    title: Mapped[Json]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    currency: Mapped[str]
    deposit_cents: Mapped[Cents]
    deposit_money: Mapped[str]
    policy: Mapped[list[Json]]
    schedule: Mapped[list[Json]]
    items: Mapped[list[Json]] = mapped_column(default=list, server_default=sa.text("'[]'::jsonb"))
    is_pack: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]


class OrderSession(Base):
    """One appointment that an order of several entitles to.

    Open until a booking is made of it; that booking uses it up, or gives it back. Void once the
    deal is over.
    """

    __tablename__ = "order_session"
    __table_args__ = (
        sa.CheckConstraint(sa.column("state").in_(SESSION_STATES), name="state"),
        sa.CheckConstraint(
            "CASE state WHEN 'open' THEN booking_id IS NULL WHEN 'void' THEN true"
            " ELSE booking_id IS NOT NULL END",
            name="booking_id",
        ),
        sa.UniqueConstraint("order_id", "position"),
        sa.UniqueConstraint("booking_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("order.id"))
    position: Mapped[int]
    service_id: Mapped[UUID]
    label: Mapped[Json]
    state: Mapped[str]
    booking_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("booking.id"))
    expires_on: Mapped[date | None]


class OrderLine(Base):
    """One thing that was bought, or a fee, or a rebate; the ledger's charges say the same sum.

    `reference_id` and `version` name what of the catalogue it was sold from; `taken` says that an
    add-on is out of stock for it now.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        sa.CheckConstraint(sa.column("kind").in_(LINE_KINDS), name="kind"),
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.Index("order_line_order_id_position_idx", "order_id", "position"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("order.id"))
    position: Mapped[int]
    kind: Mapped[str]
    reference_id: Mapped[UUID | None]
    version: Mapped[int | None]
    label: Mapped[Json]
    quantity: Mapped[int]
    unit_cents: Mapped[Cents]
    taken: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    added_at: Mapped[datetime]
