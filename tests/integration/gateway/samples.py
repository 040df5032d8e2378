"""One valid answer of every RPC behind the gateway, as JSON."""

from typing import Any

from services.contracts.identity import ROLES

BRANCH_ID = "11111111-1111-4111-8111-111111111111"
OTHER_BRANCH_ID = "22222222-2222-4222-8222-222222222222"
SERVICE_ID = "33333333-3333-4333-8333-333333333333"
RESOURCE_ID = "44444444-4444-4444-8444-444444444444"
BOOKING_ID = "55555555-5555-4555-8555-555555555555"
CUSTOMER_ID = "66666666-6666-4666-8666-666666666666"
TASK_ID = "77777777-7777-4777-8777-777777777777"
STAFF_ID = "88888888-8888-4888-8888-888888888888"
PAYMENT_ID = "99999999-9999-4999-8999-999999999999"
MESSAGE_ID = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
SOME_ID = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"

START = "2026-11-25T10:00:00+08:00"
END = "2026-11-25T12:00:00+08:00"
LATER = "2026-12-24T10:00:00+00:00"

TEXT = {"zh": "文字", "en": "Text"}
CONTACT = {"name": "林小满", "phone": "+8613800000000"}
BRANCH = {
    "id": BRANCH_ID,
    "name": TEXT,
    "address": TEXT,
    "phone": "021-00000000",
    "timezone": "Asia/Shanghai",
    "holiday_calendar": "CN",
    "open_on_holidays": True,
    "travel_minutes": 0,
}
HOURS = {"opens": "09:00", "closes": "18:00"}
BRANCH_DETAIL = {**BRANCH, "hours": [{"weekday": 1, **HOURS}]}
BRANCH_DAY = {"branch_id": BRANCH_ID, "day": "2026-11-25", "hours": [HOURS], "reason": "盘点"}
CLOSURE = {
    "id": SOME_ID,
    "branch_id": BRANCH_ID,
    "first_day": "2026-11-25",
    "last_day": "2026-11-26",
    "reason": "装修",
}
SPECIAL_DAY = {
    "calendar": "CN",
    "day": "2026-10-10",
    "kind": "work_day",
    "name": TEXT,
    "edited": True,
}
PUBLIC_RESOURCE = {
    "id": RESOURCE_ID,
    "branch_id": BRANCH_ID,
    "resource_type": "photographer",
    "name": TEXT,
    "level": None,
    "bookable_by_name": True,
}
RESOURCE = {
    **PUBLIC_RESOURCE,
    "capacity": 1,
    "attributes": {},
    "skills": {"portrait": 4},
    "mobile": True,
    "travel_minutes": 30,
    "active": True,
}
RESOURCE_TYPE = {"id": "drone", "name": TEXT, "kind": "thing", "built_in": False}
SKILL = {"id": "portrait", "name": TEXT}
POOL = {
    "id": SOME_ID,
    "name": TEXT,
    "resource_ids": [RESOURCE_ID],
    "pool_ids": [],
    "contains": [RESOURCE_ID],
}
RULE = {"branch_id": BRANCH_ID, "weekdays": [1, 2], "hours": [HOURS]}
ROSTER = {"resource_id": RESOURCE_ID, "published": [RULE], "draft": None}
LEAVE = {
    "id": SOME_ID,
    "resource_id": RESOURCE_ID,
    "resource_name": TEXT,
    "branch_id": BRANCH_ID,
    "start": START,
    "end": END,
    "reason": "家事",
    "state": "pending",
    "requested_by": STAFF_ID,
    "requested_at": START,
    "decided_by": None,
    "decided_at": None,
    "note": "",
}
BUSY_FEED = {
    "id": SOME_ID,
    "resource_id": RESOURCE_ID,
    "url": "https://calendar.test/1.ics",
    "fetched_at": None,
    "error": "",
    "busy_times": 0,
}
CALENDAR_LINK = {
    "id": SOME_ID,
    "branch_id": BRANCH_ID,
    "resource_id": None,
    "created_at": START,
    "token": "a-secret-calendar-token",
}
QUOTA = {
    "id": SOME_ID,
    "per": "branch",
    "unit": "count",
    "period": "day",
    "maximum": 8,
    "branch_id": BRANCH_ID,
}
REQUIREMENT = {
    "service_id": SERVICE_ID,
    "branch_ids": [BRANCH_ID],
    "roles": [{"resource_type": "photographer", "length_minutes": 120}],
}
SERVICE = {
    "id": SERVICE_ID,
    "position": 1,
    "version": 1,
    "deposit": {"kind": "fixed", "value": 20_000, "due": "booking", "money": "advance"},
    "policy": [],
    "schedule": [],
    "needs_approval": False,
    "name": TEXT,
    "category": TEXT,
    "summary": TEXT,
    "content": [TEXT],
    "duration_minutes": 120,
    "price_cents": 99_900,
    "deposit_cents": 20_000,
    "currency": "CNY",
    "cover": None,
    "roles": [{"resource_type": "photographer", "name": TEXT, "length_minutes": 120}],
    "branch_ids": [BRANCH_ID],
    "form_id": None,
}
PACKAGE = {
    **{
        name: SERVICE[name]
        for name in ("version", "deposit", "policy", "schedule", "needs_approval", "name")
    },
    **{name: SERVICE[name] for name in ("category", "summary", "deposit_cents", "currency")},
    "id": SOME_ID,
    "items": [{"kind": "session", "label": TEXT, "quantity": 3, "service_id": SERVICE_ID}],
    "price_cents": 299_900,
    "cover": None,
    "valid_days": 365,
    "position": 0,
    "active": True,
}
SLOT = {"start": START, "end": END, "remaining": 2}
AVAILABILITY = {"timezone": "Asia/Shanghai", "slots": [SLOT]}
EXPLANATION: dict[str, Any] = {
    "offered": False,
    "rules": [],
    "lines": [
        {
            "line": "photographer",
            "resource_type": "photographer",
            "needed": 1,
            "free": 0,
            "obstacles": [
                {
                    "resource_id": RESOURCE_ID,
                    "name": TEXT,
                    "kind": "booked",
                    "allocation_id": SOME_ID,
                    "booking_id": BOOKING_ID,
                    "start": START,
                    "end": END,
                }
            ],
        }
    ],
    "alternatives": [{"kind": "time", **SLOT}],
}
HOLD = {
    "booking_id": BOOKING_ID,
    "branch": BRANCH,
    "state": "confirmed",
    "start": START,
    "end": END,
    "expires_at": None,
    "revision": 2,
    "crew": [],
}
BLOCK = {
    "id": SOME_ID,
    "resource_id": RESOURCE_ID,
    "branch_id": BRANCH_ID,
    "start": START,
    "end": END,
    "reason": "保养",
    "forced": False,
}
WAITING: dict[str, Any] = {
    "id": SOME_ID,
    "service_id": SERVICE_ID,
    "branch_id": BRANCH_ID,
    "from": "2026-11-25",
    "to": "2026-11-30",
    "weekdays": None,
    "earliest": None,
    "latest": None,
    "resource_ids": [],
    "options": [],
    "contact": {**CONTACT, "language": "zh"},
    "priority": 0,
    "state": "offered",
    "joined_at": START,
    "ahead": 0,
    "offer": {"booking_id": BOOKING_ID, "start": START, "expires_at": END},
}
MONEY = {"total_cents": 99_900, "paid_cents": 0, "currency": "CNY"}
BOOKING_CREATED = {
    "id": BOOKING_ID,
    "number": "YQ2611-000123",
    "status": "held",
    "hold_expires_at": START,
    "manage_url": "http://localhost/portal/",
    "manage_token": "private",
    "deposit_cents": 20_000,
    "total_cents": 99_900,
    "currency": "CNY",
}
BOOKING: dict[str, Any] = {
    "id": BOOKING_ID,
    "number": "YQ2611-000123",
    "status": "confirmed",
    "in_conflict": False,
    "reason": "",
    "deposit_money": "advance",
    "order_status": "to_serve",
    "order": {"id": SOME_ID, "number": "OD2611-000123"},
    "payment_status": "unpaid",
    "service": {"id": SERVICE_ID, "name": TEXT},
    "also": [],
    "items": [],
    "sessions": [],
    "branch": BRANCH,
    "start": START,
    "end": END,
    "contact": CONTACT,
    "note": "",
    "form_id": None,
    "answers": {},
    "channel": "web",
    "hold_expires_at": None,
    "deposit_cents": 20_000,
    "balance_cents": 99_900,
    **MONEY,
    "reschedule_count": 0,
    "crew": [],
    "lines": [],
    "schedule": [],
    "payments": [],
    "refunds": [],
    "changes": [],
    "allowed_actions": ["cancel"],
    "manage_url": "http://localhost/portal/",
    "lookup_code": "7K3M-9QXD",
    "requested_at": START,
    "confirmed_at": START,
    "cancelled_at": None,
}
MOVE_TERMS = {
    "allowed": True,
    "fee_cents": 0,
    "refund_cents": 0,
    "forfeited_cents": 0,
    "compensation_cents": 0,
    "counts_as_move": True,
    "free_moves_left": 1,
    "reason": TEXT,
    "session": None,
    "difference_cents": 100_000,
    "total_cents": 499_900,
}
ADD_ON = {
    "id": SOME_ID,
    "name": TEXT,
    "summary": TEXT,
    "price_cents": 19_900,
    "currency": "CNY",
    "stock": 5,
    "left": 3,
    "max_quantity": 2,
    "service_ids": [],
    "position": 0,
    "active": True,
}
PRICE_RULE = {
    "id": SOME_ID,
    "label": TEXT,
    "effect": "percent",
    "value": 1_000,
    "match": {"weekdays": [6, 7]},
    "priority": 0,
    "exclusive": False,
    "active": True,
}
QUOTE = {
    "lines": [{"kind": "service", "label": TEXT, "quantity": 1, "unit_cents": 99_900}],
    "total_cents": 99_900,
    "deposit_cents": 20_000,
    "earnest_excess_cents": 0,
    "currency": "CNY",
}
CASH_REPORT = {
    "branch_id": BRANCH_ID,
    "day": "2026-11-25",
    "totals": [
        {
            "provider": "offline",
            "method": "cash",
            "kind": "balance",
            "currency": "CNY",
            "count": 1,
            "received_cents": 79_900,
            "refunded_cents": 0,
        }
    ],
    "open": [
        {
            "currency": "CNY",
            "previous_id": None,
            "since": None,
            "expected_cents": 79_900,
            "totals": [],
        }
    ],
    "closings": [],
}
RECONCILIATION = {
    "provider": "wechat_pay",
    "day": "2026-11-25",
    "matched": 12,
    "differing": [],
    "missing_here": [
        {
            "kind": "payment",
            "number": "0f",
            "reference": "4200",
            "amount_cents": 50_000,
            "currency": "CNY",
            "settled_at": START,
        }
    ],
    "missing_there": [],
    "repeated": [],
}
DAILY_RECONCILIATION = {
    "provider": "wechat_pay",
    "day": "2026-11-25",
    "agrees": False,
    "found": RECONCILIATION,
    "error": None,
    "checked_at": START,
    "ask_at": None,
}
PAYOUTS = {
    "owed_cents": 30_000,
    "currency": "CNY",
    "items": [
        {
            "id": PAYMENT_ID,
            "method": "transfer",
            "amount_cents": 20_000,
            "note": "",
            "paid_at": START,
        }
    ],
}
BOOKING_ITEM = {
    "id": BOOKING_ID,
    "number": "YQ2611-000123",
    "status": "confirmed",
    "order_status": "to_serve",
    "deposit_money": "advance",
    "payment_status": "unpaid",
    "service_name": TEXT,
    "branch_id": BRANCH_ID,
    "start": START,
    "end": END,
    "day_part": None,
    "contact": CONTACT,
    **MONEY,
    "channel": "web",
    "requested_at": START,
}
BOOKING_LINE = {
    name: value
    for name, value in BOOKING_ITEM.items()
    if name not in ("order_status", "deposit_money")
}
SUMMARY = {
    "id": BOOKING_ID,
    "branch_id": BRANCH_ID,
    "number": "YQ2611-000123",
    "status": "confirmed",
    "service_name": TEXT,
    "contact_name": CONTACT["name"],
    "contact_phone": CONTACT["phone"],
    "in_conflict": False,
}
PAYMENT_STARTED = {
    "payment_id": PAYMENT_ID,
    "kind": "redirect",
    "pay_url": "http://localhost/sandbox/cashier/1",
    "params": {},
}
CHECKOUT = {
    "payment_id": PAYMENT_ID,
    "number": "YQ2611-000123",
    "description": {"zh": "定金 <b>", "en": "Deposit <b>"},
    "amount_cents": 1_234_550,
    "currency": "CNY",
    "state": "pending",
    "return_url": "/portal/#/booking?id=1&token=2",
}
MESSAGE = {
    "id": MESSAGE_ID,
    "subject": "预约确认",
    "body": "……",
    "channel": "sms",
    "state": "sent",
    "sent_at": START,
}
ENTRY: dict[str, Any] = {
    "id": MESSAGE_ID,
    "resource_id": RESOURCE_ID,
    "start": START,
    "end": END,
    "locked_start": START,
    "locked_end": END,
    "state": "confirmed",
    "status": "confirmed",
    "kind": "booking",
    "booking_id": BOOKING_ID,
    "service_id": SERVICE_ID,
    "line": "photographer",
    "hold_expires_at": None,
    "day_part": None,
    "revision": 1,
    "forced": False,
    "reason": "",
    "session": None,
}
NO_BOOKING = {"booking_id": None, "service_id": None, "line": None, "revision": 0}
CALENDAR = {
    "timezone": "Asia/Shanghai",
    "resources": [
        {
            "id": RESOURCE_ID,
            "branch_id": BRANCH_ID,
            "resource_type": "photographer",
            "type_name": TEXT,
            "kind": "person",
            "name": TEXT,
            "capacity": 1,
        }
    ],
    "entries": [
        ENTRY,
        {
            **ENTRY,
            **NO_BOOKING,
            "id": PAYMENT_ID,
            "state": "blocked",
            "status": "blocked",
            "kind": "block",
            "reason": "保养",
        },
    ],
    "rosters": [],
    "away": [
        {
            "resource_id": RESOURCE_ID,
            "start": START,
            "end": END,
            "kind": "leave",
            "reason": "家事",
        }
    ],
    "loads": [],
}
CUSTOMER_ITEM = {
    "id": CUSTOMER_ID,
    **CONTACT,
    "bookings_count": 1,
    "spent_cents": 0,
    "currency": "CNY",
    "last_booking_at": None,
    "created_at": START,
}
CUSTOMER = {**CUSTOMER_ITEM, "timeline": [], "bookings": [BOOKING_LINE]}
TASK = {
    "id": TASK_ID,
    "title": TEXT,
    "state": "open",
    "branch_id": BRANCH_ID,
    "subject_id": BOOKING_ID,
    "details": {"booking_id": BOOKING_ID},
    "created_at": START,
    "done_at": None,
}
METRIC = {"name": "new_customers", "title": TEXT, "description": TEXT, "unit": "count"}
MEASURE = {
    "name": "new_customers",
    "unit": "count",
    "from": "2026-11-01",
    "to": "2026-11-30",
    "value": 3.0,
    "series": [{"on": "2026-11-25", "value": 3.0}],
}

WAITING_WISH: dict[str, Any] = {
    "id": SOME_ID,
    "service_id": SERVICE_ID,
    "branch_id": BRANCH_ID,
    "from": "2026-11-25",
    "to": "2026-11-30",
    "contact": CONTACT,
}
NEW_BOOKING: dict[str, Any] = {
    "service_id": SERVICE_ID,
    "branch_id": BRANCH_ID,
    "start": START,
    "contact": {"name": "林小满", "phone": "13800000000"},
}


def staff(
    role: str = "owner", branch_ids: list[str] | None = None, resource_id: str | None = None
) -> dict[str, Any]:
    """Return a member of staff."""
    return {
        "id": STAFF_ID,
        "login": role,
        "name": "沈店长",
        "role": role,
        "permissions": list(ROLES[role]),
        "branch_ids": branch_ids,
        "resource_id": resource_id,
    }


SESSION_OPENED = {"token": "opened-token", "expires_at": LATER, "staff": staff()}
UPLOAD = {
    "id": SOME_ID,
    "purpose": "reference",
    "name": "参考.jpg",
    "state": "ready",
    "refusal": None,
    "size": 1000,
    "received": 0,
    "content_type": "image/jpeg",
    "width": 640,
    "height": 480,
    "sha256": "0" * 64,
    "created_at": START,
    "expires_at": LATER,
    "files": [
        {"variant": "small", "url": "/files/token", "content_type": "image/webp", "size": 500}
    ],
}
OWN_UPLOAD = {**UPLOAD, "token": "upload-token", "max_bytes": 31457280, "note": ""}
FILE_PLACE = {
    "key": f"uploads/{SOME_ID}/small",
    "name": "参考.webp",
    "content_type": "image/webp",
    "size": 10,
    "etag": "abc-small",
    "inline": True,
    "expires_at": LATER,
}
