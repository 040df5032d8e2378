"""Every SELECT and lock of automation, one named function each."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from services.automation.domain import UNDER_WAY
from services.automation.models import Rule, Run, Task
from services.chassis import paging


def rules_on(session: Session, event_type: str) -> Sequence[Rule]:
    """Return the enabled rules that an event of this type triggers."""
    return session.scalars(
        sa.select(Rule).where(Rule.trigger == event_type, Rule.enabled).order_by(Rule.key)
    ).all()


def lock_due_runs(session: Session, now: datetime, limit: int) -> Sequence[Run]:
    """Return and lock the runs to do now, oldest first; those of other processes are left.

    The actions of one kind about one subject are done in turn, so that a customer never reads
    of an old time after the new one.
    """
    earlier = aliased(Run, name="earlier")
    before = sa.select(sa.literal(1)).where(
        earlier.state.in_(UNDER_WAY),
        earlier.subject_id == Run.subject_id,
        earlier.action == Run.action,
        sa.tuple_(earlier.due_at, earlier.id) < sa.tuple_(Run.due_at, Run.id),
    )
    return session.scalars(
        sa.select(Run)
        .where(
            Run.state.in_(UNDER_WAY),
            Run.due_at <= now,
            sa.or_(Run.lease_until.is_(None), Run.lease_until <= now),
            ~sa.exists(before),
        )
        .order_by(Run.due_at, Run.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def lock_old_runs(session: Session, done_before: datetime, limit: int) -> Sequence[UUID]:
    """Return and lock runs that were done long ago, oldest first; one with a task stays with it."""
    with_task = sa.select(sa.literal(1)).where(Task.run_id == Run.id)
    return session.scalars(
        sa.select(Run.id)
        .where(Run.state == "done", Run.done_at < done_before, ~sa.exists(with_task))
        .order_by(Run.done_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def lock_attempt(session: Session, run_id: UUID, attempt: int) -> Run | None:
    """Return and lock a running run, unless a later attempt has it by now."""
    return session.scalars(
        sa.select(Run)
        .where(Run.id == run_id, Run.state == "running", Run.attempts == attempt)
        .with_for_update()
    ).one_or_none()


def tasks(
    session: Session,
    *,
    state: str,
    branch_ids: list[UUID] | None,
    cursor: str | None,
    limit: int,
) -> tuple[list[Task], str | None]:
    """Return a page of tasks of a state in some branches, newest first, and the next one's cursor.

    Errors:  Invalid for a cursor that is none.
    """
    query = sa.select(Task).where(Task.state == state)
    if branch_ids is not None:
        query = query.where(Task.branch_id.in_(branch_ids))
    return paging.newest_first(session, query, key=(Task.id,), cursor=cursor, limit=limit)


def lock_task(session: Session, task_id: UUID, branch_ids: list[UUID] | None) -> Task | None:
    """Return and lock a task, unless it is of a branch that the asker does not see."""
    query = sa.select(Task).where(Task.id == task_id)
    if branch_ids is not None:
        query = query.where(Task.branch_id.in_(branch_ids))
    return session.scalars(query.with_for_update()).one_or_none()
