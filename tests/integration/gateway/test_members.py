"""Levels, coupons and accounts at the gateway: who may do what, and what is passed on."""

from typing import Any

import pytest

from services.contracts.member_accounts import BalanceTooLow
from services.contracts.members import CouponCodeTaken
from tests.integration.gateway import member_samples, samples
from tests.integration.gateway.browser import Answer, Browser
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.samples import BRANCH_ID, CUSTOMER_ID, OTHER_BRANCH_ID

CUSTOMER = f"/api/v1/customers/{CUSTOMER_ID}"
LEVEL = f"/api/v1/member-levels/{member_samples.LEVEL_ID}"
COUPON = f"/api/v1/coupons/{member_samples.COUPON_ID}"
KEY = {"Idempotency-Key": "k-1"}
COUPON_BODY = {
    "code": " spring-1 ",
    "label": samples.TEXT,
    "amount_cents": 10_000,
    "valid_from": samples.START,
    "valid_to": samples.END,
}
TOP_UP = {"branch_id": BRANCH_ID, "method": "card", "amount_cents": 100_000, "gift_cents": 10_000}
GIFT = {"account": "points", "amount": 100}
ADJUSTMENT = {"account": "stored_value", "amount": -500, "note": "多充"}


def put(staff: Browser, path: str, body: dict[str, Any]) -> Answer:
    return staff.send("PUT", path, json_body=body)


def test_levels_and_coupons_are_defined_for_all_branches(site: Site) -> None:
    level = {"name": samples.TEXT, "discount_basis_points": 500}
    assert put(site.staff("manager"), LEVEL, level).json == member_samples.LEVEL
    assert put(site.staff("manager"), COUPON, COUPON_BODY).json == member_samples.COUPON
    (asked,) = site.services.asked("crm.define_coupon")
    assert (asked["code"], asked["per_customer"], asked["stock"]) == ("SPRING-1", 1, None)
    for role, branch_ids in (("receptionist", None), ("manager", [BRANCH_ID])):
        staff = site.staff(role, branch_ids)
        assert put(staff, LEVEL, level).status == 403
        assert put(staff, COUPON, COUPON_BODY).status == 403


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"amount_cents": None}, "/amount_cents"),
        ({"basis_points": 500}, "/amount_cents"),
        ({"amount_cents": 0}, "/amount_cents"),
        ({"valid_to": samples.START}, "/valid_to"),
        ({"code": "春天"}, "/code"),
        ({"code": "-"}, "/code"),
        ({"per_customer": 0}, "/per_customer"),
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused(
    site: Site, change: dict[str, Any], pointer: str
) -> None:
    answer = put(site.staff(), COUPON, COUPON_BODY | change)
    assert answer.status == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]
    assert not site.services.asked("crm.define_coupon")


def test_a_code_that_is_taken_is_told(site: Site) -> None:
    site.services.answers["crm.define_coupon"] = CouponCodeTaken()
    answer = put(site.staff(), COUPON, COUPON_BODY)
    assert (answer.status, answer.json["code"]) == (409, "crm.coupon_code_taken")


def test_staff_read_the_accounts_of_their_branches_customers(site: Site) -> None:
    staff = site.staff("receptionist", [BRANCH_ID])
    assert staff.get(f"{CUSTOMER}/account").json == member_samples.ACCOUNT
    assert staff.get(f"{CUSTOMER}/account/entries?limit=5").json["items"] == [member_samples.ENTRY]
    for name in ("crm.get_account", "crm.list_entries"):
        (asked,) = site.services.asked(name)
        assert [str(each) for each in asked["branch_ids"]] == [BRANCH_ID]
    assert site.staff("photographer").get(f"{CUSTOMER}/account").status == 403
    assert site.anybody.get(f"{CUSTOMER}/account").status == 401


def test_receptionists_give_levels_gifts_and_take_top_ups_at_their_branch(site: Site) -> None:
    staff = site.staff("receptionist", [BRANCH_ID])
    given = put(staff, f"{CUSTOMER}/level", {"level_id": member_samples.LEVEL_ID})
    assert given.json == member_samples.ACCOUNT
    assert put(staff, f"{CUSTOMER}/level", {"level_id": None}).status == 200
    assert staff.post(f"{CUSTOMER}/gifts", GIFT, **KEY).status == 201
    assert staff.post(f"{CUSTOMER}/top-ups", TOP_UP, **KEY).status == 201
    (asked,) = site.services.asked("booking.top_up")
    assert (str(asked["staff_id"]), asked["idempotency_key"]) == (samples.STAFF_ID, "k-1")
    elsewhere = staff.post(f"{CUSTOMER}/top-ups", TOP_UP | {"branch_id": OTHER_BRANCH_ID}, **KEY)
    assert elsewhere.status == 403


def test_only_who_keeps_the_books_corrects_an_account(site: Site) -> None:
    site.services.answers["crm.adjust"] = BalanceTooLow(balance=400)
    refused = site.staff("receptionist").post(f"{CUSTOMER}/adjustments", ADJUSTMENT, **KEY)
    assert refused.status == 403
    answer = site.staff("manager").post(f"{CUSTOMER}/adjustments", ADJUSTMENT, **KEY)
    assert (answer.status, answer.json["code"], answer.json["balance"]) == (
        409,
        "crm.balance_too_low",
        400,
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [("top-ups", TOP_UP), ("gifts", GIFT), ("adjustments", ADJUSTMENT)],
)
def test_what_moves_an_account_needs_a_key_and_sense(
    site: Site, path: str, body: dict[str, Any]
) -> None:
    staff = site.staff()
    assert staff.post(f"{CUSTOMER}/{path}", body).json["code"] == "idempotency.key_missing"
    amount = "amount_cents" if "amount_cents" in body else "amount"
    for nonsense in (0, 1.5, 100_000_001, "1"):
        answer = staff.post(f"{CUSTOMER}/{path}", body | {amount: nonsense}, **KEY)
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, f"/{amount}")
