"""Reconciling: each day's statement of every provider is compared with our books, and kept."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import uuid6

from services.booking.domain.reconciliation import Differences, Entry, reconcile
from services.booking.models import Reconciliation
from services.booking.payments import Provider, find
from services.booking.queries import accounts, reconciliations
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.cash import RECONCILE
from services.contracts.errors import YingqiError

logger = logging.getLogger(__name__)

PROVIDERS_ZONE = ZoneInfo("Asia/Shanghai")
"""The clock by which WeChat Pay and Alipay cut their days."""

READY = time(10)
"""WeChat Pay has yesterday's statement from nine or ten on, Alipay earlier; asking sooner would
only be refused."""

FORGETFUL = "sandbox"
"""The provider whose books end with its process: their comparison would mean nothing."""

PAUSE = timedelta(hours=1)
"""Until a statement that was not there is asked for again. It is longer than one request takes, and
so also keeps other replicas from a day that one of them compares."""

PATIENCE = timedelta(days=7)
"""After this nobody asks for a day's statement any more, and no older days are caught up with."""

BATCH = 10

DIFFERENCES = ("differing", "missing_here", "missing_there", "repeated")
"""Where a comparison keeps what does not agree."""


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


def compare_days(*, uow: UnitOfWork, now: datetime, providers: Mapping[str, Provider]) -> int:
    """Compare the days that have ended and were not compared yet; return how many were tried.

    Whichever replica takes a day has it to itself; a statement that is not there is asked for
    again later.
    """
    with uow.begin() as tx:
        for name, offered in providers.items():
            if offered.scenes and name != FORGETFUL:  # others' money is in no books but ours
                _add_days(tx, name, now)
        due = reconciliations.lock_due(tx.session, now, BATCH)
        for one in due:
            one.ask_at = now + PAUSE
        taken = [(one.id, one.provider, one.day) for one in due]
    for id, provider, day in taken:
        try:
            found = compare(uow=uow, now=now, providers=providers, provider=provider, day=day)
        except YingqiError as error:
            logger.warning("a statement is not there", extra={"code": error.code})
            _postpone(uow, now, id, error.code)
        else:
            _keep(uow, now, id, found)
    return len(taken)


def list_reconciliations(*, uow: UnitOfWork, now: datetime, days: int) -> dict[str, Any]:
    """Return what came of comparing the last days, the newest first."""
    with uow.read() as session:
        first = now.astimezone(PROVIDERS_ZONE).date() - timedelta(days=days)
        return {"items": [_day(one) for one in reconciliations.since(session, first)]}


def _add_days(tx: Transaction, provider: str, now: datetime) -> None:
    """Add the days of a provider that ended since the last one; of a new one yesterday's."""
    local = now.astimezone(PROVIDERS_ZONE)
    if local.time() < READY:
        return
    today = local.date()
    newest = reconciliations.newest_day(tx.session, provider) or today - timedelta(days=2)
    day = max(newest + timedelta(days=1), today - PATIENCE)
    while day < today:
        reconciliations.add_day(tx.session, uuid6.uuid7(), provider, day, now)
        day += timedelta(days=1)


def _postpone(uow: UnitOfWork, now: datetime, id: UUID, code: str) -> None:
    with uow.begin() as tx:
        one = reconciliations.lock_one(tx.session, id)
        if one.found is not None:
            return
        ended = datetime.combine(one.day + timedelta(days=1), time(), PROVIDERS_ZONE)
        one.error, one.checked_at = code, now
        one.ask_at = now + PAUSE if now < ended + PATIENCE else None


def _keep(uow: UnitOfWork, now: datetime, id: UUID, found: dict[str, Any]) -> None:
    with uow.begin() as tx:
        one = reconciliations.lock_one(tx.session, id)
        if one.found is not None:
            return
        one.found = RECONCILE.response.dump(found)
        one.error, one.checked_at, one.ask_at = None, now, None
        counts = {name: len(found[name]) for name in DIFFERENCES}
        if any(counts.values()):
            tx.emit(
                "reconciliation.failed",
                {"reconciliation_id": one.id, "provider": one.provider, "day": one.day, **counts},
            )


def _day(one: Reconciliation) -> dict[str, Any]:
    found = one.found and RECONCILE.response.load(one.found)
    return {
        "provider": one.provider,
        "day": one.day,
        "agrees": found and not any(found[name] for name in DIFFERENCES),
        "found": found,
        "error": one.error,
        "checked_at": one.checked_at,
        "ask_at": one.ask_at,
    }


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
