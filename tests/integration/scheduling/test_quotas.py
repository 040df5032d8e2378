"""Quotas: per resource, service, branch and customer; never exceeded, whoever is quicker."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.db import UnitOfWork
from services.contracts.errors import YingqiError
from services.contracts.scheduling import QuotaReached, SlotTaken
from tests.integration.scheduling.studio import DAY, Studio, role

Make = Callable[..., Studio]


def test_a_day_that_is_full_is_hidden_and_refused(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 5})
    studio.add_quota(2)

    studio.hold("10:00")
    studio.hold("11:00")

    assert studio.starts() == []
    assert studio.starts(DAY + timedelta(days=1))
    with pytest.raises(QuotaReached) as refused:
        studio.hold("12:00")
    assert refused.value.details["alternatives"]


def test_a_slot_promises_no_more_than_a_quota_lets_through(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 5})
    studio.add_quota(3)
    studio.add_quota(120, unit="minutes", period="week", per="branch")

    assert studio.remaining()["10:00"] == 2
    studio.hold("10:00")
    assert studio.remaining()["10:00"] == 1


def test_units_of_a_thing_promise_no_more_than_its_quota_lets_through(make_studio: Make) -> None:
    props = [role("prop"), role("prop", key="spare", length_minutes=30)]
    studio = make_studio(crew={"prop": 1}, capacity={"prop": 8}, roles=props[:1], roster=None)
    studio.add_quota(180, per="resource", unit="minutes", resource_type="prop")

    assert studio.remaining()["10:00"] == 3
    studio.hold("10:00")
    assert studio.remaining()["10:00"] == 2
    studio.define_service(roles=props)
    assert studio.remaining()["10:00"] == 1


def test_a_thing_that_serves_two_lines_of_a_booking_is_offered_only_for_both(
    make_studio: Make,
) -> None:
    props = [role("prop", quantity=2), role("prop", key="spare", length_minutes=30)]
    studio = make_studio(crew={"prop": 1}, capacity={"prop": 4}, roles=props, roster=None)
    quota = studio.add_quota(89, per="resource", unit="minutes", resource_type="prop")

    assert studio.starts() == []
    with pytest.raises(SlotTaken):
        studio.hold("10:00")
    studio.add_quota(90, per="resource", unit="minutes", resource_type="prop", id=quota)
    assert studio.remaining()["10:00"] == 1
    studio.hold("10:00")


def test_a_cancelled_or_expired_booking_counts_no_more(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 5})
    studio.add_quota(1)
    held = studio.hold("10:00")

    assert studio.starts() == []
    studio.release(held["booking_id"])
    again = studio.hold("10:00")
    assert studio.starts(now=again["expires_at"]) != []


@pytest.mark.parametrize(("period", "days"), [("day", 1), ("week", 5), ("month", 6)])
def test_a_period_is_the_branch_s_own(make_studio: Make, period: str, days: int) -> None:
    studio = make_studio(crew={"photographer": 5})
    studio.add_quota(1, period=period)
    studio.hold("10:00")  # Wednesday the 25th

    assert studio.starts(DAY + timedelta(days=days - 1)) == []
    assert studio.starts(DAY + timedelta(days=days))


def test_a_photographer_shoots_so_often_a_day_and_then_another_does(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    studio.add_quota(1, per="resource", resource_type="photographer")

    served = {studio.names(studio.hold(start))[0] for start in ("09:00", "11:00")}

    assert served == {"photographer-1", "photographer-2"}
    assert studio.starts() == []
    with pytest.raises(SlotTaken):
        studio.hold("14:00")


def test_hours_are_counted_as_well_as_bookings(make_studio: Make) -> None:
    studio = make_studio(roles=[role(length_minutes=90)], step=30)
    studio.add_quota(180, per="resource", unit="minutes", resource_type="photographer")

    studio.hold("09:00")
    assert studio.starts()
    studio.hold("12:00")
    assert studio.starts() == []


def test_several_units_of_one_thing_count_once(make_studio: Make) -> None:
    studio = make_studio(
        crew={"prop": 1}, capacity={"prop": 4}, roles=[role("prop", quantity=2)], roster=None
    )
    studio.add_quota(60, per="resource", unit="minutes", resource_type="prop")

    assert studio.starts()
    studio.hold("09:00")
    assert studio.starts() == []


def test_a_customer_has_so_many_and_others_are_not_bound(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 5})
    studio.add_quota(1, per="customer", period="month")
    studio.hold("10:00", customer_key="anna")

    assert studio.starts(customer_key="anna") == []
    assert studio.starts(customer_key="ben")
    assert studio.starts()
    with pytest.raises(QuotaReached):
        studio.hold("15:00", customer_key="anna")
    studio.hold("15:00", customer_key="ben")


def test_a_quota_of_some_weekdays_says_nothing_on_others(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 5})
    studio.add_quota(0, weekdays=[6])

    assert studio.starts()
    assert studio.starts(DAY + timedelta(days=3)) == []


def test_a_quota_of_another_service_or_branch_does_not_bind(make_studio: Make) -> None:
    studio, other = make_studio(), make_studio()
    studio.add_quota(0, service_id=other.service_id)
    studio.add_quota(0, per="branch", branch_id=other.branch_id)

    assert studio.starts()
    assert other.starts() == []


def test_moving_within_a_full_day_is_possible_and_into_one_is_not(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 5})
    studio.add_quota(1)
    held = studio.hold("10:00")
    tomorrow = studio.hold(studio.at("10:00", DAY + timedelta(days=1)))

    moved = studio.reschedule(held["booking_id"], "15:00")

    assert moved["start"] == studio.at("15:00")
    with pytest.raises(QuotaReached):
        studio.reschedule(tomorrow["booking_id"], "12:00")


@pytest.mark.slow
def test_a_storm_never_exceeds_a_quota(storm_uow: UnitOfWork) -> None:
    studio = Studio(storm_uow, crew={"photographer": 8})
    studio.add_quota(3)
    for round in range(8):
        day = DAY + timedelta(days=round)
        outcomes: list[Any] = []

        def book(start: str, day: Any = day, outcomes: list[Any] = outcomes) -> None:
            try:
                outcomes.append(studio.hold(studio.at(start, day))["state"])
            except YingqiError as error:
                outcomes.append(error.code)

        threads = [
            threading.Thread(target=book, args=(f"{9 + number % 8:02}:00",)) for number in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes.count("held") == 3, outcomes
        assert set(outcomes) <= {"held", "scheduling.quota_reached", "scheduling.slot_taken"}
