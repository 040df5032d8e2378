"""Public holidays and make-up work days: loaded, edited, renewed."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from services.contracts import scheduling as contract
from services.contracts.scheduling import HolidayCalendarUnknown
from services.scheduling import holiday_calendars
from services.scheduling.holiday_calendars import OfficialDay
from services.scheduling.models import SpecialDay
from services.scheduling.usecases import branches, special_days
from tests.integration.scheduling.studio import EVERY_DAY, NOW, Studio, week, words

Make = Callable[..., Studio]

NATIONAL_DAY = date(2026, 10, 1)
MAKE_UP_DAY = date(2026, 10, 10)
"""A Saturday that China works in exchange for a day of the long holiday."""
OPEN_ON_WORK_DAYS = week("09:00", "11:00", [1, 2, 3, 4, 5])
NEXT_YEAR = datetime.fromisoformat("2027-03-01T00:00:00+00:00")
SEPTEMBER = datetime.fromisoformat("2026-09-15T00:00:00+00:00")


@pytest.fixture
def studio(make_studio: Make) -> Studio:
    return make_studio(holiday_calendar="CN")


def define(studio: Studio, day: date, kind: str, **values: Any) -> dict[str, Any]:
    answer = special_days.define_special_day(
        uow=studio.uow,
        now=NOW,
        **{
            "calendar": "CN",
            "day": day,
            "kind": kind,
            "name": words("店庆"),
            "edited": True,
            **values,
        },
    )
    encoded: dict[str, Any] = contract.DEFINE_SPECIAL_DAY.encode(answer)
    return encoded


def known(studio: Studio, day: date) -> tuple[str, str, bool] | None:
    """Return kind, Chinese name and whether it is the studio's own word."""
    listed = branches.list_branch_days(
        uow=studio.uow, branch_id=studio.branch_id, from_=day, to=day
    )["special_days"]
    return next(((each.kind, each.name["zh"], each.edited) for each in listed), None)


def years(studio: Studio) -> list[int]:
    with studio.uow.read() as session:
        year = sa.func.extract("year", SpecialDay.day)
        return [int(each) for each in session.scalars(sa.select(year).distinct().order_by(year))]


def load(studio: Studio, now: datetime = NOW) -> None:
    special_days.load_special_days(uow=studio.uow, now=now)


def test_a_branch_brings_its_holidays_for_three_years(studio: Studio) -> None:
    assert known(studio, NATIONAL_DAY) == ("holiday", "国庆节", False)
    assert known(studio, MAKE_UP_DAY) == ("work_day", "调休上班", False)
    assert years(studio) == [2026, 2027, 2028]


def test_a_branch_without_a_calendar_has_no_special_days(make_studio: Make) -> None:
    make_studio(holiday_calendar="CN")
    plain = make_studio()

    assert known(plain, NATIONAL_DAY) is None


def test_calendars_of_other_countries_stand_beside_each_other(make_studio: Make) -> None:
    make_studio(holiday_calendar="CN")
    abroad = make_studio(holiday_calendar="US-CA", zone="America/Los_Angeles")

    assert known(abroad, NATIONAL_DAY) is None
    assert known(abroad, date(2026, 7, 4)) == ("holiday", "Independence Day", False)


def test_holidays_and_make_up_days_have_hours_of_their_own(make_studio: Make) -> None:
    studio = make_studio(
        holiday_calendar="CN",
        hours=[*OPEN_ON_WORK_DAYS, *week("13:00", "14:00", [8]), *week("15:00", "16:00", [9])],
        roster=week("00:00", "00:00", [*EVERY_DAY, 8, 9]),
        horizon=400,
    )

    assert studio.starts(NATIONAL_DAY, now=SEPTEMBER) == ["13:00"]
    assert studio.starts(MAKE_UP_DAY, now=SEPTEMBER) == ["15:00"]
    assert studio.starts(date(2026, 10, 8), now=SEPTEMBER) == ["09:00", "10:00"]


def test_a_branch_may_be_closed_on_holidays(make_studio: Make) -> None:
    studio = make_studio(holiday_calendar="CN")
    assert studio.starts(NATIONAL_DAY, now=SEPTEMBER)

    studio.define_branch(open_on_holidays=False)

    assert studio.starts(NATIONAL_DAY, now=SEPTEMBER) == []
    assert studio.starts(date(2026, 10, 9), now=SEPTEMBER)


# --- editing


def test_the_studio_s_own_word_outlives_a_renewal(studio: Studio) -> None:
    define(studio, NATIONAL_DAY, "ordinary")
    define(studio, date(2026, 11, 11), "holiday")

    load(studio)
    studio.define_branch()

    assert known(studio, NATIONAL_DAY) == ("ordinary", "店庆", True)
    assert known(studio, date(2026, 11, 11)) == ("holiday", "店庆", True)


def test_a_holiday_that_is_struck_out_has_the_weekday_s_hours(make_studio: Make) -> None:
    studio = make_studio(holiday_calendar="CN")
    studio.define_branch(open_on_holidays=False)

    define(studio, NATIONAL_DAY, "ordinary")

    assert studio.starts(NATIONAL_DAY, now=SEPTEMBER)


def test_the_studio_s_word_can_be_taken_back(studio: Studio) -> None:
    define(studio, NATIONAL_DAY, "work_day")
    define(studio, date(2026, 11, 11), "holiday")

    official = define(studio, NATIONAL_DAY, "work_day", edited=False)
    nothing = define(studio, date(2026, 11, 11), "holiday", edited=False)

    assert (official["kind"], official["name"]["zh"], official["edited"]) == (
        "holiday",
        "国庆节",
        False,
    )
    assert (nothing["kind"], nothing["edited"]) == ("ordinary", False)
    assert known(studio, NATIONAL_DAY) == ("holiday", "国庆节", False)
    assert known(studio, date(2026, 11, 11)) is None


def test_a_calendar_that_nobody_keeps_is_refused(studio: Studio) -> None:
    with pytest.raises(HolidayCalendarUnknown) as refused:
        define(studio, NATIONAL_DAY, "holiday", calendar="XX")

    assert refused.value.details["errors"][0]["pointer"] == "/calendar"


def test_every_branch_with_the_calendar_is_told_of_a_day_that_is_edited(make_studio: Make) -> None:
    some = [make_studio(holiday_calendar="CN") for _ in range(2)]
    make_studio(holiday_calendar="US-CA")

    define(some[0], NATIONAL_DAY, "ordinary")
    assert changed(some[0]) == sorted(str(each.branch_id) for each in some)
    define(some[0], NATIONAL_DAY, "ordinary", edited=False)
    assert len(changed(some[0])) == 4


# --- renewing


def test_only_a_renewal_that_brings_something_new_is_told(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(studio)
    assert changed(studio) == []

    renamed = OfficialDay(NATIONAL_DAY, "holiday", words("改名"))
    official = holiday_calendars.days_of("CN", range(NOW.year, NOW.year + 3))
    rest = [each for each in official if each.day != NATIONAL_DAY]
    monkeypatch.setattr(holiday_calendars, "days_of", lambda *_: [renamed, *rest])
    load(studio)
    assert changed(studio) == [str(studio.branch_id)]

    monkeypatch.setattr(holiday_calendars, "days_of", lambda *_: rest)
    load(studio)
    assert changed(studio) == [str(studio.branch_id)] * 2


def test_renewing_loads_the_years_to_come_and_keeps_the_past(studio: Studio) -> None:
    load(studio, NEXT_YEAR)

    assert years(studio) == [2026, 2027, 2028, 2029]
    assert known(studio, NATIONAL_DAY) == ("holiday", "国庆节", False)


def test_renewing_twice_changes_nothing(studio: Studio) -> None:
    before = all_days(studio)

    load(studio)
    load(studio)

    assert all_days(studio) == before


def test_an_official_day_that_changes_is_changed_and_one_that_goes_is_removed(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = OfficialDay(date(2026, 12, 5), "work_day", words("调休上班"))
    renamed = OfficialDay(NATIONAL_DAY, "work_day", words("改期"))
    define(studio, MAKE_UP_DAY, "holiday")
    monkeypatch.setattr(holiday_calendars, "days_of", lambda *_: [renamed, moved])

    load(studio)

    assert [(day.day, day.kind) for day in all_days(studio)] == [
        (NATIONAL_DAY, "work_day"),
        (MAKE_UP_DAY, "holiday"),
        (moved.day, "work_day"),
    ]


def test_a_calendar_that_the_package_drops_stays_as_it_was(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holiday_calendars, "is_known", lambda _: False)

    load(studio)

    assert known(studio, NATIONAL_DAY) == ("holiday", "国庆节", False)


def test_calendars_that_no_branch_uses_any_more_are_not_renewed(studio: Studio) -> None:
    studio.define_branch(holiday_calendar=None)

    load(studio, NEXT_YEAR)

    assert years(studio) == [2026, 2027, 2028]
    assert known(studio, NATIONAL_DAY) is None


def changed(studio: Studio) -> list[str]:
    """Return the branches that were told to have changed, in order."""
    told = (each for each in studio.envelopes() if each["type"] == "branch.changed")
    return [each["payload"]["branch_id"] for each in told]


def all_days(studio: Studio) -> list[Any]:
    with studio.uow.read() as session:
        columns = (SpecialDay.day, SpecialDay.kind, SpecialDay.name, SpecialDay.edited)
        return list(session.execute(sa.select(*columns).order_by(SpecialDay.day)))
