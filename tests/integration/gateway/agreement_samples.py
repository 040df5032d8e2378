"""An agreement and its template as booking tells of them."""

from typing import Any

from tests.integration.gateway import samples

AGREEMENT_ID = "0199f0c0-0000-7000-8000-0000000000a7"

AGREEMENT: dict[str, Any] = {
    "id": AGREEMENT_ID,
    "booking_id": samples.BOOKING_ID,
    "order_id": AGREEMENT_ID,
    "template_id": AGREEMENT_ID,
    "template_version": 1,
    "title": samples.TEXT,
    "text": samples.TEXT,
    "state": "signed",
    "created_at": "2026-11-02T02:00:00+00:00",
    "shown_at": "2026-11-02T02:00:00+00:00",
    "signed_at": "2026-11-02T02:00:00+00:00",
    "voided_at": None,
    "void_reason": "",
    "signer_name": "王小明",
    "signature_svg": "<svg/>",
    "sha256": "0a" * 32,
    "intact": True,
    "outdated": False,
}

AGREEMENT_TEMPLATE = {
    "id": AGREEMENT_ID,
    "name": samples.TEXT,
    "service_ids": [],
    "package_ids": [],
    "active": True,
    "version": 1,
    "title": samples.TEXT,
    "text": samples.TEXT,
    "changed_at": "2026-11-02T02:00:00+00:00",
}
