"""Telling what time is free."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import MAX_RANGE_DAYS, RangeInvalid
from services.scheduling.domain.explain import Asked, Seen, rules
from services.scheduling.domain.faults import pointed
from services.scheduling.domain.nearest import NEARLY, WITHIN, nearest
from services.scheduling.domain.shortage import Shortage
from services.scheduling.domain.spans import local_date
from services.scheduling.queries import availability, holds
from services.scheduling.queries.elsewhere import slots_elsewhere
from services.scheduling.queries.explain import see
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
    also: Sequence[UUID] = (),
    options: Sequence[str] = (),
    customer_key: str | None = None,
) -> dict[str, Any]:
    """Return the starts that can be booked on some local dates, both included.

    Errors:  RangeInvalid; those of offers.of_request.
    """
    check_range(from_, to)
    with uow.read() as session:
        offer = offers.of_request(
            session,
            service_id=service_id,
            branch_id=branch_id,
            resource_ids=resource_ids,
            also=also,
            options=options,
            customer_key=customer_key,
            now=now,
        )
        return availability.find_slots(session, offer.question(from_, to), now)


def alternatives(
    *, uow: UnitOfWork, now: datetime, offer: Offer, start: datetime
) -> list[dict[str, Any]]:
    """Return what is nearest to a start that cannot be had, as `nearby` does."""
    with uow.read() as session:
        seen = see(session, offer.question_at(start), start, now) if offer.wished else None
        return nearby(session, now=now, offer=offer, start=start, seen=seen)


def nearby(
    session: Session, *, now: datetime, offer: Offer, start: datetime, seen: Seen | None
) -> list[dict[str, Any]]:
    """Return what is nearest to a start: other people then, other times, other branches.

    Other times keep the wishes; when the wished have no time at all in the days around, they are
    anybody's instead.

    Shapes:  `seen` the start itself, if somebody else might serve then.
    """
    people = _stand_ins(seen, offer, start, now) if seen and offer.wished else []
    times = _times(session, now, offer, start, kind="time")
    if offer.wished and not times:
        people += _times(session, now, offer.without_wishes(), start, kind="person")
    anywhere = offer.without_wishes().question_at(start)
    branches = [
        {"kind": "branch", **slot}
        for slot in slots_elsewhere(session, anywhere, start, NEARLY, now)
    ]
    return nearest(start, people, times, branches)


def asked(offer: Offer, start: datetime) -> Asked:
    """Return what is asked for with a start."""
    return Asked(
        start=start,
        zone=offer.zone,
        duration_minutes=offer.terms.duration_minutes,
        lines=offer.lines,
        places=offer.terms.places,
        wished=offer.wished,
    )


def _times(
    session: Session, now: datetime, offer: Offer, start: datetime, *, kind: str
) -> list[dict[str, Any]]:
    """Return the free starts of the days around; a booking that moves is not told its own."""
    first = local_date(start - WITHIN, offer.zone)
    last = local_date(start + WITHIN, offer.zone)
    found = availability.find_slots(session, offer.question(first, last), now)["slots"]
    own = holds.hold(session, offer.booking_id) if offer.booking_id else None
    return [
        {"kind": kind, **slot}
        for slot in found
        if own is None or datetime.fromisoformat(slot["start"]) != own.start_at
    ]


def _stand_ins(seen: Seen, offer: Offer, start: datetime, now: datetime) -> list[dict[str, Any]]:
    """Return who else could serve at the same time, in place of one of the wished."""
    question = asked(offer, start)
    if rules(seen, question, now):
        return []
    zone = ZoneInfo(offer.zone)
    end = start.astimezone(UTC) + timedelta(minutes=offer.terms.duration_minutes)
    slot = {
        "kind": "person",
        "start": start.astimezone(zone).isoformat(),
        "end": end.astimezone(zone).isoformat(),
    }
    return [
        {
            **slot,
            "remaining": remaining,
            "resource_id": str(one.resource_id),
            "resource_name": one.name,
        }
        for one, remaining in Shortage(seen, question).others()
    ]


def check_range(from_: date, to: date) -> None:
    """Refuse dates that run backwards or ask for too much at once.

    Errors:  RangeInvalid.
    """
    if not 0 <= (to - from_).days < MAX_RANGE_DAYS:
        raise pointed(RangeInvalid, "/to")
