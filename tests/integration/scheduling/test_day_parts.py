"""Parts of the day: booked now, the hour agreed later."""

from collections.abc import Callable
from datetime import time
from uuid import uuid4

import pytest

from services.contracts.scheduling import DayPartUnknown, HoldDiffers, SlotTaken
from services.scheduling.usecases import slots
from tests.integration.scheduling.studio import DAY, NOW, Studio

Make = Callable[..., Studio]

PARTS = [
    {"part": "morning", "opens": time(9), "closes": time(12)},
    {"part": "afternoon", "opens": time(12), "closes": time(18)},
    {"part": "any", "opens": time(0), "closes": time(23, 59)},
]


@pytest.fixture
def studio(make_studio: Make) -> Studio:
    studio = make_studio()
    studio.define_service(day_parts=PARTS)
    return studio


def parts(studio: Studio) -> dict[str, int]:
    answer = slots.find_slots(
        uow=studio.uow,
        now=NOW,
        service_id=studio.service_id,
        branch_id=studio.branch_id,
        from_=DAY,
        to=DAY,
        resource_ids=[],
    )
    return {part["part"]: part["remaining"] for part in answer["day_parts"]}


def test_the_parts_of_a_day_that_can_be_booked_are_told(studio: Studio) -> None:
    assert parts(studio) == {"morning": 1, "afternoon": 1, "any": 1}

    for start in ("09:00", "10:00", "11:00"):
        studio.hold(start)

    assert parts(studio) == {"afternoon": 1, "any": 1}


def test_a_part_takes_its_earliest_time_that_is_free(studio: Studio) -> None:
    studio.hold("09:00")

    held = studio.hold("00:00", day_part="morning")

    assert (held["start"], held["day_part"]) == (studio.at("10:00"), "morning")


def test_the_same_request_again_is_the_same_hold(studio: Studio) -> None:
    booking_id = uuid4()
    first = studio.hold("00:00", booking_id=booking_id, day_part="morning")
    studio.hold("10:00")

    assert studio.hold("00:00", booking_id=booking_id, day_part="morning") == first
    with pytest.raises(HoldDiffers):
        studio.hold("00:00", booking_id=booking_id, day_part="afternoon")


def test_a_part_that_is_full_is_refused(studio: Studio) -> None:
    for _ in range(3):
        studio.hold("00:00", day_part="morning")

    with pytest.raises(SlotTaken) as refused:
        studio.hold("00:00", day_part="morning")
    assert refused.value.details["alternatives"]


def test_agreeing_on_the_hour_ends_the_part(studio: Studio) -> None:
    held = studio.hold("00:00", day_part="any")

    agreed = studio.reschedule(held["booking_id"], "15:00")
    assert (agreed["start"], agreed["day_part"]) == (studio.at("15:00"), None)

    other = studio.hold("00:00", day_part="morning")
    same = studio.reschedule(other["booking_id"], other["start"])
    assert (same["start"], same["day_part"]) == (other["start"], None)


def test_a_part_that_the_service_does_not_have_is_refused(studio: Studio) -> None:
    with pytest.raises(DayPartUnknown):
        studio.hold("00:00", day_part="evening")
