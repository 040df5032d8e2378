"""Telling why a start cannot be had, and what is near it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.chassis.db import UnitOfWork
from services.scheduling.domain.explain import rules
from services.scheduling.domain.lines import MAX_HORIZON
from services.scheduling.domain.shortage import Shortage
from services.scheduling.queries import holds
from services.scheduling.queries.explain import see
from services.scheduling.usecases import offers, slots


def explain(
    *,
    uow: UnitOfWork,
    now: datetime,
    service_id: UUID,
    branch_id: UUID,
    start: datetime,
    resource_ids: Sequence[UUID] = (),
    also: Sequence[UUID] = (),
    options: Sequence[str] = (),
    customer_key: str | None = None,
    booking_id: UUID | None = None,
) -> dict[str, Any]:
    """Say what refuses a start: its rules, who is missing for which line, and what is near.

    It is on offer exactly when find_slots shows it for the same wishes; then nothing is near.

    Errors:  those of offers.of_request.
    """
    # Nobody needs the details of other centuries, where local dates overflow.
    start = min(max(start, now - MAX_HORIZON), now + MAX_HORIZON)
    with uow.read() as session:
        moved = holds.hold(session, booking_id) if booking_id else None
        offer = offers.of_request(
            session,
            service_id=service_id,
            branch_id=branch_id,
            resource_ids=resource_ids,
            also=also,
            options=options,
            customer_key=moved.customer_key if moved and customer_key is None else customer_key,
            booking_id=booking_id,
            now=now,
        )
        asked = slots.asked(offer, start)
        seen = see(session, offer.question_at(start), start, now)
        shortage = Shortage(seen, asked)
        refused = rules(seen, asked, now)
        answer = {
            "offered": not (refused or shortage.rules() or shortage.short()),
            "rules": [*refused, *shortage.rules()],
            "lines": shortage.lines(),
            "alternatives": [],
        }
        if not answer["offered"]:
            last = now + timedelta(days=seen.horizon_days)
            near = min(max(start, now), last)
            answer["alternatives"] = slots.nearby(
                session, now=now, offer=offer, start=near, seen=None if refused else seen
            )
    return answer
