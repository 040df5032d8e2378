"""Customers are reminded of payments, staff told of what was not paid and does not agree."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

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
        "id": UUID("01936b00-0000-7000-8000-000000000029"),
        "key": "R29",
        "name": {"zh": "付款提醒", "en": "Message about a payment that is due"},
        "trigger": "payment.due",
        "guard": {},
        "action": "send_message",
        "params": {"template": "payment_due"},
    },
    {
        "id": UUID("01936b00-0000-7000-8000-000000000030"),
        "key": "R30",
        "name": {"zh": "逾期未付待办", "en": "Task for a payment that is overdue"},
        "trigger": "payment.due",
        "guard": {"overdue": True},
        "action": "raise_task",
        "params": {
            "kind": "payment_overdue",
            "title": {"zh": "逾期未付，请跟进", "en": "A payment is overdue: please follow up"},
        },
    },
    {
        "id": UUID("01936b00-0000-7000-8000-000000000031"),
        "key": "R31",
        "name": {"zh": "对账差异待办", "en": "Task for a statement that does not agree"},
        "trigger": "reconciliation.failed",
        "guard": {},
        "action": "raise_task",
        "params": {
            "kind": "reconciliation",
            "title": {
                "zh": "支付平台对账有差异，请核对",
                "en": "A provider's statement does not agree with our books: please check",
            },
        },
    },
]


def upgrade() -> None:
    op.bulk_insert(RULE, [{**rule, "enabled": True, "version": 1} for rule in RULES])
