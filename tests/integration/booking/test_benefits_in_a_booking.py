"""What a member's level and a coupon take off is a line of the order."""

from datetime import timedelta

import pytest

from services.contracts.errors import Unavailable
from services.contracts.members import CouponUnknown
from tests.integration.booking.studio import FREE_SERVICE, START, Studio, deposit, discount
from tests.integration.booking.test_terms import quote


def test_a_member_pays_less_and_a_coupon_takes_off_more(studio: Studio) -> None:
    studio.crm.level = discount("member", -40_000)
    studio.crm.coupons = {"SPRING": 10_000}
    created = studio.request(coupon_code="SPRING")
    booking = studio.get(created["id"])
    assert [line["kind"] for line in booking["lines"]] == ["service", "discount", "discount"]
    assert created["total_cents"] == booking["total_cents"] == 349_900
    assert studio.crm.reserved == {created["id"]: "SPRING"}


def test_a_deposit_in_percent_is_one_of_what_is_really_paid(studio: Studio) -> None:
    studio.define(deposit=deposit("percent", 1_000))
    studio.crm.level = discount("member", -99_900)
    assert studio.request()["deposit_cents"] == 30_000


def test_nobody_is_asked_for_a_deposit_above_the_price(studio: Studio) -> None:
    studio.crm.coupons = {"FREE": 1_000_000}
    created = studio.request(coupon_code="FREE")
    assert (created["total_cents"], created["deposit_cents"]) == (0, 0)
    assert created["status"] == "confirmed"


@pytest.mark.parametrize(("level", "coupon"), [(-22_000, None), (None, "SPRING")])
def test_services_that_are_paid_in_full_are_confirmed_by_all_there_is_to_pay(
    studio: Studio, level: int | None, coupon: str | None
) -> None:
    """What is taken off is more than the first service costs."""
    studio.define(price_cents=10_000, deposit=deposit("full"))
    studio.define(FREE_SERVICE, price_cents=100_000, deposit=deposit("full"))
    studio.crm.level = level and discount("member", level)
    studio.crm.coupons = {"SPRING": 22_000}
    asked = quote(studio, also=[FREE_SERVICE], coupon_code="SPRING")
    assert (asked["total_cents"], asked["deposit_cents"]) == (88_000, 88_000)
    created = studio.request(also=[FREE_SERVICE], coupon_code=coupon)
    assert (created["total_cents"], created["deposit_cents"]) == (88_000, 88_000)
    studio.pay(created["id"])
    booking = studio.get(created["id"])
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")


def test_a_quote_shows_what_a_coupon_takes_off_and_reserves_nothing(studio: Studio) -> None:
    studio.crm.coupons = {"SPRING": 10_000}
    assert quote(studio, coupon_code="SPRING")["total_cents"] == 389_900
    assert studio.crm.reserved == {}
    with pytest.raises(CouponUnknown):
        quote(studio, coupon_code="NONE")


def test_a_coupon_that_is_none_books_nothing(studio: Studio) -> None:
    with pytest.raises(CouponUnknown):
        studio.request(coupon_code="NONE")
    assert studio.told() == []


def test_without_crm_a_booking_goes_on_at_the_plain_price_but_a_coupon_waits(
    studio: Studio,
) -> None:
    studio.crm.away = True
    assert studio.request()["total_cents"] == 399_900
    with pytest.raises(Unavailable):
        studio.request("other", start=START + timedelta(days=1), coupon_code="SPRING")


def test_who_corrects_a_coupon_finds_the_time_still_free(studio: Studio) -> None:
    studio.crm.coupons = {"SPRING": 10_000}
    with pytest.raises(CouponUnknown):
        studio.request("first", coupon_code="SPRNG")
    assert studio.request("second", coupon_code="SPRING")["total_cents"] == 389_900
