"""The tables of automation."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.chassis.db import new_metadata
from services.contracts.errors import YingqiError

OF_RUNS_UNDER_WAY = sa.text("state IN ('waiting', 'running')")


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: sa.DateTime(timezone=True),
        str: sa.Text,
        dict[str, Any]: JSONB,
    }


class Rule(Base):
    """When an event of type `trigger` meets the guard, do the action.

    Shapes:  guard = {condition of domain.CONDITIONS: bool}; params of send_message =
             {"template", "language"?}, of raise_task = {"kind", "title": {zh, en}}.
    """

    __tablename__ = "rule"
    __table_args__ = (
        sa.CheckConstraint("action IN ('send_message', 'raise_task')", name="action"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[dict[str, Any]]
    trigger: Mapped[str]
    guard: Mapped[dict[str, Any]]
    action: Mapped[str]
    params: Mapped[dict[str, Any]]
    enabled: Mapped[bool]
    version: Mapped[int]


class Run(Base):
    """One action that one event made due.

    Shapes:  `action` and `params` are the rule's as they were then: whoever edits the rule
             changes the runs to come. `context` is the event's payload. Nobody takes the run
             before `lease_until`: another process has it, or a failed attempt made it pause.
    """

    __tablename__ = "run"
    __table_args__ = (
        sa.UniqueConstraint("rule_id", "event_id"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        sa.Index("run_due_idx", "due_at", "id", postgresql_where=OF_RUNS_UNDER_WAY),
        sa.Index(
            "run_order_idx",
            "subject_id",
            "action",
            "due_at",
            "id",
            postgresql_where=OF_RUNS_UNDER_WAY,
        ),
        sa.Index("run_done_idx", "done_at", postgresql_where=sa.text("state = 'done'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    rule_id: Mapped[UUID] = mapped_column(sa.ForeignKey("rule.id"))
    event_id: Mapped[UUID]
    event_type: Mapped[str]
    subject_id: Mapped[UUID]
    correlation_id: Mapped[str]
    action: Mapped[str]
    params: Mapped[dict[str, Any]]
    context: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    state: Mapped[str]
    attempts: Mapped[int]
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None]
    done_at: Mapped[datetime | None]


class Task(Base):
    """Something a person has to do. Ids are UUIDv7, so that their order is that of creation."""

    __tablename__ = "task"
    __table_args__ = (
        sa.CheckConstraint("state IN ('open', 'done')", name="state"),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_at"),
        sa.Index("task_state_id_idx", "state", "id"),
        sa.Index("task_branch_id_state_id_idx", "branch_id", "state", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(sa.ForeignKey("run.id"), unique=True)
    kind: Mapped[str]
    title: Mapped[dict[str, Any]]
    state: Mapped[str]
    branch_id: Mapped[UUID | None]
    subject_id: Mapped[UUID]
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]


CONSTRAINT_ERRORS: dict[str, type[YingqiError]] = {}
