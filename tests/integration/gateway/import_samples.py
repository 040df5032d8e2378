"""An import as booking tells of it."""

from typing import Any

from tests.integration.gateway import samples

IMPORT_ID = "0199f0c0-0000-7000-8000-0000000000b1"

FIELDS = [
    {
        "name": "name",
        "label": {"zh": "客户姓名", "en": "Customer"},
        "kind": "text",
        "required": True,
        "example": {"zh": "王小明", "en": "Wang Xiaoming"},
    },
    {
        "name": "phone",
        "label": {"zh": "手机号", "en": "Phone"},
        "kind": "phone",
        "required": True,
        "example": {"zh": "13800138000", "en": "13800138000"},
    },
]
ITEM: dict[str, Any] = {
    "id": IMPORT_ID,
    "name": "2025.xlsx",
    "kind": "orders",
    "state": "receiving",
    "rows": 2,
    "checked": 2,
    "good": 1,
    "bad": 1,
    "known": 0,
    "done": 0,
    "undone": 0,
    "kept": 0,
    "total_cents": 399_900,
    "paid_cents": 399_900,
    "points": 0,
    "currency": "CNY",
    "created_at": "2026-11-02T02:00:00+00:00",
    "finished_at": None,
}
IMPORT = ITEM | {
    "columns": ["姓名", "手机", "备注"],
    "sample": [["王小明", "13800138000"]],
    "mapping": {"columns": {"name": 0, "phone": 1}, "values": {}, "defaults": {}},
}
BAD_ROW = {
    "line": 3,
    "state": "bad",
    "cells": ["=1+1", "12"],
    "errors": [
        {
            "field": "phone",
            "column": 1,
            "code": "import.phone_invalid",
            "message": {"zh": "手机号码无效", "en": "That is not a valid phone number"},
        },
        {
            "field": "start",
            "column": None,
            "code": "import.missing",
            "message": {"zh": "此项必填", "en": "This is missing"},
        },
    ],
    "known": False,
    "booking_id": None,
    "customer_id": None,
}
VALUES = {
    "choices": [{"id": samples.BRANCH_ID, "label": samples.TEXT}],
    "items": [{"text": "外滩店", "count": 2, "meaning": samples.BRANCH_ID}],
}

ANSWERS: dict[str, Any] = {
    "booking.add_import_rows": ITEM | {"state": "received"},
    "booking.get_import": IMPORT,
    "booking.list_import_fields": {"items": FIELDS},
    "booking.list_import_rows": {"items": [BAD_ROW], "next_after": None},
    "booking.list_import_values": VALUES,
    "booking.list_imports": {"items": [ITEM], "next_cursor": None},
    "booking.map_import": IMPORT,
    "booking.remove_import": {},
    "booking.run_import": IMPORT,
    "booking.start_import": ITEM,
    "booking.undo_import": IMPORT,
}
