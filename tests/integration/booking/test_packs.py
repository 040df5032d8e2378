"""Packages: one price for what they hold; of several appointments each is booked when wanted."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest

from services.booking.domain.lifecycle import Action
from services.booking.models import CatalogueVersion
from services.booking.usecases import catalogue, changing, packs
from services.contracts.booking import ManageTokenInvalid, TransitionRefused
from services.contracts.catalogue import (
    OrderBusy,
    PackageUnknown,
    PackageUnpaid,
    ServiceUnknown,
    SessionExpired,
    SessionTaken,
    SessionUnknown,
)
from services.contracts.errors import Invalid
from tests.integration.booking.studio import (
    BUND,
    FREE_SERVICE,
    SERVICE,
    START,
    Studio,
    deposit,
)

GROWTH = UUID("00000000-0000-4000-8000-00000000f101")
"""Three appointments and an album for 6 000 yuan."""


def define(studio: Studio, **changes: Any) -> dict[str, Any]:
    deal = {
        "package_id": GROWTH,
        "name": {"zh": "宝宝成长套系", "en": "Growing up"},
        "category": {"zh": "儿童", "en": "Children"},
        "summary": {"zh": "满月、百天、周岁", "en": ""},
        "items": [session(SERVICE, 1), session(FREE_SERVICE, 2), album()],
        "price_cents": 600_000,
        "deposit": deposit("fixed", 100_000, money="earnest"),
        "policy": [],
        "schedule": [],
        "needs_approval": False,
        "currency": "CNY",
        "cover": None,
        "valid_days": 365,
        "position": 0,
        "active": True,
    } | changes
    return catalogue.define_package(uow=studio.uow, **deal)


def session(service_id: UUID, quantity: int) -> dict[str, Any]:
    label = {"zh": "拍摄", "en": "Shoot"}
    return {"kind": "session", "label": label, "quantity": quantity, "service_id": service_id}


def album() -> dict[str, Any]:
    label = {"zh": "相册", "en": "Album"}
    return {"kind": "album", "label": label, "quantity": 1, "service_id": None}


def bought(studio: Studio, **changes: Any) -> UUID:
    """The first booking of a package, its deposit paid."""
    define(studio)
    return studio.confirmed("first", package_id=GROWTH, **changes)


def further(studio: Studio, first: UUID, place: int = 1, **changes: Any) -> dict[str, Any]:
    """Book a session of the order by the private link of its first booking."""
    wish = {
        "service_id": FREE_SERVICE,
        "session_id": sessions(studio, first)[place]["id"],
        "session_token": studio.links.token(first, studio.booking(first).manage_version),
        "start": START + timedelta(days=30 + place),
    } | changes
    return studio.request(str(uuid4()), **wish)


def sessions(studio: Studio, booking_id: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = studio.get(booking_id)["sessions"]
    return found


def states(studio: Studio, booking_id: UUID) -> list[str]:
    return [each["state"] for each in sessions(studio, booking_id)]


def money(studio: Studio, booking_id: UUID) -> tuple[int, int, int]:
    seen = studio.get(booking_id)
    return seen["total_cents"], seen["paid_cents"], seen["balance_cents"]


# --- what is sold


def test_a_package_is_sold_as_it_was_when_it_was_sold(studio: Studio) -> None:
    assert define(studio)["version"] == 1
    assert define(studio, position=3)["version"] == 1
    first = studio.confirmed("first", package_id=GROWTH)
    assert define(studio, price_cents=700_000)["version"] == 2
    booking = studio.get(first)
    assert [line["kind"] for line in booking["lines"]] == ["package"]
    assert (booking["total_cents"], booking["deposit_cents"]) == (600_000, 100_000)
    assert [item["kind"] for item in booking["items"]] == ["session", "session", "album"]
    with studio.uow.read() as session:
        kept = session.get_one(CatalogueVersion, (GROWTH, 1))
    assert kept.deal["price_cents"] == 600_000


def test_packages_are_listed_where_one_of_their_appointments_is_offered(studio: Studio) -> None:
    studio.define(FREE_SERVICE, price_cents=1, deposit=deposit("none"), branch_ids=[])
    define(studio, items=[session(FREE_SERVICE, 2)])
    define(studio, package_id=UUID(int=2), active=False)
    assert catalogue.list_packages(uow=studio.uow, branch_id=BUND, all=False)["items"] == []
    listed = catalogue.list_packages(uow=studio.uow, branch_id=None, all=False)["items"]
    assert [each["id"] for each in listed] == [GROWTH]
    assert len(catalogue.list_packages(uow=studio.uow, branch_id=None, all=True)["items"]) == 2


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"items": [album()]}, Invalid),
        ({"items": [session(SERVICE, 1), album() | {"service_id": SERVICE}]}, Invalid),
        ({"items": [session(SERVICE, 1) | {"service_id": None}]}, Invalid),
        ({"items": [session(UUID(int=9), 1)]}, ServiceUnknown),
        ({"deposit": deposit("fixed", 600_001)}, Invalid),
    ],
)
def test_what_nobody_could_book_is_no_package(
    studio: Studio, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        define(studio, **changes)
    listed = catalogue.list_packages(uow=studio.uow, branch_id=None, all=True)
    assert listed["items"] == []


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"package_id": UUID(int=9)}, PackageUnknown),
        ({"package_id": GROWTH, "also": [FREE_SERVICE]}, Invalid),
        ({"package_id": GROWTH, "service_id": UUID(int=77)}, ServiceUnknown),
        ({"session_id": UUID(int=9)}, SessionUnknown),
        ({"session_id": UUID(int=9), "package_id": GROWTH}, Invalid),
    ],
)
def test_what_cannot_be_bought_holds_no_time(
    studio: Studio, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    define(studio)
    with pytest.raises(refusal):
        studio.request(**changes)
    assert "hold" not in studio.scheduling.calls


# --- its appointments


def test_the_rest_of_a_package_is_booked_when_it_is_wanted_and_costs_no_more(
    studio: Studio,
) -> None:
    first = bought(studio)
    assert states(studio, first) == ["booked", "open", "open"]
    created = further(studio, first)
    assert (created["status"], created["deposit_cents"], created["total_cents"]) == (
        "confirmed",
        0,
        0,
    )
    assert states(studio, first) == ["booked", "booked", "open"]
    assert money(studio, first) == money(studio, created["id"]) == (600_000, 100_000, 500_000)
    told = [fact.payload for fact in studio.facts("booking.confirmed")]
    assert [(each["total_cents"], each["paid_cents"]) for each in told] == [
        (600_000, 100_000),
        (0, 0),
    ]


def test_the_balance_may_be_paid_by_any_of_its_links_and_is_told_once(studio: Studio) -> None:
    first = bought(studio)
    second = further(studio, first)["id"]
    studio.pay(second, "balance")
    assert money(studio, first) == (600_000, 600_000, 0)
    told = [fact.payload["paid_cents"] for fact in studio.facts("payment.succeeded")]
    assert told == [100_000, 500_000]


def test_a_session_is_booked_by_a_link_of_its_order_or_by_staff(studio: Studio) -> None:
    first = bought(studio)
    stranger = studio.confirmed("stranger", start=START + timedelta(days=1))
    with pytest.raises(ManageTokenInvalid):
        further(studio, first, session_token=studio.links.token(stranger))
    with pytest.raises(ManageTokenInvalid):
        further(studio, first, session_token=None)
    with pytest.raises(Invalid):
        further(studio, first, service_id=SERVICE)
    with pytest.raises(Invalid):
        further(studio, first, also=[SERVICE])
    second = further(studio, first)["id"]
    by_second = studio.links.token(second, studio.booking(second).manage_version)
    assert further(studio, first, 2, session_token=by_second)["status"] == "confirmed"
    with pytest.raises(SessionTaken):
        further(studio, first)


def test_a_session_is_not_booked_beyond_the_life_of_its_package(studio: Studio) -> None:
    first = bought(studio)
    expires_on = sessions(studio, first)[1]["expires_on"]
    assert expires_on == date(2027, 11, 2)
    with pytest.raises(SessionExpired):
        further(studio, first, start=START + timedelta(days=365))
    assert states(studio, first)[1] == "open"


def test_one_session_goes_to_one_of_many(studio: Studio) -> None:
    first = bought(studio)

    def wish(number: int) -> bool:
        try:
            further(studio, first, start=START + timedelta(days=30, hours=4 * number))
        except SessionTaken:
            return False
        return True

    assert sum(eventlet.GreenPool(8).imap(wish, range(8))) == 1
    assert states(studio, first) == ["booked", "booked", "open"]


def test_cancelling_one_appointment_moves_no_money_and_gives_the_session_back(
    studio: Studio,
) -> None:
    first = bought(studio)
    second = further(studio, first)["id"]
    shown = change_of(studio.get(second), "cancel")
    assert (shown["session"], shown["refund_cents"]) == ("returned", 0)
    studio.cancel(second, studio.customer(second))
    assert states(studio, first) == ["booked", "open", "open"]
    assert money(studio, first) == (600_000, 100_000, 500_000)
    assert "refund.requested" not in studio.told()
    assert further(studio, first, start=START + timedelta(days=60))["status"] == "confirmed"


def test_who_cancels_late_loses_the_session_and_who_does_not_come_has_used_it(
    studio: Studio,
) -> None:
    first = bought(studio)
    second, third = further(studio, first)["id"], further(studio, first, 2)["id"]
    studio.now = START + timedelta(days=29)
    assert change_of(studio.get(second), "cancel")["session"] == "forfeited"
    studio.cancel(second, cause="customer")
    studio.now = START + timedelta(days=33)
    studio.serve(third, Action.NO_SHOW)
    assert states(studio, first) == ["booked", "forfeited", "used"]
    assert money(studio, first) == (600_000, 100_000, 500_000)


def test_the_first_appointment_may_be_cancelled_too_once_the_deal_stands(studio: Studio) -> None:
    first = bought(studio)
    second = further(studio, first)["id"]
    studio.cancel(first, cause="studio")
    assert states(studio, second) == ["open", "booked", "open"]
    assert money(studio, second) == (600_000, 100_000, 500_000)
    assert studio.facts("booking.cancelled")[0].payload["compensation_cents"] == 0


def test_a_package_whose_deposit_never_came_is_void(studio: Studio) -> None:
    define(studio)
    created = studio.request(package_id=GROWTH)
    studio.hear_expiry(studio.schedule_fact("hold.expired", created["id"]))
    assert states(studio, created["id"]) == ["void"] * 3
    with pytest.raises(SessionTaken):
        further(studio, created["id"])


def test_the_rest_of_a_package_is_booked_once_the_studio_has_its_deposit(studio: Studio) -> None:
    define(studio)
    first = studio.request("first", package_id=GROWTH)["id"]
    with pytest.raises(PackageUnpaid):
        further(studio, first)
    assert studio.scheduling.calls.count("hold") == 1
    assert states(studio, first) == ["booked", "open", "open"]
    studio.pay(first)
    assert further(studio, first)["status"] == "confirmed"


def test_the_rest_of_a_package_waits_for_the_studio_to_agree(studio: Studio) -> None:
    define(studio, needs_approval=True)
    first = studio.confirmed("first", package_id=GROWTH)
    with pytest.raises(PackageUnpaid):
        further(studio, first)
    changing.approve(**studio.telling, booking_id=first, access=studio.staff())
    assert further(studio, first)["status"] == "confirmed"


def test_many_at_once_get_no_session_of_an_unpaid_package(studio: Studio) -> None:
    define(studio)
    first = studio.request("first", package_id=GROWTH)["id"]
    session_id = sessions(studio, first)[1]["id"]

    def grab(_: int) -> bool:
        """As who has passed every look: only what is seen under the lock counts."""
        try:
            with studio.uow.begin() as tx:
                packs.take(tx, session_id, START, branch_ids=[])
        except PackageUnpaid:
            return False
        return True

    assert not any(eventlet.GreenPool(8).imap(grab, range(8)))


def test_staff_book_further_sessions_of_an_unpaid_package_and_nothing_is_agreed_by_that(
    studio: Studio,
) -> None:
    define(studio)
    first = studio.request("first", package_id=GROWTH)["id"]
    second = further(studio, first, desk=[BUND])["id"]
    assert studio.get(second)["status"] == "confirmed"
    with pytest.raises(PackageUnpaid):
        further(studio, first, 2)
    payment_id = studio.start_payment(first)
    late = studio.decide(payment_id, "late")
    studio.hear_expiry(studio.schedule_fact("hold.expired", first))
    assert states(studio, first) == ["void"] * 3
    assert studio.get(first)["balance_cents"] == 0
    studio.cancel(second)
    assert states(studio, first) == ["void"] * 3
    studio.notify(late)
    assert states(studio, first) == ["booked", "open", "open"]
    assert money(studio, first) == (600_000, 100_000, 500_000)


def test_staff_lose_a_session_whose_package_expires_meanwhile(studio: Studio) -> None:
    define(studio)
    first = studio.request("first", package_id=GROWTH)["id"]
    expired = studio.schedule_fact("hold.expired", first)
    studio.scheduling.meanwhile["hold"] = lambda: studio.hear_expiry(expired)
    with pytest.raises(SessionTaken):
        further(studio, first, desk=None)
    assert states(studio, first) == ["void"] * 3


def test_a_further_appointment_that_is_cancelled_takes_no_unpaid_package_with_it(
    studio: Studio,
) -> None:
    define(studio)
    first = studio.request("first", package_id=GROWTH)["id"]
    studio.cancel(further(studio, first, desk=None)["id"])
    assert states(studio, first) == ["booked", "open", "open"]
    assert money(studio, first) == (600_000, 0, 600_000)
    studio.pay(first)
    assert studio.get(first)["status"] == "confirmed"


def test_late_money_brings_a_package_back_with_all_its_sessions(studio: Studio) -> None:
    define(studio)
    created = studio.request(package_id=GROWTH)
    payment_id = studio.start_payment(created["id"])
    notification = studio.decide(payment_id, "late")
    studio.hear_expiry(studio.schedule_fact("hold.expired", created["id"]))
    studio.notify(notification)
    assert studio.get(created["id"])["status"] == "confirmed"
    assert states(studio, created["id"]) == ["booked", "open", "open"]
    assert money(studio, created["id"]) == (600_000, 100_000, 500_000)


def test_a_package_of_one_appointment_is_a_booking_like_any_other(studio: Studio) -> None:
    define(studio, items=[session(SERVICE, 1), album()])
    booking_id = studio.confirmed(package_id=GROWTH)
    assert studio.get(booking_id)["sessions"] == []
    studio.cancel(booking_id, cause="studio")
    assert studio.facts("refund.requested")[0].payload["amount_cents"] == 100_000


# --- its end


def end(studio: Studio, booking_id: UUID, kept_cents: int) -> dict[str, Any]:
    return changing.end_order(
        **studio.telling,
        booking_id=booking_id,
        access=studio.staff(),
        kept_cents=kept_cents,
        reason="搬家",
    )


def test_the_rest_of_a_package_is_called_off_and_what_is_not_kept_goes_back(
    studio: Studio,
) -> None:
    first = bought(studio)
    studio.pay(first, "balance")
    with pytest.raises(OrderBusy):
        end(studio, first, 0)
    studio.now = START + timedelta(days=1)
    studio.serve(first, Action.CHECK_IN)
    studio.serve(first, Action.COMPLETE)
    with pytest.raises(Invalid):
        end(studio, first, 600_001)
    ended = end(studio, first, 250_000)
    assert [each["state"] for each in ended["sessions"]] == ["used", "void", "void"]
    back = [fact.payload["amount_cents"] for fact in studio.facts("refund.requested")]
    assert sum(back) == 350_000
    with pytest.raises(TransitionRefused):
        end(studio, first, 0)


def change_of(booking: dict[str, Any], change: str) -> dict[str, Any]:
    return next(each[change] for each in booking["changes"] if each["cause"] == "customer")
