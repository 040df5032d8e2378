"""Who is asked about time that has become free, in which order, and what if nobody answers."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.contracts import scheduling as contract
from services.contracts.scheduling import OfferExpired
from services.scheduling.queries import waitlist as queries
from services.scheduling.usecases.waitlist import lapses, offering
from tests.integration.scheduling.studio import DAY, NOW, Studio, role
from tests.integration.scheduling.waitlist import Waitlist, fill

Make = Callable[..., Studio]
OFFER_MINUTES = 30
LATER = NOW + timedelta(minutes=OFFER_MINUTES)


# --- being offered


def test_time_that_is_let_go_is_offered_with_a_hold_of_its_own(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲")
    waiting.studio.release(full["14:00"])

    assert waiting.tick() == 1

    entry = waiting.get()
    assert entry["state"] == "offered"
    assert entry["offer"]["start"] == waiting.studio.at("14:00")
    assert entry["offer"]["expires_at"] == LATER
    hold = waiting.hold_of()
    assert (hold.booking_id, hold.state) == (entry["offer"]["booking_id"], "held")
    assert hold.expires_at == LATER
    assert waiting.studio.starts() == []
    [told] = waiting.told("waitlist.offered")
    assert told["booking_id"] == str(hold.booking_id)
    assert told["offer_url"] == (
        f"https://studio.test/portal/#/pages/waitlist/waitlist?token={waiting.token('甲')}"
    )
    assert waiting.told("hold.created")[-1]["booking_id"] == str(hold.booking_id)
    assert waiting.noted() == 0


def test_a_quota_per_customer_binds_who_waits_by_their_phone_however_it_is_written(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.studio.add_quota(1, per="customer", period="month")
    key = contract.customer_key("+8613800138000")
    waiting.studio.hold(waiting.studio.at("10:00", DAY + timedelta(days=1)), customer_key=key)
    waiting.line_up("甲", contact={"name": "甲", "phone": "138 0013-8000"})
    waiting.line_up("乙", contact={"name": "乙", "phone": "13900139000"})
    waiting.studio.release(full["14:00"])

    assert waiting.tick() == 1
    assert waiting.offers() == {"乙": "14:00"}
    assert waiting.hold_of("乙").customer_key == contract.customer_key("+8613900139000")


def test_the_message_can_name_what_was_waited_for(waiting: Waitlist, full: dict[str, UUID]) -> None:
    waiting.line_up("甲", service_name={"zh": "双人写真套系", "en": ""})
    waiting.studio.release(full["14:00"])
    waiting.tick()

    [told] = waiting.told("waitlist.offered")
    assert told["service_name"]["zh"] == "双人写真套系"


def test_nothing_is_offered_when_nothing_was_freed(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲")

    assert waiting.tick() == 0
    assert waiting.states() == {"甲": "waiting"}


def test_one_place_is_offered_to_one_of_those_who_wait(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲", "乙", "丙")
    waiting.studio.release(full["14:00"])

    assert waiting.tick() == 1
    assert waiting.tick() == 0
    assert waiting.states() == {"甲": "offered", "乙": "waiting", "丙": "waiting"}


def test_several_places_are_offered_in_order(waiting: Waitlist, full: dict[str, UUID]) -> None:
    waiting.line_up("甲", "乙", "丙")
    waiting.studio.release(full["14:00"])
    waiting.studio.release(full["10:00"])

    assert waiting.tick() == 2
    assert waiting.offers() == {"甲": "10:00", "乙": "14:00"}


def test_an_hour_that_does_not_suit_the_first_is_offered_to_the_next(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.join("甲", latest=time(12))
    waiting.join("乙", weekdays=[6, 7])
    waiting.join("丙", first=DAY + timedelta(days=1))
    waiting.join("丁", earliest=time(14), latest=time(14))
    waiting.forget_freed()
    waiting.studio.release(full["14:00"])

    assert waiting.tick() == 1
    assert waiting.offers() == {"丁": "14:00"}


def test_members_come_first_then_who_wants_somebody_by_name_then_who_joined_first(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    week = {"first": DAY, "last": DAY + timedelta(days=6)}
    waiting.join("early", **week)
    waiting.join("day", now=NOW + timedelta(seconds=1))
    waiting.join("named", wished=["photographer-1"], now=NOW + timedelta(seconds=2))
    waiting.join("member", priority=5, now=NOW + timedelta(seconds=3), **week)
    waiting.join("late", now=NOW + timedelta(seconds=4), **week)
    waiting.forget_freed()

    order = ["member", "named", "day", "early", "late"]
    assert [waiting.get(name)["ahead"] for name in order] == [0, 1, 2, 3, 4]
    for clock in list(full)[:5]:
        waiting.studio.release(full[clock])
    waiting.studio.close(DAY + timedelta(days=1), DAY + timedelta(days=9))
    assert waiting.tick() == 5
    assert waiting.asked() == order


def test_a_holiday_suits_who_waits_for_holidays(make_studio: Make) -> None:
    new_year = date(2027, 1, 1)
    studio = make_studio(holiday_calendar="CN")
    with studio.uow.begin() as tx:
        tx.session.execute(
            sa.text(
                "INSERT INTO special_day VALUES ('CN', :day, 'holiday', '{}', false)"
                " ON CONFLICT DO NOTHING"
            ),
            {"day": new_year},
        )
    waiting = Waitlist(studio)
    window = {"first": new_year - timedelta(days=1), "last": new_year + timedelta(days=1)}
    waiting.join("甲", weekdays=[8], **window)

    assert waiting.tick() == 1
    assert waiting.get()["offer"]["start"].date() == new_year


def test_whoever_asks_for_somebody_waits_for_them(make_studio: Make) -> None:
    waiting = Waitlist(make_studio(crew={"photographer": 2}))
    first = waiting.studio.hold("10:00", wished=["photographer-1"])["booking_id"]
    waiting.studio.hold("10:00", wished=["photographer-2"])
    at_ten = {"earliest": time(10), "latest": time(10)}
    waiting.join("甲", wished=["photographer-2"], **at_ten)
    waiting.join("乙", wished=["photographer-1"], **at_ten)
    waiting.studio.release(first)

    assert waiting.tick() == 1
    assert waiting.offers() == {"乙": "10:00"}
    assert waiting.hold_of("乙").resource_ids == waiting.studio.ids(["photographer-1"])


def test_a_wish_that_cannot_be_granted_any_more_stops_nobody(make_studio: Make) -> None:
    waiting = Waitlist(make_studio(crew={"photographer": 2}))
    waiting.join("甲", wished=["photographer-2"])
    waiting.join("乙")
    waiting.studio.change_resource("photographer-2", active=False)

    assert waiting.tick() == 1
    assert waiting.offers() == {"乙": "09:00"}


def test_whoever_waits_for_a_closed_list_is_not_asked(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲")
    waiting.studio.define_service(waitlist_mode="off")
    waiting.studio.release(full["14:00"])

    assert waiting.tick() == 0
    assert waiting.noted() == 0


def test_an_offer_never_outlives_its_time(waiting: Waitlist, full: dict[str, UUID]) -> None:
    waiting.line_up("甲")
    waiting.studio.release(full["14:00"])
    shortly_before = waiting.studio.at("14:00") - timedelta(minutes=10)

    assert waiting.tick(shortly_before) == 1
    assert waiting.get()["offer"]["expires_at"] == waiting.studio.at("14:00")


def test_time_that_has_passed_is_not_offered(waiting: Waitlist, full: dict[str, UUID]) -> None:
    waiting.line_up("甲")
    waiting.studio.release(full["14:00"])

    assert waiting.tick(waiting.studio.at("14:00")) == 0
    assert waiting.noted() == 0


def test_a_move_frees_the_time_that_is_left(waiting: Waitlist, full: dict[str, UUID]) -> None:
    waiting.line_up("甲")
    waiting.studio.reschedule(full["14:00"], waiting.studio.at("10:00", DAY + timedelta(days=1)))

    assert waiting.tick() == 1
    assert waiting.offers() == {"甲": "14:00"}


def test_a_hold_that_nobody_paid_for_is_offered(waiting: Waitlist) -> None:
    fill(waiting.studio)
    waiting.line_up("甲")
    waiting.studio.sweep(LATER)

    assert waiting.tick(LATER) == 1
    assert waiting.offers() == {"甲": "09:00"}


def test_a_hold_that_has_expired_unswept_is_swept_for_the_offer(waiting: Waitlist) -> None:
    fill(waiting.studio)
    waiting.join("甲")

    assert waiting.tick(LATER) == 1
    assert waiting.studio.events().count("hold.expired") == 1
    assert waiting.offers() == {"甲": "09:00"}


def test_a_dress_that_is_let_go_is_offered_for_the_days_around(make_studio: Make) -> None:
    dress = role("garment", offset_minutes=-1440, length_minutes=2880, whole_days=True)
    waiting = Waitlist(make_studio(crew={"photographer": 2}, roles=[role(), dress]))
    waiting.studio.add_resource("garment-1", "garment", roster=[])
    booking_id = waiting.studio.hold("10:00")["booking_id"]
    two_days_on = DAY + timedelta(days=2)
    assert waiting.studio.starts(two_days_on) == []
    waiting.line_up("甲", first=two_days_on)
    waiting.studio.release(booking_id)

    assert waiting.tick() == 1


# --- expiry


def test_an_offer_that_nobody_answers_goes_to_the_next(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲", "乙")
    waiting.studio.release(full["14:00"])
    waiting.tick()

    waiting.studio.sweep(LATER)

    assert waiting.states() == {"甲": "waiting", "乙": "waiting"}
    assert [waiting.get(name)["ahead"] for name in ("甲", "乙")] == [1, 0]
    [told] = waiting.told("waitlist.expired")
    assert (told["contact"]["name"], told["state"]) == ("甲", "waiting")
    assert waiting.tick(LATER) == 1
    assert waiting.offers() == {"乙": "14:00"}


def test_nobody_is_offered_the_very_time_that_they_let_pass(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲", priority=9)
    waiting.line_up("乙")
    waiting.studio.release(full["14:00"])
    waiting.tick()
    waiting.studio.sweep(LATER)

    assert waiting.tick(LATER) == 1
    assert waiting.offers() == {"乙": "14:00"}
    waiting.studio.release(full["15:00"])
    assert waiting.tick(LATER) == 1
    assert waiting.offers() == {"甲": "15:00", "乙": "14:00"}


def test_whoever_lets_three_offers_pass_is_asked_no_more(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲")
    now = NOW
    for clock in ("14:00", "15:00", "16:00"):
        assert waiting.states() == {"甲": "waiting"}
        waiting.studio.release(full[clock])
        assert waiting.tick(now) == 1
        now += timedelta(minutes=OFFER_MINUTES)
        waiting.studio.sweep(now)
        waiting.forget_freed()

    assert waiting.states() == {"甲": "expired"}
    assert [told["state"] for told in waiting.told("waitlist.expired")] == [
        "waiting",
        "waiting",
        "expired",
    ]
    with pytest.raises(OfferExpired):
        waiting.accept(now=now)


def test_whoever_waits_for_days_that_have_passed_waits_no_longer(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.join("甲")
    waiting.join("乙", last=DAY + timedelta(days=1))
    midnight = waiting.studio.at("00:00", DAY + timedelta(days=1))

    assert waiting.tidy_up(midnight - timedelta(seconds=1)) == 0
    assert waiting.tidy_up(midnight) == 1
    assert waiting.tidy_up(midnight) == 0
    assert waiting.states() == {"甲": "expired", "乙": "waiting"}
    assert [told["state"] for told in waiting.told("waitlist.expired")] == ["expired"]


def test_the_end_of_a_day_is_that_of_the_branch(make_studio: Make) -> None:
    waiting = Waitlist(make_studio(zone="Pacific/Kiritimati"))
    waiting.join(first=DAY)
    midnight = waiting.studio.at("00:00", DAY + timedelta(days=1))

    assert waiting.tidy_up(midnight - timedelta(seconds=1)) == 0
    assert waiting.tidy_up(midnight) == 1


@pytest.mark.parametrize("ending", ["release", "confirm"])
def test_an_offer_whose_hold_ended_in_another_way_ends_too(
    waiting: Waitlist, full: dict[str, UUID], ending: str
) -> None:
    waiting.line_up("甲")
    waiting.studio.release(full["14:00"])
    waiting.tick()
    getattr(waiting.studio, ending)(waiting.hold_of().booking_id)

    assert waiting.tidy_up() == 0
    assert waiting.tidy_up(LATER) == 1
    assert waiting.states() == {"甲": {"release": "waiting", "confirm": "accepted"}[ending]}


# --- telling everybody


@pytest.fixture
def chatty(waiting: Waitlist, full: dict[str, UUID]) -> Waitlist:
    waiting.studio.define_service(waitlist_mode="notify")
    waiting.line_up("甲", "乙")
    return waiting


def test_everybody_whom_it_suits_is_told_once(chatty: Waitlist, full: dict[str, UUID]) -> None:
    chatty.line_up("丙", latest=time(9))
    chatty.studio.release(full["14:00"])

    assert chatty.tick() == 2
    assert chatty.tick() == 0
    assert chatty.asked("waitlist.notified") == ["甲", "乙"]
    told = chatty.told("waitlist.notified")[0]
    assert told["start"] == chatty.studio.slots()[0]["start"]
    assert told["entry_url"].endswith(chatty.token("甲"))
    assert chatty.states() == {"甲": "waiting", "乙": "waiting", "丙": "waiting"}
    assert chatty.studio.hold("14:00")["state"] == "held"


def test_all_are_told_in_one_transaction(chatty: Waitlist, full: dict[str, UUID]) -> None:
    chatty.studio.release(full["14:00"])

    assert chatty.tick() == 2
    with chatty.studio.uow.read() as session:
        transactions = session.scalar(
            sa.text(
                "SELECT count(DISTINCT CAST(xmin AS text)) FROM outbox"
                " WHERE envelope ->> 'type' = 'waitlist.notified'"
            )
        )
    assert transactions == 1


def test_nobody_is_flooded(chatty: Waitlist, full: dict[str, UUID]) -> None:
    chatty.studio.release(full["14:00"])
    chatty.tick()
    chatty.studio.release(full["15:00"])

    assert chatty.tick(NOW + timedelta(minutes=59)) == 0
    chatty.studio.release(full["16:00"])
    assert chatty.tick(NOW + timedelta(minutes=60)) == 2


# --- half-way


def test_an_offer_that_dies_half_way_leaves_nothing(
    waiting: Waitlist, full: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting.line_up("甲", "乙")
    waiting.studio.release(full["14:00"])
    with monkeypatch.context() as patch:
        patch.setattr(offering, "private_page", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            waiting.tick()
    assert waiting.states() == {"甲": "waiting", "乙": "waiting"}
    assert waiting.studio.starts() == ["14:00"]
    assert waiting.told("waitlist.offered") == []

    assert waiting.tick() == 1
    assert waiting.offers() == {"甲": "14:00"}


def test_whoever_dies_after_an_offer_goes_on_where_it_stopped(
    waiting: Waitlist, full: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting.line_up("甲", "乙", "丙")
    waiting.studio.release(full["14:00"])
    waiting.studio.release(full["15:00"])
    with monkeypatch.context() as patch:
        patch.setattr(queries, "forget_freed", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            waiting.tick()
    assert waiting.offers() == {"甲": "14:00", "乙": "15:00"}
    assert waiting.noted() == 2

    assert waiting.tick() == 0
    assert waiting.noted() == 0
    assert waiting.asked() == ["甲", "乙"]


def test_an_expiry_that_dies_half_way_leaves_the_offer_open(
    waiting: Waitlist, full: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting.line_up("甲")
    waiting.studio.release(full["14:00"])
    waiting.tick()
    with monkeypatch.context() as patch:
        patch.setattr(lapses, "after_lapse", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            waiting.studio.sweep(LATER)

    assert waiting.states() == {"甲": "offered"}
    assert waiting.hold_of().state == "held"
    assert waiting.studio.sweep(LATER) == 1
    assert waiting.states() == {"甲": "waiting"}


def test_freed_time_is_forgotten_when_everybody_was_asked_and_no_other(
    waiting: Waitlist, full: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is freed while they are asked is asked about next time."""
    waiting.line_up("甲", "乙")
    waiting.studio.release(full["14:00"])
    ask = offering._offer

    def slowly(*arguments: Any) -> bool:
        asked = ask(*arguments)
        if waiting.noted() == 1:
            waiting.studio.release(full["16:00"])
        return asked

    monkeypatch.setattr(offering, "_offer", slowly)

    assert waiting.tick() == 1
    assert waiting.noted() == 1
    assert waiting.tick() == 1
    assert waiting.offers() == {"甲": "14:00", "乙": "16:00"}
