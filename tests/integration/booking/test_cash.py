"""The cash desk: what staff take, give back and charge is written once and adds up."""

from base64 import b64decode
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest
from pypdf import PdfReader

from services.booking.domain.lifecycle import Action
from services.booking.usecases import cash, reading
from services.contracts.booking import BookingUnknown, TransitionRefused
from services.contracts.cash import (
    DiscountExceedsPrice,
    PaymentExceedsBalance,
    RefundExceedsPayment,
)
from services.contracts.errors import Forbidden, KeyReused
from services.contracts.payments import NothingReceived, PaymentUnknown
from tests.integration.booking.studio import BUND, HARBOUR, START, Studio, deposit

DAY = date(2026, 11, 2)


def take(studio: Studio, booking_id: UUID, amount_cents: int, **changes: Any) -> dict[str, Any]:
    command = {
        "kind": "balance",
        "method": "cash",
        "note": "",
        "access": studio.staff(),
        "idempotency_key": str(uuid4()),
    } | changes
    return cash.take_cash(
        **studio.reaching, booking_id=booking_id, amount_cents=amount_cents, **command
    )


def refund(
    studio: Studio, booking_id: UUID, payment_id: UUID, amount_cents: int, **changes: Any
) -> dict[str, Any]:
    command = {
        "access": studio.staff(),
        "reason": "少拍一套",
        "idempotency_key": str(uuid4()),
    } | changes
    return cash.refund(
        **studio.telling,
        booking_id=booking_id,
        payment_id=payment_id,
        amount_cents=amount_cents,
        **command,
    )


def charge(
    studio: Studio, booking_id: UUID, kind: str, unit_cents: int, **changes: Any
) -> dict[str, Any]:
    command = {
        "access": studio.staff(),
        "label": {"zh": "加选精修", "en": "More retouched"},
        "quantity": 1,
        "idempotency_key": str(uuid4()),
    } | changes
    return cash.charge(
        **studio.reaching, booking_id=booking_id, kind=kind, unit_cents=unit_cents, **command
    )


def test_a_deposit_that_is_paid_at_the_desk_confirms_the_booking(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    booking = take(studio, booking_id, 50_000, kind="deposit", method="card", note="尾号 1234")
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "deposit_paid")
    assert booking["payments"][0] | {"id": None, "created_at": None, "paid_at": None} == {
        "id": None,
        "kind": "deposit",
        "provider": "offline",
        "method": "card",
        "amount_cents": 50_000,
        "received_cents": 50_000,
        "refunded_cents": 0,
        "currency": "CNY",
        "state": "succeeded",
        "late": False,
        "created_at": None,
        "paid_at": None,
    }
    assert studio.told() == ["booking.requested", "payment.succeeded", "booking.confirmed"]


def test_a_rebate_confirms_what_it_leaves_nothing_to_pay_for(studio: Studio) -> None:
    studio.define(deposit=deposit("full"))
    booking_id = studio.request()["id"]
    assert take(studio, booking_id, 390_000, kind="deposit")["status"] == "held"
    confirmed = charge(studio, booking_id, "discount", 9_900)
    assert (confirmed["status"], confirmed["balance_cents"]) == ("confirmed", 0)


def test_a_rebate_on_what_was_paid_by_hand_is_told_to_be_handed_back(studio: Studio) -> None:
    booking_id = studio.confirmed()
    take(studio, booking_id, 349_900, kind="balance")
    charge(studio, booking_id, "discount", 20_000)
    [due] = studio.facts("payout.due")
    assert (due.payload["refund_cents"], due.payload["compensation_cents"]) == (20_000, 0)


@pytest.mark.parametrize("is_late", [False, True])
def test_after_a_rebate_less_than_the_deposit_is_all_there_is_to_pay(
    studio: Studio, is_late: bool
) -> None:
    studio.define(price_cents=50_000, deposit=deposit("full"))
    booking_id = studio.request()["id"]
    charge(studio, booking_id, "discount", 10_000)
    paid = studio.decide(studio.start_payment(booking_id), "late" if is_late else "succeed")
    if is_late:
        studio.hear_expiry(studio.schedule_fact("hold.expired", booking_id))
    studio.notify(paid)
    booking = studio.get(booking_id)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    assert booking["paid_cents"] == 40_000


def test_a_deposit_that_is_in_the_drawer_is_not_kept_again_from_the_customers_phone(
    studio: Studio,
) -> None:
    booking_id = studio.request()["id"]
    online = studio.start_payment(booking_id)
    take(studio, booking_id, 50_000, kind="deposit")
    studio.now += timedelta(minutes=2)
    studio.notify(studio.decide(online))
    (back,) = studio.facts("refund.requested")
    assert (back.payload["payment_id"], back.payload["amount_cents"]) == (online, 50_000)
    for _ in range(2):
        studio.settle(studio.facts("payment.succeeded")[-1])
    assert len(studio.facts("refund.requested")) == 1
    studio.refund(back)
    booking = studio.get(booking_id)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "deposit_paid")


def test_the_same_command_takes_the_money_once(studio: Studio) -> None:
    booking_id = studio.confirmed()
    for _ in range(2):
        booking = take(studio, booking_id, 10_000, idempotency_key="till-1")
    assert booking["paid_cents"] == 60_000
    with pytest.raises(KeyReused):
        take(studio, booking_id, 20_000, idempotency_key="till-1")


def test_eight_clerks_cannot_take_more_than_is_owed(studio: Studio) -> None:
    booking_id = studio.confirmed()
    pool = eventlet.GreenPool(8)

    def clerk(_: int) -> bool:
        try:
            take(studio, booking_id, 100_000)
        except PaymentExceedsBalance:
            return False
        return True

    assert sum(pool.imap(clerk, range(8))) == 3
    assert studio.get(booking_id)["balance_cents"] == 49_900


def test_only_staff_and_only_of_the_branch_take_money(studio: Studio) -> None:
    booking_id = studio.confirmed()
    with pytest.raises(Forbidden):
        take(studio, booking_id, 1, access=studio.customer(booking_id))
    with pytest.raises(BookingUnknown):
        take(studio, booking_id, 1, access=studio.staff(HARBOUR))


def test_nobody_pays_for_what_is_over(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.cancel(booking_id)
    with pytest.raises(TransitionRefused):
        take(studio, booking_id, 1)
    with pytest.raises(TransitionRefused):
        charge(studio, booking_id, "extra", 1)


def test_a_part_of_an_online_payment_goes_back_through_its_provider(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    payment_id = studio.pay(booking_id)
    refund(studio, booking_id, payment_id, 20_000)
    assert studio.get(booking_id)["payment_status"] == "refunding"
    (requested,) = studio.facts("refund.requested")
    studio.refund(requested)
    booking = studio.get(booking_id)
    assert (booking["paid_cents"], booking["balance_cents"]) == (30_000, 369_900)
    assert studio.payment_state(payment_id) == "succeeded"
    with pytest.raises(RefundExceedsPayment) as refusal:
        refund(studio, booking_id, payment_id, 30_001)
    assert refusal.value.details == {"left_cents": 30_000}
    refund(studio, booking_id, payment_id, 30_000)
    studio.refund(studio.facts("refund.requested")[1])
    assert studio.payment_state(payment_id) == "refunded"


def test_what_has_gone_back_cannot_go_back_again(studio: Studio) -> None:
    booking_id = studio.confirmed()
    (payment,) = studio.get(booking_id)["payments"]
    refund(studio, booking_id, payment["id"], 50_000)
    with pytest.raises(RefundExceedsPayment):
        refund(studio, booking_id, payment["id"], 1)
    studio.refund(studio.facts("refund.requested")[0])
    with pytest.raises(RefundExceedsPayment):
        refund(studio, booking_id, payment["id"], 1)


def test_cash_goes_back_by_hand_and_at_once(studio: Studio) -> None:
    booking_id = studio.confirmed()
    cash_id = take(studio, booking_id, 40_000)["payments"][1]["id"]
    booking = refund(studio, booking_id, cash_id, 40_000)
    assert booking["paid_cents"] == 50_000
    assert booking["refunds"][0]["state"] == "succeeded"
    assert "refund.requested" not in studio.told()
    assert studio.told()[-1] == "refund.succeeded"


def test_a_payment_of_another_order_is_unknown(studio: Studio) -> None:
    booking_id = studio.confirmed()
    other = studio.request("other", start=START + timedelta(days=1))["id"]
    payment_id = studio.pay(other)
    with pytest.raises(PaymentUnknown):
        refund(studio, booking_id, payment_id, 1)


def test_more_is_charged_and_taken_off(studio: Studio) -> None:
    booking_id = studio.confirmed()
    booking = charge(studio, booking_id, "extra", 5_000, quantity=3)
    assert (booking["total_cents"], booking["balance_cents"]) == (414_900, 364_900)
    booking = charge(studio, booking_id, "discount", 14_900)
    assert (booking["total_cents"], booking["balance_cents"]) == (400_000, 350_000)
    assert [(line["kind"], line["quantity"], line["unit_cents"]) for line in booking["lines"]] == [
        ("service", 1, 399_900),
        ("extra", 3, 5_000),
        ("discount", 1, -14_900),
    ]
    with pytest.raises(DiscountExceedsPrice):
        charge(studio, booking_id, "discount", 400_001)


def test_a_day_adds_up(studio: Studio) -> None:
    booking_id = studio.confirmed()
    cash_id = take(studio, booking_id, 40_000)["payments"][1]["id"]
    take(studio, booking_id, 30_000, method="card")
    refund(studio, booking_id, cash_id, 10_000)
    report = cash.cash_day(uow=studio.uow, branch_id=BUND, day=DAY)
    assert [
        (each["provider"], each["method"], each["received_cents"], each["refunded_cents"])
        for each in report["totals"]
    ] == [
        ("offline", "card", 30_000, 0),
        ("offline", "cash", 40_000, 10_000),
        ("sandbox", None, 50_000, 0),
    ]
    assert report["open"] == [
        {
            "currency": "CNY",
            "previous_id": None,
            "since": None,
            "expected_cents": 30_000,
            "totals": report["totals"],
        }
    ]
    assert cash.cash_day(uow=studio.uow, branch_id=HARBOUR, day=DAY)["totals"] == []
    assert cash.cash_day(uow=studio.uow, branch_id=BUND, day=DAY + timedelta(1))["totals"] == []


def test_a_served_customer_pays_the_rest_at_the_desk(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.now = START
    studio.serve(booking_id, Action.CHECK_IN)
    studio.now += timedelta(hours=3)
    studio.serve(booking_id, Action.COMPLETE)
    assert take(studio, booking_id, 349_900)["payment_status"] == "paid"


def test_a_receipt_says_what_came_and_there_is_none_before(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    payment_id = studio.start_payment(booking_id)
    question = {"booking_id": booking_id, "access": studio.customer(booking_id)}
    with pytest.raises(NothingReceived):
        reading.print_receipt(**studio.telling, **question, payment_id=payment_id)
    studio.notify(studio.decide(payment_id))
    paper = reading.print_receipt(**studio.telling, **question, payment_id=payment_id)
    text = PdfReader(BytesIO(b64decode(paper["content"]))).pages[0].extract_text()
    assert "500.00" in text
    assert "伍佰元整" in text
    assert "3,499.00" in text
    with pytest.raises(PaymentUnknown):
        reading.print_receipt(**studio.telling, **question, payment_id=uuid4())


@pytest.mark.parametrize(("money", "word"), [("advance", "订金"), ("earnest", "定金")])
def test_a_receipt_calls_a_deposit_by_what_it_is_in_law(
    studio: Studio, money: str, word: str
) -> None:
    studio.define(deposit=deposit("fixed", 50_000, money=money))
    booking_id = studio.confirmed()
    (payment,) = studio.get(booking_id)["payments"]
    question = {"booking_id": booking_id, "access": studio.customer(booking_id)}
    paper = reading.print_receipt(**studio.telling, **question, payment_id=payment["id"])
    text = PdfReader(BytesIO(b64decode(paper["content"]))).pages[0].extract_text()
    assert [each for each in ("订金", "定金") if each in text] == [word]
