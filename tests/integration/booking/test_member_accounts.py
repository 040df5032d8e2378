"""Members at the cash desk: stored value and points pay once, come back, and are no cash."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest

from services.booking.payments.member_account import MemberAccount
from services.booking.usecases import benefits, cash, chasing, settling, spending, topping_up
from services.booking.usecases.quoting import Line
from services.chassis.rpc import RpcTimedOut
from services.contracts.booking import TransitionRefused
from services.contracts.cash import PaymentExceedsBalance
from services.contracts.crm import CustomerUnknown
from services.contracts.errors import Forbidden, KeyReused
from services.contracts.member_accounts import BalanceTooLow
from services.contracts.members import CouponUnknown
from services.contracts.payments import NothingToPay, ProviderUnavailable
from services.contracts.scheduling import BranchUnknown
from tests.integration.booking.members import COUPON, LEVEL, MEMBER, PHONE, FakeCrm
from tests.integration.booking.studio import (
    BUND,
    FREE_SERVICE,
    HARBOUR,
    SERVICE,
    STAFF,
    START,
    Studio,
)

DAY = date(2026, 11, 2)


@pytest.fixture
def crm(studio: Studio) -> FakeCrm:
    made = FakeCrm(balances={"stored_value": 100_000, "points": 20_000})
    providers: dict[str, Any] = studio.providers
    providers["member"] = MemberAccount(made)
    return made


def take(
    studio: Studio, crm: FakeCrm, booking_id: UUID, cents: int, key: str = "till-1", **changes: Any
) -> dict[str, Any]:
    command = {
        "kind": "deposit",
        "method": "stored_value",
        "note": "",
        "access": studio.staff(),
    } | changes
    return spending.take(
        **studio.reaching,
        member=MemberAccount(crm),
        booking_id=booking_id,
        amount_cents=cents,
        idempotency_key=key,
        **command,
    )


def top_up(studio: Studio, crm: FakeCrm, cents: int, **changes: Any) -> dict[str, Any]:
    command = {
        "customer_id": MEMBER,
        "branch_ids": None,
        "branch_id": BUND,
        "method": "cash",
        "gift_cents": 0,
        "note": "",
        "staff_id": STAFF,
        "idempotency_key": "top-up-1",
    } | changes
    return topping_up.top_up(
        uow=studio.uow,
        now=studio.now,
        scheduling=studio.scheduling,
        crm=crm,
        amount_cents=cents,
        **command,
    )


def chase(studio: Studio) -> int:
    studio.now += timedelta(minutes=5)
    return chasing.ask_providers(**studio.reaching, providers=studio.providers)


# --- paying


def test_stored_value_pays_a_deposit_and_confirms_the_booking(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.request()["id"]
    booking = take(studio, crm, booking_id, 50_000)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "deposit_paid")
    (payment,) = booking["payments"]
    assert (payment["provider"], payment["method"]) == ("member", "stored_value")
    assert (payment["state"], payment["received_cents"]) == ("succeeded", 50_000)
    assert crm.balances == {"stored_value": 50_000, "points": 20_000}
    assert studio.payment(payment["id"]).taken_by == STAFF
    assert studio.told() == ["booking.requested", "payment.succeeded", "booking.confirmed"]


def test_points_pay_beside_money(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.confirmed()
    booking = take(studio, crm, booking_id, 20_000, kind="balance", method="points")
    assert (booking["paid_cents"], booking["balance_cents"]) == (70_000, 329_900)
    assert crm.balances["points"] == 0


def test_the_same_command_spends_once(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.request()["id"]
    for _ in range(2):
        booking = take(studio, crm, booking_id, 50_000)
    assert booking["paid_cents"] == 50_000
    assert crm.balances["stored_value"] == 50_000
    with pytest.raises(KeyReused):
        take(studio, crm, booking_id, 50_000, method="points")


def test_the_same_command_eight_times_at_once_spends_once(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.request()["id"]
    pool = eventlet.GreenPool(8)
    told = list(pool.imap(lambda _: take(studio, crm, booking_id, 50_000), range(8)))
    assert {booking["paid_cents"] for booking in told} == {50_000}
    assert studio.ledger(booking_id)[1:] == [("payment", -50_000)]
    assert crm.balances["stored_value"] == 50_000


def test_too_little_on_the_account_pays_nothing_and_may_be_tried_again(
    studio: Studio, crm: FakeCrm
) -> None:
    booking_id = studio.request()["id"]
    crm.balances["stored_value"] = 10_000
    with pytest.raises(BalanceTooLow) as refused:
        take(studio, crm, booking_id, 50_000)
    assert refused.value.details == {"balance": 10_000}
    booking = studio.get(booking_id)
    assert (booking["status"], booking["paid_cents"]) == ("held", 0)
    assert [payment["state"] for payment in booking["payments"]] == ["failed"]
    crm.balances["stored_value"] = 60_000
    assert take(studio, crm, booking_id, 50_000)["paid_cents"] == 50_000


def test_only_staff_spend_what_is_on_an_account(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.request()["id"]
    with pytest.raises(Forbidden):
        take(studio, crm, booking_id, 50_000, access=studio.customer(booking_id))
    assert crm.spends == {}


@pytest.mark.parametrize("moment", ["spend", "after spend"])
def test_after_silence_the_same_command_goes_on_from_there(
    studio: Studio, crm: FakeCrm, moment: str
) -> None:
    booking_id = studio.request()["id"]
    crm.failing[moment] = RpcTimedOut()
    with pytest.raises(ProviderUnavailable):
        take(studio, crm, booking_id, 50_000)
    assert studio.get(booking_id)["paid_cents"] == 0
    assert take(studio, crm, booking_id, 50_000)["status"] == "confirmed"
    assert crm.balances["stored_value"] == 50_000


def test_what_was_spent_and_never_recorded_is_found_by_the_next_look(
    studio: Studio, crm: FakeCrm
) -> None:
    booking_id = studio.request()["id"]
    crm.failing["after spend"] = RpcTimedOut()
    with pytest.raises(ProviderUnavailable):
        take(studio, crm, booking_id, 50_000)
    assert chase(studio) == 1
    booking = studio.get(booking_id)
    assert (booking["status"], booking["paid_cents"]) == ("confirmed", 50_000)


def test_what_was_never_spent_stays_unpaid(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.request()["id"]
    crm.failing["spend"] = RpcTimedOut()
    with pytest.raises(ProviderUnavailable):
        take(studio, crm, booking_id, 50_000)
    chase(studio)
    assert studio.get(booking_id)["paid_cents"] == 0


def test_what_a_customer_pays_after_the_desk_goes_back(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.request()["id"]
    online = studio.start_payment(booking_id)
    crm.failing["after spend"] = RpcTimedOut()
    with pytest.raises(ProviderUnavailable):
        take(studio, crm, booking_id, 50_000)
    studio.now += timedelta(minutes=1)
    studio.notify(studio.decide(online))  # meanwhile the customer has paid
    take(studio, crm, booking_id, 50_000)
    (requested,) = studio.facts("refund.requested")
    assert requested.payload["payment_id"] == online
    studio.refund(requested)
    assert crm.balances["stored_value"] == 50_000
    assert studio.get(booking_id)["paid_cents"] == 50_000


@pytest.mark.parametrize("method", ["stored_value", "points"])
def test_more_that_staff_take_as_a_deposit_stays(studio: Studio, crm: FakeCrm, method: str) -> None:
    booking_id = studio.confirmed()
    booking = take(studio, crm, booking_id, 20_000, method=method)
    assert (booking["paid_cents"], booking["payment_status"]) == (70_000, "partly_paid")
    free = studio.request("free", service_id=FREE_SERVICE, start=START + timedelta(days=1))["id"]
    assert take(studio, crm, free, 20_000, "till-2")["payment_status"] == "paid"
    assert "refund.requested" not in studio.told()


def test_a_part_of_a_deposit_goes_back_when_the_hold_expires(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.request()["id"]
    take(studio, crm, booking_id, 20_000)
    studio.hear_expiry(studio.schedule_fact("hold.expired", booking_id))
    studio.refund(studio.facts("refund.requested")[0])
    assert studio.get(booking_id)["status"] == "expired"
    assert crm.balances["stored_value"] == 100_000


def test_what_is_above_the_price_goes_back_to_the_account(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.confirmed()
    balance = studio.start_payment(booking_id, "balance")
    take(studio, crm, booking_id, 50_000)
    studio.notify(studio.decide(balance))
    (requested,) = studio.facts("refund.requested")
    studio.refund(requested)
    assert crm.balances["stored_value"] == 100_000
    assert studio.get(booking_id)["payment_status"] == "paid"


def test_who_pays_elsewhere_after_a_silent_spend_is_told_that_nothing_is_due(
    studio: Studio, crm: FakeCrm
) -> None:
    booking_id = studio.request()["id"]
    crm.failing["after spend"] = RpcTimedOut()
    with pytest.raises(ProviderUnavailable):
        take(studio, crm, booking_id, 50_000)
    with pytest.raises(NothingToPay):
        studio.start_payment(booking_id)
    assert studio.get(booking_id)["status"] == "confirmed"


def test_money_in_hand_is_taken_as_ever(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.request()["id"]
    booking = take(studio, crm, booking_id, 50_000, method="cash")
    assert (booking["status"], booking["payments"][0]["provider"]) == ("confirmed", "offline")
    assert crm.spends == {}


def test_an_account_pays_no_more_than_is_owed_and_for_nothing_that_is_over(
    studio: Studio, crm: FakeCrm
) -> None:
    booking_id = studio.confirmed()
    with pytest.raises(PaymentExceedsBalance):
        take(studio, crm, booking_id, 349_901)
    studio.cancel(booking_id)
    with pytest.raises(TransitionRefused):
        take(studio, crm, booking_id, 1)
    assert crm.spends == {}


# --- giving back


def test_a_cancelled_booking_gives_back_to_the_account_once(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.request()["id"]
    take(studio, crm, booking_id, 50_000)
    studio.cancel(booking_id)
    (requested,) = studio.facts("refund.requested")
    assert studio.refund(requested) is True
    assert crm.balances["stored_value"] == 100_000
    refund_id = requested.payload["refund_id"]
    again = settling.refund_payment(
        **studio.telling, providers=studio.providers, refund_id=refund_id
    )
    assert again is False
    assert crm.balances["stored_value"] == 100_000


def test_a_refund_waits_while_crm_is_away(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.request()["id"]
    take(studio, crm, booking_id, 50_000)
    studio.cancel(booking_id)
    crm.failing["give_back"] = RpcTimedOut()
    with pytest.raises(ProviderUnavailable):
        studio.refund(studio.facts("refund.requested")[0])
    assert studio.get(booking_id)["payment_status"] == "refunding"
    chase(studio)
    assert studio.get(booking_id)["payment_status"] == "refunded"
    assert crm.balances["stored_value"] == 100_000


def test_a_refund_that_crm_knows_nothing_of_fails_and_is_told(studio: Studio, crm: FakeCrm) -> None:
    booking_id = studio.request()["id"]
    take(studio, crm, booking_id, 50_000)
    crm.spends.clear()
    studio.cancel(booking_id)
    studio.refund(studio.facts("refund.requested")[0])
    (failed,) = studio.facts("refund.failed")
    assert failed.payload["amount_cents"] == 50_000


# --- the desk's day


def test_the_day_counts_top_ups_as_money_and_spending_as_none_in_the_drawer(
    studio: Studio, crm: FakeCrm
) -> None:
    booking_id = studio.request()["id"]
    take(studio, crm, booking_id, 50_000)
    top_up(studio, crm, 30_000, gift_cents=3_000)
    top_up(studio, crm, 20_000, method="card", idempotency_key="top-up-2")
    top_up(studio, crm, 70_000, branch_id=HARBOUR, idempotency_key="top-up-3")
    report = cash.cash_day(uow=studio.uow, branch_id=BUND, day=DAY)
    rows = [
        (row["provider"], row["method"], row["kind"], row["received_cents"])
        for row in report["totals"]
    ]
    assert rows == [
        ("member", "stored_value", "deposit", 50_000),
        ("offline", "card", "top_up", 20_000),
        ("offline", "cash", "top_up", 30_000),
    ]
    assert report["open"][0]["expected_cents"] == 30_000
    harbour = cash.cash_day(uow=studio.uow, branch_id=HARBOUR, day=date(2026, 11, 1))
    assert (
        harbour["totals"][0]["received_cents"] == 70_000
    )  # ten in the evening before, in New York


# --- topping up


def test_a_top_up_is_taken_and_credited_once(studio: Studio, crm: FakeCrm) -> None:
    for _ in range(2):
        account = top_up(studio, crm, 30_000, gift_cents=3_000)
    assert account["stored_value_cents"] == 133_000
    (told,) = studio.facts("stored_value.topped_up")
    assert told.subject == str(MEMBER)
    assert (told.payload["amount_cents"], told.payload["gift_cents"]) == (30_000, 3_000)
    assert list(crm.credits) == [str(told.payload["top_up_id"])]
    with pytest.raises(KeyReused):
        top_up(studio, crm, 30_001)


def test_money_that_crm_could_not_credit_is_in_the_books_and_told(
    studio: Studio, crm: FakeCrm
) -> None:
    crm.failing["credit"] = RpcTimedOut()
    with pytest.raises(RpcTimedOut):
        top_up(studio, crm, 30_000)
    assert studio.told() == ["stored_value.topped_up"]
    desk = cash.cash_day(uow=studio.uow, branch_id=BUND, day=DAY)
    assert desk["open"][0]["expected_cents"] == 30_000
    assert top_up(studio, crm, 30_000)["stored_value_cents"] == 130_000


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [(CustomerUnknown, {"customer_id": uuid4()}), (BranchUnknown, {"branch_id": uuid4()})],
)
def test_no_money_is_taken_for_nobody_or_nowhere(
    studio: Studio, crm: FakeCrm, refusal: type[Exception], changes: dict[str, Any]
) -> None:
    with pytest.raises(refusal):
        top_up(studio, crm, 30_000, **changes)
    assert studio.told() == []


# --- what is taken off


def lines(crm: FakeCrm, booking_id: UUID, coupon_code: str | None = None) -> list[Line]:
    return benefits.discount_lines(
        crm,
        booking_id=booking_id,
        phone=PHONE,
        service_ids=[SERVICE],
        total_cents=399_900,
        coupon_code=coupon_code,
    )


def test_discounts_are_lines_of_the_order(crm: FakeCrm) -> None:
    label = {"zh": "优惠", "en": "Off"}
    assert lines(crm, uuid4(), "SPRING") == [
        Line(kind="discount", label=label, unit_cents=-19_995, reference_id=LEVEL),
        Line(kind="discount", label=label, unit_cents=-10_000, reference_id=COUPON),
    ]


def test_without_crm_a_member_pays_the_price_and_a_coupon_has_to_wait(crm: FakeCrm) -> None:
    crm.failing["discounts"] = RpcTimedOut()
    assert lines(crm, uuid4()) == []
    crm.failing["discounts"] = RpcTimedOut()
    with pytest.raises(RpcTimedOut):
        lines(crm, uuid4(), "SPRING")


def test_a_refused_coupon_is_told_with_its_own_error(crm: FakeCrm) -> None:
    with pytest.raises(CouponUnknown):
        lines(crm, uuid4(), "WINTER")


def test_a_coupon_is_let_go_and_silence_does_not_matter(crm: FakeCrm) -> None:
    booking_id = uuid4()
    lines(crm, booking_id, "SPRING")
    crm.failing["release_coupon"] = RpcTimedOut()
    benefits.let_coupon_go(crm, booking_id)
    assert booking_id in crm.reserved
    benefits.let_coupon_go(crm, booking_id)
    assert crm.reserved == {}
