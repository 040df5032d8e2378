"""Measuring known data: values, days, branches and refusals."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.analytics import usecases
from services.analytics.domain import METRICS
from services.contracts.analytics import MetricUnknown, RangeInvalid
from tests.integration.crm.facts import (
    BRANCH,
    OTHER_BRANCH,
    booking_fact,
    deliver,
    fact,
    payment_fact,
)

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (23, 24, 25))
SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"


def shanghai(day, hour):
    return datetime(2026, 11, day, hour, tzinfo=UTC) - timedelta(hours=8)


def book(uow, requested_at, *later, **place):
    """Let a booking be requested, and then what is told of it later as (type, at)."""
    booking_id, place = uuid4(), {"requested_at": requested_at, **place}
    told = [("booking.requested", requested_at), *later]
    for version, (event_type, at) in enumerate(told, start=1):
        about = booking_fact(event_type, booking_id, at, version=version, **place)
        deliver(uow, usecases.follow_booking, about)


def pay(uow, event_type, at, cents, **place):
    told = payment_fact(event_type, uuid4(), occurred_at=at, amount_cents=cents, **place)
    deliver(uow, usecases.follow_payment, told)


def meet(uow, at, branch_id=BRANCH, timezone=SHANGHAI):
    payload = {"customer_id": uuid4(), "branch_id": branch_id, "timezone": timezone}
    deliver(uow, usecases.follow_customer, fact("customer.created", {**payload, "created_at": at}))


def use(uow, day, served, allocated, rostered, branch_id=BRANCH, ended=True):
    payload = {
        "resource_id": uuid4(),
        "resource_type": "photographer",
        "resource_name": {"zh": "林晨", "en": ""},
        "branch_id": branch_id,
        "day": day,
        "ended": ended,
        "rostered_minutes": rostered,
        "allocated_minutes": allocated,
        "served_minutes": served,
        "idle_minutes": max(rostered - allocated, 0),
    }
    deliver(uow, usecases.follow_utilisation, fact("utilisation.measured", payload))


@pytest.fixture
def uow(service_uow):
    """Return three days of one branch, and one booking of another far to the west."""
    uow = service_uow("analytics")
    early, noon, late = 1, 12, 23  # in Shanghai 01:00 is still the day before in UTC
    book(uow, shanghai(23, early), ("booking.confirmed", shanghai(23, noon)))
    book(
        uow,
        shanghai(23, late),
        ("booking.confirmed", shanghai(24, early)),
        ("booking.cancelled", shanghai(25, early)),
    )
    book(uow, shanghai(23, noon), ("booking.expired", shanghai(23, late)))
    book(uow, shanghai(25, early), ("booking.cancelled", shanghai(25, noon)))
    west = {"branch_id": OTHER_BRANCH, "timezone": NEW_YORK}
    monday_evening = datetime(2026, 11, 24, 2, tzinfo=UTC)
    book(uow, monday_evening, ("booking.confirmed", monday_evening), **west)
    pay(uow, "payment.succeeded", shanghai(23, early), 50_000)
    pay(uow, "payment.succeeded", shanghai(24, early), 60_000)
    pay(uow, "refund.succeeded", shanghai(25, early), 20_000)
    pay(uow, "payment.succeeded", monday_evening, 7, **west)
    meet(uow, shanghai(23, early))
    meet(uow, shanghai(25, early))
    meet(uow, monday_evening, **west)
    use(uow, MONDAY, 120, 180, 480)
    use(uow, MONDAY, 0, 0, 480, branch_id=OTHER_BRANCH)
    use(uow, TUESDAY, 240, 300, 240)
    use(uow, WEDNESDAY, 0, 120, 480, ended=False)
    return uow


def ask(uow, name, first=MONDAY, last=WEDNESDAY, **changes):
    question = {"branch_id": None, "branch_ids": None, "by": "day", **changes}
    return usecases.measure(uow=uow, name=name, from_=first, to=last, **question)


def values(answer):
    return [point["value"] for point in answer["series"]]


@pytest.mark.parametrize(
    ("name", "value", "by_day"),
    [
        ("bookings_requested", 5, [4, 0, 1]),
        ("bookings_confirmed", 3, [2, 1, 0]),
        ("bookings_cancelled", 2, [0, 0, 2]),
        ("revenue_cents", 90_007, [50_007, 60_000, -20_000]),
        ("new_customers", 3, [2, 0, 1]),
        ("cancel_rate", 1 / 3, [0, 1, None]),
        ("conversion_rate", 3 / 5, [3 / 4, None, 0]),
        ("utilisation_rate", 360 / 1200, [120 / 960, 1, None]),
        ("idle_minutes", 780, [780, 0, 0]),
        ("saturation_rate", 600 / 1680, [180 / 960, 300 / 240, 120 / 480]),
    ],
)
def test_every_metric_has_its_value_and_one_for_each_local_day(uow, name, value, by_day):
    answer = ask(uow, name)
    assert answer["value"] == pytest.approx(value)
    assert [point["on"] for point in answer["series"]] == [MONDAY, TUESDAY, WEDNESDAY]
    assert values(answer) == by_day
    assert answer["unit"] == METRICS[name].unit


@pytest.mark.parametrize("name", METRICS)
def test_a_quiet_time_is_nought_or_for_a_ratio_nothing(uow, name):
    answer = ask(uow, name, date(2026, 1, 1), date(2026, 1, 2))
    nothing = None if METRICS[name].is_ratio else 0
    assert answer["value"] == nothing
    assert values(answer) == [nothing, nothing]


def test_without_days_only_the_value_is_answered(uow):
    answer = ask(uow, "bookings_requested", by=None)
    assert (answer["value"], answer["series"]) == (5, [])


@pytest.mark.parametrize(
    ("branch_id", "branch_ids", "value"),
    [
        (BRANCH, None, 4),
        (OTHER_BRANCH, None, 1),
        (None, [BRANCH], 4),
        (None, [BRANCH, OTHER_BRANCH], 5),
        (None, [], 0),
        (BRANCH, [BRANCH, OTHER_BRANCH], 4),
        (OTHER_BRANCH, [BRANCH], 0),
        (UUID(int=3), None, 0),
    ],
)
def test_only_the_asked_branch_among_the_allowed_ones_counts(uow, branch_id, branch_ids, value):
    answer = ask(uow, "bookings_requested", branch_id=branch_id, branch_ids=branch_ids)
    assert answer["value"] == value


def test_the_range_includes_both_its_days(uow):
    assert ask(uow, "bookings_requested", MONDAY, MONDAY)["value"] == 4
    assert ask(uow, "bookings_requested", WEDNESDAY, WEDNESDAY)["value"] == 1


def test_a_leap_year_is_measured_and_a_day_more_refused(uow):
    leap_year = MONDAY + timedelta(days=365)
    assert len(ask(uow, "revenue_cents", MONDAY, leap_year)["series"]) == 366
    for first, last in ((MONDAY, leap_year + timedelta(days=1)), (TUESDAY, MONDAY)):
        with pytest.raises(RangeInvalid):
            ask(uow, "revenue_cents", first, last)


def test_an_unknown_metric_is_not_found(uow):
    with pytest.raises(MetricUnknown):
        ask(uow, "happiness")


def test_one_question_is_one_statement(uow):
    statements = []
    sa.event.listen(uow.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    ask(uow, "cancel_rate", branch_id=BRANCH)
    assert len(statements) == 1
