"""Views of pages: each visitor once a day, by page and channel, and nobody is remembered."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import eventlet
import pytest
import sqlalchemy as sa

from services.booking.models import PRUNED, PageVisitor
from services.booking.usecases import viewing
from services.chassis import pruning
from services.chassis.db import UnitOfWork
from services.contracts.errors import Invalid
from services.contracts.page_views import COUNT_PAGE_VISITS
from tests.integration.booking.studio import NOW, Studio

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 2)


@pytest.fixture
def uow(studio: Studio) -> UnitOfWork:
    return studio.uow


def visit(page: str = "home", visitor: str = "visitor-1", **more: Any) -> dict[str, Any]:
    return {"page": page, "visitor": visitor, **more}


def count(uow: UnitOfWork, *visits: dict[str, Any], hours: int = 0) -> int:
    asked = COUNT_PAGE_VISITS.request.load({"visits": list(visits)})
    now = NOW + timedelta(hours=hours)
    counted: int = viewing.count_page_visits(uow=uow, now=now, zone=ZONE, **asked)["counted"]
    return counted


def counts(uow: UnitOfWork, days: int = 1) -> dict[tuple[str, str], tuple[int, int]]:
    found = viewing.list_page_counts(uow=uow, from_=TODAY, to=TODAY + timedelta(days=days - 1))
    return {
        (each["page"], each["channel"]): (each["views"], each["starts"]) for each in found["items"]
    }


def test_a_visitor_counts_once_a_day_for_a_page_a_channel_and_a_step(uow: UnitOfWork) -> None:
    assert count(uow, visit(), visit(), visit(visitor="visitor-2"), visit("book")) == 3
    assert count(uow, visit(), visit("book", step="start"), visit(channel="poster")) == 2
    assert counts(uow) == {
        ("home", "web"): (2, 0),
        ("book", "web"): (1, 1),
        ("home", "poster"): (1, 0),
    }
    assert count(uow) == 0


def test_the_day_is_that_of_the_studio_and_tomorrow_counts_again(uow: UnitOfWork) -> None:
    assert count(uow, visit(), hours=13) == 1  # 23:00 at the studio
    assert count(uow, visit(), hours=14) == 1
    found = viewing.list_page_counts(uow=uow, from_=TODAY, to=TODAY + timedelta(days=1))["items"]
    assert [each["day"] for each in found] == [TODAY, TODAY + timedelta(days=1)]


def test_channels_that_somebody_makes_up_are_counted_together(
    uow: UnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "MOST_CHANNELS", 2)
    for channel in ("poster", "red", "x1", "x2"):
        count(uow, visit(channel=channel))
    count(uow, *(visit(channel=each, visitor="visitor-2") for each in ("poster", "x3")))
    assert counts(uow) == {
        ("home", "poster"): (2, 0),
        ("home", "red"): (1, 0),
        ("home", "other"): (2, 0),
    }


def test_batches_of_many_gateways_are_all_counted(uow: UnitOfWork) -> None:
    def batch(number: int) -> int:
        pages = ("home", "book", "form") if number % 2 else ("form", "book", "home")
        return count(uow, *(visit(page, f"visitor-{n}") for n in range(40) for page in pages))

    pool = eventlet.GreenPool()
    threads = [pool.spawn(batch, number) for number in range(6)]
    assert sum(thread.wait() for thread in threads) == 120
    assert set(counts(uow).values()) == {(40, 0)}


def test_of_a_visitor_a_digest_stays_for_two_days(uow: UnitOfWork) -> None:
    count(uow, visit())
    with uow.read() as session:
        (kept,) = session.scalars(sa.select(PageVisitor))
    assert (len(kept.visitor), "visitor-1" in kept.visitor) == (64, False)
    with uow.begin() as tx:
        tx.session.execute(sa.update(PageVisitor).values(day=date(2026, 1, 1)))
    pruning.prune(lambda: uow, PRUNED)
    with uow.read() as session:
        assert session.scalars(sa.select(PageVisitor)).all() == []
    assert counts(uow) == {("home", "web"): (1, 0)}


@pytest.mark.parametrize("to", [TODAY - timedelta(days=1), TODAY + timedelta(days=92)])
def test_so_many_days_are_told_at_once(uow: UnitOfWork, to: date) -> None:
    with pytest.raises(Invalid):
        viewing.list_page_counts(uow=uow, from_=TODAY, to=to)
