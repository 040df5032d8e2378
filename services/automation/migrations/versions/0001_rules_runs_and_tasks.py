"""Rules, their runs and tasks, with the rules that a studio starts with."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from services.chassis.migrations import create_message_tables

revision = "0001"
down_revision = None

UNDER_WAY = sa.text("state IN ('waiting', 'running')")
STAMP = sa.DateTime(timezone=True)

DEFAULTS = [
    {
        "id": UUID("01936b00-0000-7000-8000-000000000004"),
        "key": "R4",
        "name": {"zh": "预约确认通知", "en": "Confirmation message"},
        "trigger": "booking.confirmed",
        "guard": {},
        "action": "send_message",
        "params": {"template": "booking_confirmed"},
    },
    {
        "id": UUID("01936b00-0000-7000-8000-000000000019"),
        "key": "R19",
        "name": {"zh": "改期通知", "en": "Message about a new time"},
        "trigger": "booking.rescheduled",
        "guard": {},
        "action": "send_message",
        "params": {"template": "booking_rescheduled"},
    },
    {
        "id": UUID("01936b00-0000-7000-8000-000000000020"),
        "key": "R20",
        "name": {"zh": "取消通知", "en": "Cancellation message"},
        "trigger": "booking.cancelled",
        "guard": {"secured": True},
        "action": "send_message",
        "params": {"template": "booking_cancelled"},
    },
    {
        "id": UUID("01936b00-0000-7000-8000-000000000021"),
        "key": "R21",
        "name": {"zh": "迟到付款待办", "en": "Task for a late payment"},
        "trigger": "payment.late",
        "guard": {},
        "action": "raise_task",
        "params": {"kind": "late_payment", "title": {"zh": "迟到付款", "en": "Late payment"}},
    },
    {
        "id": UUID("01936b00-0000-7000-8000-000000000022"),
        "key": "R22",
        "name": {"zh": "迟到付款退款通知", "en": "Message about the refund of a late payment"},
        "trigger": "payment.late",
        "guard": {},
        "action": "send_message",
        "params": {"template": "payment_late_refund"},
    },
]


def upgrade() -> None:
    create_message_tables()
    op.bulk_insert(_create_rules(), [{**r, "enabled": True, "version": 1} for r in DEFAULTS])
    _create_runs()
    _create_tasks()


def _create_rules() -> sa.Table:
    return op.create_table(
        "rule",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", JSONB, nullable=False),
        sa.Column("trigger", sa.Text, nullable=False),
        sa.Column("guard", JSONB, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("params", JSONB, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="rule_pkey"),
        sa.UniqueConstraint("key", name="rule_key_key"),
        sa.CheckConstraint(
            "action IN ('send_message', 'raise_task')", name=op.f("rule_action_check")
        ),
    )


def _create_runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("rule_id", sa.Uuid, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("params", JSONB, nullable=False),
        sa.Column("context", JSONB, nullable=False),
        sa.Column("due_at", STAMP, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease_until", STAMP),
        sa.Column("error", sa.Text),
        sa.Column("done_at", STAMP),
        sa.PrimaryKeyConstraint("id", name="run_pkey"),
        sa.ForeignKeyConstraint(["rule_id"], ["rule.id"], name="run_rule_id_fkey"),
        sa.UniqueConstraint("rule_id", "event_id", name="run_rule_id_event_id_key"),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("run_state_check")
        ),
    )
    op.create_index("run_due_idx", "run", ["due_at", "id"], postgresql_where=UNDER_WAY)
    op.create_index(
        "run_order_idx",
        "run",
        ["subject_id", "action", "due_at", "id"],
        postgresql_where=UNDER_WAY,
    )
    op.create_index("run_done_idx", "run", ["done_at"], postgresql_where=sa.text("state = 'done'"))


def _create_tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("run_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("branch_id", sa.Uuid),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("details", JSONB, nullable=False),
        sa.Column("created_at", STAMP, nullable=False),
        sa.Column("done_at", STAMP),
        sa.Column("done_by", sa.Uuid),
        sa.PrimaryKeyConstraint("id", name="task_pkey"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="task_run_id_fkey"),
        sa.UniqueConstraint("run_id", name="task_run_id_key"),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("task_state_check")),
        sa.CheckConstraint(
            "(state = 'done') = (done_at IS NOT NULL)", name=op.f("task_done_at_check")
        ),
    )
    op.create_index("task_state_id_idx", "task", ["state", "id"])
    op.create_index("task_branch_id_state_id_idx", "task", ["branch_id", "state", "id"])
