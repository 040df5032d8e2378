"""Contracts that customers sign, and the templates that they are made from."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.domain.agreements import State
from services.booking.models.base import Base, Json

SIGNATURE = "num_nonnulls(signed_at, signer_name, ip, user_agent, strokes, sha256)"


class AgreementTemplate(Base):
    """A template as it is in use, for some services and packages, or for all if none is named.

    `version` is its newest text.
    """

    __tablename__ = "agreement_template"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[Json]
    service_ids: Mapped[list[UUID]]
    package_ids: Mapped[list[UUID]] = mapped_column(server_default=sa.text("'{}'"))
    active: Mapped[bool]
    version: Mapped[int]
    changed_at: Mapped[datetime]


class AgreementTemplateVersion(Base):
    """One text of a template; a trigger refuses to change or delete it."""

    __tablename__ = "agreement_template_version"

    template_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("agreement_template.id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[Json]
    text: Mapped[Json]
    created_at: Mapped[datetime]


class Agreement(Base):
    """What was agreed with one customer: the filled text, never another, and who signed it how.

    A trigger keeps the text from the beginning and all but the voiding once it is signed. `facts`
    are what was filled in. `sha256` seals text, facts and signature (see domain.agreements.seal).
    """

    __tablename__ = "agreement"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["template_id", "template_version"],
            ["agreement_template_version.template_id", "agreement_template_version.version"],
        ),
        sa.CheckConstraint(sa.column("state").in_([str(s) for s in State]), name="state"),
        sa.CheckConstraint("num_nonnulls(booking_id, order_id) > 0", name="subject"),
        sa.CheckConstraint("state <> 'shown' OR shown_at IS NOT NULL", name="shown"),
        sa.CheckConstraint(f"{SIGNATURE} IN (0, 6)", name="signature"),
        sa.CheckConstraint(
            "(state <> 'signed' OR signed_at IS NOT NULL)"
            " AND (state NOT IN ('draft', 'shown') OR signed_at IS NULL)",
            name="signed",
        ),
        sa.CheckConstraint("(state = 'void') = (voided_at IS NOT NULL)", name="void"),
        # One of a kind for each booking: drawing up twice gives the same.
        sa.Index(
            "agreement_booking_id_template_id_idx",
            "booking_id",
            "template_id",
            unique=True,
            postgresql_where=sa.text("state <> 'void'"),
        ),
        sa.Index("agreement_booking_id_created_at_idx", "booking_id", "created_at"),
        sa.Index("agreement_order_id_idx", "order_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    booking_id: Mapped[UUID | None]
    order_id: Mapped[UUID | None]
    template_id: Mapped[UUID]
    template_version: Mapped[int]
    title: Mapped[Json]
    text: Mapped[Json]
    facts: Mapped[Json]
    state: Mapped[str]
    created_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    signer_name: Mapped[str | None]
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]
    strokes: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    sha256: Mapped[str | None]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(default="")


class AgreementPaper(Base):
    """The PDF of a signed agreement, made when it was signed; a trigger refuses to change it."""

    __tablename__ = "agreement_paper"

    agreement_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agreement.id"), primary_key=True)
    content: Mapped[bytes]
    kept_at: Mapped[datetime]
