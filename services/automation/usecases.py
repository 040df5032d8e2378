"""What automation does, one business verb and one transaction each."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.automation import domain, queries
from services.automation.metrics import RUNS
from services.automation.models import Run, Task
from services.chassis.context import new_id
from services.chassis.db import Transaction, UnitOfWork
from services.chassis.inbox import Fact, is_permanent
from services.chassis.rpc import Caller
from services.contracts.automation import TaskUnknown
from services.contracts.errors import YingqiError
from services.contracts.registry import EVENTS

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LeasedRun:
    """A run that this process may do until its lease ends; `attempt` counts from 1."""

    id: UUID
    attempt: int
    action: str
    params: dict[str, Any]
    event_type: str
    context: dict[str, Any]
    subject_id: UUID
    correlation_id: str

    @property
    def payload(self) -> dict[str, Any]:
        """The event's payload, loaded by its contract."""
        return EVENTS[self.event_type].decode(self.context)


# --- runs


def start_runs(*, uow: UnitOfWork, now: datetime, fact: Fact) -> int:
    """Make due what the rules say to a fact; return how many runs that starts."""
    context = EVENTS[fact.type].encode(fact.payload)
    with uow.begin() as tx:
        runs = [
            {
                "id": UUID(new_id()),
                "rule_id": rule.id,
                "event_id": UUID(fact.id),
                "event_type": fact.type,
                "subject_id": UUID(fact.subject),
                "correlation_id": fact.correlation_id,
                "action": rule.action,
                "params": rule.params,
                "context": context,
                "due_at": now,
                "state": "waiting",
                "attempts": 0,
            }
            for rule in queries.rules_on(tx.session, fact.type)
            if domain.guard_holds(rule.guard, fact.payload)
        ]
        if not runs:
            return 0
        started = tx.session.execute(
            insert(Run)
            .values(runs)
            .on_conflict_do_nothing(index_elements=[Run.rule_id, Run.event_id])
        )
        return int(started.rowcount)  # type: ignore[attr-defined]


def lease_runs(*, uow: UnitOfWork, now: datetime) -> list[LeasedRun]:
    """Take the runs that are due, for the length of a lease.

    Whoever dies with one loses nothing: it is due again when the lease ends.
    """
    with uow.begin() as tx:
        due = queries.lock_due_runs(tx.session, now, domain.BATCH)
        leased = []
        for run in due:
            if run.attempts >= domain.MAX_ATTEMPTS:
                _fail(run, "lease_ended")
                continue
            run.state = "running"
            run.attempts += 1
            run.lease_until = now + domain.LEASE
            leased.append(_leased(run))
        return leased


def perform(*, uow: UnitOfWork, now: datetime, sender: Caller, run: LeasedRun) -> str | None:
    """Do what a run says; return its state after that.

    None when the lease had ended and another attempt has the run now. An error that nobody
    anticipated leaves the run to the end of its lease.
    """
    try:
        return ACTIONS[run.action](uow, now, sender, run)
    except YingqiError as error:
        return _postpone(uow, now, run, error)


def _send_message(uow: UnitOfWork, now: datetime, sender: Caller, run: LeasedRun) -> str | None:
    payload = run.payload
    sender.send(
        message_id=str(uuid5(run.id, "message")),  # the same for every attempt: sent once
        template=run.params["template"],
        language=domain.language_of(run.params, payload),
        recipient=payload["contact"]["phone"],
        subject_id=str(run.subject_id),
        context=domain.message_context(payload),
    )
    with uow.begin() as tx:
        return _finish(tx, now, run)


def _raise_task(
    uow: UnitOfWork,
    now: datetime,
    sender: Caller,
    run: LeasedRun,
) -> str | None:
    with uow.begin() as tx:
        state = _finish(tx, now, run)
        if state is None:
            return None
        payload = run.payload
        task = Task(
            id=UUID(new_id()),
            run_id=run.id,
            kind=run.params["kind"],
            title=run.params["title"],
            state="open",
            branch_id=payload.get("branch_id"),  # of no branch: whoever sees all of them does it
            subject_id=run.subject_id,
            details=domain.task_details(payload),
            created_at=now,
        )
        tx.session.add(task)
        tx.emit("task.created", _fact(task))
        return state


ACTIONS: dict[str, Callable[[UnitOfWork, datetime, Caller, LeasedRun], str | None]] = {
    "send_message": _send_message,
    "raise_task": _raise_task,
}


def forget_the_past(*, uow: UnitOfWork, now: datetime) -> None:
    """Delete runs that were done long ago; those that failed stay for whoever asks why."""
    with uow.begin() as tx:
        old = queries.lock_old_runs(tx.session, now - domain.RUNS_KEPT, domain.FORGOTTEN_AT_ONCE)
        tx.session.execute(sa.delete(Run).where(Run.id.in_(old)))


def _finish(tx: Transaction, now: datetime, leased: LeasedRun) -> str | None:
    run = queries.lock_attempt(tx.session, leased.id, leased.attempt)
    if run is None:
        return None
    run.state, run.lease_until, run.error, run.done_at = "done", None, None, now
    RUNS.labels(run.action, "done").inc()
    return run.state


def _postpone(uow: UnitOfWork, now: datetime, leased: LeasedRun, error: YingqiError) -> str | None:
    with uow.begin() as tx:
        run = queries.lock_attempt(tx.session, leased.id, leased.attempt)
        if run is None:
            return None
        again_at = None if is_permanent(error) else domain.next_try_at(run.attempts, now)
        if again_at is None:
            _fail(run, error.code)
            return run.state
        run.state, run.lease_until, run.error = "waiting", again_at, error.code
        RUNS.labels(run.action, "postponed").inc()
        logger.warning("a run waits", extra={"code": error.code, "attempt": run.attempts})
        return run.state


def _fail(run: Run, code: str) -> None:
    run.state, run.lease_until, run.error = "failed", None, code
    RUNS.labels(run.action, "failed").inc()
    logger.error(
        "a run failed for good",
        extra={"event_type": run.event_type, "attempt": run.attempts, "code": code},
    )


def _leased(run: Run) -> LeasedRun:
    return LeasedRun(
        id=run.id,
        attempt=run.attempts,
        action=run.action,
        params=run.params,
        event_type=run.event_type,
        context=run.context,
        subject_id=run.subject_id,
        correlation_id=run.correlation_id,
    )


# --- tasks


def list_tasks(
    *,
    uow: UnitOfWork,
    state: str,
    branch_ids: list[UUID] | None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return one page of tasks, newest first; `branch_ids` null means every branch.

    Errors:  Invalid for a cursor that is none.
    """
    with uow.read() as session:
        page, next_cursor = queries.tasks(
            session, state=state, branch_ids=branch_ids, cursor=cursor, limit=limit
        )
    return {"items": [_describe(task) for task in page], "next_cursor": next_cursor}


def complete_task(
    *,
    uow: UnitOfWork,
    now: datetime,
    task_id: UUID,
    staff_id: UUID,
    branch_ids: list[UUID] | None,
) -> dict[str, Any]:
    """Note that somebody has done a task; a task that was done before stays as it is.

    Errors:  TaskUnknown, also for a task of a branch that the asker does not see.
    """
    with uow.begin() as tx:
        task = queries.lock_task(tx.session, task_id, branch_ids)
        if task is None:
            raise TaskUnknown()
        if task.state == "open":
            task.state, task.done_at, task.done_by = "done", now, staff_id
            tx.emit("task.completed", _fact(task))
        return _describe(task)


def _fact(task: Task) -> dict[str, Any]:
    return {
        "task_id": task.id,
        "branch_id": task.branch_id,
        "subject_id": task.subject_id,
        "kind": task.kind,
    }


def _describe(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "title": task.title,
        "state": task.state,
        "branch_id": task.branch_id,
        "subject_id": task.subject_id,
        "details": task.details,
        "created_at": task.created_at,
        "done_at": task.done_at,
    }
