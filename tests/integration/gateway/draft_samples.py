"""A draft as booking tells of it."""

from typing import Any

from tests.integration.gateway import samples

DRAFT_ID = "00000000-0000-4000-8000-0000000000d1"

DRAFT: dict[str, Any] = {
    "id": DRAFT_ID,
    "branch_id": samples.BRANCH_ID,
    "wish": {"service_id": samples.SERVICE_ID, "contact": {"phone": "138"}},
    "note": "周五回电",
    "version": 2,
    "created_by": samples.STAFF_ID,
    "created_at": "2026-11-22T10:00:00+08:00",
    "updated_at": "2026-11-22T11:00:00+08:00",
}
