"""The life of a booking's time: held, extended, confirmed, moved, released."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import (
    HoldDiffers,
    HoldExpired,
    HoldReleased,
    HoldUnknown,
    StartNotOffered,
)
from services.scheduling import domain
from services.scheduling.domain import HoldState, advance
from services.scheduling.models import Hold
from services.scheduling.queries import holds
from services.scheduling.usecases import offers
from services.scheduling.usecases.acquire import Claim, NotFreeError, acquire, with_time
from services.scheduling.usecases.facts import describe, fact
from services.scheduling.usecases.offers import Offer

NOTHING_RELEASED: dict[str, Any] = {"released": False}


def hold(
    *,
    uow: UnitOfWork,
    now: datetime,
    ttl_seconds: int,
    booking_id: UUID,
    service_id: UUID,
    branch_id: UUID,
    start: datetime,
    resource_ids: Sequence[UUID],
) -> dict[str, Any]:
    """Keep a time for a booking until it is paid for; asked again, answer the same hold.

    Errors:  HoldDiffers when the booking holds something else; those of offers.of_request and
             offers.check_start; SlotTaken with alternatives.
    """

    def effect(tx: Transaction) -> dict[str, Any]:
        request = (service_id, branch_id, start, frozenset(resource_ids))
        known = holds.hold(tx.session, booking_id)
        if known is not None:
            return _same(tx.session, known, request)
        offer = offers.of_request(
            tx.session, service_id=service_id, branch_id=branch_id, resource_ids=resource_ids
        )
        offers.check_start(tx.session, offer, start, now)
        made = Hold(
            booking_id=booking_id,
            service_id=service_id,
            branch_id=branch_id,
            start_at=start,
            end_at=_end(offer, start),
            state=HoldState.HELD,
            expires_at=now + timedelta(seconds=ttl_seconds),
            resource_ids=list(resource_ids),
            revision=0,
        )
        ...
        return {}

    return with_time(uow=uow, now=now, effect=effect)
