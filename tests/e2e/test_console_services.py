"""Services in a real browser: the owner says what is sold, what it costs, and what it needs."""

import uuid

import pytest
from playwright.sync_api import expect

from tests.e2e.test_browser import DESKTOP, by_id, open_page, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser]

__all__ = ["open_page"]

PATIENT = 15_000
"""Milliseconds: what the server does first takes its time on a busy machine."""

DEAL = ("category", "summary", "content", "price_cents", "deposit", "policy", "schedule")


def field(scope, name):
    """The first input of what carries the id."""
    return scope.locator(f"[data-testid={name}] input, input[data-testid={name}]").first


def fill_words(page, name):
    """Say what customers read first."""
    field(page, "service-name").fill(name)
    field(page, "service-category").fill("证件照")
    field(page, "service-summary").fill("立等可取")


def open_prices(page, studio):
    sign_in(page, studio)
    page.goto(f"{studio.run.address}/console/money/prices")
    by_id(page, "service-row").first.wait_for()


def need(page, place, type_name, minutes):
    """Say in a line of the dialog that a resource of a type is needed, and for how long."""
    line = by_id(page, "service-line").nth(place)
    by_id(line, "service-line-type").click()
    page.get_by_role("option", name=type_name, exact=True).last.click()
    length = field(line, "service-line-length")
    length.fill(str(minutes))
    length.press("Tab")


def type_name(studio, type_id):
    types = studio.staff("GET", "resource-types")["items"]
    return next(each["name"]["zh"] for each in types if each["id"] == type_id)


def sold(studio, name):
    """Return what the public is told of a service."""
    offered = studio.get("services")["items"]
    return next(each for each in offered if each["name"]["zh"] == name)


def copied(studio, name):
    """Sell the studio's first service under another name; return its id and what is told of it."""
    like, service_id = studio.service, str(uuid.uuid4())
    needs = studio.staff("GET", f"services/{like['id']}/requirement")
    assert any(role["skills"] for role in needs["roles"])
    assert any(role["optional"] for role in needs["roles"])
    assert needs["day_parts"]
    del needs["service_id"]
    deal = {key: like[key] for key in DEAL}
    more = {"name": {"zh": name, "en": name}, "position": 90}
    service = studio.staff("PUT", f"services/{service_id}", {**needs, **deal, **more})
    requirement = studio.staff("GET", f"services/{service_id}/requirement")
    return service_id, {"service": service, "requirement": requirement}


def row_of(page, name):
    return page.locator("[data-testid=service-row]", has_text=name)


def save(page):
    by_id(page, "service-save").click()
    expect(by_id(page, "service-dialog")).to_have_count(0, timeout=PATIENT)


def test_the_owner_adds_a_service_and_changes_its_price(open_page, studio):
    name = "证件照快拍"
    console = open_page(DESKTOP)
    open_prices(console, studio)
    by_id(console, "service-add").click()
    expect(by_id(console, "service-save")).to_be_disabled()
    fill_words(console, name)
    field(console, "service-price").fill("399")
    field(console, "service-deposit").fill("50")
    need(console, 0, type_name(studio, "photographer"), 45)
    by_id(console, "service-add-line").click()
    need(console, 1, type_name(studio, "studio_room"), 60)
    save(console)
    row = row_of(console, name)
    expect(row).to_contain_text("399", timeout=PATIENT)

    made = sold(studio, name)
    assert [(each["resource_type"], each["quantity"]) for each in made["roles"]] == [
        ("photographer", 1),
        ("studio_room", 1),
    ]
    assert (made["price_cents"], made["deposit_cents"]) == (39_900, 5_000)
    assert made["duration_minutes"] == 60
    assert studio.branch["id"] in made["branch_ids"]

    by_id(row, "service-edit").click()
    price = field(console, "service-price")
    price.fill("459")
    price.press("Enter")
    expect(row).to_contain_text("459", timeout=PATIENT)
    assert sold(studio, name)["price_cents"] == 45_900
    assert console.outside == []


def test_a_deposit_above_the_price_is_refused_at_its_field_and_nothing_is_lost(open_page, studio):
    console = open_page(DESKTOP)
    open_prices(console, studio)
    by_id(console, "service-add").click()
    fill_words(console, "定金过高")
    field(console, "service-price").fill("100")
    field(console, "service-deposit").fill("200")
    expect(by_id(console, "service-earnest")).to_be_visible()
    need(console, 0, type_name(studio, "photographer"), 45)
    by_id(console, "service-save").click()
    refused = by_id(console, "service-dialog").get_by_text("定金须大于零且不超过价格")
    expect(refused).to_be_visible(timeout=PATIENT)
    expect(field(console, "service-name")).to_have_value("定金过高")
    field(console, "service-deposit").fill("20")
    save(console)
    expect(row_of(console, "定金过高")).to_be_visible(timeout=PATIENT)


def test_what_the_dialog_does_not_show_survives_an_edit(open_page, studio):
    """The copied service has skills, buffers, an optional line and parts of the day."""
    service_id, before = copied(studio, "婚纱套餐副本")
    console = open_page(DESKTOP)
    open_prices(console, studio)
    row = console.locator(f"[data-testid=service-row][data-id='{service_id}']")
    by_id(row, "service-edit").click()
    field(console, "service-price").fill("4199")
    save(console)
    expect(row).to_contain_text("4,199", timeout=PATIENT)
    after = sold(studio, "婚纱套餐副本")
    assert studio.staff("GET", f"services/{service_id}/requirement") == before["requirement"]
    different = {key for key, value in before["service"].items() if after[key] != value}
    assert different == {"version", "price_cents"}
