"""Requesting a booking: one key, one booking, whatever happens on the way."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.booking.usecases import requesting
from services.contracts.booking import PhoneInvalid
from services.contracts.booking_facts import BOOKING_REQUESTED
from services.contracts.catalogue import ServiceUnknown
from services.contracts.errors import KeyReused, YingqiError
from services.contracts.scheduling import WISH_ERRORS, SlotTaken
from tests.integration.booking.studio import BUND, FREE_SERVICE, HARBOUR, NOW, START, Studio


def test_a_request_holds_the_time_and_records_the_booking(studio: Studio) -> None:
    created = studio.request()
    booking = studio.get(created["id"])
    assert created["status"] == booking["status"] == "held"
    assert created["number"] == "YQ2611-000001"
    assert (booking["start"], booking["branch"]["id"]) == (START, BUND)
    assert booking["contact"] == {"name": "李娜", "phone": "+8613800138000"}
    assert booking["payment_status"] == "unpaid"
    assert booking["balance_cents"] == booking["total_cents"] == 399_900
    assert studio.ledger(created["id"]) == [("charge", 399_900)]
    (fact,) = studio.facts()
    assert fact.type == BOOKING_REQUESTED.type
    assert fact.payload["manage_url"] == created["manage_url"]


def test_the_same_key_gives_the_same_answer_and_one_booking(studio: Studio) -> None:
    first, second = studio.request(), studio.request()
    assert first == second
    assert len(studio.page()["items"]) == 1
    assert studio.told() == ["booking.requested"]


def test_a_key_used_for_something_else_is_refused(studio: Studio) -> None:
    studio.request()
    with pytest.raises(KeyReused):
        studio.request(note="与之前不同")
    assert len(studio.page()["items"]) == 1


def test_a_retry_after_a_death_before_the_commit_meets_its_own_hold(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(requesting.idempotency, "once", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            studio.request()
    assert studio.page()["items"] == []
    assert studio.request()["status"] == "held"
    assert len(studio.scheduling.holds) == 1


def test_a_retry_after_the_hold_of_a_dead_try_ran_out_holds_the_time_anew(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(requesting.idempotency, "once", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            studio.request()
    (spent,) = studio.scheduling.holds
    studio.scheduling.expire_hold(booking_id=spent)
    created = studio.request()
    assert created["id"] != spent
    assert studio.get(created["id"])["status"] == "held"


def test_a_taken_time_is_told_with_its_alternatives(studio: Studio) -> None:
    studio.request("first")
    with pytest.raises(SlotTaken) as refusal:
        studio.request("second")
    assert refusal.value.details == {"alternatives": []}
    assert len(studio.page()["items"]) == 1


@pytest.mark.parametrize(
    "phone", ["", "12", "+1", "12345", "138001380000000", "no number", "+1 000"]
)
def test_an_impossible_phone_number_is_refused_before_any_time_is_held(
    studio: Studio, phone: str
) -> None:
    with pytest.raises(PhoneInvalid) as refusal:
        studio.request(contact={"name": "李娜", "phone": phone})
    assert refusal.value.details["errors"][0]["pointer"] == "/contact/phone"
    assert "hold" not in studio.scheduling.calls


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800138000", "+8613800138000"),
        ("021-6213 4567", "+862162134567"),
        ("+852 2123 4567", "+85221234567"),
    ],
)
def test_a_phone_number_is_kept_in_one_form(studio: Studio, typed: str, kept: str) -> None:
    created = studio.request(contact={"name": "李娜", "phone": typed})
    assert studio.get(created["id"])["contact"]["phone"] == kept


def test_an_unknown_package_is_refused_before_any_time_is_held(studio: Studio) -> None:
    with pytest.raises(ServiceUnknown):
        studio.request(service_id=UUID(int=7))
    assert "hold" not in studio.scheduling.calls


@pytest.mark.parametrize("refusal", WISH_ERRORS)
def test_scheduling_says_which_branch_offers_what(
    studio: Studio, refusal: type[YingqiError]
) -> None:
    studio.scheduling.failing["hold"] = refusal()
    with pytest.raises(refusal):
        studio.request()
    assert studio.page()["items"] == []


def test_instants_are_told_in_the_time_of_the_branch(studio: Studio) -> None:
    created = studio.request(branch_id=HARBOUR)
    studio.pay(created["id"])
    (payment,) = studio.get(created["id"])["payments"]
    told = (created["hold_expires_at"], payment["created_at"], payment["paid_at"])
    assert [instant.utcoffset() for instant in told] == [timedelta(hours=-5)] * 3


def test_a_package_without_deposit_is_confirmed_at_once(studio: Studio) -> None:
    created = studio.request(service_id=FREE_SERVICE)
    assert (created["status"], created["hold_expires_at"]) == ("confirmed", None)
    booking = studio.get(created["id"])
    assert booking["status"] == "confirmed"
    assert booking["confirmed_at"] == NOW
    assert studio.told() == ["booking.requested", "booking.confirmed"]
    assert studio.request(service_id=FREE_SERVICE) == created


def test_a_retry_finishes_a_confirmation_that_broke_off(studio: Studio) -> None:
    studio.scheduling.failing["confirm"] = TimeoutError()
    with pytest.raises(TimeoutError):
        studio.request(service_id=FREE_SERVICE)
    studio.scheduling.failing.clear()
    assert studio.request(service_id=FREE_SERVICE)["status"] == "confirmed"
    assert studio.told() == ["booking.requested", "booking.confirmed"]
