"""Staff learn of bookings that wait for them and of refunds that failed; customers of a no."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

RULE = sa.table(
    "rule",
    sa.column("id", sa.Uuid),
    sa.column("key", sa.Text),
    sa.column("name", JSONB),
    sa.column("trigger", sa.Text),
    sa.column("guard", JSONB),
    sa.column("action", sa.Text),
    sa.column("params", JSONB),
    sa.column("enabled", sa.Boolean),
    sa.column("version", sa.Integer),
)

RULES = [
    {
        "id": UUID("01936b00-0000-7000-8000-000000000025"),
        "key": "R25",
        "name": {"zh": "待确认预约待办", "en": "Task for a booking that waits for the studio"},
        "trigger": "booking.submitted",
        "action": "raise_task",
        "params": {
            "kind": "approval",
            "title": {"zh": "预约待确认", "en": "A booking waits for your word"},
        },
    },
    {
        "id": UUID("01936b00-0000-7000-8000-000000000026"),
        "key": "R26",
        "name": {"zh": "未接受预约通知", "en": "Message about a booking that was rejected"},
        "trigger": "booking.rejected",
        "action": "send_message",
        "params": {"template": "booking_rejected"},
    },
    {
        "id": UUID("01936b00-0000-7000-8000-000000000028"),
        "key": "R2",
        "name": {"zh": "档期协调待办", "en": "Task for a booking whose crew is not there"},
        "trigger": "booking.conflict_detected",
        "action": "raise_task",
        "params": {
            "kind": "conflict",
            "title": {"zh": "档期协调", "en": "A booking needs another crew or time"},
        },
    },
    {
        "id": UUID("01936b00-0000-7000-8000-000000000027"),
        "key": "R27",
        "name": {"zh": "退款失败待办", "en": "Task for a refund that failed"},
        "trigger": "refund.failed",
        "action": "raise_task",
        "params": {
            "kind": "refund_failed",
            "title": {"zh": "退款失败，请人工处理", "en": "A refund failed: please see to it"},
        },
    },
]


def upgrade() -> None:
    op.bulk_insert(RULE, [{**rule, "guard": {}, "enabled": True, "version": 1} for rule in RULES])
