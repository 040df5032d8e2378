"""Each day's statement of every provider is compared once, kept, and told of when it differs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa

from services.booking.domain.reconciliation import Entry
from services.booking.models import Payment, Reconciliation
from services.booking.payments.offline import Offline
from services.booking.usecases import reconciling
from services.contracts.cash import LIST_RECONCILIATIONS
from services.contracts.payments import ProviderUnavailable
from tests.integration.booking.studio import Studio

DAY = date(2026, 11, 2)
MORNING = datetime(2026, 11, 3, 3, 0, tzinfo=UTC)
"""Eleven in the morning in Shanghai, on the day after DAY."""


class Biller:
    """A provider whose books agree with ours, but for what a test changes in them."""

    scenes: tuple[str, ...] = ("native",)

    def __init__(self, *entries: Entry) -> None:
        self.entries = list(entries)
        self.asked: list[date] = []
        self.down = False

    def statement(self, day: date, *, now: datetime) -> list[Entry]:
        self.asked.append(day)
        eventlet.sleep(0)
        if self.down:
            raise ProviderUnavailable()
        return self.entries if day == DAY else []


@pytest.fixture
def biller(studio: Studio) -> Biller:
    """WeChat Pay with the one payment of DAY that our books have."""
    studio.confirmed()
    with studio.uow.begin() as tx:
        payment = tx.session.scalars(sa.select(Payment)).one()
        payment.provider = "wechat_pay"
        entry = Entry(
            "payment", payment.id.hex, payment.provider_reference or "", 50_000, "CNY", studio.now
        )
    studio.now = MORNING
    return Biller(entry)


def compare(studio: Studio, biller: Biller, now: datetime | None = None) -> int:
    providers: Any = {"wechat_pay": biller, "sandbox": biller, "offline": Offline()}
    return reconciling.compare_days(uow=studio.uow, now=now or studio.now, providers=providers)


def listed(studio: Studio, days: int = 14, now: datetime | None = None) -> list[dict[str, Any]]:
    """What staff are told, as it goes over the wire."""
    told = reconciling.list_reconciliations(uow=studio.uow, now=now or studio.now, days=days)
    items: list[dict[str, Any]] = LIST_RECONCILIATIONS.response.dump(told)["items"]
    return items


def test_yesterday_is_compared_once_with_the_providers_that_have_a_statement(
    studio: Studio, biller: Biller
) -> None:
    assert compare(studio, biller) == 1
    assert compare(studio, biller, MORNING + timedelta(hours=5)) == 0
    assert biller.asked == [DAY]
    (kept,) = listed(studio)
    assert (kept["provider"], kept["day"], kept["agrees"]) == ("wechat_pay", "2026-11-02", True)
    assert (kept["found"]["matched"], kept["error"], kept["ask_at"]) == (1, None, None)
    assert studio.facts("reconciliation.failed") == []


def test_nobody_asks_before_a_statement_can_be_there(studio: Studio, biller: Biller) -> None:
    assert compare(studio, biller, datetime(2026, 11, 3, 1, 59, tzinfo=UTC)) == 0
    assert compare(studio, biller, datetime(2026, 11, 3, 2, 0, tzinfo=UTC)) == 1


def test_what_differs_is_kept_and_told_once(studio: Studio, biller: Biller) -> None:
    (ours,) = biller.entries
    foreign = replace(ours, number="0f" * 16, amount_cents=100)
    biller.entries = [replace(ours, amount_cents=49_999), foreign, replace(foreign)]
    compare(studio, biller)
    compare(studio, biller, MORNING + timedelta(hours=5))
    (kept,) = listed(studio)
    assert kept["agrees"] is False
    assert kept["found"]["differing"][0]["theirs"]["amount_cents"] == 49_999
    assert [each["number"] for each in kept["found"]["missing_here"]] == ["0f" * 16]
    (fact,) = studio.facts("reconciliation.failed")
    counts = {"differing": 1, "missing_here": 1, "missing_there": 0, "repeated": 1}
    assert fact.payload | {"reconciliation_id": None} == {
        "reconciliation_id": None,
        "provider": "wechat_pay",
        "day": DAY,
        **counts,
    }


def test_a_statement_that_is_not_there_yet_is_asked_for_again(
    studio: Studio, biller: Biller
) -> None:
    biller.down = True
    assert compare(studio, biller) == 1
    (kept,) = listed(studio)
    assert (kept["agrees"], kept["found"], kept["error"]) == (
        None,
        None,
        "booking.provider_unavailable",
    )
    assert kept["checked_at"] == "2026-11-03T03:00:00+00:00"
    assert kept["ask_at"] == "2026-11-03T04:00:00+00:00"
    assert compare(studio, biller, MORNING + timedelta(minutes=59)) == 0
    biller.down = False
    assert compare(studio, biller, MORNING + timedelta(hours=1)) == 1
    (kept,) = listed(studio)
    assert (kept["agrees"], kept["error"], kept["ask_at"]) == (True, None, None)


def test_after_a_week_nobody_asks_for_a_day_any_more(studio: Studio, biller: Biller) -> None:
    biller.down = True
    for hours in range(0, 24 * 9, 6):
        compare(studio, biller, MORNING + timedelta(hours=hours))
    asked = biller.asked.count(DAY)
    assert 20 < asked < 40
    compare(studio, biller, MORNING + timedelta(days=10))
    assert biller.asked.count(DAY) == asked
    (oldest,) = (each for each in listed(studio) if each["day"] == "2026-11-02")
    assert (oldest["ask_at"], oldest["error"]) == (None, "booking.provider_unavailable")


def test_days_that_were_missed_are_caught_up_with(studio: Studio, biller: Biller) -> None:
    compare(studio, biller)
    later = MORNING + timedelta(days=3)
    assert compare(studio, biller, later) == 3
    assert biller.asked == [DAY + timedelta(days=n) for n in range(4)]
    assert [each["day"] for each in listed(studio, days=2, now=later)] == [
        "2026-11-05",
        "2026-11-04",
    ]


def test_replicas_compare_a_day_once_between_them(studio: Studio, biller: Biller) -> None:
    biller.entries = []
    tried = eventlet.GreenPool(4).imap(lambda _: compare(studio, biller), range(4))
    assert sum(tried) == 1
    assert biller.asked == [DAY]
    assert len(studio.facts("reconciliation.failed")) == 1


def test_two_that_have_compared_the_same_day_keep_and_tell_it_once(
    studio: Studio, biller: Biller
) -> None:
    """One was so slow that its day was given to another: the first word stays."""
    biller.entries = []
    compare(studio, biller)
    with studio.uow.read() as session:
        kept = session.scalars(sa.select(Reconciliation)).one()
    later = MORNING + timedelta(hours=2)
    empty = {"matched": 0, "provider": "wechat_pay", "day": DAY}
    none: dict[str, Any] = {name: [] for name in reconciling.DIFFERENCES}
    reconciling._keep(studio.uow, later, kept.id, empty | none)
    reconciling._postpone(studio.uow, later, kept.id, "booking.provider_unavailable")
    (told,) = listed(studio)
    assert (told["agrees"], told["error"]) == (False, None)
    assert len(studio.facts("reconciliation.failed")) == 1


def test_a_day_of_another_provider_is_a_day_of_its_own(studio: Studio, biller: Biller) -> None:
    providers: Any = {"wechat_pay": biller, "alipay": Biller()}
    reconciling.compare_days(uow=studio.uow, now=studio.now, providers=providers)
    assert [each["provider"] for each in listed(studio)] == ["alipay", "wechat_pay"]
