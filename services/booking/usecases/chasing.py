"""Chasing: a provider that said nothing is asked, and its books are compared with ours."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.booking import views
from services.booking.domain.reconciliation import Differences, Entry, reconcile
from services.booking.links import Links
from services.booking.models import Booking, Payment
from services.booking.payments import Provider, find
from services.booking.queries import accounts
from services.booking.usecases import paying, settling
from services.chassis.db import UnitOfWork
from services.contracts.errors import YingqiError

logger = logging.getLogger(__name__)

PROVIDERS_ZONE = ZoneInfo("Asia/Shanghai")
"""The clock by which WeChat Pay and Alipay cut their days."""

BATCH = 20
"""Payments or refunds asked about in one round; each may wait seconds for its provider."""


def ask_providers(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    providers: Mapping[str, Provider],
) -> int:
    """Ask about payments and refunds of which nothing was heard; return how many were asked about.

    The younger one is, the sooner it is asked about again; after a day nobody pays any more, while
    a refund is asked about until its provider decides.
    """
    names = [name for name, provider in providers.items() if provider.scenes]
    with uow.begin() as tx:
        payments = accounts.take_silent_payments(tx.session, names, now, BATCH)
        refunds = accounts.take_silent_refunds(tx.session, names, now, BATCH)
        asked = [(payment, tx.session.get_one(Booking, payment.booking_id)) for payment in payments]
        refund_ids = [refund.id for refund in refunds]
    for payment, booking in asked:
        try:
            _ask(uow, now, scheduling, links, providers, payment, booking)
        except YingqiError as error:
            logger.warning("a payment stays open", extra={"code": error.code})
    for refund_id in refund_ids:
        try:
            settling.refund_payment(
                uow=uow, now=now, links=links, providers=providers, refund_id=refund_id
            )
        except YingqiError as error:
            logger.warning("a refund stays open", extra={"code": error.code})
    return len(asked) + len(refund_ids)


def compare(
    *, uow: UnitOfWork, now: datetime, providers: Mapping[str, Provider], provider: str, day: date
) -> dict[str, Any]:
    """Compare a provider's statement of a day with our books.

    Errors:  ProviderUnknown; ProviderUnavailable, also while the statement is still being made.
    """
    chosen = find(providers, provider)
    stated = chosen.statement(day, now=now)
    start = datetime.combine(day, time(), PROVIDERS_ZONE)
    end = start + timedelta(days=1)
    with uow.read() as session:
        margin = timedelta(hours=1)
        booked = accounts.movements(session, provider, start - margin, end + margin)
    return _told(provider, day, reconcile(booked, stated, start=start, end=end))


def _ask(
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    providers: Mapping[str, Provider],
    payment: Payment,
    booking: Booking,
) -> None:
    outcome = find(providers, payment.provider).query(views.bill(booking, payment, links), now=now)
    if outcome is None:
        return
    booking_id: UUID = paying.record_outcome(
        uow=uow, now=now, provider=payment.provider, outcome=outcome
    )
    if outcome.succeeded:
        settling.settle_booking(
            uow=uow, now=now, scheduling=scheduling, links=links, booking_id=booking_id
        )


def _told(provider: str, day: date, found: Differences) -> dict[str, Any]:
    return {
        "provider": provider,
        "day": day,
        "matched": len(found.matched),
        "differing": [
            {"ours": asdict(ours), "theirs": asdict(theirs)} for ours, theirs in found.differing
        ],
        "missing_here": _entries(found.missing_here),
        "missing_there": _entries(found.missing_there),
        "repeated": _entries(found.repeated),
    }


def _entries(entries: list[Entry]) -> list[dict[str, Any]]:
    return [asdict(entry) for entry in entries]
