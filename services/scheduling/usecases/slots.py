"""Telling what time is free."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import MAX_RANGE_DAYS, RangeInvalid
from services.scheduling import domain
from services.scheduling.queries import availability
from services.scheduling.usecases import offers
from services.scheduling.usecases.offers import Offer


def find_slots(
    *,
    uow: UnitOfWork,
    now: datetime,
    service_id: UUID,
    branch_id: UUID,
    from_: date,
    to: date,
    resource_ids: Sequence[UUID],
) -> dict[str, Any]:
    """Return the starts that can be booked on some local dates, both included.

    Errors:  RangeInvalid; those of offers.of_request.
    """
    check_range(from_, to)
    with uow.read() as session:
        offer = offers.of_request(
            session, service_id=service_id, branch_id=branch_id, resource_ids=resource_ids
        )
        return availability.find_slots(session, offer.question(from_, to), now)


def alternatives(
    *, uow: UnitOfWork, now: datetime, offer: Offer, start: datetime
) -> list[dict[str, Any]]:
    """Return the free starts nearest to a taken one.

    They keep the wishes; when the wished have no time at all, they are without them.
    """
    first = domain.local_date(start - domain.ALTERNATIVES_WITHIN, offer.branch.timezone)
    last = domain.local_date(start + domain.ALTERNATIVES_WITHIN, offer.branch.timezone)
    with uow.read() as session:
        found = availability.find_slots(session, offer.question(first, last), now)
        if not found["slots"] and offer.wished:
            anybody = offer.question(first, last, wished=())
            found = availability.find_slots(session, anybody, now)
    return domain.nearest(found["slots"], start)


def check_range(from_: date, to: date) -> None:
    """Refuse dates that run backwards or ask for too much at once.

    Errors:  RangeInvalid.
    """
    if not 0 <= (to - from_).days < MAX_RANGE_DAYS:
        raise offers.pointed(RangeInvalid, "/to")
