"""Levels, coupons and accounts as the services answer them."""

from typing import Any

from tests.integration.gateway import samples

LEVEL_ID = "00000000-0000-4000-8000-00000000f001"
COUPON_ID = "00000000-0000-4000-8000-00000000f002"
ENTRY_ID = "00000000-0000-4000-8000-00000000f003"

LEVEL: dict[str, Any] = {
    "id": LEVEL_ID,
    "name": samples.TEXT,
    "discount_basis_points": 500,
    "points_per_hundred": 10,
    "active": True,
}
COUPON: dict[str, Any] = {
    "id": COUPON_ID,
    "code": "SPRING",
    "label": samples.TEXT,
    "amount_cents": 10_000,
    "basis_points": None,
    "minimum_cents": 0,
    "service_ids": [],
    "valid_from": samples.START,
    "valid_to": samples.END,
    "stock": None,
    "per_customer": 1,
    "taken": 0,
    "active": True,
    "phone": None,
}
ACCOUNT: dict[str, Any] = {
    "customer_id": samples.CUSTOMER_ID,
    "level": LEVEL,
    "stored_value_cents": 110_000,
    "points": 250,
    "point_cents": 1,
    "currency": "CNY",
}
ENTRY: dict[str, Any] = {
    "id": ENTRY_ID,
    "account": "stored_value",
    "kind": "top_up",
    "amount": 100_000,
    "booking_id": None,
    "note": "",
    "entered_at": samples.START,
}

ANSWERS: dict[str, Any] = {
    "booking.top_up": ACCOUNT,
    "crm.adjust": ACCOUNT,
    "crm.define_coupon": COUPON,
    "crm.define_level": LEVEL,
    "crm.get_account": ACCOUNT,
    "crm.give": ACCOUNT,
    "crm.list_coupons": {"items": [COUPON], "next_cursor": None},
    "crm.list_entries": {"items": [ENTRY], "next_cursor": None},
    "crm.list_levels": {"items": [LEVEL]},
    "crm.set_level": ACCOUNT,
}
