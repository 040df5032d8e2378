"""What happens at the same moment: the second look, under the lock, decides."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import eventlet
import pytest
import sqlalchemy as sa

from services.booking.payments import Refund, RefundOutcome
from services.chassis.context import new_id
from services.contracts.booking import HoldExpired, TransitionRefused
from tests.integration.booking.studio import FREE_SERVICE, SERVICE, START, Studio


def together(*actions: Any) -> list[Any]:
    """Run actions at once; return their answers."""
    pool = eventlet.GreenPool()
    return [thread.wait() for thread in [pool.spawn(action) for action in actions]]


@pytest.fixture(autouse=True)
def warm_pool(studio: Studio) -> None:
    """Eight open connections: making them would keep the racers apart."""

    def nap() -> None:
        with studio.uow.read() as session:
            session.execute(sa.text("SELECT pg_sleep(0.1)"))

    together(*[nap] * 8)


@pytest.mark.parametrize("service_id", [SERVICE, FREE_SERVICE])
def test_eight_requests_at_once_with_one_key_make_one_booking(
    studio: Studio, service_id: UUID
) -> None:
    answers = together(*[lambda: studio.request(service_id=service_id)] * 8)
    assert all(answer == answers[0] for answer in answers)
    assert len(studio.page()["items"]) == 1
    assert studio.told().count("booking.requested") == 1


def test_a_retry_beside_a_request_that_is_just_confirmed_gets_its_answer(studio: Studio) -> None:
    quicker: list[Any] = []
    studio.scheduling.meanwhile["hold"] = lambda: quicker.append(
        studio.request(service_id=FREE_SERVICE)
    )
    assert studio.request(service_id=FREE_SERVICE) == quicker[0]
    assert len(studio.scheduling.holds) == 1


def test_a_cancellation_during_the_confirmation_wins_and_the_money_goes_back(
    studio: Studio,
) -> None:
    booking_id = studio.request()["id"]
    payment_id = studio.start_payment(booking_id)
    studio.scheduling.meanwhile["confirm"] = lambda: studio.cancel(booking_id)
    studio.notify(studio.decide(payment_id))
    assert studio.get(booking_id)["status"] == "cancelled"
    assert studio.payment_state(payment_id) == "refunding"
    assert studio.told().count("refund.requested") == 1


def test_news_of_the_expiry_during_the_confirmation_takes_nothing_away(studio: Studio) -> None:
    """The time was taken again; the hold's old end is heard only now."""
    booking_id = studio.request()["id"]
    payment_id = studio.start_payment(booking_id)
    notification = studio.decide(payment_id, "late")
    expired = studio.schedule_fact("hold.expired", booking_id)
    studio.scheduling.meanwhile["confirm"] = lambda: studio.hear_expiry(expired)
    studio.notify(notification)
    booking = studio.get(booking_id)
    assert (booking["status"], booking["paid_cents"]) == ("confirmed", 50_000)
    assert "refund.requested" not in studio.told()


def test_two_confirmations_at_once_confirm_once(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    notification = studio.decide(studio.start_payment(booking_id))
    studio.scheduling.meanwhile["confirm"] = lambda: studio.notify(notification)
    studio.notify(notification)
    assert studio.get(booking_id)["status"] == "confirmed"
    assert studio.told().count("booking.confirmed") == 1


def test_eight_notifications_at_once_count_once(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    notification = studio.decide(studio.start_payment(booking_id))
    together(*[lambda: studio.notify(notification)] * 8)
    assert studio.ledger(booking_id) == [("charge", 399_900), ("payment", -50_000)]
    assert studio.told() == ["booking.requested", "payment.succeeded", "booking.confirmed"]


@pytest.mark.parametrize("kind", ["deposit", "balance"])
def test_eight_starts_at_once_make_one_payment(studio: Studio, kind: str) -> None:
    booking_id = studio.request()["id"] if kind == "deposit" else studio.confirmed()
    before = len(studio.get(booking_id)["payments"])
    together(*[lambda: studio.start_payment(booking_id, kind)] * 8)
    assert len(studio.get(booking_id)["payments"]) == before + 1


def test_payment_and_cancellation_at_once_leave_no_money_behind(studio: Studio) -> None:
    for i in range(6):
        booking_id = studio.request(f"race {i}", start=START + timedelta(days=i))["id"]
        notification = studio.decide(studio.start_payment(booking_id))
        together(
            lambda n=notification: studio.notify(n),  # type: ignore[misc]
            lambda b=booking_id: studio.cancel(b),  # type: ignore[misc]
        )
        for fact in studio.facts("refund.requested"):
            studio.refund(fact)
        booking = studio.get(booking_id)
        assert (booking["status"], booking["payment_status"]) == ("cancelled", "refunded")
        assert booking["balance_cents"] == 0


def test_a_refund_that_was_finished_elsewhere_is_not_entered_again(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.cancel(booking_id)
    (requested,) = studio.facts("refund.requested")
    plain = studio.providers["sandbox"]

    class Slow:
        """While it pays back, another worker finishes the same refund."""

        def refund(self, refund: Refund, *, now: datetime) -> RefundOutcome:
            studio.providers["sandbox"] = plain
            studio.refund(replace(requested, id=new_id()))
            return plain.refund(refund, now=now)

    studio.providers["sandbox"] = Slow()
    assert studio.refund(requested) is False
    assert studio.told().count("refund.succeeded") == 1


def test_a_hold_that_ends_while_payment_starts_is_told(studio: Studio) -> None:
    booking_id = studio.request()["id"]
    expired = studio.schedule_fact("hold.expired", booking_id)
    studio.scheduling.meanwhile["extend_hold"] = lambda: studio.hear_expiry(expired)
    with pytest.raises(HoldExpired):
        studio.start_payment(booking_id)
    assert studio.get(booking_id)["payments"] == []


def test_a_cancellation_during_a_move_wins(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.scheduling.meanwhile["reschedule"] = lambda: cancel_quietly(studio, booking_id)
    with pytest.raises(TransitionRefused):
        studio.reschedule(booking_id, START + timedelta(days=1))
    assert studio.get(booking_id)["status"] == "cancelled"


def cancel_quietly(studio: Studio, booking_id: Any) -> None:
    """Cancel, and leave the time to the event that scheduling has yet to hear."""
    studio.scheduling.failing["release"] = TransitionRefused()
    studio.cancel(booking_id)
