"""How time was used: told once, corrected when something is noted later, planned for what comes."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.chassis.inbox import Fact
from services.contracts import booking  # noqa: F401  (declares what is heard)
from services.scheduling.entrypoints.calendar import Calendar
from services.scheduling.models import Hold, UtilisationDay
from services.scheduling.usecases import utilisation
from tests.integration.crm.facts import booking_fact, deliver, deliver_twice
from tests.integration.scheduling.dragging import Desk
from tests.integration.scheduling.studio import DAY, NOW, Studio, role, week
from tests.integration.scheduling.test_calendar import send
from tests.integration.scheduling.test_storms import at_once

Make = Callable[..., Studio]
ONE_DAY = timedelta(days=1)
EVENING = datetime(2026, 11, 25, 16, tzinfo=UTC)
"""Midnight in Shanghai: the day is just over."""

FIGURES = ("rostered_minutes", "allocated_minutes", "served_minutes", "idle_minutes")


def told(studio: Studio, day: date = DAY, name: str = "photographer-1") -> list[tuple[int, ...]]:
    """Return what was told of somebody's date, in order."""
    return [
        tuple(payload[figure] for figure in FIGURES)
        for payload in facts(studio)
        if payload["day"] == day.isoformat()
        and payload["resource_id"] == str(studio.resources[name])
    ]


def facts(studio: Studio) -> list[dict[str, Any]]:
    return [
        envelope["payload"]
        for envelope in studio.envelopes()
        if envelope["type"] == "utilisation.measured"
    ]


def past(studio: Studio, now: datetime = EVENING) -> int:
    return utilisation.measure_past(uow=studio.uow, now=now)


def ahead(studio: Studio, now: datetime = NOW) -> int:
    return utilisation.measure_ahead(uow=studio.uow, now=now)


def come(
    studio: Studio, hold: dict[str, Any], now: datetime = EVENING, outcome: str = "completed"
) -> None:
    """Let a booking become what it became."""

    def handler(*, uow: UnitOfWork, fact: Fact) -> None:
        noted = {"completed": "served", "no_show": "no_show"}[fact.type.removeprefix("booking.")]
        booking_id = fact.payload["booking_id"]
        utilisation.note_outcome(uow=uow, now=now, booking_id=booking_id, outcome=noted)

    deliver(studio.uow, handler, booking_fact(f"booking.{outcome}", hold["booking_id"]))


def booked(studio: Studio, start: datetime | str = "10:00", **values: Any) -> dict[str, Any]:
    held = studio.hold(start, **values)
    return studio.confirm(held["booking_id"])


# --- what came of it


class Handlers(Calendar):
    """The entrypoints without their container."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.now = lambda: EVENING


@pytest.mark.parametrize(
    ("event_type", "handler", "outcome"),
    [
        ("booking.completed", "note_served", "served"),
        ("booking.no_show", "note_no_show", "no_show"),
    ],
)
def test_what_came_of_a_booking_is_noted_once(
    studio: Studio, event_type: str, handler: str, outcome: str
) -> None:
    booking_id = booked(studio)["booking_id"]
    fact = booking_fact(event_type, booking_id)

    def handle(*, uow: UnitOfWork, fact: Fact) -> None:
        getattr(Handlers(uow), handler)(fact)

    deliver_twice(studio.uow, handle, fact)

    with studio.uow.read() as session:
        assert session.get_one(Hold, booking_id).outcome == outcome
    assert studio.calendar()["entries"][0]["status"] == outcome


def test_a_booking_without_time_here_is_no_error(studio: Studio) -> None:
    assert not utilisation.note_outcome(
        uow=studio.uow, now=NOW, booking_id=uuid4(), outcome="served"
    )


# --- the dates that are over


def test_a_date_that_is_over_is_told_once(make_studio: Make) -> None:
    studio = make_studio(roles=[role(buffer_after_minutes=30)])
    come(studio, booked(studio))
    booked(studio, "14:00")

    assert past(studio, EVENING - timedelta(minutes=1)) == 3, "the days before"
    assert told(studio) == [], "not over yet"
    assert past(studio) == 1
    assert told(studio) == [(540, 180, 90, 360)]
    assert past(studio) == 0


def test_a_fact_says_whose_date_it_is(studio: Studio) -> None:
    past(studio)

    fact = facts(studio)[-1]
    assert fact["day"] == DAY.isoformat()
    assert fact["ended"] is True
    assert (fact["resource_type"], fact["resource_name"]["zh"]) == (
        "photographer",
        "photographer-1",
    )
    assert fact["branch_id"] == str(studio.branch_id)


def test_what_is_noted_later_corrects_what_was_told(studio: Studio) -> None:
    one = booked(studio)
    past(studio)

    come(studio, one, EVENING + 2 * ONE_DAY)
    assert told(studio) == [(540, 60, 0, 480)], "the next look will tell"
    past(studio, EVENING + 2 * ONE_DAY)

    assert told(studio) == [(540, 60, 0, 480), (540, 60, 60, 480)]


def test_what_is_noted_long_after_is_told_at_once(studio: Studio) -> None:
    one, other = booked(studio), booked(studio, "14:00")
    past(studio)
    weeks_later = EVENING + 20 * ONE_DAY

    come(studio, one, weeks_later)
    come(studio, other, weeks_later, "no_show")

    assert told(studio) == [(540, 120, 0, 420), (540, 120, 60, 420)]


def test_nobody_who_did_not_come_was_served(studio: Studio) -> None:
    come(studio, booked(studio), outcome="no_show")
    past(studio)

    assert told(studio) == [(540, 60, 0, 480)]


def test_what_was_never_confirmed_or_given_up_was_not_allocated(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    studio.release(booked(studio, wished=["photographer-1"])["booking_id"])
    studio.hold("10:00", wished=["photographer-2"])
    past(studio)

    for name in ("photographer-1", "photographer-2"):
        assert told(studio, name=name) == [(540, 0, 0, 540)]


def test_blocked_time_is_not_idle(studio: Studio) -> None:
    Desk(studio).block(start="12:00", end="15:00")
    past(studio)

    assert told(studio) == [(540, 180, 0, 360)]


def test_work_beyond_the_roster_makes_nobody_less_than_idle(make_studio: Make) -> None:
    studio = make_studio(roster=week("10:00", "11:00"))
    Desk(studio).block(start="09:00", end="12:00")
    past(studio)

    assert told(studio) == [(60, 180, 0, 0)]


def test_units_are_measured_together(make_studio: Make) -> None:
    studio = make_studio(crew={"prop": 1}, capacity={"prop": 3}, roles=[role("prop", quantity=2)])
    come(studio, booked(studio))
    past(studio)

    assert told(studio, name="prop-1") == [(1620, 120, 120, 1500)]


def test_work_counts_at_the_branch_where_it_is_done(make_studio: Make) -> None:
    home, other = make_studio(), make_studio(crew={})
    other.resources["photographer-1"] = home.resources["photographer-1"]
    send(home, to=other, day=DAY)
    come(other, booked(other))
    past(home)

    by_branch = {
        fact["branch_id"]: (fact["rostered_minutes"], fact["served_minutes"])
        for fact in facts(home)
        if fact["day"] == DAY.isoformat()
    }
    assert by_branch == {str(other.branch_id): (540, 60)}


def test_dates_are_those_of_the_branch(make_studio: Make) -> None:
    make_studio(zone="America/New_York")
    studio = make_studio()

    past(studio, EVENING)

    days = {(fact["branch_id"] == str(studio.branch_id), fact["day"]) for fact in facts(studio)}
    assert (True, "2026-11-25") in days
    assert (False, "2026-11-25") not in days
    assert (False, "2026-11-24") in days


# --- the dates to come


def test_the_days_to_come_are_told_as_they_are_planned(studio: Studio) -> None:
    booked(studio)

    assert ahead(studio) == 15, "today and fourteen days"
    assert told(studio) == [(540, 60, 0, 480)]
    assert {fact["ended"] for fact in facts(studio)} == {False}
    assert ahead(studio) == 0

    booked(studio, "14:00")
    assert ahead(studio) == 1


def test_a_planned_date_is_told_again_when_it_is_over(studio: Studio) -> None:
    ahead(studio)
    past(studio)

    assert told(studio) == [(540, 0, 0, 540)] * 2
    assert [fact["ended"] for fact in facts(studio) if fact["day"] == DAY.isoformat()] == [
        False,
        True,
    ]


def test_plans_of_who_leaves_are_taken_back(studio: Studio) -> None:
    past(studio)
    ahead(studio, EVENING)
    studio.change_resource("photographer-1", active=False)

    assert past(studio, EVENING) == 0, "what was done was done"
    assert ahead(studio, EVENING) == 15
    assert told(studio, DAY + ONE_DAY)[-1] == (0, 0, 0, 0)


# --- bounds and replicas


def test_a_batch_bounds_the_work_and_the_rest_follows(
    make_studio: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = make_studio(crew={"photographer": 3})
    monkeypatch.setattr(utilisation, "BATCH", 20)

    assert [ahead(studio) for _ in range(4)] == [20, 20, 5, 0]


def test_replicas_tell_everything_once(storm_uow: UnitOfWork) -> None:
    studios = [Studio(storm_uow, crew={"photographer": 3}) for _ in range(3)]
    for studio in studios:
        come(studio, booked(studio))

    for _ in range(3):
        at_once(*[partial(past, studios[0]), partial(ahead, studios[0], EVENING)] * 4)

    keys = [(fact["resource_id"], fact["day"], fact["ended"]) for fact in facts(studios[0])]
    assert len(keys) == len(set(keys)) == 9 * (3 + 15)
    assert stored(storm_uow) == 9 * (3 + 15)


def stored(uow: UnitOfWork) -> int:
    with uow.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(UtilisationDay)) or 0


def test_a_branch_is_one_statement(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 5})
    ahead(studio)
    statements: list[str] = []
    sa.event.listen(studio.uow.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))

    ahead(studio)

    assert len([each for each in statements if each.startswith("EXECUTE")]) == 1
    assert len(statements) <= 4, "the branches, the lock, the zone, and the measuring"
