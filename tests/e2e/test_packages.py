"""Packages in a real browser: bought on a phone, the rest of it booked by the private link."""

from playwright.sync_api import expect

from tests.e2e.test_browser import DESKTOP, PHONE, by_id, fill_in, open_page, sign_in  # noqa: F401


def package_of(studio):
    items = studio.get(f"packages?branch_id={studio.branch['id']}")["items"]
    return next(each for each in items if each["items"][0]["quantity"] == 3)


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
