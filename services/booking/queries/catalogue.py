"""Reading what is sold."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.booking.models import Service


def service(session: Session, service_id: UUID) -> Service | None:
    """Return a package, offered or not."""
    return session.get(Service, service_id)


def offered_services(session: Session, branch_id: UUID | None) -> list[Service]:
    """Return the packages on offer, at one branch or anywhere, in the studio's order."""
    offered = sa.select(Service).where(Service.active).order_by(Service.position, Service.id)
    if branch_id is not None:
        offered = offered.where(Service.branch_ids.contains([branch_id]))
    return list(session.scalars(offered))
