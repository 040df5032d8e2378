"""One booking through the whole system over HTTP: every service is the real one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from deploy.local import demo
from tests.harness import SERVICES, Running
from tests.integration.gateway.browser import Browser

PASSWORD = "a-long-password"


@pytest.fixture
def studio(running: Callable[..., Running]) -> Running:
    """The demo studio, with every service and the gateway before it."""
    system = running(*SERVICES, "gateway")
    for account in demo.ACCOUNTS:
        system.call("identity").define_staff(**account, password=PASSWORD)
    for branch in demo.BRANCHES:
        system.call("scheduling").define_branch(**branch)
    for skill in demo.SKILLS:
        system.call("scheduling").define_skill(**skill)
    for resource in demo.RESOURCES:
        system.call("scheduling").define_resource(**resource)
    for service in demo.SERVICES:
        system.call("booking").define_service(**service)
    return system


def first_offer(customer: Browser, branch_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a package with a deposit, and a free time of it, as a customer finds them."""
    services = customer.get(f"/api/v1/services?branch_id={branch_id}").json["items"]
    service = next(each for each in services if each["deposit_cents"])
    first = datetime.now(UTC) + timedelta(days=7)
    days = f"from={first:%Y-%m-%d}&to={first + timedelta(days=7):%Y-%m-%d}"
    query = f"service_id={service['id']}&branch_id={branch_id}&{days}"
    return service, customer.get(f"/api/v1/availability?{query}").json["slots"][0]


def test_a_customer_books_pays_and_is_expected_by_the_staff(studio: Running) -> None:
    customer = Browser(studio.address)
    branch_id = customer.get("/api/v1/branches").json["items"][0]["id"]
    service, slot = first_offer(customer, branch_id)
    credentials = {"login": "owner", "password": PASSWORD}
    token = customer.post("/api/v1/sessions", credentials).json["token"]
    staff = customer.with_headers({"Authorization": f"Bearer {token}"})
    live = staff.stream("/api/v1/stream")

    wanted = {
        "service_id": service["id"],
        "branch_id": branch_id,
        "start": slot["start"],
        "contact": {"name": "林小满", "phone": "13800138000"},
    }
    key = {"Idempotency-Key": "one-click"}
    created = customer.post("/api/v1/bookings", wanted, **key)
    assert (created.status, created.json["status"]) == (201, "held")
    assert customer.post("/api/v1/bookings", wanted, **key).json == created.json

    booking = f"/api/v1/bookings/{created.json['id']}"
    link = {"X-Manage-Token": created.json["manage_token"]}
    deposit = {"kind": "deposit", "provider": "sandbox"}
    payment = customer.post(f"{booking}/payments", deposit, **link).json
    cashier = payment["pay_url"].removeprefix(studio.address)
    assert service["name"]["zh"] in customer.get(cashier).text
    decided = customer.post(f"{cashier}/succeed")
    assert decided.json == {"delivered": True, "status": 200}

    def confirmed() -> Any:
        found = customer.get(booking, **link).json
        return found if found["status"] == "confirmed" and found["messages"] else None

    shown = studio.wait(confirmed)
    assert shown["payment_status"] == "deposit_paid"
    assert created.json["number"] in shown["messages"][0]["body"]
    heard = {change["type"] for change in islice(live.changes(), 6)}
    assert {"hold.created", "booking.requested", "payment.succeeded"} <= heard
    live.close()

    day = slot["start"][:10]
    board = staff.get(f"/api/v1/calendar?branch_id={branch_id}&from={day}&to={day}").json
    assert {entry["booking"]["contact_name"] for entry in board["entries"]} == {"林小满"}
    (listed,) = staff.get(f"/api/v1/bookings?q={created.json['number']}").json["items"]
    assert listed["id"] == created.json["id"]
    people = studio.wait(lambda: staff.get("/api/v1/customers?q=13800138000").json["items"])
    assert people[0]["name"] == "林小满"


def test_reception_sees_its_own_branch_alone(studio: Running) -> None:
    anybody = Browser(studio.address)
    credentials = {"login": "reception", "password": PASSWORD}
    session = anybody.post("/api/v1/sessions", credentials).json
    staff = anybody.with_headers({"Authorization": f"Bearer {session['token']}"})
    (own,) = session["staff"]["branch_ids"]
    branches = [each["id"] for each in anybody.get("/api/v1/branches").json["items"]]
    days = "from=2026-12-01&to=2026-12-02"
    statuses = {
        branch: staff.get(f"/api/v1/calendar?branch_id={branch}&{days}").status
        for branch in branches
    }
    assert statuses == {branch: 200 if branch == own else 403 for branch in branches}
    assert staff.get("/api/v1/metrics").status == 403


def test_a_member_tops_up_pays_with_it_and_has_it_back(studio: Running) -> None:
    anybody = Browser(studio.address)
    credentials = {"login": "owner", "password": PASSWORD}
    token = anybody.post("/api/v1/sessions", credentials).json["token"]
    staff = anybody.with_headers({"Authorization": f"Bearer {token}"})
    branch_id = anybody.get("/api/v1/branches").json["items"][0]["id"]
    service, slot = first_offer(anybody, branch_id)
    wanted = {
        "service_id": service["id"],
        "branch_id": branch_id,
        "start": slot["start"],
        "contact": {"name": "周可", "phone": "13700137000"},
    }
    created = anybody.post("/api/v1/bookings", wanted, **{"Idempotency-Key": "one-click"}).json
    booking = f"/api/v1/bookings/{created['id']}"
    (person,) = studio.wait(lambda: staff.get("/api/v1/customers?q=13700137000").json["items"])
    customer = f"/api/v1/customers/{person['id']}"

    key = {"Idempotency-Key": "till-1"}
    money = {
        "branch_id": branch_id,
        "method": "cash",
        "amount_cents": 500_000,
        "gift_cents": 50_000,
    }
    topped_up = staff.post(f"{customer}/top-ups", money, **key)
    assert (topped_up.status, topped_up.json["stored_value_cents"]) == (201, 550_000)
    assert staff.post(f"{customer}/top-ups", money, **key).json == topped_up.json

    owed = created["deposit_cents"]
    spend = {"kind": "deposit", "method": "stored_value", "amount_cents": owed}
    paid = staff.post(f"{booking}/cash", spend, **key)
    assert (paid.status, paid.json["status"]) == (201, "confirmed")
    account = staff.get(f"{customer}/account").json
    assert account["stored_value_cents"] == 550_000 - owed

    assert staff.post(f"{booking}/cancel", {"cause": "studio"}).status == 200
    studio.wait(lambda: staff.get(f"{customer}/account").json["stored_value_cents"] == 550_000)
    entries = staff.get(f"{customer}/account/entries").json["items"]
    assert [entry["kind"] for entry in entries] == ["return", "spend", "gift", "top_up"]
    titles = [entry["type"] for entry in staff.get(customer).json["timeline"]]
    assert "stored_value.topped_up" in titles
