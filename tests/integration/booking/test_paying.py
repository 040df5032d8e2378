"""Money: in every order in which a provider may tell of it, it counts once and is never lost."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.booking.payments import Outcome, Refund
from services.booking.payments.sandbox import Sandbox
from services.booking.usecases import sandbox
from services.contracts.booking import HoldExpired, TransitionRefused
from services.contracts.errors import Unavailable
from services.contracts.payments import (
    NothingToPay,
    NotificationInvalid,
    PaymentUnknown,
    ProviderUnknown,
    SignatureInvalid,
)
from tests.integration.booking.studio import FREE_SERVICE, START, Studio

CHARGE, DEPOSIT = ("charge", 399_900), ("payment", -50_000)


def test_a_paid_deposit_confirms_the_booking(studio: Studio) -> None:
    created = studio.request()
    payment_id = studio.pay(created["id"])
    booking = studio.get(created["id"])
    assert booking["status"] == "confirmed"
    assert booking["payment_status"] == "deposit_paid"
    assert (booking["paid_cents"], booking["balance_cents"]) == (50_000, 349_900)
    assert booking["hold_expires_at"] is None
    assert [p["id"] for p in booking["payments"]] == [payment_id]
    assert studio.ledger(created["id"]) == [CHARGE, DEPOSIT]
    assert studio.told() == ["booking.requested", "payment.succeeded", "booking.confirmed"]
    versions = {f.type: f.payload["version"] for f in studio.facts()}
    assert versions == {"booking.requested": 1, "payment.succeeded": 2, "booking.confirmed": 3}


def test_the_balance_is_what_remains_and_needs_no_confirmation(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.scheduling.calls.clear()
    studio.pay(booking_id, "balance")
    booking = studio.get(booking_id)
    assert (booking["payment_status"], booking["balance_cents"]) == ("paid", 0)
    assert studio.scheduling.calls == []
    with pytest.raises(NothingToPay):
        studio.start_payment(booking_id, "balance")


def test_a_notification_that_comes_twice_counts_once(studio: Studio) -> None:
    created = studio.request()
    notification = studio.decide(studio.start_payment(created["id"]))
    assert studio.notify(notification) == studio.notify(notification)
    assert studio.ledger(created["id"]) == [CHARGE, DEPOSIT]
    assert studio.told().count("payment.succeeded") == 1
    assert studio.told().count("booking.confirmed") == 1


def test_a_failure_may_be_followed_by_a_success(studio: Studio) -> None:
    created = studio.request()
    payment_id = studio.start_payment(created["id"])
    studio.notify(studio.decide(payment_id, "fail"))
    assert studio.get(created["id"])["status"] == "held"
    assert studio.payment(payment_id).state == "failed"
    studio.notify(studio.decide(payment_id))
    assert studio.get(created["id"])["status"] == "confirmed"
    assert studio.told()[1:] == ["payment.failed", "payment.succeeded", "booking.confirmed"]


def test_a_failure_after_a_success_is_ignored(studio: Studio) -> None:
    created = studio.request()
    payment_id = studio.pay(created["id"])
    assert studio.notify(studio.decide(payment_id, "fail"))["status"] == 200
    assert studio.payment(payment_id).state == "succeeded"
    assert "payment.failed" not in studio.told()


def test_late_money_takes_the_time_again_when_it_is_free(studio: Studio) -> None:
    created = studio.request()
    payment_id = studio.start_payment(created["id"])
    notification = studio.decide(payment_id, "late")
    studio.hear_expiry(studio.schedule_fact("hold.expired", created["id"]))
    assert studio.get(created["id"])["status"] == "expired"
    assert studio.get(created["id"])["balance_cents"] == 0
    studio.notify(notification)
    booking = studio.get(created["id"])
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "deposit_paid")
    assert studio.payment(payment_id).late
    assert booking["balance_cents"] == 349_900


def test_late_money_may_be_quicker_than_the_news_of_the_expiry(studio: Studio) -> None:
    created = studio.request()
    payment_id = studio.start_payment(created["id"])
    expired = studio.schedule_fact("hold.expired", created["id"])
    studio.notify(studio.decide(payment_id, "late"))
    assert studio.hear_expiry(expired) is False
    assert studio.get(created["id"])["status"] == "confirmed"
    assert studio.payment(payment_id).late
    assert "booking.expired" not in studio.told()


@pytest.mark.parametrize("expiry_is_known", [True, False])
def test_late_money_goes_back_when_the_time_is_lost(studio: Studio, expiry_is_known: bool) -> None:
    created = studio.request()
    payment_id = studio.start_payment(created["id"])
    notification = studio.decide(payment_id, "late")
    if expiry_is_known:
        studio.hear_expiry(studio.schedule_fact("hold.expired", created["id"]))
    studio.request("quicker")
    studio.notify(notification)
    studio.notify(notification)
    assert studio.get(created["id"])["status"] == "expired"
    assert studio.get(created["id"])["payment_status"] == "refunding"
    assert studio.told().count("payment.late") == 1
    assert studio.told().count("booking.expired") == 1
    (requested,) = studio.facts("refund.requested")
    studio.refund(requested)
    booking = studio.get(created["id"])
    assert (booking["payment_status"], booking["balance_cents"]) == ("refunded", 0)
    assert studio.payment(payment_id).late
    assert studio.notify(notification)["status"] == 200
    assert studio.told().count("refund.requested") == 1


def test_money_for_a_cancelled_booking_goes_back(studio: Studio) -> None:
    created = studio.request()
    payment_id = studio.start_payment(created["id"])
    studio.cancel(created["id"])
    studio.notify(studio.decide(payment_id))
    assert studio.get(created["id"])["status"] == "cancelled"
    assert studio.payment_state(payment_id) == "refunding"
    assert "payment.late" not in studio.told()
    assert [f.payload["payment_id"] for f in studio.facts("refund.requested")] == [payment_id]


def test_a_deposit_that_was_paid_twice_goes_back_once(studio: Studio) -> None:
    created = studio.request()
    first = studio.start_payment(created["id"])
    studio.notify(studio.decide(first, "fail"))
    second = studio.start_payment(created["id"])
    assert first != second
    studio.notify(studio.decide(second))
    studio.now += timedelta(minutes=1)
    studio.notify(studio.decide(first))
    assert studio.payment_state(first) == "refunding"
    assert studio.payment(second).state == "succeeded"
    studio.refund(studio.facts("refund.requested")[0])
    booking = studio.get(created["id"])
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "deposit_paid")
    assert studio.ledger(created["id"]) == [CHARGE, DEPOSIT, DEPOSIT, ("refund", 50_000)]


def test_starting_again_gives_the_payment_that_still_waits(studio: Studio) -> None:
    created = studio.request()
    assert studio.start_payment(created["id"]) == studio.start_payment(created["id"])


def test_starting_to_pay_keeps_the_hold_longer(studio: Studio) -> None:
    created = studio.request()
    studio.now += timedelta(minutes=10)
    studio.start_payment(created["id"])
    assert studio.get(created["id"])["hold_expires_at"] == studio.now + timedelta(minutes=15)


def test_an_expired_hold_cannot_be_paid_for(studio: Studio) -> None:
    by_the_clock = studio.request("one")["id"]
    by_scheduling = studio.request("two", start=START + timedelta(days=1))["id"]
    known = studio.request("three", start=START + timedelta(days=2))["id"]
    studio.scheduling.expire_hold(booking_id=by_scheduling)
    with pytest.raises(HoldExpired):
        studio.start_payment(by_scheduling)
    studio.hear_expiry(studio.schedule_fact("hold.expired", known))
    with pytest.raises(HoldExpired):
        studio.start_payment(known)
    studio.now += timedelta(minutes=16)
    with pytest.raises(HoldExpired):
        studio.start_payment(by_the_clock)


def test_what_is_not_due_cannot_be_paid(studio: Studio) -> None:
    held = studio.request()["id"]
    with pytest.raises(TransitionRefused):
        studio.start_payment(held, "balance")
    studio.pay(held)
    with pytest.raises(NothingToPay):
        studio.start_payment(held, "deposit")
    studio.cancel(held)
    with pytest.raises(TransitionRefused) as refusal:
        studio.start_payment(held, "balance")
    assert refusal.value.details == {"booking_status": "cancelled", "action": "pay_balance"}
    free = studio.request("free", service_id=FREE_SERVICE, start=START + timedelta(days=1))["id"]
    with pytest.raises(NothingToPay):
        studio.start_payment(free, "deposit")
    studio.pay(free, "balance")
    assert studio.get(free)["payment_status"] == "paid"


# --- whom to believe


def test_a_forged_notification_is_refused(studio: Studio) -> None:
    created = studio.request()
    notification = studio.decide(studio.start_payment(created["id"]))
    tampered = notification["body"].replace("succeeded", "failed")
    with pytest.raises(SignatureInvalid):
        studio.notify(notification | {"body": tampered})
    headers = notification["headers"]
    for name in headers:
        with pytest.raises(SignatureInvalid):
            studio.notify(notification | {"headers": headers | {name: "0"}})
    with pytest.raises(SignatureInvalid):
        studio.notify(notification | {"headers": {}})
    assert studio.told() == ["booking.requested"]


def test_an_old_notification_is_refused(studio: Studio) -> None:
    notification = studio.decide(studio.start_payment(studio.request()["id"]))
    studio.now += timedelta(minutes=10, seconds=1)
    with pytest.raises(SignatureInvalid):
        studio.notify(notification)


def test_header_names_have_no_case(studio: Studio) -> None:
    notification = studio.decide(studio.start_payment(studio.request()["id"]))
    lower = {name.lower(): value for name, value in notification["headers"].items()}
    assert studio.notify(notification | {"headers": lower})["status"] == 200


@pytest.mark.parametrize(("amount", "status"), [(49_999, "held"), (50_001, "confirmed")])
def test_another_amount_than_was_asked_for_counts_as_what_it_is(
    studio: Studio, amount: int, status: str
) -> None:
    booking_id = studio.request()["id"]
    payment_id = studio.start_payment(booking_id)
    outcome = Outcome(payment_id, "r", True, amount, "CNY", studio.now)
    studio.notify(studio.sandbox.sign(outcome, studio.now))
    booking = studio.get(booking_id)
    assert booking["status"] == status
    assert booking["payments"][0]["received_cents"] == amount
    assert booking["paid_cents"] == amount
    if amount < 50_000:  # the rest can be paid, and then it is confirmed
        studio.pay(booking_id)
        assert studio.get(booking_id)["status"] == "confirmed"
        assert studio.get(booking_id)["paid_cents"] == 50_000


def test_a_part_of_the_deposit_goes_back_when_the_hold_runs_out(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    payment_id = studio.start_payment(booking_id)
    outcome = Outcome(payment_id, "r", True, 20_000, "CNY", studio.now)
    studio.notify(studio.sandbox.sign(outcome, studio.now))
    studio.scheduling.expire_hold(booking_id=booking_id)
    studio.hear_expiry(studio.schedule_fact("hold.expired", booking_id))
    (requested,) = studio.facts("refund.requested")
    assert requested.payload["amount_cents"] == 20_000


def test_another_currency_changes_nothing(studio: Studio) -> None:
    payment_id = studio.start_payment(studio.request()["id"])
    outcome = Outcome(payment_id, "r", True, 50_000, "USD", studio.now)
    with pytest.raises(NotificationInvalid):
        studio.notify(studio.sandbox.sign(outcome, studio.now))
    assert studio.payment(payment_id).state == "pending"
    assert studio.told() == ["booking.requested"]


@pytest.mark.parametrize("body", ["not json", "[]", "{}", '{"payment_id": 7}'])
def test_a_signed_notification_that_cannot_be_read_is_invalid(studio: Studio, body: str) -> None:
    timestamp = str(int(studio.now.timestamp()))
    headers = {
        "X-Sandbox-Timestamp": timestamp,
        "X-Sandbox-Signature": studio.sandbox._signature(timestamp, body),
    }
    with pytest.raises(NotificationInvalid):
        studio.notify({"headers": headers, "body": body})


def test_an_unknown_payment_is_refused(studio: Studio) -> None:
    outcome = Outcome(UUID(int=5), "r", True, 50_000, "CNY", studio.now)
    with pytest.raises(PaymentUnknown):
        studio.notify(studio.sandbox.sign(outcome, studio.now))


def test_a_reference_belongs_to_one_payment(studio: Studio) -> None:
    one = studio.start_payment(studio.request("one")["id"])
    two = studio.start_payment(studio.request("two", start=START + timedelta(days=1))["id"])
    studio.record(one, reference="same")
    with pytest.raises(NotificationInvalid):
        studio.record(two, reference="same")
    assert studio.payment(two).state == "pending"


def test_a_provider_that_is_switched_off_is_unknown(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    payment_id = studio.start_payment(booking_id)
    notification = studio.decide(payment_id)
    studio.providers = {}
    with pytest.raises(ProviderUnknown):
        studio.start_payment(booking_id)
    with pytest.raises(ProviderUnknown):
        studio.notify(notification)
    with pytest.raises(ProviderUnknown):
        studio.decide(payment_id)


# --- what survives the end of the process


def test_the_news_of_a_payment_finishes_what_broke_off_after_it(studio: Studio) -> None:
    created = studio.request()
    studio.record(studio.start_payment(created["id"]))
    assert studio.get(created["id"])["status"] == "held"
    (fact,) = studio.facts("payment.succeeded")
    assert studio.settle(fact) == "confirmed"
    assert studio.settle(fact) == "confirmed"
    assert studio.told().count("booking.confirmed") == 1


def test_money_is_recorded_even_when_scheduling_is_away(studio: Studio) -> None:
    created = studio.request()
    payment_id = studio.start_payment(created["id"])
    studio.scheduling.failing["confirm"] = TimeoutError()
    with pytest.raises(TimeoutError):
        studio.notify(studio.decide(payment_id))
    assert studio.payment(payment_id).state == "succeeded"
    studio.scheduling.failing.clear()
    studio.settle(studio.facts("payment.succeeded")[0])
    assert studio.get(created["id"])["status"] == "confirmed"


def test_a_refund_that_is_asked_for_twice_is_made_once(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.cancel(booking_id)
    (requested,) = studio.facts("refund.requested")
    assert studio.refund(requested) is True
    assert studio.refund(requested) is False
    assert studio.told().count("refund.succeeded") == 1
    assert studio.ledger(booking_id).count(("refund", 50_000)) == 1


def test_a_refund_is_tried_again_when_the_provider_is_away(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Sandbox, refund: Refund, *, now: datetime) -> None:
        raise Unavailable()

    booking_id = studio.confirmed()
    studio.cancel(booking_id)
    (requested,) = studio.facts("refund.requested")
    with monkeypatch.context() as patch:
        patch.setattr(Sandbox, "refund", away)
        with pytest.raises(Unavailable):
            studio.refund(requested)
    assert studio.get(booking_id)["payment_status"] == "refunding"
    assert studio.refund(requested) is True
    assert studio.get(booking_id)["payment_status"] == "refunded"


def test_the_cashier_shows_what_is_to_be_paid(studio: Studio) -> None:
    created = studio.request()
    payment_id = studio.start_payment(created["id"])
    shown = sandbox.checkout(
        uow=studio.uow, links=studio.links, providers=studio.providers, payment_id=payment_id
    )
    assert shown["amount_cents"] == 50_000
    assert shown["description"]["zh"] == "复古婚纱套系"
    assert shown["return_url"] == created["manage_url"]
    assert created["manage_token"] in shown["return_url"]
