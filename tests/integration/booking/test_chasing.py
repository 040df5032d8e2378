"""A provider that said nothing is asked."""

from datetime import date, timedelta

import pytest

from services.booking.payments import Outcome
from services.booking.usecases import cash, chasing, reconciling
from services.contracts.payments import ProviderUnavailable
from tests.integration.booking.studio import Studio


class Silent:
    """A provider that does not call back, and answers when it is asked."""

    def __init__(self, studio: Studio) -> None:
        self.inner = studio.sandbox
        self.paid = False
        self.asked = 0
        self.down = False

    def __getattr__(self, name: str):
        return getattr(self.inner, name)

    def query(self, bill, *, now):
        self.asked += 1
        if self.down:
            raise ProviderUnavailable()
        if not self.paid:
            return None
        return self.inner.verify(**self._told(bill, now), now=now)

    def _told(self, bill, now):
        outcome = Outcome(bill.payment_id, "late-1", True, bill.amount_cents, bill.currency, now)
        return self.inner.sign(outcome, now)


@pytest.fixture
def silent(studio: Studio) -> Silent:
    provider = Silent(studio)
    studio.providers = {"sandbox": provider}
    return provider


def chase(studio: Studio) -> int:
    return chasing.ask_providers(**studio.reaching, providers=studio.providers)


def test_a_payment_whose_callback_was_lost_is_found(studio: Studio, silent: Silent) -> None:
    booking_id = studio.request()["id"]
    studio.start_payment(booking_id)
    assert chase(studio) == 0
    studio.now += timedelta(seconds=61)
    assert chase(studio) == 1
    assert studio.get(booking_id)["status"] == "held"
    silent.paid = True
    assert chase(studio) == 0
    studio.now += timedelta(seconds=61)
    assert chase(studio) == 1
    booking = studio.get(booking_id)
    assert (booking["status"], booking["paid_cents"]) == ("confirmed", 50_000)
    studio.now += timedelta(hours=1)
    assert chase(studio) == 0


def test_a_provider_that_is_away_leaves_a_payment_open(studio: Studio, silent: Silent) -> None:
    booking_id = studio.request()["id"]
    payment_id = studio.start_payment(booking_id)
    silent.down = True
    for _ in range(3):
        studio.now += timedelta(minutes=2)
        chase(studio)
    assert silent.asked == 3
    assert studio.payment(payment_id).state == "pending"


def test_nobody_asks_about_a_payment_of_yesterday(studio: Studio, silent: Silent) -> None:
    studio.start_payment(studio.request()["id"])
    studio.now += timedelta(days=1, minutes=1)
    assert chase(studio) == 0


def test_a_refund_that_was_never_answered_is_made_again(studio: Studio) -> None:
    booking_id = studio.confirmed()
    (payment,) = studio.get(booking_id)["payments"]
    cash.refund(
        **studio.telling,
        booking_id=booking_id,
        payment_id=payment["id"],
        amount_cents=20_000,
        reason="少拍一套",
        access=studio.staff(),
        idempotency_key="k",
    )
    studio.now += timedelta(minutes=2)
    assert chase(studio) == 1
    assert studio.get(booking_id)["refunds"][0]["state"] == "succeeded"
    studio.refund(studio.facts("refund.requested")[0])
    assert studio.ledger(booking_id).count(("refund", 20_000)) == 1


def test_the_statement_of_a_day_agrees_with_our_books(studio: Studio) -> None:
    studio.confirmed()
    day = date(2026, 11, 2)
    question = {"now": studio.now, "providers": studio.providers, "provider": "sandbox"}
    found = reconciling.compare(uow=studio.uow, day=day, **question)
    assert (found["matched"], found["missing_here"], found["missing_there"]) == (1, [], [])
    studio.sandbox._books.clear()
    lost = reconciling.compare(uow=studio.uow, day=day, **question)
    assert [each["amount_cents"] for each in lost["missing_there"]] == [50_000]
