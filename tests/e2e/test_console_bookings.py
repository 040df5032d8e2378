"""Staff at the desk in a real browser: drafts, quotes, and a day's bookings moved together."""

import uuid

import pytest
from playwright.sync_api import expect

from tests.e2e.test_browser import DESKTOP, PHONE, by_id, open_page, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser]

__all__ = ["open_page"]

PATIENT = 15_000
"""Milliseconds: what the server does first takes its time on a busy machine."""


def typed(page, name, text):
    page.fill(f"[data-testid={name}] input, input[data-testid={name}]", text)


def define_add_on(studio, name, price_cents, stock):
    path = f"add-ons/{uuid.uuid4()}"
    add_on = {
        "name": {"zh": name, "en": name},
        "price_cents": price_cents,
        "stock": stock,
        "max_quantity": 5,
        "service_ids": [studio.service["id"]],
    }
    return studio.staff("PUT", path, add_on)


def a_day_of(studio, first, last):
    """Return the free times of the first day that has some."""
    slots = studio.slots(first, last)
    return [slot for slot in slots if slot["start"][:10] == slots[0]["start"][:10]]


def paid(studio, start, name):
    made = studio.book(start, contact={"name": name, "phone": "13912340000"})
    studio.pay(made)
    return made


def begin_a_booking(page):
    by_id(page, "nav-bookings").click()
    by_id(page, "status-filter").wait_for()  # the calendar, left only now, has such a button too
    by_id(page, "new-booking").click()


def wish_for_the_first_slot(page, studio):
    by_id(page, "new-booking-service").click()
    page.get_by_role("option", name=studio.service["name"]["zh"]).click()
    by_id(page, "slot").first.click()


def test_a_draft_goes_on_to_a_booking_with_an_add_on_at_the_quoted_price(open_page, studio):
    add_on = define_add_on(studio, "精修加片", 30_000, stock=3)
    console = open_page(DESKTOP)
    sign_in(console, studio)
    begin_a_booking(console)
    typed(console, "new-booking-name", "田甜")
    typed(console, "draft-note", "周五回电")
    by_id(console, "save-draft").click()
    row = console.locator("[data-testid=draft-row]", has_text="田甜")
    expect(row).to_contain_text("周五回电")

    row.click()
    expect(console.locator("input[data-testid=new-booking-name]")).to_have_value("田甜")
    by_id(console, "channel-walk_in").click()
    typed(console, "new-booking-phone", "13912345678")
    wish_for_the_first_slot(console, studio)
    picked = console.locator(f"[data-testid=new-booking-add-on][data-id='{add_on['id']}']")
    expect(picked).to_contain_text("剩 3")
    picked.locator(".el-input-number__increase").click()
    picked.locator(".el-input-number__increase").click()
    quote = by_id(console, "quote")
    expect(quote).to_contain_text("精修加片")
    expect(quote).to_have_attribute("data-final", "yes", timeout=PATIENT)
    total = by_id(console, "quote-total").inner_text()
    by_id(console, "new-booking-submit").click()

    drawer = by_id(console, "booking-drawer")
    expect(drawer).to_contain_text("田甜", timeout=PATIENT)
    expect(drawer).to_contain_text("精修加片")
    expect(drawer).to_contain_text("到店")
    expect(drawer).to_contain_text(total)
    expect(by_id(drawer, "manage-url")).to_contain_text("/portal/")
    console.keyboard.press("Escape")
    expect(row).to_have_count(0)
    assert console.outside == []


def test_nothing_typed_is_lost_by_closing(open_page, studio):
    console = open_page(PHONE)
    sign_in(console, studio)
    begin_a_booking(console)
    typed(console, "new-booking-name", "何欢")
    console.keyboard.press("Escape")
    asked = console.locator(".el-message-box")
    asked.get_by_role("button", name="存为草稿").click()
    expect(console.locator("[data-testid=draft-row]", has_text="何欢")).to_be_visible()
    by_id(console, "new-booking").click()
    expect(console.locator("input[data-testid=new-booking-name]")).to_have_value("")
    console.keyboard.press("Escape")
    expect(by_id(console, "new-booking-dialog")).to_be_hidden()


def test_a_new_link_voids_the_old_one(open_page, studio):
    made = studio.confirmed()
    console = open_page(DESKTOP)
    sign_in(console, studio)
    console.goto(f"{studio.run.address}/console/bookings?booking={made['id']}")
    url = by_id(console, "manage-url")
    expect(url).to_contain_text(made["manage_token"], timeout=PATIENT)
    by_id(console, "renew-link").click()
    console.locator(".el-message-box .el-button--primary").click()
    expect(url).not_to_contain_text(made["manage_token"], timeout=PATIENT)
    old = studio.run.request(
        "GET", f"/api/v1/bookings/{made['id']}", X_Manage_Token=made["manage_token"]
    )
    assert old.status == 403


def test_on_a_weather_day_two_bookings_move_free_of_charge(open_page, studio):
    slots = a_day_of(studio, 10, 14)
    day = slots[0]["start"][:10]
    made = [
        paid(studio, slot["start"], name)
        for slot, name in zip((slots[0], slots[-1]), ("风大", "雨大"), strict=True)
    ]
    console = open_page(DESKTOP)
    sign_in(console, studio)
    console.goto(f"{studio.run.address}/console/bookings/weather?date={day}")
    rows = by_id(console, "move-row")
    expect(rows).to_have_count(2, timeout=PATIENT)
    for row in rows.all():
        expect(by_id(row, "move-terms")).to_contain_text("免费改期")
    by_id(console, "weather-submit").click()
    console.locator(".el-message-box .el-button--primary").click()
    for row in rows.all():
        expect(row).to_have_attribute("data-moved", "true", timeout=PATIENT)
    for one in made:
        booking = studio.booking(one)
        assert booking["start"][:10] > day
        assert (booking["reschedule_count"], booking["status"]) == (1, "confirmed")
        assert not [line for line in booking["lines"] if line["kind"] == "fee"]


def test_a_booking_that_cannot_move_says_why_and_moves_on_the_second_try(open_page, studio):
    slot = a_day_of(studio, 17, 19)[0]
    made = paid(studio, slot["start"], "雾大")
    console = open_page(PHONE)
    sign_in(console, studio)
    console.goto(f"{studio.run.address}/console/bookings/weather?date={slot['start'][:10]}")
    row = console.locator(f"[data-testid=move-row][data-booking-id='{made['id']}']")
    target = by_id(row, "move-target")
    wanted = target.get_attribute("data-start")
    while studio.request_booking(wanted).status == 201:
        pass  # until nobody is left who could serve then
    by_id(console, "weather-submit").click()
    console.locator(".el-message-box .el-button--primary").click()
    expect(by_id(row, "move-refused")).to_contain_text("刚被约走", timeout=PATIENT)
    by_id(row, "alternative").first.click()
    expect(target).not_to_have_attribute("data-start", wanted)
    by_id(console, "weather-submit").click()
    console.locator(".el-message-box .el-button--primary").click()
    expect(row).to_have_attribute("data-moved", "true", timeout=PATIENT)
    assert studio.booking(made)["start"] not in (wanted, slot["start"])
