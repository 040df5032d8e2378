"""One valid answer of every RPC about forms, as JSON."""

from typing import Any

from tests.integration.gateway.samples import BOOKING_ID, BRANCH_ID, SOME_ID, START, TEXT

FORM_ID = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
LINK_ID = "dddddddd-dddd-4ddd-8ddd-dddddddddddd"
SUBMISSION_ID = "eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee"
ROW_ID = "ffffffff-ffff-4fff-8fff-ffffffffffff"

DEFINITION: dict[str, Any] = {"fields": [{"key": "name", "kind": "text", "label": TEXT}]}
LINK: dict[str, Any] = {
    "id": LINK_ID,
    "form_id": FORM_ID,
    "code": "k7m2pqrs",
    "label": "",
    "channel": "web",
    "branch_id": None,
    "expires_at": None,
    "disabled": False,
    "url": "https://studio.example/portal/#/pages/form/form?code=k7m2pqrs",
    "short_url": "https://studio.example/f/k7m2pqrs",
    "embed_html": "<iframe></iframe>",
}
ITEM: dict[str, Any] = {
    "id": FORM_ID,
    "kind": "booking",
    "name": TEXT,
    "revision": 2,
    "published_version": 1,
    "published_revision": 1,
    "published_at": START,
    "active": True,
    "public": False,
    "changed_at": START,
    "views": 3,
    "starts": 2,
    "submits": 1,
}
VERSION = {"number": 1, "revision": 1, "published_at": START}
FORM = {
    **ITEM,
    "versions": [VERSION],
    "definition": DEFINITION,
    "faults": [],
    "links": [LINK],
}
OPEN: dict[str, Any] = {
    "code": LINK["code"],
    "form_id": FORM_ID,
    "kind": "booking",
    "version": 1,
    "name": TEXT,
    "definition": DEFINITION,
    "options": {"photographer": [{"value": SOME_ID, "label": TEXT}]},
    "more": [],
    "permits": {},
}
SUBMITTED = {
    "submission_id": SUBMISSION_ID,
    "form_id": FORM_ID,
    "version": 1,
    "submitted_at": START,
}
SUBMISSION: dict[str, Any] = {
    "id": SUBMISSION_ID,
    "form_id": FORM_ID,
    "version": 1,
    "link_id": LINK_ID,
    "channel": "web",
    "booking_id": BOOKING_ID,
    "branch_id": BRANCH_ID,
    "contact": {"name": "林小满", "phone": None},
    "answers": {"name": "林小满"},
    "labels": {SOME_ID: TEXT},
    "status": "new",
    "submitted_at": START,
}
ROW: dict[str, Any] = {
    "id": ROW_ID,
    "form_id": FORM_ID,
    "version": 1,
    "revision": 1,
    "answers": {"name": "林小满"},
    "labels": {},
    "created_at": START,
    "changed_at": START,
    "deleted_at": None,
}
DAY = {
    "day": "2026-11-25",
    "link_id": LINK_ID,
    "channel": "web",
    "views": 3,
    "starts": 2,
    "submits": 1,
}
SHEET: dict[str, Any] = {
    "titles": ["姓名", "人数"],
    "rows": [["林小满", 3], ["=HYPERLINK(1)", None]],
    "next_cursor": None,
}
NEW_FORM = {"kind": "booking", "name": TEXT, "definition": DEFINITION, "revision": 1}

ANSWERS: dict[str, dict[str, Any]] = {
    "booking.check_answers": {
        "form_id": FORM_ID,
        "version": 1,
        "answers": {"name": "林小满"},
        "labels": {},
    },
    "booking.count_form": {"items": [DAY]},
    "booking.define_form": FORM,
    "booking.define_form_link": LINK,
    "booking.define_row": ROW,
    "booking.delete_row": ROW,
    "booking.export_submissions": SHEET,
    "booking.get_form": FORM,
    "booking.get_row": ROW,
    "booking.get_submission": {**SUBMISSION, "definition": DEFINITION, "files": []},
    "booking.link_survey": {"url": LINK["url"], "code": LINK["code"], "token": "t" * 64},
    "booking.list_choices": {"options": OPEN["options"], "more": []},
    "booking.list_forms": {"items": [ITEM], "next_cursor": None},
    "booking.list_rows": {"items": [ROW], "next_cursor": None},
    "booking.list_submissions": {"items": [SUBMISSION], "next_cursor": None},
    "booking.mark_submission": SUBMISSION,
    "booking.open_booking_form": OPEN,
    "booking.search_choices": {"items": OPEN["options"]["photographer"], "next_cursor": None},
    "booking.open_form": OPEN,
    "booking.publish_form": FORM,
    "booking.restore_row": ROW,
    "booking.submit_form": SUBMITTED,
    "booking.visit_form": {"counted": True},
}
