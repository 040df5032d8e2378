"""What is sold."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base, Cents, Json


class Service(Base):
    """An appointment as it is sold now; a booking names the version that it was sold under.

    Shapes:  `deposit`, `policy` and `schedule` as contracts.catalogue has them.
    """

    __tablename__ = "service"
    __table_args__ = (
        sa.CheckConstraint("price_cents >= 0", name="price"),
        sa.CheckConstraint("duration_minutes > 0", name="duration"),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[Json]
    category: Mapped[Json]
    summary: Mapped[Json]
    content: Mapped[list[Json]]
    duration_minutes: Mapped[int]
    price_cents: Mapped[Cents]
    currency: Mapped[str]
    cover: Mapped[str | None]
    roles: Mapped[list[Json]]
    branch_ids: Mapped[list[UUID]]
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    version: Mapped[int] = mapped_column(default=1)
    deposit: Mapped[Json]
    policy: Mapped[list[Json]]
    schedule: Mapped[list[Json]]
    needs_approval: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    form_id: Mapped[UUID | None]


class Package(Base):
    """A package (套系) that is sold as one thing: appointments, and what comes with them.

    Shapes:  `items` = [{"kind", "label", "quantity", "service_id"}], as contracts.catalogue has
             them; those of kind session name their service. `valid_days` how long after the sale
             its appointments may be made, null for ever.
    """

    __tablename__ = "package"
    __table_args__ = (
        sa.CheckConstraint("price_cents >= 0", name="price"),
        sa.CheckConstraint("valid_days > 0", name="valid_days"),
        sa.CheckConstraint("jsonb_array_length(items) > 0", name="items"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[Json]
    category: Mapped[Json]
    summary: Mapped[Json]
    items: Mapped[list[Json]]
    price_cents: Mapped[Cents]
    currency: Mapped[str]
    cover: Mapped[str | None]
    deposit: Mapped[Json]
    policy: Mapped[list[Json]]
    schedule: Mapped[list[Json]]
    needs_approval: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    valid_days: Mapped[int | None]
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    version: Mapped[int] = mapped_column(default=0)


class CatalogueVersion(Base):
    """What something of the catalogue was, from when on; a trigger refuses to change it.

    Shapes:  `deal` all that a customer agrees to, as the contract of its kind says it.
    """

    __tablename__ = "catalogue_version"

    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    deal: Mapped[Json]
    since: Mapped[datetime] = mapped_column(server_default=sa.func.now())


class AddOn(Base):
    """Something that can be bought with a booking.

    Shapes:  `stock` how many there are, null for as many as are wanted; `taken` those of living
             bookings; `service_ids` with what it is offered, empty for everything.
    """

    __tablename__ = "add_on"
    __table_args__ = (
        sa.CheckConstraint("price_cents >= 0", name="price"),
        sa.CheckConstraint("taken >= 0 AND taken <= coalesce(stock, taken)", name="stock"),
        sa.CheckConstraint("max_quantity > 0", name="max_quantity"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[Json]
    summary: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    price_cents: Mapped[Cents]
    currency: Mapped[str]
    stock: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0, server_default="0")
    max_quantity: Mapped[int]
    service_ids: Mapped[list[UUID]]
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    version: Mapped[int] = mapped_column(default=1)


class PriceRule(Base):
    """A rule of the price calendar.

    Shapes:  `match` as contracts.catalogue.PriceMatch has it.
    """

    __tablename__ = "price_rule"
    __table_args__ = (sa.CheckConstraint("effect IN ('set', 'add', 'percent')", name="effect"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    label: Mapped[Json]
    effect: Mapped[str]
    value: Mapped[Cents]
    match: Mapped[Json]
    priority: Mapped[int]
    exclusive: Mapped[bool]
    active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
