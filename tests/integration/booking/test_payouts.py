"""What the studio owes beyond what was paid is paid out by hand, and never more than that."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest
import sqlalchemy as sa

from services.booking.queries import bookings
from services.booking.usecases import cash, payouts
from services.booking.usecases.owing import owe
from services.contracts.booking import BookingUnknown, ManageTokenInvalid
from services.contracts.cash import PayoutExceedsDebt
from services.contracts.errors import Forbidden, KeyReused
from tests.integration.booking.studio import BUND, HARBOUR, SERVICE, STAFF, Studio, deposit


def owing(studio: Studio, cents: int = 50_000) -> UUID:
    """A booking of which the studio owes something beyond what was paid."""
    booking_id = studio.confirmed()
    with studio.uow.begin() as tx:
        booking = bookings.lock_booking(tx.session, booking_id)
        assert booking is not None
        owe(tx, booking, cents, studio.now)
    return booking_id


def pay_out(studio: Studio, booking_id: UUID, amount_cents: int, **changes: Any) -> dict[str, Any]:
    command = {
        "method": "cash",
        "note": "",
        "access": studio.staff(),
        "idempotency_key": str(uuid4()),
    } | changes
    return payouts.pay_out(
        **studio.telling, booking_id=booking_id, amount_cents=amount_cents, **command
    )


def listed(studio: Studio, booking_id: UUID, **access: Any) -> dict[str, Any]:
    asked = {"access": studio.staff()} | access
    return payouts.list_payouts(uow=studio.uow, links=studio.links, booking_id=booking_id, **asked)


def test_what_is_owed_stands_in_the_ledger_and_not_in_what_is_charged_or_paid(
    studio: Studio,
) -> None:
    booking_id = owing(studio)
    booking = studio.get(booking_id)
    assert studio.ledger(booking_id)[-1] == ("compensation", -50_000)
    assert (booking["total_cents"], booking["paid_cents"]) == (399_900, 50_000)
    assert booking["balance_cents"] == 399_900 - 50_000 - 50_000
    assert booking["payment_status"] == "deposit_paid"
    assert listed(studio, booking_id) == {"owed_cents": 50_000, "currency": "CNY", "items": []}


def test_nothing_that_is_owed_leaves_no_trace(studio: Studio) -> None:
    booking_id = owing(studio, 0)
    assert [kind for kind, _ in studio.ledger(booking_id)] == ["charge", "payment"]


def test_staff_pay_it_out_in_parts_and_everybody_is_told(studio: Studio) -> None:
    booking_id = owing(studio)
    version = studio.booking(booking_id).version
    left = pay_out(studio, booking_id, 20_000, method="transfer", note="尾号 8888")
    assert left["owed_cents"] == 30_000
    (payout,) = left["items"]
    assert (payout.method, payout.amount_cents, payout.note) == ("transfer", 20_000, "尾号 8888")
    assert (payout.paid_by, payout.paid_at) == (STAFF, studio.now)
    assert pay_out(studio, booking_id, 30_000)["owed_cents"] == 0
    assert studio.ledger(booking_id)[-2:] == [("payout", 20_000), ("payout", 30_000)]
    first, second = studio.facts("payout.made")
    assert (first.payload["amount_cents"], first.payload["owed_cents"]) == (20_000, 30_000)
    assert (second.payload["amount_cents"], second.payload["owed_cents"]) == (30_000, 0)
    assert first.payload["version"] == version + 1
    assert studio.get(booking_id)["paid_cents"] == 50_000


def test_a_cancellation_by_the_studio_returns_the_earnest_money_twice(studio: Studio) -> None:
    studio.define(SERVICE, deposit=deposit("fixed", 50_000, money="earnest"))
    booking_id = studio.confirmed()
    studio.cancel(booking_id, cause="studio")
    (requested,) = studio.facts("refund.requested")
    studio.refund(requested)
    booking = studio.get(booking_id)
    assert (booking["paid_cents"], booking["balance_cents"]) == (0, -50_000)
    assert listed(studio, booking_id)["owed_cents"] == 50_000
    pay_out(studio, booking_id, 50_000)
    assert studio.get(booking_id)["balance_cents"] == 0
    assert studio.get(booking_id)["payment_status"] == "refunded"


def test_the_same_command_pays_once(studio: Studio) -> None:
    booking_id = owing(studio)
    for _ in range(2):
        assert pay_out(studio, booking_id, 20_000, idempotency_key="k")["owed_cents"] == 30_000
    with pytest.raises(KeyReused):
        pay_out(studio, booking_id, 10_000, idempotency_key="k")
    assert len(studio.facts("payout.made")) == 1


def test_no_more_is_paid_out_than_is_owed_and_a_refusal_writes_nothing(studio: Studio) -> None:
    booking_id = owing(studio)
    before = studio.ledger(booking_id), studio.told(), studio.booking(booking_id).version
    with pytest.raises(PayoutExceedsDebt) as refusal:
        pay_out(studio, booking_id, 50_001)
    assert refusal.value.details == {"owed_cents": 50_000}
    assert before == (studio.ledger(booking_id), studio.told(), studio.booking(booking_id).version)
    owes_nothing = studio.confirmed("key-2", start=studio.now)
    with pytest.raises(PayoutExceedsDebt):
        pay_out(studio, owes_nothing, 1)


def test_only_staff_of_the_branch_pay_out(studio: Studio) -> None:
    booking_id = owing(studio)
    with pytest.raises(Forbidden):
        pay_out(studio, booking_id, 1, access=studio.customer(booking_id))
    with pytest.raises(BookingUnknown):
        pay_out(studio, booking_id, 1, access=studio.staff(HARBOUR))
    with pytest.raises(BookingUnknown):
        listed(studio, booking_id, access=studio.staff(HARBOUR))
    stranger = studio.customer(booking_id) | {"manage_token": "not the token of it"}
    with pytest.raises(ManageTokenInvalid):
        listed(studio, booking_id, access=stranger)
    assert studio.facts("payout.made") == []


def test_eight_clerks_cannot_pay_out_more_than_is_owed(studio: Studio) -> None:
    booking_id = owing(studio)
    pool = eventlet.GreenPool(8)

    def clerk(_: int) -> bool:
        try:
            pay_out(studio, booking_id, 20_000)
        except PayoutExceedsDebt:
            return False
        return True

    assert sum(pool.imap(clerk, range(8))) == 2
    assert listed(studio, booking_id)["owed_cents"] == 10_000


def test_it_is_counted_at_the_daily_close(studio: Studio) -> None:
    booking_id = owing(studio)
    pay_out(studio, booking_id, 20_000)
    pay_out(studio, booking_id, 5_000, method="wechat")
    report = cash.cash_day(uow=studio.uow, branch_id=BUND, day=date(2026, 11, 2))
    told = [
        (each["method"], each["kind"], each["received_cents"], each["refunded_cents"])
        for each in report["totals"]
        if each["provider"] == "offline"
    ]
    assert told == [("cash", "payout", 0, 20_000), ("wechat", "payout", 0, 5_000)]
    assert report["open"][0]["expected_cents"] == -20_000


@pytest.mark.parametrize(
    ("kind", "amount", "names_payout"),
    [("payout", 5, False), ("payout", -5, True), ("compensation", 5, False), ("charge", 5, True)],
)
def test_the_database_knows_the_signs_and_the_payout_of_an_entry(
    studio: Studio, kind: str, amount: int, names_payout: bool
) -> None:
    booking_id = owing(studio)
    payout = pay_out(studio, booking_id, 1)["items"][0]
    insert = sa.text(
        "INSERT INTO ledger_entry (order_id, payout_id, kind, amount_cents, currency, entered_at)"
        " VALUES (:order_id, :payout_id, :kind, :amount, 'CNY', now())"
    )
    entry = {
        "order_id": studio.booking(booking_id).order_id,
        "payout_id": payout.id if names_payout else None,
        "kind": kind,
        "amount": amount,
    }
    name = "ledger_entry_(sign|payout)_check"
    with pytest.raises(sa.exc.IntegrityError, match=name), studio.uow.begin() as tx:
        tx.session.execute(insert, entry)


def owed(studio: Studio) -> list[tuple[int, int, int]]:
    """What staff were told to hand back: in all, of money taken by hand, and as compensation."""
    told = (fact.payload for fact in studio.facts("payout.due"))
    return [
        (each["amount_cents"], each["refund_cents"], each["compensation_cents"]) for each in told
    ]


def paid_by_hand(studio: Studio, cents: int = 50_000) -> UUID:
    booking_id: UUID = studio.request()["id"]
    cash.take_cash(
        **studio.reaching,
        booking_id=booking_id,
        access=studio.staff(),
        kind="deposit",
        method="cash",
        amount_cents=cents,
        note="",
        idempotency_key="by-hand",
    )
    return booking_id


def test_staff_are_told_to_hand_back_what_was_taken_by_hand(studio: Studio) -> None:
    booking_id = paid_by_hand(studio)
    studio.cancel(booking_id)
    assert owed(studio) == [(50_000, 50_000, 0)]
    assert studio.told()[-2:] == ["booking.cancelled", "payout.due"]
    cancelled, due = studio.facts()[-2:]
    assert due.payload["version"] == cancelled.payload["version"] + 1


def test_staff_are_told_of_a_compensation_and_of_cash_as_one_sum(studio: Studio) -> None:
    studio.define(SERVICE, deposit=deposit("fixed", 50_000, money="earnest"))
    studio.cancel(paid_by_hand(studio))
    assert owed(studio) == [(100_000, 50_000, 50_000)]


def test_what_a_provider_gives_back_is_nobodys_task(studio: Studio) -> None:
    studio.cancel(studio.confirmed())
    assert studio.facts("refund.requested")
    assert owed(studio) == []


def test_cash_of_a_hold_that_expires_is_handed_back(studio: Studio) -> None:
    booking_id = paid_by_hand(studio, 20_000)
    studio.scheduling.expire_hold(booking_id=booking_id)
    studio.hear_expiry(studio.schedule_fact("hold.expired", booking_id))
    assert owed(studio) == [(20_000, 20_000, 0)]
