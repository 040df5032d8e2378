"""Places on the waitlist: joining, accepting what is offered, leaving, and who is before whom."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.contracts.errors import Invalid
from services.contracts.scheduling import (
    BranchUnknown,
    HoldDiffers,
    OfferExpired,
    PhoneInvalid,
    RangeInvalid,
    ResourceUnknown,
    ServiceUnknown,
    WaitlistClosed,
    WaitlistDiffers,
    WaitlistUnknown,
)
from services.scheduling.links import CALENDAR
from services.scheduling.models import Allocation
from services.scheduling.usecases.waitlist import places
from tests.integration.scheduling.studio import DAY, NOW, Studio, words
from tests.integration.scheduling.waitlist import LINKS, PAYMENT_TTL_SECONDS, Waitlist

LATER = NOW + timedelta(minutes=30)


# --- joining


def test_whoever_joins_waits_and_gets_the_secret_of_their_page(waiting: Waitlist) -> None:
    joined = waiting.join(
        weekdays=[3, 6], earliest=time(10), latest=time(16), wished=["photographer-1"]
    )

    assert joined["state"] == "waiting"
    assert (joined["from_"], joined["to"]) == (DAY, DAY)
    assert (joined["weekdays"], joined["earliest"], joined["latest"]) == (
        [3, 6],
        time(10),
        time(16),
    )
    assert joined["resource_ids"] == waiting.studio.ids(["photographer-1"])
    assert (joined["ahead"], joined["offer"], joined["joined_at"]) == (0, None, NOW)
    assert waiting.get() == {key: value for key, value in joined.items() if key != "token"}
    assert joined["token"] == waiting.token("甲")
    [fact] = waiting.told("waitlist.joined")
    assert (fact["entry_id"], fact["state"]) == (str(joined["id"]), "waiting")
    assert fact["branch_name"] == words("外滩店")


def test_joining_again_answers_the_same_place(waiting: Waitlist) -> None:
    joined = waiting.join()

    assert waiting.join(now=NOW + timedelta(days=30)) == joined
    assert waiting.studio.events() == ["waitlist.joined"]


@pytest.mark.parametrize(
    "changes",
    [
        {"last": DAY + timedelta(days=1)},
        {"contact": {"name": "乙", "phone": "13900139000"}},
        {"priority": 9},
        {"earliest": time(9)},
    ],
)
def test_an_id_that_was_used_for_something_else_tells_nothing_of_it(
    waiting: Waitlist, changes: dict[str, Any]
) -> None:
    waiting.join()
    with pytest.raises(WaitlistDiffers):
        waiting.join(**changes)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (DAY, DAY - timedelta(days=1)),
        (DAY - timedelta(days=5), DAY - timedelta(days=2)),
        (DAY, DAY + timedelta(days=93)),
        (DAY + timedelta(days=2000), DAY + timedelta(days=2001)),
        (date(9999, 12, 31), date(9999, 12, 31)),
        (date(1, 1, 1), date(1, 1, 1)),
    ],
)
def test_dates_that_nobody_can_wait_for_are_refused(
    waiting: Waitlist, first: date, last: date
) -> None:
    with pytest.raises(RangeInvalid) as refused:
        waiting.join(first=first, last=last)
    assert refused.value.details["errors"][0]["pointer"] == "/to"
    assert waiting.studio.events() == []


@pytest.mark.parametrize("phone", ["13800138000", "+86 138 0013 8000", "0086-138-0013-8000"])
def test_a_phone_is_kept_as_bookings_keep_it(waiting: Waitlist, phone: str) -> None:
    contact = {"name": "甲", "phone": phone, "language": "zh"}
    joined = waiting.join(contact=contact)

    assert joined["contact"]["phone"] == "+8613800138000"
    assert waiting.join(contact=contact) == joined


def test_a_number_that_cannot_be_is_refused(waiting: Waitlist) -> None:
    with pytest.raises(PhoneInvalid) as refused:
        waiting.join(contact={"name": "甲", "phone": "12345"})
    assert refused.value.details["errors"][0]["pointer"] == "/contact/phone"
    assert waiting.studio.events() == []


def test_a_day_that_has_begun_can_still_be_waited_for(waiting: Waitlist) -> None:
    assert waiting.join(first=DAY - timedelta(days=9), last=NOW.date())["state"] == "waiting"


def test_hours_that_run_backwards_are_refused(waiting: Waitlist) -> None:
    with pytest.raises(Invalid) as refused:
        waiting.join(earliest=time(16), latest=time(10))
    assert refused.value.details["errors"][0]["pointer"] == "/latest"


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"branch_id": uuid4()}, BranchUnknown),
        ({"service_id": uuid4()}, ServiceUnknown),
        ({"resource_ids": [str(uuid4())]}, ResourceUnknown),
        ({"contact": {"name": "甲"}}, Invalid),
        ({"weekdays": [0]}, Invalid),
        ({"priority": 101}, Invalid),
    ],
)
def test_what_cannot_be_had_cannot_be_waited_for(
    waiting: Waitlist, wish: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        waiting.join(**wish)
    assert waiting.studio.events() == []
    assert waiting.noted() == 0


def test_a_service_without_waitlist_takes_nobody(waiting: Waitlist) -> None:
    assert waiting.studio.availability()["waitlist"]
    waiting.studio.define_service(waitlist_mode="off")
    assert not waiting.studio.availability()["waitlist"]
    with pytest.raises(WaitlistClosed):
        waiting.join()


def test_time_that_is_free_already_is_offered_at_once(waiting: Waitlist) -> None:
    waiting.join(earliest=time(11))

    assert waiting.tick() == 1
    assert waiting.offers() == {"甲": "11:00"}


# --- accepting


def test_whoever_accepts_has_the_time_until_it_is_paid_for(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲")
    waiting.studio.release(full["14:00"])
    waiting.tick()

    accepted = waiting.accept(now=NOW + timedelta(minutes=5))

    hold, entry = accepted["hold"], accepted["entry"]
    until = NOW + timedelta(minutes=5, seconds=PAYMENT_TTL_SECONDS)
    assert (entry["state"], entry["offer"]["expires_at"]) == ("accepted", until)
    assert (hold["booking_id"], hold["expires_at"]) == (entry["offer"]["booking_id"], until)
    assert (hold["state"], hold["start"]) == ("held", waiting.studio.at("14:00"))
    assert waiting.accept(now=NOW + timedelta(minutes=6)) == accepted
    assert waiting.studio.events().count("waitlist.accepted") == 1
    with waiting.studio.uow.read() as session:
        ends = session.scalars(
            sa.select(Allocation.expires_at).filter_by(booking_id=hold["booking_id"])
        )
        assert set(ends) == {until}


def test_a_booking_is_made_of_the_accepted_hold(waiting: Waitlist, full: dict[str, UUID]) -> None:
    waiting.line_up("甲", wished=["photographer-1"])
    waiting.studio.release(full["14:00"])
    waiting.tick()
    hold = waiting.accept()["hold"]

    again = waiting.studio.hold("14:00", booking_id=hold["booking_id"], wished=["photographer-1"])
    assert again["expires_at"] == hold["expires_at"]
    with pytest.raises(HoldDiffers):
        waiting.studio.hold("14:00", booking_id=hold["booking_id"])
    assert waiting.studio.confirm(hold["booking_id"])["state"] == "confirmed"
    assert waiting.accept()["hold"]["state"] == "confirmed"
    assert waiting.states() == {"甲": "accepted"}


def test_an_offer_that_has_expired_cannot_be_accepted(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲")
    with pytest.raises(OfferExpired):
        waiting.accept()
    waiting.studio.release(full["14:00"])
    waiting.tick()

    with pytest.raises(OfferExpired):
        waiting.accept(now=LATER)
    waiting.studio.sweep(LATER)
    with pytest.raises(OfferExpired):
        waiting.accept(now=LATER)


def test_time_that_was_accepted_and_never_paid_for_goes_to_the_next(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲", "乙")
    waiting.studio.release(full["14:00"])
    waiting.tick()
    waiting.accept()
    unpaid = NOW + timedelta(seconds=PAYMENT_TTL_SECONDS)

    waiting.studio.sweep(unpaid)

    assert waiting.tick(unpaid) == 1
    assert waiting.states() == {"甲": "accepted", "乙": "offered"}
    with pytest.raises(OfferExpired):
        waiting.accept("甲", now=unpaid)


def test_the_token_of_another_or_for_another_purpose_is_nobody_s(waiting: Waitlist) -> None:
    waiting.join()
    for token in ("x" * 64, LINKS.token(CALENDAR, waiting.ids["甲"])):
        for verb in (places.get_waitlist_entry, places.leave_waitlist):
            with pytest.raises(WaitlistUnknown):
                verb(uow=waiting.studio.uow, links=LINKS, token=token)
    waiting.ids["nobody"] = uuid4()
    for act in (waiting.get, waiting.accept, waiting.leave, waiting.remove):
        with pytest.raises(WaitlistUnknown):
            act("nobody")


# --- leaving


@pytest.mark.parametrize("verb", ["leave", "remove"])
def test_whoever_leaves_is_not_asked(waiting: Waitlist, full: dict[str, UUID], verb: str) -> None:
    waiting.line_up("甲", "乙")

    assert getattr(waiting, verb)("甲") is True
    assert getattr(waiting, verb)("甲") is False

    waiting.studio.release(full["14:00"])
    assert waiting.tick() == 1
    assert waiting.states() == {"甲": "left", "乙": "offered"}
    assert waiting.studio.events().count("waitlist.left") == 1


def test_an_offer_that_is_declined_goes_to_the_next_at_once(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲", "乙")
    waiting.studio.release(full["14:00"])
    waiting.tick()

    assert waiting.leave("甲") is True

    assert waiting.hold_of("甲").state == "released"
    assert waiting.tick() == 1
    assert waiting.offers() == {"乙": "14:00"}
    with pytest.raises(OfferExpired):
        waiting.accept("甲")


def test_leaving_does_not_cancel_what_was_accepted(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    waiting.line_up("甲")
    waiting.studio.release(full["14:00"])
    waiting.tick()
    waiting.accept()

    assert waiting.leave() is False
    assert waiting.hold_of().state == "held"


# --- reading


def test_ahead_are_those_who_wait_for_the_same_service_branch_and_days(
    waiting: Waitlist, full: dict[str, UUID]
) -> None:
    other = Studio(waiting.studio.uow)
    Waitlist(other).join("elsewhere")
    waiting.join("甲", last=DAY + timedelta(days=1))
    waiting.join("乙", first=DAY + timedelta(days=1), last=DAY + timedelta(days=2))
    waiting.join("丙", first=DAY + timedelta(days=2), last=DAY + timedelta(days=4))
    waiting.join("丁", last=DAY + timedelta(days=4))

    assert [waiting.get(name)["ahead"] for name in "甲乙丙丁"] == [0, 1, 1, 3]
    waiting.leave("乙")
    assert [waiting.get(name)["ahead"] for name in "甲乙丙丁"] == [0, 0, 0, 2]


def test_the_list_is_paged_from_the_newest(waiting: Waitlist) -> None:
    for number in range(5):
        waiting.join(str(number), now=NOW + timedelta(seconds=number // 2))

    first = waiting.page(limit=2)
    second = waiting.page(limit=2, cursor=first["next_cursor"])
    third = waiting.page(limit=2, cursor=second["next_cursor"])

    pages = [first, second, third]
    names = [item["contact"]["name"] for page in pages for item in page["items"]]
    assert sorted(names) == ["0", "1", "2", "3", "4"]
    assert names[0] == "4"
    assert set(names[3:]) == {"0", "1"}
    assert third["next_cursor"] is None
    with pytest.raises(Invalid):
        waiting.page(cursor="!")


def test_the_list_is_filtered(waiting: Waitlist) -> None:
    waiting.join("甲")
    waiting.join("乙")
    waiting.leave("乙")
    other = Waitlist(Studio(waiting.studio.uow))
    other.join("丙")

    def names(**filters: Any) -> set[str]:
        return {item["contact"]["name"] for item in waiting.page(**filters)["items"]}

    assert names() == {"甲", "乙", "丙"}
    assert names(branch_id=waiting.studio.branch_id) == {"甲", "乙"}
    assert names(service_id=other.studio.service_id) == {"丙"}
    assert names(state="left") == {"乙"}
    assert names(branch_id=waiting.studio.branch_id, state="waiting") == {"甲"}
    with pytest.raises(BranchUnknown):
        names(branch_id=uuid4())
    with pytest.raises(Invalid):
        names(state="dancing")
