"""The terms of a sale: what a change costs is shown first, then charged, as it was agreed."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest
import sqlalchemy as sa
import vobject

from services.booking.models import CatalogueVersion
from services.booking.usecases import changing, pricing, quoting, reading
from services.contracts.booking import (
    CancelTooLate,
    ManageTokenInvalid,
    RescheduleTooLate,
    TransitionRefused,
)
from services.contracts.catalogue import AddOnSoldOut, AddOnUnknown, ServiceUnknown
from services.contracts.errors import Forbidden, Invalid
from tests.integration.booking.studio import (
    BUND,
    FREE_SERVICE,
    PHOTOGRAPHER,
    SERVICE,
    START,
    Studio,
    deposit,
)

OPEN_MATCH: dict[str, Any] = dict.fromkeys(
    (
        "weekdays",
        "dates",
        "branch_ids",
        "service_ids",
        "skill",
        "skill_levels",
        "from_time",
        "to_time",
    )
)
"""When a price rule holds that names nothing: always."""
ALBUM = UUID("00000000-0000-4000-8000-00000000f001")


def earnest(studio: Studio, **changes: Any) -> None:
    studio.define(deposit=deposit("fixed", 50_000, money="earnest"), **changes)


def change_of(booking: dict[str, Any], cause: str, change: str) -> dict[str, Any]:
    return next(each[change] for each in booking["changes"] if each["cause"] == cause)


# --- moves and cancellations


def test_what_a_cancellation_means_is_shown_and_then_happens(studio: Studio) -> None:
    earnest(studio)
    booking_id = studio.confirmed()  # five days ahead: the earnest money is kept
    shown = change_of(studio.get(booking_id), "customer", "cancel")
    assert (shown["refund_cents"], shown["forfeited_cents"]) == (0, 50_000)
    cancelled = studio.cancel(booking_id, studio.customer(booking_id))
    assert (cancelled["paid_cents"], cancelled["balance_cents"]) == (50_000, 0)
    assert "refund.requested" not in studio.told()


def test_a_customer_cannot_claim_that_it_was_the_studio(studio: Studio) -> None:
    earnest(studio)
    booking_id = studio.confirmed()
    cancelled = studio.cancel(booking_id, studio.customer(booking_id), cause="studio")
    assert cancelled["paid_cents"] == 50_000
    assert studio.facts("booking.cancelled")[0].payload["cause"] == "customer"


def test_what_the_studio_cancels_it_returns_and_owes_the_earnest_again(studio: Studio) -> None:
    earnest(studio)
    booking_id = studio.confirmed()
    shown = change_of(studio.get(booking_id), "studio", "cancel")
    assert (shown["refund_cents"], shown["compensation_cents"]) == (50_000, 50_000)
    studio.cancel(booking_id, cause="studio")
    assert studio.facts("booking.cancelled")[0].payload["compensation_cents"] == 50_000
    studio.refund(studio.facts("refund.requested")[0])
    assert studio.get(booking_id)["paid_cents"] == 0


def test_early_notice_costs_nothing_and_late_notice_needs_the_studio(studio: Studio) -> None:
    earnest(studio)
    early = studio.confirmed("early", start=START + timedelta(days=10))
    studio.cancel(early, studio.customer(early))
    assert studio.facts("refund.requested")[0].payload["amount_cents"] == 50_000
    late = studio.confirmed("late")
    studio.now = START - timedelta(hours=5)
    with pytest.raises(CancelTooLate):
        studio.cancel(late, studio.customer(late))
    with pytest.raises(RescheduleTooLate):
        studio.reschedule(late, START + timedelta(days=3), studio.customer(late))
    assert "cancel" not in studio.get(late, studio.customer(late))["allowed_actions"]
    assert "cancel" in studio.get(late)["allowed_actions"]


def test_moves_are_free_as_often_as_agreed_and_then_charged_once(studio: Studio) -> None:
    booking_id = studio.confirmed()
    first = studio.reschedule(booking_id, START + timedelta(hours=4), studio.customer(booking_id))
    assert first["total_cents"] == 399_900
    assert change_of(first, "customer", "move")["fee_cents"] == 19_995
    second = studio.reschedule(booking_id, START + timedelta(hours=8), studio.customer(booking_id))
    assert second["total_cents"] == 399_900 + 19_995
    assert [line["kind"] for line in second["lines"]] == ["service", "fee"]
    again = studio.reschedule(booking_id, START + timedelta(hours=8), studio.customer(booking_id))
    assert again["total_cents"] == second["total_cents"]


def test_a_move_that_the_weather_makes_is_free_and_not_counted(studio: Studio) -> None:
    booking_id = studio.confirmed()
    for hours in (4, 8, 12):
        moved = changing.reschedule(
            **studio.reaching,
            booking_id=booking_id,
            access=studio.staff(),
            start=START + timedelta(hours=hours),
            cause="weather",
        )
    assert (moved["total_cents"], moved["reschedule_count"]) == (399_900, 3)
    assert change_of(moved, "customer", "move")["fee_cents"] == 0


def test_what_a_cancellation_keeps_is_told_as_a_credit_where_the_terms_say_so(
    studio: Studio,
) -> None:
    studio.define(deposit=deposit("fixed", 50_000, money="earnest"))
    first, second = studio.confirmed(), studio.confirmed("2", start=START + timedelta(days=4))
    for booking_id in (first, second):
        studio.cancel(booking_id, studio.customer(booking_id), cause="customer")
    kept, whole = (fact.payload["credit"] for fact in studio.facts("booking.cancelled"))
    assert (kept["cents"], kept["valid_to"]) == (50_000, studio.now + timedelta(days=180))
    assert len(kept["code"]) == 10
    assert whole is None, "a week before, all goes back"


def test_a_booking_keeps_the_terms_under_which_it_was_sold(studio: Studio) -> None:
    booking_id = studio.confirmed()
    fee = {"cents": 0, "basis_points": 0}
    strict = [
        {
            "cause": cause,
            "from_hours": 0,
            "moves": cause != "customer",
            "cancels": cause != "customer",
            "free_moves": 0,
            "move_fee": fee,
            "cancel_fee": fee,
            "earnest_return": 10_000,
            "other_return": 10_000,
            "transfer_days": 0,
        }
        for cause in ("customer", "studio", "weather")
    ]
    studio.define(policy=strict, price_cents=500_000)
    booking = studio.get(booking_id, studio.customer(booking_id))
    assert booking["total_cents"] == 399_900
    assert "cancel" in booking["allowed_actions"]
    newer = studio.confirmed("newer", start=START + timedelta(days=1))
    assert "cancel" not in studio.get(newer, studio.customer(newer))["allowed_actions"]
    with studio.uow.read() as session:
        versions = session.scalars(
            sa.select(CatalogueVersion)
            .where(CatalogueVersion.item_id == SERVICE)
            .order_by(CatalogueVersion.version)
        ).all()
    assert [each.deal["price_cents"] for each in versions] == [399_900, 500_000]
    assert [studio.booking(each).service_version for each in (booking_id, newer)] == [1, 2]
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), studio.uow.begin() as tx:
        tx.session.execute(sa.text("DELETE FROM catalogue_version"))


@pytest.mark.parametrize(
    ("deal", "pointer"),
    [
        ({"deposit": deposit("percent", 20_000)}, "/deposit/value"),
        ({"policy": []}, None),
        (
            {"schedule": [{"kind": "deposit", "part": "amount", "value": 1, "anchor": "booking",
                           "days": 0, "event": None}]},
            "/schedule",
        ),
    ],
)  # fmt: skip
def test_terms_that_contradict_themselves_are_refused(
    studio: Studio, deal: dict[str, Any], pointer: str | None
) -> None:
    if pointer is None:
        studio.define(**deal)
        return
    with pytest.raises(Invalid) as refusal:
        studio.define(**deal)
    assert refusal.value.details["errors"][0]["pointer"] == pointer


# --- approval


def approved(studio: Studio) -> UUID:
    studio.define(needs_approval=True)
    booking_id = studio.request()["id"]
    studio.pay(booking_id)
    assert studio.get(booking_id)["status"] == "pending"
    return booking_id


def test_a_booking_waits_for_the_studio_and_keeps_its_time(studio: Studio) -> None:
    booking_id = approved(studio)
    assert studio.told()[-1] == "booking.submitted"
    assert studio.scheduling.holds[booking_id]["state"] == "confirmed"
    actions = studio.get(booking_id)["allowed_actions"]
    assert {"approve", "reject"} <= set(actions)
    assert not {"approve", "reject"} & set(
        studio.get(booking_id, studio.customer(booking_id))["allowed_actions"]
    )
    with pytest.raises(Forbidden):
        changing.approve(
            **studio.telling, booking_id=booking_id, access=studio.customer(booking_id)
        )
    done = changing.approve(**studio.telling, booking_id=booking_id, access=studio.staff())
    assert (done["status"], studio.told()[-1]) == ("confirmed", "booking.confirmed")
    with pytest.raises(TransitionRefused):
        changing.approve(**studio.telling, booking_id=booking_id, access=studio.staff())


def test_a_rejected_booking_gives_back_all_its_money_and_its_time(studio: Studio) -> None:
    booking_id = approved(studio)
    done = changing.reject(
        **studio.reaching, booking_id=booking_id, access=studio.staff(), reason="当天已约满"
    )
    assert (done["status"], done["payment_status"]) == ("rejected", "refunding")
    assert studio.scheduling.holds[booking_id]["state"] == "released"
    assert studio.facts("booking.rejected")[0].payload["reason"] == "当天已约满"


# --- prices


def quote(
    studio: Studio, *add_ons: tuple[UUID, int], start: Any = START, **wish: Any
) -> dict[str, Any]:
    picked = [{"id": each, "quantity": quantity} for each, quantity in add_ons]
    asked = {
        "service_id": SERVICE,
        "also": [],
        "package_id": None,
        "resource_ids": [],
        "preferred": [],
        "coupon_code": None,
    } | wish
    return quoting.quote(
        uow=studio.uow,
        scheduling=studio.scheduling,
        crm=studio.crm,
        branch_id=BUND,
        start=start,
        add_ons=picked,
        **asked,
    )


def album(studio: Studio, **changes: Any) -> dict[str, Any]:
    values = {
        "name": {"zh": "加购相册", "en": "Album"},
        "summary": {"zh": "", "en": ""},
        "price_cents": 30_000,
        "currency": "CNY",
        "stock": 3,
        "max_quantity": 2,
        "service_ids": [],
        "position": 0,
        "active": True,
    } | changes
    return pricing.define_add_on(uow=studio.uow, add_on_id=ALBUM, **values)


def weekend(studio: Studio, **changes: Any) -> dict[str, Any]:
    rule = {
        "id": uuid4(),
        "label": {"zh": "周末加价", "en": "Weekend"},
        "effect": "percent",
        "value": 1_000,
        "match": OPEN_MATCH | {"weekdays": [6, 7]},
        "priority": 0,
        "exclusive": False,
        "active": True,
    } | changes
    return pricing.define_price_rule(uow=studio.uow, rule=rule)


def test_a_quote_is_what_is_charged(studio: Studio) -> None:
    """The start is a Saturday on the branch's calendar."""
    weekend(studio)
    album(studio)
    asked = quote(studio, (ALBUM, 2))
    assert asked["total_cents"] == 399_900 + 39_990 + 60_000
    booking = studio.get(studio.request(add_ons=[{"id": ALBUM, "quantity": 2}])["id"])
    assert booking["total_cents"] == asked["total_cents"]
    assert [line["kind"] for line in booking["lines"]] == ["service", "extra", "add_on"]
    assert quote(studio, start=START - timedelta(days=1))["total_cents"] == 399_900


def test_a_holiday_has_its_price_and_scheduling_says_which_day_is_one(studio: Studio) -> None:
    open_match = weekend(studio)["match"]
    weekend(studio, match=open_match | {"weekdays": [8]}, effect="add", value=50_000)
    day = {"calendar": "CN", "kind": "holiday", "name": {"zh": "元旦", "en": ""}, "edited": False}
    monday = START + timedelta(days=2)
    assert quote(studio, start=monday)["total_cents"] == 399_900
    studio.scheduling.special_days = [day | {"day": monday.date()}]
    assert quote(studio, start=monday)["total_cents"] == 449_900
    assert studio.get(studio.request(start=monday)["id"])["total_cents"] == 449_900


def test_a_chief_photographer_costs_more_who_asks_for_another_does_not(studio: Studio) -> None:
    open_match = weekend(studio)["match"] | {"weekdays": None}
    chief = open_match | {"skill": "portrait", "skill_levels": [5]}
    weekend(studio, match=chief, effect="add", value=100_000)
    monday = START + timedelta(days=2)
    studio.scheduling.levels = {PHOTOGRAPHER: {"portrait": 5}, UUID(int=9): {"portrait": 3}}
    dear = quote(studio, start=monday, resource_ids=[PHOTOGRAPHER])["total_cents"]
    assert dear == 499_900
    assert quote(studio, start=monday, resource_ids=[UUID(int=9)])["total_cents"] == 399_900
    assert quote(studio, start=monday)["total_cents"] == 399_900
    booked = studio.request(start=monday, resource_ids=[PHOTOGRAPHER])
    assert studio.get(booked["id"])["total_cents"] == dear


def test_several_services_are_one_booking_one_order_and_one_time(studio: Studio) -> None:
    dear = UUID("00000000-0000-4000-8000-00000000b003")
    studio.define(dear, price_cents=10_000, deposit=deposit("percent", 5_000))
    asked = quote(studio, also=[FREE_SERVICE, dear])
    assert asked["total_cents"] == 399_900 + 20_000 + 10_000
    assert asked["deposit_cents"] == 50_000 + 5_000
    created = studio.request(also=[FREE_SERVICE, dear])
    assert studio.scheduling.wishes[-1]["also"] == [FREE_SERVICE, dear]
    booking = studio.get(created["id"])
    assert [line["kind"] for line in booking["lines"]] == ["service"] * 3
    assert [str(each["id"]) for each in booking["also"]] == [str(FREE_SERVICE), str(dear)]
    assert booking["service"]["name"]["zh"].count(" + ") == 2
    with pytest.raises(ServiceUnknown):
        studio.request("other", start=START + timedelta(days=1), also=[UUID(int=7)])


def test_an_earnest_above_a_fifth_of_the_price_is_pointed_out(studio: Studio) -> None:
    studio.define(deposit=deposit("percent", 3_000, money="earnest"))
    asked = quote(studio)
    assert (asked["deposit_cents"], asked["earnest_excess_cents"]) == (119_970, 39_990)


def test_a_deposit_that_is_due_with_the_service_does_not_hold_the_booking_up(
    studio: Studio,
) -> None:
    studio.define(deposit=deposit("fixed", 50_000, due="service"))
    created = studio.request()
    assert (created["status"], created["deposit_cents"]) == ("confirmed", 0)


def test_of_what_there_are_three_eight_customers_get_three(studio: Studio) -> None:
    album(studio)

    def wish(number: int) -> bool:
        start = START + timedelta(hours=4 * number)
        try:
            studio.request(f"wish {number}", start=start, add_ons=[{"id": ALBUM, "quantity": 1}])
        except AddOnSoldOut:
            return False
        return True

    assert sum(eventlet.GreenPool(8).imap(wish, range(8))) == 3


def test_a_cancelled_booking_puts_its_add_ons_back(studio: Studio) -> None:
    album(studio, stock=1)
    one = [{"id": ALBUM, "quantity": 1}]
    booking_id = studio.request(add_ons=one)["id"]
    with pytest.raises(AddOnSoldOut):
        studio.request("second", start=START + timedelta(days=1), add_ons=one)
    studio.cancel(booking_id)
    studio.request("third", start=START + timedelta(days=1), add_ons=one)


def test_a_booking_that_comes_back_is_not_charged_for_what_is_sold_out(studio: Studio) -> None:
    album(studio, stock=1)
    one = [{"id": ALBUM, "quantity": 1}]
    created = studio.request(add_ons=one)
    payment_id = studio.start_payment(created["id"])
    notification = studio.decide(payment_id, "late")
    studio.hear_expiry(studio.schedule_fact("hold.expired", created["id"]))
    studio.request("quicker", start=START + timedelta(days=1), add_ons=one)
    studio.notify(notification)
    booking = studio.get(created["id"])
    assert (booking["status"], booking["total_cents"]) == ("confirmed", 399_900)
    studio.cancel(created["id"])
    assert pricing.list_add_ons(uow=studio.uow, service_id=None, all=True)["items"][0]["left"] == 0


def test_what_is_not_sold_or_too_much_of_it_is_refused_and_nothing_is_held(
    studio: Studio,
) -> None:
    album(studio, service_ids=[uuid4()])
    with pytest.raises(AddOnUnknown):
        studio.request(add_ons=[{"id": ALBUM, "quantity": 1}])
    album(studio, stock=None)
    with pytest.raises(AddOnSoldOut):
        studio.request(add_ons=[{"id": ALBUM, "quantity": 3}])
    assert studio.scheduling.holds == {}


def test_a_price_rule_without_a_meaning_is_refused(studio: Studio) -> None:
    with pytest.raises(Invalid) as refusal:
        weekend(studio, effect="set", value=-1)
    assert refusal.value.details["errors"][0]["pointer"] == "/value"
    rule = weekend(studio)
    assert pricing.remove_price_rule(uow=studio.uow, rule_id=rule["id"]) == {"items": []}


# --- conflicts


def test_a_booking_whose_crew_is_gone_says_so_until_it_moves(studio: Studio) -> None:
    booking_id = studio.confirmed()
    note = {"uow": studio.uow, "links": studio.links, "booking_id": booking_id, "cause": "leave"}
    assert changing.note_conflict(**note)
    assert not changing.note_conflict(**note)
    assert studio.get(booking_id)["in_conflict"]
    assert studio.told().count("booking.conflict_detected") == 1
    studio.reschedule(booking_id, START + timedelta(days=1))
    assert not studio.get(booking_id)["in_conflict"]


# --- the private link


def test_a_link_ends_half_a_year_after_the_appointment(studio: Studio) -> None:
    booking_id = studio.confirmed()
    access = studio.customer(booking_id)
    studio.now = START + timedelta(days=179)
    studio.get(booking_id, access)
    studio.now = START + timedelta(days=181)
    with pytest.raises(ManageTokenInvalid):
        studio.get(booking_id, access)


def test_a_link_that_was_replaced_opens_nothing(studio: Studio) -> None:
    booking_id = studio.confirmed()
    old = studio.customer(booking_id)
    with pytest.raises(Forbidden):
        changing.renew_link(**studio.telling, booking_id=booking_id, access=old)
    renewed = changing.renew_link(**studio.telling, booking_id=booking_id, access=studio.staff())
    with pytest.raises(ManageTokenInvalid):
        studio.get(booking_id, old)
    new = studio.customer(booking_id)
    assert new["manage_token"] in renewed["manage_url"]
    studio.get(booking_id, new)


def test_the_appointment_goes_into_a_calendar_that_another_library_reads(studio: Studio) -> None:
    booking_id = studio.confirmed()
    question = {"booking_id": booking_id, "access": studio.customer(booking_id)}
    first = vobject.readOne(reading.calendar_file(**studio.telling, **question)["text"]).vevent
    assert first.dtstart.value == START
    assert first.summary.value == "复古婚纱套系"
    assert first.status.value == "CONFIRMED"
    studio.reschedule(booking_id, START + timedelta(days=1))
    moved = vobject.readOne(reading.calendar_file(**studio.telling, **question)["text"]).vevent
    assert moved.uid.value == first.uid.value
    assert int(moved.sequence.value) > int(first.sequence.value)
    studio.cancel(booking_id)
    gone = vobject.readOne(reading.calendar_file(**studio.telling, **question)["text"]).vevent
    assert gone.status.value == "CANCELLED"


# --- a weather day


def test_a_weather_day_moves_many_and_says_which_could_not(studio: Studio) -> None:
    ids = [studio.confirmed(f"b{n}", start=START + timedelta(hours=4 * n)) for n in range(3)]
    studio.request("rival", start=START + timedelta(days=7))
    moves = [
        {"booking_id": each, "start": START + timedelta(days=7, hours=4 * number)}
        for number, each in enumerate(ids)
    ]
    command = {"moves": moves, "cause": "weather", "access": studio.staff()}
    found = changing.reschedule_many(**studio.reaching, **command)["items"]
    assert [item["moved"] for item in found] == [False, True, True]
    assert found[0]["error"]["code"] == "scheduling.slot_taken"
    assert studio.booking(ids[0]).starts_at == START
    again = changing.reschedule_many(**studio.reaching, **command)["items"]
    assert [item["moved"] for item in again] == [False, True, True]
    assert [studio.booking(each).reschedule_count for each in ids] == [0, 1, 1]
    assert [studio.booking(each).moves_used for each in ids] == [0, 0, 0]
