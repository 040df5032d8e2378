"""Reading and locking agreements and their templates."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.models import (
    Agreement,
    AgreementPaper,
    AgreementTemplate,
    AgreementTemplateVersion,
    OrderLine,
)

Worded = tuple[AgreementTemplate, AgreementTemplateVersion]
"""A template with its newest text."""


def template(session: Session, template_id: UUID) -> Worded | None:
    """Return a template, in use or not."""
    found = session.execute(_worded().where(AgreementTemplate.id == template_id))
    return next(((template, words) for template, words in found), None)


def lock_template(session: Session, template_id: UUID) -> AgreementTemplate | None:
    """Return a template that nobody else changes until the transaction ends."""
    return session.get(AgreementTemplate, template_id, with_for_update=True)


def template_version(
    session: Session, template_id: UUID, version: int
) -> AgreementTemplateVersion | None:
    """Return one text of a template."""
    return session.get(AgreementTemplateVersion, (template_id, version))


def templates(session: Session) -> list[Worded]:
    """Return all templates, the newest change first."""
    asked = _worded().order_by(AgreementTemplate.changed_at.desc(), AgreementTemplate.id)
    return [(template, words) for template, words in session.execute(asked)]


def packages_of(session: Session, order_id: UUID) -> set[UUID]:
    """Return the packages that an order was sold as; one at most."""
    sold = sa.select(OrderLine.reference_id).where(
        OrderLine.order_id == order_id, OrderLine.kind == "package"
    )
    return {found for found in session.scalars(sold) if found is not None}


def agreement_of(session: Session, booking_id: UUID, agreement_id: UUID) -> Agreement | None:
    """Return one agreement of a booking."""
    return session.scalars(_agreement_of(booking_id, agreement_id)).one_or_none()


def lock_agreement_of(session: Session, booking_id: UUID, agreement_id: UUID) -> Agreement | None:
    """Return one agreement of a booking that nobody else changes until the transaction ends."""
    return session.scalars(_agreement_of(booking_id, agreement_id).with_for_update()).one_or_none()


def agreements_of(session: Session, booking_id: UUID) -> list[Agreement]:
    """Return the agreements of a booking, oldest first."""
    return list(
        session.scalars(
            sa.select(Agreement)
            .where(Agreement.booking_id == booking_id)
            .order_by(Agreement.created_at, Agreement.id)
        )
    )


def paper(session: Session, agreement_id: UUID) -> bytes | None:
    """Return the PDF of a signed agreement, once it is kept."""
    return session.scalar(
        sa.select(AgreementPaper.content).where(AgreementPaper.agreement_id == agreement_id)
    )


def standing(session: Session, booking_id: UUID, template_id: UUID) -> Agreement | None:
    """Return the agreement of a booking from a template that is not void; there is one at most."""
    return session.scalars(
        sa.select(Agreement).where(
            Agreement.booking_id == booking_id,
            Agreement.template_id == template_id,
            Agreement.state != "void",
        )
    ).one_or_none()


def _worded() -> sa.Select[Worded]:
    return sa.select(AgreementTemplate, AgreementTemplateVersion).join(
        AgreementTemplateVersion,
        sa.and_(
            AgreementTemplateVersion.template_id == AgreementTemplate.id,
            AgreementTemplateVersion.version == AgreementTemplate.version,
        ),
    )


def _agreement_of(booking_id: UUID, agreement_id: UUID) -> sa.Select[tuple[Agreement]]:
    return sa.select(Agreement).where(
        Agreement.id == agreement_id, Agreement.booking_id == booking_id
    )
