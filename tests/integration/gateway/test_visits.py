"""Views of pages are noted without asking anybody, and counted together a little later."""

import time
from collections.abc import Callable
from typing import Any

import eventlet
import pytest

from gateway.routes.visits import WaitingVisits
from services.contracts.errors import Unavailable
from services.contracts.page_views import MAX_BATCH
from tests.integration.gateway.conftest import Site, StartSite

VISITS = "/api/v1/visits"
SEEN = {"pages": ["service", "book"], "channel": "poster", "visitor": "visitor-1"}


def wait(condition: Callable[[], Any]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        eventlet.sleep(0.05)


def told(site: Site) -> list[Any]:
    return [
        each
        for asked in site.services.asked("booking.count_page_visits")
        for each in asked["visits"]
    ]


def test_visits_are_counted_together(site: Site) -> None:
    answer = site.anybody.post(VISITS, SEEN)
    assert (answer.status, answer.json) == (202, {"noted": True})
    assert site.services.calls == [], "nobody waits for a database"
    site.anybody.post(VISITS, SEEN)
    site.anybody.post(VISITS, {"pages": ["home"], "visitor": "visitor-2", "step": "start"})
    wait(lambda: len(told(site)) >= 3)
    assert told(site) == [
        {"page": "service", "channel": "poster", "step": "view", "visitor": "visitor-1"},
        {"page": "book", "channel": "poster", "step": "view", "visitor": "visitor-1"},
        {"page": "home", "channel": "web", "step": "start", "visitor": "visitor-2"},
    ]


def test_visits_wait_while_booking_is_away(site: Site) -> None:
    site.services.answers["booking.count_page_visits"] = Unavailable()
    site.anybody.post(VISITS, SEEN)
    wait(lambda: len(told(site)) >= 2)
    site.services.answers["booking.count_page_visits"] = {"counted": 2}
    before = len(told(site))
    wait(lambda: len(told(site)) > before)


@pytest.mark.parametrize(
    "agent", ["Mozilla/5.0 (compatible; Googlebot/2.1)", "Bytespider", "Baiduspider/2.0"]
)
def test_robots_are_no_visitors(site: Site, agent: str) -> None:
    robot = site.anybody.with_headers({"User-Agent": agent})
    assert robot.post(VISITS, SEEN).json == {"noted": False}
    form = {"step": "view", "visitor": "visitor-1"}
    assert robot.post("/api/v1/form-links/abc/visits", form).json == {"counted": False}
    assert site.services.calls == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"pages": []},
        {"pages": ["admin"]},
        {"channel": "No Channel"},
        {"visitor": "short"},
        {"step": "submit"},
    ],
)
def test_what_is_no_visit_is_refused(site: Site, wrong: dict[str, Any]) -> None:
    assert site.anybody.post(VISITS, SEEN | wrong).status == 422


def test_a_flood_of_visits_is_braked(start_site: StartSite) -> None:
    site = start_site(VISIT_RATE_PER_MINUTE="2")
    assert [site.anybody.post(VISITS, SEEN).status for _ in range(3)] == [202, 202, 429]


def test_counts_are_for_staff_who_read_figures(site: Site) -> None:
    days = f"{VISITS}?from=2026-11-01&to=2026-11-30"
    assert site.staff("manager").get(days).json == {"items": []}
    assert site.staff("photographer").get(days).status == 403
    assert site.anybody.get(days).status == 401


def test_so_many_wait_at_most_and_go_in_batches() -> None:
    waiting = WaitingVisits(most=MAX_BATCH + 1)
    visits = [("home", "web", "view", f"visitor-{n}") for n in range(MAX_BATCH + 2)]
    assert waiting.note(visits[:-1])
    assert not waiting.note(visits[-1:])
    assert waiting.note(visits[:1]), "it waits already"
    assert [len(waiting.take()) for _ in range(3)] == [MAX_BATCH, 1, 0]
