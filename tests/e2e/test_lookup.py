"""Finding one's booking without its link, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_browser import (  # open_page is a fixture
    DESKTOP,
    PHONE,
    by_id,
    open_page,  # noqa: F401
    sign_in,
)

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def fill(page, phone, code):
    page.fill("[data-testid=lookup-phone] input", phone)
    page.fill("[data-testid=lookup-code] input", code)


def wrong_code(code):
    return ("1" if code[0] == "0" else "0") + code[1:]


def test_a_customer_finds_the_booking_by_phone_and_code(open_page, studio):  # noqa: F811
    made = studio.confirmed()
    booking = studio.booking(made)
    phone, code = booking["contact"]["phone"].removeprefix("+86"), booking["lookup_code"]
    portal = open_page(PHONE)
    portal.goto(f"{studio.run.address}/portal/")
    by_id(portal, "to-lookup").click()
    expect(by_id(portal, "lookup-call").first).to_be_visible()

    by_id(portal, "submit-lookup").click()
    expect(portal.get_by_text("请填写手机号")).to_be_visible()
    expect(portal.get_by_text("请填写查询码")).to_be_visible()
    fill(portal, phone, "1234")
    by_id(portal, "submit-lookup").click()
    expect(portal.get_by_text("查询码是 8 位字母和数字")).to_be_visible()
    fill(portal, phone, wrong_code(code))
    by_id(portal, "submit-lookup").click()
    expect(by_id(portal, "problem")).to_contain_text("没有找到符合的预约")

    fill(portal, f"{phone[:3]} {phone[3:7]} {phone[7:]}", code.replace("-", " ").lower())
    portal.keyboard.press("Enter")
    expect(by_id(portal, "booking-number")).to_have_text(booking["number"])
    expect(by_id(portal, "lookup-code")).to_have_text(code)
    assert phone not in portal.url
    assert code not in portal.url
    assert portal.outside == []


def test_who_guesses_waits_even_with_the_right_code(open_page, studio):  # noqa: F811
    made = studio.confirmed()
    booking = studio.booking(made)
    wish = {"phone": booking["contact"]["phone"], "code": wrong_code(booking["lookup_code"])}
    for _ in range(10):
        reply = studio.run.request("POST", "/api/v1/bookings/lookup", wish)
        assert (reply.status, reply.body["code"]) == (404, "booking.not_found_by_code")
    portal = open_page(DESKTOP, "en-US")
    portal.goto(f"{studio.run.address}/portal/#/pages/lookup/lookup")
    fill(portal, wish["phone"], booking["lookup_code"])
    by_id(portal, "submit-lookup").click()
    expect(by_id(portal, "submit-lookup")).to_have_text(re.compile(r"1[45]:\d\d"))
    expect(by_id(portal, "submit-lookup")).to_have_attribute("aria-disabled", "true")
    expect(by_id(portal, "problem")).to_be_visible()


def test_a_link_that_opens_nothing_shows_the_way(open_page, studio):  # noqa: F811
    made = studio.confirmed()
    portal = open_page(PHONE)
    portal.goto(made["manage_url"][:-4] + "AAAA")
    portal.get_by_role("button", name="查询预约").click()
    expect(by_id(portal, "submit-lookup")).to_be_visible()


def test_staff_read_the_code_out_and_a_new_link_has_another(open_page, studio):  # noqa: F811
    made = studio.confirmed()
    console = open_page(DESKTOP)
    sign_in(console, studio)
    console.goto(f"{studio.run.address}/console/bookings?booking={made['id']}")
    code = by_id(console, "lookup-code")
    expect(code).to_have_text(studio.booking(made)["lookup_code"])
    before = code.text_content()
    by_id(console, "renew-link").click()
    console.locator(".el-message-box__btns .el-button--primary").click()
    expect(code).not_to_have_text(before)
