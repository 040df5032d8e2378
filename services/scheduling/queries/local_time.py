"""Wall-clock time at a branch, for statements whose `asked` has zone, branch_id and first_day."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

# Local dates on which the branch is closed, as instants.
CLOSED = """
closed AS MATERIALIZED (
    SELECT coalesce(
        range_agg(tstzrange(
            lower(closure.days)::timestamp AT TIME ZONE asked.zone,
            upper(closure.days)::timestamp AT TIME ZONE asked.zone
        )),
        '{}'
    ) AS days
    FROM asked
    JOIN closure ON closure.branch_id = asked.branch_id
)"""


def joined_by_day(rule: str) -> str:
    """Return the condition under which a weekly rule holds on `first_day + day`."""
    return f"{rule}.weekday = extract(isodow FROM asked.first_day + day)"


def span_on_day(rule: str) -> str:
    """Return the expression of a weekly rule's span on `first_day + day`.

    `greatest` keeps hours that begin in the hour which daylight saving time skips from ending
    before they begin.
    """
    begins = f"(asked.first_day + day + {rule}.opens) AT TIME ZONE asked.zone"
    ends = (
        f"(asked.first_day + day + ({rule}.closes <= {rule}.opens)::integer + {rule}.closes)"
        " AT TIME ZONE asked.zone"
    )
    return f"tstzrange({begins}, greatest({begins}, {ends}))"


def speak(session: Session, zone: str) -> None:
    """Let PostgreSQL write the instants of this transaction with the branch's offset.

    It also must not compile the large statements here: that takes longer than running them.
    """
    session.execute(_SPEAK, {"zone": zone})


_SPEAK = sa.text("SELECT set_config('timezone', :zone, true), set_config('jit', 'off', true)")
