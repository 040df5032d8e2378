"""Classes: several customers share one session, its teacher and its room."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.chassis.db import UnitOfWork
from services.contracts.errors import YingqiError
from services.contracts.scheduling import SlotTaken
from services.scheduling.usecases import explain
from tests.integration.scheduling.studio import DAY, NOW, Studio, role

Make = Callable[..., Studio]

SHARED = [role(shared=True), role("studio_room", shared=True)]


def test_customers_fill_one_session_before_another_opens(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2, "studio_room": 2}, places=3, roles=SHARED)

    assert studio.remaining()["10:00"] == 6
    crews = [tuple(studio.names(studio.hold("10:00"))) for _ in range(6)]

    assert len(set(crews[:3])) == 1 and len(set(crews[3:])) == 1
    assert set(crews[0]).isdisjoint(crews[3])
    assert "10:00" not in studio.starts()
    with pytest.raises(SlotTaken):
        studio.hold("10:00")


def test_a_place_that_is_given_back_can_be_taken_again(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 1, "studio_room": 1}, places=2, roles=SHARED)
    first, _ = studio.hold("10:00"), studio.hold("10:00")

    assert "10:00" not in studio.starts()
    studio.release(first["booking_id"])
    assert studio.remaining()["10:00"] == 1
    studio.hold("10:00")
    assert studio.overlaps() == 0


def test_a_class_has_its_teacher_to_itself(make_studio: Make) -> None:
    studio = make_studio(
        crew={"photographer": 1, "studio_room": 1}, places=3, roles=SHARED, step=30
    )
    studio.hold("10:00")

    assert "10:30" not in studio.starts()
    assert "09:30" not in studio.starts()
    assert studio.remaining()["10:00"] == 2


def test_each_customer_of_a_class_has_things_of_their_own(make_studio: Make) -> None:
    studio = make_studio(
        crew={"photographer": 1, "prop": 1},
        capacity={"prop": 2},
        places=5,
        roles=[role(shared=True), role("prop")],
    )

    assert studio.remaining()["10:00"] == 2
    studio.hold("10:00")
    assert studio.remaining()["10:00"] == 1
    studio.hold("10:00")
    assert "10:00" not in studio.starts()


def test_who_wishes_for_a_teacher_joins_that_teacher_s_session(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2}, places=2, roles=[role(shared=True)])
    studio.hold("10:00", wished=["photographer-2"])

    assert studio.remaining(wished=["photographer-2"])["10:00"] == 1
    assert studio.remaining(wished=["photographer-1"])["10:00"] == 2
    assert studio.names(studio.hold("10:00", wished=["photographer-2"])) == ["photographer-2"]
    assert "10:00" not in studio.starts(wished=["photographer-2"])


OWN = [role(shared=True), role("makeup_artist")]


def test_who_joins_a_begun_class_may_wish_for_somebody_of_their_own(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 1, "makeup_artist": 2}, places=3, roles=OWN)
    studio.hold("10:00", wished=["makeup_artist-1"])

    assert "10:00" not in studio.starts(wished=["makeup_artist-1"])
    assert studio.remaining(wished=["makeup_artist-2"])["10:00"] == 1
    assert studio.remaining(wished=["photographer-1", "makeup_artist-2"])["10:00"] == 1
    answer = explain.explain(
        uow=studio.uow,
        now=NOW,
        service_id=studio.service_id,
        branch_id=studio.branch_id,
        start=studio.at("10:00"),
        resource_ids=studio.ids(["makeup_artist-2"]),
    )
    assert answer["offered"]
    held = studio.hold("10:00", wished=["makeup_artist-2"])
    assert studio.names(held) == ["makeup_artist-2", "photographer-1"]


def test_somebody_of_ones_own_is_promised_to_one_customer(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 1, "makeup_artist": 3}, places=3, roles=OWN)

    assert studio.remaining()["10:00"] == 3
    assert studio.remaining(wished=["photographer-1"])["10:00"] == 3
    assert studio.remaining(wished=["makeup_artist-1"])["10:00"] == 1


def test_a_class_whose_own_line_wants_the_type_of_its_teacher_is_counted_exactly(
    make_studio: Make,
) -> None:
    roles = [role(shared=True), role(key="helper")]
    studio = make_studio(crew={"photographer": 4}, places=2, roles=roles)

    assert studio.remaining()["10:00"] == 2
    studio.hold("10:00")
    assert studio.remaining()["10:00"] == 1
    studio.block("photographer-4", studio.at("10:00"), studio.at("11:00"))
    studio.hold("10:00")
    assert "10:00" not in studio.starts()


def test_moving_one_customer_leaves_the_others_in_their_session(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 1}, places=3, roles=[role(shared=True)])
    first, second = studio.hold("10:00"), studio.hold("10:00")

    studio.reschedule(first["booking_id"], "14:00")

    assert studio.remaining()["10:00"] == 2
    assert studio.remaining()["14:00"] == 2
    assert studio.confirm(second["booking_id"])["start"] == studio.at("10:00")


@pytest.mark.slow
def test_a_storm_on_a_class_of_five_has_five_winners(storm_uow: UnitOfWork) -> None:
    studio = Studio(storm_uow, crew={"photographer": 1, "studio_room": 1}, places=5, roles=SHARED)
    for round in range(6):
        start = studio.at("10:00", DAY + timedelta(days=round))
        outcomes: list[Any] = []

        def book(start: Any = start, outcomes: list[Any] = outcomes) -> None:
            try:
                outcomes.append(studio.hold(start)["state"])
            except YingqiError as error:
                outcomes.append(error.code)

        threads = [threading.Thread(target=book) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(set(outcomes)) == ["held", "scheduling.slot_taken"], outcomes
        assert outcomes.count("held") == 5
