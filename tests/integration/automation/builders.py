"""What automation's tests share: its rules applied to facts, and a notification that listens."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from services.automation import usecases
from services.automation.models import Run, Task
from services.chassis.db import OUTBOX, UnitOfWork
from services.chassis.inbox import Fact
from services.contracts.errors import YingqiError
from tests.integration.crm.facts import NOON, deliver_twice, payment_fact


class Sender:
    """Stands for the client of notification; what it was sent, each message id once."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.calls = 0
        self.fault: Exception | None = None

    def send(self, **message: Any) -> dict[str, Any]:
        self.calls += 1
        if self.fault is not None:
            raise self.fault
        self.messages.setdefault(message["message_id"], message)
        return {}

    def fails(self, fault: YingqiError | Exception | None) -> "Sender":
        self.fault = fault
        return self


def hear(uow: UnitOfWork, fact: Fact, now: datetime = NOON) -> None:
    """Deliver a fact twice, as the wire may."""
    deliver_twice(uow, partial(usecases.start_runs, now=now), fact)


def work(uow: UnitOfWork, sender: Any, now: datetime = NOON) -> list[str | None]:
    """Do what is due; return the states of the runs after that."""
    runs = usecases.lease_runs(uow=uow, now=now)
    return [usecases.perform(uow=uow, now=now, sender=sender, run=run) for run in runs]


def raise_late_payment(uow: UnitOfWork, now: datetime = NOON, **changes: Any) -> None:
    """Let a payment be late and its task be raised."""
    hear(uow, payment_fact("payment.late", uuid4(), **changes), now)
    assert work(uow, Sender(), now) == ["done", "done"]


def runs_in(uow: UnitOfWork) -> list[Run]:
    with uow.read() as session:
        return list(session.scalars(sa.select(Run).order_by(Run.due_at, Run.id)))


def tasks_in(uow: UnitOfWork) -> list[Task]:
    with uow.read() as session:
        return list(session.scalars(sa.select(Task).order_by(Task.id)))


def told(uow: UnitOfWork) -> list[str]:
    """Return the types of the events that were written, in order."""
    with uow.read() as session:
        rows = session.scalars(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.id))
        return [envelope["type"] for envelope in rows]
