"""Automation's words on the wire: rules, their runs and the to-do inbox."""

from marshmallow import fields, validate

from services.contracts.errors import NotFound
from services.contracts.fields import Contract, Instant, Json, Words
from services.contracts.registry import Event, Rpc

OWNER = "automation"
TASK_STATES = ("open", "done")


class TaskUnknown(NotFound):
    code = "automation.task_unknown"
    sentence = {"zh": "没有这个待办", "en": "There is no such task"}


class Task(Contract):
    id = fields.UUID(required=True)
    title = Words(required=True)
    state = fields.String(required=True, validate=validate.OneOf(TASK_STATES))
    branch_id = fields.UUID(required=True, allow_none=True)
    subject_id = fields.UUID(required=True)
    details = Json(required=True)
    created_at = Instant(required=True)
    done_at = Instant(required=True, allow_none=True)


class ListTasks(Contract):
    state = fields.String(load_default="open", validate=validate.OneOf(TASK_STATES))
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class TaskPage(Contract):
    items = fields.List(fields.Nested(Task), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class CompleteTask(Contract):
    task_id = fields.UUID(required=True)
    staff_id = fields.UUID(required=True)
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)


LIST_TASKS = Rpc(OWNER, "list_tasks", ListTasks(), TaskPage())
COMPLETE_TASK = Rpc(OWNER, "complete_task", CompleteTask(), Task(), (TaskUnknown,))


class TaskFact(Contract):
    task_id = fields.UUID(required=True)
    branch_id = fields.UUID(required=True, allow_none=True)
    subject_id = fields.UUID(required=True)
    kind = fields.String(required=True)


TASK_CREATED = Event("task.created", OWNER, TaskFact(), "task_id")
TASK_COMPLETED = Event("task.completed", OWNER, TaskFact(), "task_id")
