"""Packages in a real browser: bought on a phone, the rest of it booked by the private link."""

import re
import uuid

from playwright.sync_api import expect

from tests.e2e.test_browser import DESKTOP, PHONE, by_id, fill_in, open_page, sign_in  # noqa: F401
from tests.e2e.test_forms import error_of, field, published, sold_with, write


def package_of(studio):
    items = studio.get(f"packages?branch_id={studio.branch['id']}")["items"]
    return next(each for each in items if each["items"][0]["quantity"] == 3)


def shortest(studio):
    """A service of which several go into one day."""
    offered = studio.get(f"services?branch_id={studio.branch['id']}")["items"]
    return min(offered, key=lambda each: each["duration_minutes"])


def book_on(page, studio, service_id, ahead):
    """Choose a free start of a service some days ahead."""
    slots = studio.get(
        f"availability?service_id={service_id}&branch_id={studio.branch['id']}"
        f"&from={studio.day(ahead)}&to={studio.day(ahead + 10)}"
    )["slots"]
    start = slots[0]["start"]
    page.locator(f"[data-testid=day-{start[:10]}]").click()
    page.locator(f"[data-testid=slot][data-start='{start}']").click()


def test_a_package_is_bought_once_and_its_next_appointment_costs_nothing(open_page, studio):  # noqa: F811
    bundle = package_of(studio)
    service_id = bundle["items"][0]["service_id"]
    phone = open_page(PHONE)
    phone.goto(f"{studio.run.address}/portal/")
    phone.locator(f"[data-testid=package-book][data-id='{bundle['id']}']").click()
    book_on(phone, studio, service_id, 4)
    fill_in(phone, "周小满", "13612345670")
    expect(by_id(phone, "quote-total")).to_contain_text("3,299")
    by_id(phone, "submit-booking").click()
    by_id(phone, "hold-countdown").wait_for()
    link = phone.url
    made = dict(pair.split("=") for pair in link.split("?")[-1].split("&"))
    studio.pay({"id": made["id"], "manage_token": made["token"]})
    by_id(phone, "book-session-1").click()
    book_on(phone, studio, service_id, 12)
    fill_in(phone, "周小满", "13612345670")
    by_id(phone, "submit-booking").click()
    expect(by_id(phone, "booking-status")).to_have_attribute("data-status", "confirmed")
    seen = studio.booking({"id": made["id"], "manage_token": made["token"]})
    assert [each["state"] for each in seen["sessions"]] == ["booked", "booked", "open"]
    assert (seen["total_cents"], seen["paid_cents"]) == (329_900, 60_000)

    console = open_page(DESKTOP)
    sign_in(console, studio)
    console.goto(f"{studio.run.address}/console/bookings?booking={made['id']}")
    expect(by_id(console, "order-session")).to_have_count(3)


def test_two_services_in_one_visit_with_a_coupon(open_page, studio):  # noqa: F811
    phone = open_page(PHONE)
    phone.goto(f"{studio.run.address}/portal/")
    offered = studio.get(f"services?branch_id={studio.branch['id']}")["items"]
    first, second = (
        next(each for each in offered if word in each["name"]["en"])
        for word in ("Headshot", "At Ease")
    )
    phone.locator(f"[data-testid=package-book][data-id='{first['id']}']").click()
    by_id(phone, f"also-{second['id']}").click()
    slots = studio.get(
        f"availability?service_id={first['id']}&also={second['id']}"
        f"&branch_id={studio.branch['id']}&from={studio.day(4)}&to={studio.day(14)}"
    )["slots"]
    start = slots[0]["start"]
    phone.locator(f"[data-testid=day-{start[:10]}]").click()
    phone.locator(f"[data-testid=slot][data-start='{start}']").click()
    fill_in(phone, "周小满", "13612345671")
    coupon = phone.locator("[data-testid=coupon] input")
    coupon.fill("NOPE")
    coupon.blur()
    expect(phone.locator("#error-coupon")).to_be_visible()
    coupon.fill("WELCOME")
    coupon.blur()
    whole = first["price_cents"] + second["price_cents"]
    expect(by_id(phone, "quote")).to_have_attribute("data-final", "yes")
    by_id(phone, "submit-booking").click()
    by_id(phone, "hold-countdown").wait_for()
    made = dict(pair.split("=") for pair in phone.url.split("?")[-1].split("&"))
    seen = studio.booking({"id": made["id"], "manage_token": made["token"]})
    assert [line["kind"] for line in seen["lines"]] == ["service", "service", "discount"]
    assert seen["total_cents"] < whole
    assert [each["id"] for each in seen["also"]] == [second["id"]]


def test_each_service_of_a_visit_asks_its_own_form(open_page, studio):  # noqa: F811
    baby, _ = published(studio, [field("name", "text", "宝宝小名", required=True)])
    pet, _ = published(studio, [field("name", "text", "宠物名字", required=True)])
    short = shortest(studio)
    first, second, third = (sold_with(studio, form_id, short) for form_id in (baby, pet, pet))
    phone = open_page(PHONE)
    phone.goto(
        f"{studio.run.address}/portal/#/pages/book/book?service={first}&branch={studio.branch['id']}"
    )
    by_id(phone, "q-name").wait_for()
    expect(by_id(phone, "visit-form-name")).to_have_count(0)
    for added in (second, third):
        by_id(phone, f"also-{added}").click()
    expect(by_id(phone, "visit-form-name")).to_have_count(2)
    phone.locator("[data-testid^=day-]:not([aria-disabled=true])").nth(3).click()
    by_id(phone, "slot").first.click()
    fill_in(phone, "周小满", "13612345672")
    write(phone, "name", "豆豆")
    by_id(phone, "submit-booking").click()
    expect(error_of(phone, f"{pet}-name")).to_have_text("此项必填")
    write(phone, f"{pet}-name", "旺财")
    by_id(phone, "submit-booking").click()
    by_id(phone, "booking-status").wait_for()
    made = re.search(r"id=([0-9a-f-]{36})", phone.url)[1]
    seen = studio.staff("GET", f"bookings/{made}")
    assert seen["answers"] == {"name": "豆豆"}
    assert [each["answers"] for each in seen["also"]] == [{"name": "旺财"}, {}]
    expect(by_id(phone, "booking-questions")).to_have_count(0)


def test_what_was_left_open_at_the_phone_is_answered_by_the_private_link(
    open_page,  # noqa: F811
    studio,
):
    baby, _ = published(studio, [field("name", "text", "宝宝小名", required=True)])
    pet, _ = published(studio, [field("name", "text", "宠物名字", required=True)])
    first, second = (sold_with(studio, form_id, shortest(studio)) for form_id in (baby, pet))
    slots = studio.get(
        f"availability?service_id={first}&also={second}&branch_id={studio.branch['id']}"
        f"&from={studio.day(4)}&to={studio.day(14)}"
    )["slots"]
    wish = {"service_id": first, "also": [second], "branch_id": studio.branch["id"]}
    contact = {"name": "周小满", "phone": "13612345673"}
    more = {"start": slots[-1]["start"], "contact": contact, "channel": "phone"}
    made = studio.run.api(
        "POST",
        "bookings",
        {**wish, **more},
        Authorization=studio.authorization,
        Idempotency_Key=str(uuid.uuid4()),
    )
    phone = open_page(PHONE)
    phone.goto(made["manage_url"])
    expect(by_id(phone, "visit-form-name")).to_have_count(2)
    write(phone, "name", "豆豆")
    write(phone, f"{pet}-name", "旺财")
    by_id(phone, "send-answers").click()
    expect(by_id(phone, "booking-questions")).to_have_count(0)
    seen = studio.staff("GET", f"bookings/{made['id']}")
    assert (seen["answers"], seen["also"][0]["answers"]) == ({"name": "豆豆"}, {"name": "旺财"})


def test_the_prices_page_shows_what_is_sold_and_changes_a_package(open_page, studio):  # noqa: F811
    console = open_page(DESKTOP)
    sign_in(console, studio)
    console.goto(f"{studio.run.address}/console/money/prices")
    rows = by_id(console, "package-row")
    expect(rows).to_have_count(2)
    rows.first.get_by_test_id("package-edit").click()
    by_id(console, "package-add-item").click()
    item = by_id(console, "package-item").last
    item.get_by_test_id("words-zh").locator("input").or_(
        item.locator("input[data-testid=words-zh]")
    ).first.fill("全家福小摆台")
    by_id(console, "package-save").click()
    expect(rows.first).to_contain_text("全家福小摆台")
