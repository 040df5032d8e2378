"""What is near a start that cannot be had: the same list for whoever holds and whoever asks."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from services.contracts import scheduling as contract
from services.contracts.scheduling import QuotaReached, SlotTaken
from services.scheduling.usecases import explain
from tests.integration.scheduling.studio import DAY, NOW, Studio, checked, role, week

Make = Callable[..., Studio]

ONE_HOUR = timedelta(hours=1)


def near(studio: Studio, start: str = "10:00", wished: tuple[str, ...] = ()) -> list[str]:
    """Return the alternatives to a start: what differs, when, and whom or where."""
    return [told(each) for each in asked(studio, start, wished)]


def asked(studio: Studio, start: str = "10:00", wished: tuple[str, ...] = ()) -> list[Any]:
    answer = explain.explain(
        uow=studio.uow,
        now=NOW,
        service_id=studio.service_id,
        branch_id=studio.branch_id,
        start=studio.at(start),
        resource_ids=studio.ids(wished),
    )
    return list(checked(answer, contract.EXPLAIN)["alternatives"])


def told(alternative: dict[str, Any]) -> str:
    name = alternative["resource_name"] or alternative["branch_name"] or {"zh": ""}
    return f"{alternative['kind']} {alternative['start'][11:16]} {name['zh']}".strip()


def chain(studio: Studio, *names: str, **values: Any) -> list[Studio]:
    """Add branches that offer the studio's service, each with one photographer."""
    branches = [
        Studio(studio.uow, service_id=studio.service_id, roles=studio.roles, **values)
        for _ in names
    ]
    for branch, name in zip(branches, names, strict=True):
        branch.define_branch(name={"zh": name, "en": name})
    studio.define_service(branch_ids=[studio.branch_id, *(each.branch_id for each in branches)])
    return branches


def test_the_nearest_times_come_first_and_of_two_the_earlier(studio: Studio) -> None:
    studio.hold("12:00")

    assert near(studio, "12:00") == [
        "time 11:00",
        "time 13:00",
        "time 10:00",
        "time 14:00",
        "time 09:00",
    ]


def test_somebody_else_at_the_same_time_comes_before_another_time(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    studio.hold("10:00", wished=["photographer-1"])

    assert near(studio, wished=("photographer-1",)) == [
        "person 10:00 photographer-2",
        "time 09:00",
        "time 11:00",
        "time 12:00",
        "time 13:00",
    ]


def test_no_kind_hides_the_others(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 9})
    chain(studio, "静安店", "徐汇店", "浦东店")
    studio.block("photographer-5", studio.at("10:00"), studio.at("11:00"))

    assert near(studio, wished=("photographer-5",)) == [
        "person 10:00 photographer-1",
        "person 10:00 photographer-2",
        "time 09:00",
        "time 11:00",
        "branch 10:00 徐汇店",
    ]


def test_whoever_stands_in_can_serve_the_line_and_be_asked_for(make_studio: Make) -> None:
    studio = make_studio(crew={}, roles=[role(skills={"newborn": 2})])
    studio.add_resource("a", "photographer", skills={"newborn": 3})
    studio.add_resource("b", "photographer", skills={"newborn": 1})
    studio.add_resource("c", "photographer", skills={"newborn": 2}, bookable_by_name=False)
    studio.add_resource("d", "photographer", skills={"newborn": 2})
    studio.hold("10:00", wished=["a"])

    assert [each for each in near(studio, wished=("a",)) if "person" in each] == ["person 10:00 d"]


def test_the_other_wishes_are_kept(make_studio: Make) -> None:
    studio = make_studio(
        crew={"photographer": 2, "makeup_artist": 2}, roles=[role(), role("makeup_artist")]
    )
    studio.block("photographer-1", studio.at("10:00"), studio.at("11:00"))
    both = ("photographer-1", "makeup_artist-1")

    assert near(studio, wished=both)[:2] == ["person 10:00 photographer-2", "time 09:00"]
    studio.block("makeup_artist-1", studio.at("10:00"), studio.at("11:00"))
    assert "person" not in " ".join(near(studio, wished=both))


def test_anybody_when_the_wished_have_no_time_at_all(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})
    studio.block("photographer-1", NOW, NOW + timedelta(days=9))
    studio.block("photographer-2", studio.at("10:00"), studio.at("11:00"))

    assert near(studio, wished=("photographer-1",))[:2] == ["person 09:00", "person 11:00"]


def test_nobody_stands_in_when_the_start_itself_is_not_on_offer(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 2})

    assert "person" not in " ".join(near(studio, "10:20", wished=("photographer-1",)))


def test_other_branches_are_told_at_nearly_the_same_time(make_studio: Make) -> None:
    studio = make_studio(hours=week("09:00", "20:00"))
    late, early, busy = chain(studio, "静安店", "徐汇店", "浦东店", hours=week("13:00", "18:00"))
    early.define_branch(name={"zh": "徐汇店"}, hours=week("08:30", "18:00"))
    early.change_resource("photographer-1", roster=week("08:30", "18:00"))
    for branch in (studio, busy):
        branch.block("photographer-1", NOW, NOW + timedelta(days=9))

    alternatives = asked(studio, "12:00")

    assert [told(each) for each in alternatives] == ["branch 11:30 徐汇店", "branch 13:00 静安店"]
    assert [each["branch_id"] for each in alternatives] == [early.branch_id, late.branch_id]
    assert alternatives[0]["remaining"] == 1


def test_a_branch_of_another_zone_speaks_its_own_time(make_studio: Make) -> None:
    studio = make_studio()
    chain(studio, "首尔店", zone="Asia/Seoul")
    studio.hold("10:00")

    (branch,) = [each for each in asked(studio) if each["kind"] == "branch"]
    assert (branch["start"], branch["end"]) == (
        "2026-11-25T11:00:00+09:00",
        "2026-11-25T12:00:00+09:00",
    )


def test_the_quotas_of_each_branch_count_there(make_studio: Make) -> None:
    studio = make_studio()
    first, second = chain(studio, "静安店", "徐汇店")
    first.add_quota(0, "branch", branch_id=first.branch_id)
    studio.add_quota(1, "branch", branch_id=studio.branch_id)
    studio.hold("10:00")

    assert [each for each in near(studio) if "branch" in each] == ["branch 10:00 徐汇店"]
    assert second.starts()


def test_a_refused_hold_and_an_explanation_tell_the_same(make_studio: Make) -> None:
    studio = make_studio(crew={"photographer": 3})
    chain(studio, "静安店")
    studio.hold("10:00", wished=["photographer-2"])

    with pytest.raises(SlotTaken) as refused:
        studio.hold("10:00", wished=["photographer-2"])
    carried = contract.EXPLAIN.response.fields["alternatives"].deserialize(
        refused.value.details["alternatives"]
    )
    assert carried == asked(studio, wished=("photographer-2",))
    assert [each["kind"] for each in carried] == ["person", "person", "time", "time", "branch"]


def test_a_reached_quota_tells_other_days(studio: Studio) -> None:
    studio.add_quota(1)
    studio.hold("10:00")

    with pytest.raises(QuotaReached) as refused:
        studio.hold("12:00")
    days = {each["start"][:10] for each in refused.value.details["alternatives"]}
    assert days == {"2026-11-24", "2026-11-26"}


def test_a_booking_that_moves_is_not_told_its_own_time(studio: Studio) -> None:
    moving, other = studio.hold("10:00"), studio.hold("12:00")

    with pytest.raises(SlotTaken) as refused:
        studio.reschedule(moving["booking_id"], other["start"])
    starts = [each["start"][11:16] for each in refused.value.details["alternatives"]]
    assert starts == ["11:00", "13:00", "14:00", "09:00", "15:00"]


def test_a_start_that_is_free_has_no_alternatives(studio: Studio) -> None:
    assert near(studio) == []


def test_far_away_starts_are_near_what_can_be_booked(studio: Studio) -> None:
    studio.define_service(horizon_days=10)

    answer = explain.explain(
        uow=studio.uow,
        now=NOW,
        service_id=studio.service_id,
        branch_id=studio.branch_id,
        start=studio.at("10:00", date(2027, 6, 1)),
    )
    days = {each["start"][:10] for each in answer["alternatives"]}
    assert days <= {str(NOW.date() + timedelta(days=n)) for n in (9, 10)}
    assert len(answer["alternatives"]) == 5
    assert DAY
