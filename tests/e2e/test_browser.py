"""The pages in a real browser: a customer books and pays, the staff see it at once."""

import pytest
from playwright.sync_api import expect

from tests.e2e.local_run import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture
def open_page(browser, studio):
    contexts = []

    def open_one(viewport, locale="zh-CN"):
        context = browser.new_context(
            locale=locale, timezone_id="America/New_York", viewport=viewport
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.outside = []
        page.on(
            "request",
            lambda request: (
                request.url.startswith((studio.run.address, "data:", "blob:"))
                or page.outside.append(request.url)
            ),
        )
        return page

    yield open_one
    for context in contexts:
        context.close()


def by_id(page, name):
    return page.locator(f"[data-testid={name}]")


def sign_in(page, studio):
    page.goto(f"{studio.run.address}/console/")
    page.fill("[data-testid=login-name] input, input[data-testid=login-name]", "owner")
    page.fill("[data-testid=login-password] input, input[data-testid=login-password]", PASSWORD)
    by_id(page, "login-submit").click()
    by_id(page, "nav-bookings").wait_for()


def choose_a_time(page, studio):
    page.goto(f"{studio.run.address}/portal/")
    by_id(page, "package-book").first.click()
    page.locator("[data-testid^=day-]:not([aria-disabled=true])").nth(2).click()
    by_id(page, "slot").first.click()


def fill_in(page, name, phone):
    page.fill("[data-testid=contact-name] input", name)
    page.fill("[data-testid=contact-phone] input", phone)
    by_id(page, "consent").click()


def test_a_customer_books_and_pays_and_open_staff_pages_show_it(open_page, studio):
    console = open_page(DESKTOP)
    sign_in(console, studio)
    by_id(console, "nav-customers").click()
    by_id(console, "live-indicator").wait_for()

    portal = open_page(PHONE)
    choose_a_time(portal, studio)
    fill_in(portal, "林小满", "13612345678")
    by_id(portal, "submit-booking").click()
    by_id(portal, "hold-countdown").wait_for()
    expect(console.get_by_text("林小满").first).to_be_visible(timeout=5_000)

    by_id(portal, "pay-deposit").click()
    portal.locator("form[action$=succeed] button").click()
    expect(by_id(portal, "booking-status")).to_have_attribute("data-status", "confirmed")
    by_id(portal, "message").first.wait_for()

    by_id(console, "nav-bookings").click()
    row = console.locator("[data-testid=booking-row]", has_text="林小满").first
    row.click()
    by_id(console, "booking-drawer").wait_for()
    expect(by_id(console, "booking-drawer")).to_contain_text("已确认")
    console.keyboard.press("Escape")
    by_id(console, "nav-customers").click()
    console.locator("[data-testid=customer-row]", has_text="林小满").first.click()
    by_id(console, "timeline-item").first.wait_for()
    by_id(console, "nav-dashboard").click()
    expect(by_id(console, "metric-bookings_confirmed")).not_to_contain_text("—")
    assert portal.outside == []
    assert console.outside == []


def test_a_wrong_phone_is_told_at_its_field_and_nothing_typed_is_lost(open_page, studio):
    portal = open_page(PHONE)
    choose_a_time(portal, studio)
    fill_in(portal, "林小满", "123")
    by_id(portal, "submit-booking").click()
    expect(portal.locator("[data-testid=contact-name] input")).to_have_value("林小满")
    expect(portal.locator("[data-testid=contact-phone] input")).to_have_value("123")
    assert by_id(portal, "hold-countdown").count() == 0


def test_a_time_that_was_taken_meanwhile_is_told_with_alternatives(open_page, studio):
    slot = next(slot for slot in studio.slots(3, 20) if slot["remaining"] == 1)
    portal = open_page(PHONE)
    portal.goto(f"{studio.run.address}/portal/")
    portal.locator(f"[data-testid=package-book][data-id='{studio.service['id']}']").click()
    portal.locator(f"[data-testid=day-{slot['start'][:10]}]").click()
    portal.locator(f"[data-testid=slot][data-start='{slot['start']}']").click()
    fill_in(portal, "林小满", "13612345679")
    studio.book(slot["start"])
    by_id(portal, "submit-booking").click()
    by_id(portal, "alternative").first.wait_for()
    expect(portal.get_by_text("时间已被占用").first).to_be_visible()
    by_id(portal, "alternative").first.click()
    by_id(portal, "submit-booking").click()
    by_id(portal, "hold-countdown").wait_for()


def test_the_customer_cancels_by_the_private_link(open_page, studio):
    made = studio.confirmed()
    portal = open_page(PHONE)
    portal.goto(made["manage_url"])
    by_id(portal, "cancel").click()
    by_id(portal, "confirm-cancel").click()
    expect(by_id(portal, "booking-status")).to_have_attribute("data-status", "cancelled")


@pytest.mark.parametrize(
    ("face", "marker"), [("portal", "package-card"), ("console", "login-form")]
)
def test_the_pages_speak_english_too(open_page, studio, face, marker):
    page = open_page(DESKTOP)
    page.goto(f"{studio.run.address}/{face}/")
    by_id(page, marker).first.wait_for()
    by_id(page, "lang-switch").first.click()
    expect(page.get_by_text("Sign in" if face == "console" else "Packages").first).to_be_visible()


def test_the_api_reference_lists_the_routes(open_page, studio):
    page = open_page(DESKTOP)
    page.goto(f"{studio.run.address}/docs")
    expect(page.get_by_text("/api/v1/availability").first).to_be_visible()
    assert page.outside == []
