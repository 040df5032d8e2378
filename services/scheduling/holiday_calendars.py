"""The official calendars of public holidays; the only place that knows the holidays package."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import holidays

MAKE_UP_DAY = {"zh": "调休上班", "en": "Make-up work day"}

LANGUAGES = {"zh": ("zh_CN", "、"), "en": ("en_US", ", ")}
"""In which language the package is asked, and what stands between two names of one day. It
answers in English where it has no Chinese names."""


@dataclass(frozen=True)
class OfficialDay:
    """A public holiday, or a day off that has to be worked in exchange (调休).

    Shapes:  `kind` and `name` as in SpecialDay.
    """

    day: date
    kind: str
    name: dict[str, str]


def is_known(calendar: str) -> bool:
    """Tell whether there is a calendar by this name: CN, HK, US-CA."""
    country, _, part = calendar.partition("-")
    parts = holidays.list_supported_countries(include_aliases=False).get(country)
    return parts is not None and (part in parts if "-" in calendar else True)


def days_of(calendar: str, years: Iterable[int]) -> list[OfficialDay]:
    """Return the special days of some years of a known calendar, earliest first."""
    asked = list(years)
    told = {language: _ask(calendar, asked, language) for language in LANGUAGES}
    found = {
        day: OfficialDay(day, "holiday", {key: _name(told[key], day, key) for key in told})
        for day in told["en"]
    }
    for day in told["en"].weekend_workdays:
        if day.year in asked:
            found[day] = OfficialDay(day, "work_day", dict(MAKE_UP_DAY))
    return [found[day] for day in sorted(found)]


def _ask(calendar: str, years: list[int], language: str) -> Any:
    country, _, part = calendar.partition("-")
    return holidays.country_holidays(
        country, subdiv=part or None, years=years, language=LANGUAGES[language][0]
    )


def _name(told: Any, day: date, language: str) -> str:
    return LANGUAGES[language][1].join(told.get_list(day))
