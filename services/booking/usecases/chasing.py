"""Chasing: a provider that said nothing is asked."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.booking import views
from services.booking.domain import ledger
from services.booking.links import Links
from services.booking.models import Booking, Payment
from services.booking.payments import Provider, find
from services.booking.queries import accounts
from services.booking.usecases import paying, settling
from services.chassis.db import UnitOfWork
from services.contracts.errors import YingqiError

logger = logging.getLogger(__name__)

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
    names = [name for name in providers if name != ledger.CASH_DESK]
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
