"""Defining and reading branches, and the dates on which they are closed or open otherwise."""

from collections.abc import Callable, Iterator
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.contracts import scheduling as contract
from services.contracts.errors import Invalid, Unavailable
from services.contracts.scheduling import (
    BranchUnknown,
    ClosureUnknown,
    HolidayCalendarUnknown,
    RangeInvalid,
)
from services.scheduling.models import Branch, BranchDay, Closure, FreedTime
from services.scheduling.queries.locks import share_supply
from services.scheduling.usecases import branches
from tests.integration.scheduling.studio import DAY, NOW, Studio, week, words

Make = Callable[..., Studio]
TOMORROW = DAY + timedelta(days=1)


def days_of(studio: Studio, first: date = DAY, last: date = DAY) -> dict[str, Any]:
    answer = branches.list_branch_days(
        uow=studio.uow, branch_id=studio.branch_id, from_=first, to=last
    )
    encoded: dict[str, Any] = contract.LIST_BRANCH_DAYS.encode(answer)
    return encoded


def open_on(studio: Studio, *hours: tuple[str, str], day: date = DAY, **values: Any) -> Any:
    spans = [
        {"opens": time.fromisoformat(opens), "closes": time.fromisoformat(closes)}
        for opens, closes in hours
    ]
    own = {"branch_id": studio.branch_id, "day": day, "hours": spans, "reason": "拍摄活动"}
    return branches.define_branch_day(uow=studio.uow, now=NOW, **{**own, **values})


def close(studio: Studio, **values: Any) -> dict[str, Any]:
    closure = {
        "id": uuid4(),
        "branch_id": studio.branch_id,
        "first_day": DAY,
        "last_day": DAY,
        "reason": "装修",
    }
    return branches.define_closure(uow=studio.uow, now=NOW, **{**closure, **values})


def count(studio: Studio, model: Any) -> int:
    with studio.uow.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def freed_branches(studio: Studio) -> set[UUID]:
    with studio.uow.read() as session:
        return set(session.scalars(sa.select(FreedTime.branch_id)))


# --- branches


def test_every_change_of_a_branch_is_told(studio: Studio) -> None:
    studio.define_branch(phone="400")
    open_on(studio, ("10:00", "12:00"))
    closure = close(studio)
    branches.remove_closure(uow=studio.uow, now=NOW, id=closure["id"])

    told = [e["payload"] for e in studio.envelopes() if e["type"] == "branch.changed"]
    assert told == [{"branch_id": str(studio.branch_id)}] * 4


def test_defining_a_branch_again_changes_it(studio: Studio) -> None:
    studio.define_branch(phone="400", hours=week("10:00", "12:00"))

    (branch,) = contract.LIST_BRANCHES.encode(branches.list_branches(uow=studio.uow))["items"]
    assert branch["phone"] == "400"
    assert studio.starts() == ["10:00", "11:00"]


def test_branches_keep_the_order_in_which_they_were_defined(make_studio: Make) -> None:
    ids = [make_studio().branch_id for _ in range(3)]
    make_studio(branch_id=ids[0])

    items = branches.list_branches(uow=make_studio(branch_id=ids[1]).uow)["items"]

    assert [branch.id for branch in items] == ids


def test_a_branch_is_read_with_its_hours(make_studio: Make) -> None:
    hours = [*week("13:00", "18:00", [8, 1]), *week("09:00", "12:00", [1])]
    studio = make_studio(hours=hours)
    studio.define_branch(open_on_holidays=False, travel_minutes=30)

    branch = contract.GET_BRANCH.encode(
        branches.get_branch(uow=studio.uow, branch_id=studio.branch_id)
    )

    assert branch["hours"] == [
        {"weekday": 1, "opens": "09:00", "closes": "12:00"},
        {"weekday": 1, "opens": "13:00", "closes": "18:00"},
        {"weekday": 8, "opens": "13:00", "closes": "18:00"},
    ]
    assert (branch["name"], branch["travel_minutes"]) == (words("外滩店"), 30)
    assert not branch["open_on_holidays"]


def test_a_branch_that_nobody_has_defined_is_unknown(studio: Studio) -> None:
    with pytest.raises(BranchUnknown):
        branches.get_branch(uow=studio.uow, branch_id=uuid4())


def test_a_zone_or_calendar_that_nobody_knows_is_refused(studio: Studio) -> None:
    with pytest.raises(Invalid) as refused:
        studio.define_branch(id=uuid4(), timezone="Asia/Beijing")
    assert refused.value.details["errors"][0]["pointer"] == "/timezone"

    with pytest.raises(HolidayCalendarUnknown) as refused:
        studio.define_branch(id=uuid4(), holiday_calendar="XX")
    assert refused.value.details["errors"][0]["pointer"] == "/holiday_calendar"

    assert count(studio, Branch) == 1


def test_hours_given_twice_are_kept_once(make_studio: Make) -> None:
    studio = make_studio(hours=week("09:00", "11:00") + week("09:00", "11:00"))

    assert studio.starts() == ["09:00", "10:00"]


# --- hours of one date


def test_a_date_has_its_own_hours_until_they_are_taken_back(studio: Studio) -> None:
    answer = open_on(studio, ("10:00", "12:00"), ("14:00", "15:00"))

    assert contract.DEFINE_BRANCH_DAY.encode(answer)["hours"][0]["opens"] == "10:00"
    assert studio.starts() == ["10:00", "11:00", "14:00"]
    (listed,) = days_of(studio)["days"]
    assert (listed["day"], len(listed["hours"]), listed["reason"]) == (
        DAY.isoformat(),
        2,
        "拍摄活动",
    )

    open_on(studio)

    assert len(studio.starts()) == 9
    assert days_of(studio)["days"] == []


def test_hours_of_a_date_replace_the_former_ones_of_that_date(studio: Studio) -> None:
    open_on(studio, ("10:00", "12:00"))
    open_on(studio, ("16:00", "17:00"), day=TOMORROW)

    open_on(studio, ("15:00", "16:00"))

    assert studio.starts() == ["15:00"]
    assert [day["day"] for day in days_of(studio, DAY, TOMORROW)["days"]] == [
        DAY.isoformat(),
        TOMORROW.isoformat(),
    ]


@pytest.mark.parametrize("hours", [[("10:00", "12:00")], []])
def test_a_date_of_an_unknown_branch_is_refused(
    studio: Studio, hours: list[tuple[str, str]]
) -> None:
    with pytest.raises(BranchUnknown):
        open_on(studio, *hours, branch_id=uuid4())

    assert count(studio, BranchDay) == 0


# --- closures


def test_a_closed_branch_offers_nothing_until_it_opens_again(studio: Studio) -> None:
    closure = close(studio, last_day=TOMORROW)

    assert studio.starts(DAY, TOMORROW) == []
    (listed,) = days_of(studio, TOMORROW, TOMORROW)["closures"]
    assert (listed["first_day"], listed["last_day"], listed["reason"]) == (
        DAY.isoformat(),
        TOMORROW.isoformat(),
        "装修",
    )

    assert branches.remove_closure(uow=studio.uow, now=NOW, id=closure["id"]) == {"removed": True}

    assert len(studio.starts(DAY, TOMORROW)) == 18


def test_a_closure_can_be_moved_to_other_dates(studio: Studio) -> None:
    id = close(studio)["id"]

    close(studio, id=id, first_day=TOMORROW, last_day=TOMORROW)

    assert studio.starts(DAY)
    assert studio.starts(TOMORROW) == []
    assert days_of(studio)["closures"] == []


def test_a_closure_can_be_moved_to_another_branch(make_studio: Make) -> None:
    here, there = make_studio(), make_studio()
    id = close(here)["id"]

    close(there, id=id)

    assert here.starts()
    assert there.starts() == []


def test_a_closure_tells_of_the_bookings_in_it(studio: Studio) -> None:
    booked = studio.hold("10:00")

    close(studio)
    close(studio, first_day=TOMORROW, last_day=TOMORROW)

    told = [e for e in studio.envelopes() if e["type"] == "allocation.conflicted"]
    assert {(e["payload"]["booking_id"], e["payload"]["cause"]) for e in told} == {
        (str(booked["booking_id"]), "closure")
    }


def test_a_closure_that_is_removed_and_defined_again_is_told_again(studio: Studio) -> None:
    studio.hold("10:00")

    for _ in range(2):
        closure = close(studio)
        branches.remove_closure(uow=studio.uow, now=NOW, id=closure["id"])

    assert studio.events().count("allocation.conflicted") == 2


def test_a_closure_over_another_tells_nothing_new(studio: Studio) -> None:
    studio.hold("10:00")

    closure = close(studio)
    close(studio)
    assert studio.events().count("allocation.conflicted") == 1, "it is closed all the same"
    close(studio, id=closure["id"], first_day=TOMORROW, last_day=TOMORROW)
    close(studio)
    assert studio.events().count("allocation.conflicted") == 1, "the other closure lasts"


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (DAY, DAY - timedelta(days=1)),
        (DAY, DAY + timedelta(days=731)),
        (date.max, date.max),
    ],
)
def test_a_closure_of_no_days_or_too_many_is_refused(
    studio: Studio, first: date, last: date
) -> None:
    with pytest.raises(RangeInvalid) as refused:
        close(studio, first_day=first, last_day=last)

    assert refused.value.details["errors"][0]["pointer"] == "/last_day"
    assert count(studio, Closure) == 0


def test_a_closure_needs_a_branch(studio: Studio) -> None:
    with pytest.raises(BranchUnknown):
        close(studio, branch_id=uuid4())


def test_an_unknown_closure_cannot_be_removed(studio: Studio) -> None:
    with pytest.raises(ClosureUnknown):
        branches.remove_closure(uow=studio.uow, now=NOW, id=uuid4())


def test_days_are_listed_of_a_known_branch_and_a_possible_range(studio: Studio) -> None:
    with pytest.raises(RangeInvalid) as refused:
        days_of(studio, DAY, DAY - timedelta(days=1))
    assert refused.value.details["errors"][0]["pointer"] == "/to"

    studio.branch_id = uuid4()
    with pytest.raises(BranchUnknown):
        days_of(studio)


# --- what follows


def test_whoever_waits_is_asked_when_a_branch_may_have_more_time(make_studio: Make) -> None:
    studio, other = make_studio(), make_studio()
    assert freed_branches(studio) == set()
    closure = close(studio)
    assert freed_branches(studio) == set()

    branches.remove_closure(uow=studio.uow, now=NOW, id=closure["id"])
    assert freed_branches(studio) == {studio.branch_id}

    open_on(other, ("08:00", "22:00"))
    assert freed_branches(studio) == {studio.branch_id, other.branch_id}


@pytest.fixture
def impatient(studio: Studio) -> Iterator[UnitOfWork]:
    """A unit of work that gives up when it would have to wait."""
    options = {"options": "-c lock_timeout=150ms"}
    engine = sa.create_engine(studio.uow.engine.url, connect_args=options)
    yield UnitOfWork(engine)
    engine.dispose()


@pytest.mark.parametrize(
    "change",
    [
        lambda studio: studio.define_branch(hours=week("10:00", "12:00")),
        lambda studio: open_on(studio, ("10:00", "12:00")),
        lambda studio: close(studio),
        lambda studio: studio.change_resource("photographer-1", active=False),
        lambda studio: studio.change_resource("photographer-1", roster=[]),
    ],
)
def test_whoever_changes_what_time_there_is_waits_for_who_takes_it(
    studio: Studio, impatient: UnitOfWork, change: Callable[[Studio], Any]
) -> None:
    taken = sa.text(f"SELECT {share_supply(':branch_id')}")
    with studio.uow.engine.connect() as booking:
        booking.execute(taken, {"branch_id": studio.branch_id})
        studio.uow = impatient

        with pytest.raises(Unavailable):
            change(studio)
