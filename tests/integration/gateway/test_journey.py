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
