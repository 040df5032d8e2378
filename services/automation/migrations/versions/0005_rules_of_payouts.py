"""Staff are told when the studio owes a customer money that no provider gives back."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

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

RULE_OF_PAYOUTS = {
    "id": UUID("01936b00-0000-7000-8000-000000000032"),
    "key": "R32",
    "name": {"zh": "应退客户款项待办", "en": "Task for money that is owed to a customer"},
    "trigger": "payout.due",
    "guard": {},
    "action": "raise_task",
    "params": {
        "kind": "payout_due",
        "title": {
            "zh": "有款项需由门店退还或赔付给客户",
            "en": "Money has to be handed back to a customer",
        },
    },
    "enabled": True,
    "version": 1,
}


def upgrade() -> None:
    op.bulk_insert(RULE, [RULE_OF_PAYOUTS])
