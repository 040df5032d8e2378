"""The rules that tell those on the waitlist of time that is offered to them or has become free.

And customers no longer hear of a move when only somebody of their crew was exchanged.
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

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
        "id": UUID("01936b00-0000-7000-8000-000000000023"),
        "key": "R23",
        "name": {"zh": "候补名额通知", "en": "Message about an offer of the waitlist"},
        "trigger": "waitlist.offered",
        "params": {"template": "waitlist_offered"},
    },
    {
        "id": UUID("01936b00-0000-7000-8000-000000000024"),
        "key": "R24",
        "name": {"zh": "候补空档通知", "en": "Message about time for those who wait"},
        "trigger": "waitlist.notified",
        "params": {"template": "waitlist_notified"},
    },
]


def upgrade() -> None:
    common = {"guard": {}, "action": "send_message", "enabled": True, "version": 1}
    op.bulk_insert(RULE, [{**rule, **common} for rule in RULES])
    op.execute("UPDATE rule SET guard = '{\"moved\": true}' WHERE key = 'R19' AND guard = '{}'")
