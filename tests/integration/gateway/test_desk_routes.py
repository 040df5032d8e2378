"""What the cash desk pays out, and how the providers' statements agree, over HTTP."""

import pytest

from services.contracts.cash import PayoutExceedsDebt
from tests.integration.gateway import samples
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.samples import BOOKING_ID, BRANCH_ID

PAYOUTS = f"/api/v1/bookings/{BOOKING_ID}/payouts"
RECONCILIATIONS = "/api/v1/payments/reconciliations"
KEY = {"Idempotency-Key": "k-1"}
BODY = {"method": "transfer", "amount_cents": 20_000}


def test_staff_pay_out_once_under_a_key(site: Site) -> None:
    answer = site.staff().post(PAYOUTS, BODY, **KEY)
    assert (answer.status, answer.json) == (201, samples.PAYOUTS)
    (asked,) = site.services.asked("booking.pay_out")
    assert (asked["idempotency_key"], asked["method"], asked["amount_cents"], asked["note"]) == (
        "k-1",
        "transfer",
        20_000,
        "",
    )
    assert str(asked["access"]["staff_id"]) == samples.STAFF_ID
    assert site.staff().post(PAYOUTS, BODY).status == 400


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"method": "points"}, "/method"),
        ({"amount_cents": 0}, "/amount_cents"),
        ({"amount_cents": 1.5}, "/amount_cents"),
        ({"amount_cents": None}, "/amount_cents"),
        ({"note": "x" * 501}, "/note"),
    ],
)
def test_a_payout_that_cannot_be_meant_reaches_nobody(
    site: Site, changes: dict[str, object], pointer: str
) -> None:
    answer = site.staff().post(PAYOUTS, BODY | changes, **KEY)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert site.services.asked("booking.pay_out") == []


def test_more_than_is_owed_is_refused_with_what_is_owed(site: Site) -> None:
    site.services.answers["booking.pay_out"] = PayoutExceedsDebt(owed_cents=5)
    answer = site.staff().post(PAYOUTS, BODY, **KEY)
    assert (answer.status, answer.json["code"]) == (409, "booking.payout_exceeds_debt")
    assert answer.json["owed_cents"] == 5


def test_only_who_may_write_cash_pays_out_and_whoever_reads_bookings_sees_it(site: Site) -> None:
    photographer = site.staff("photographer")
    assert photographer.post(PAYOUTS, BODY, **KEY).status == 403
    assert site.anybody.post(PAYOUTS, BODY, **KEY).status == 401
    assert site.anybody.get(PAYOUTS).status == 401
    receptionist = site.staff("receptionist").get(PAYOUTS)
    assert (receptionist.status, receptionist.json) == (200, samples.PAYOUTS)


def test_the_last_days_are_listed_to_who_works_for_all_branches(site: Site) -> None:
    answer = site.staff().get(f"{RECONCILIATIONS}?days=3")
    assert (answer.status, answer.json) == (200, {"items": [samples.DAILY_RECONCILIATION]})
    assert site.services.asked("booking.list_reconciliations") == [{"days": 3}]
    assert site.staff("owner", [BRANCH_ID]).get(RECONCILIATIONS).status == 403
    assert site.staff("photographer").get(RECONCILIATIONS).status == 403


@pytest.mark.parametrize("days", ["0", "93", "many"])
def test_days_that_cannot_be_listed_are_refused(site: Site, days: str) -> None:
    answer = site.staff().get(f"{RECONCILIATIONS}?days={days}")
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/days")
