"""The to-do inbox of staff."""

from typing import Any

from marshmallow import fields

from gateway.auth import staff_with
from gateway.http import Area, Call, route
from services.contracts import automation
from services.contracts.fields import Contract


class TasksQuery(automation.ListTasks):
    class Meta(Contract.Meta):
        exclude = ("branch_ids",)


class TaskView(automation.Task):
    """`subject` is the id of what the task is about."""

    subject = fields.UUID(required=True)

    class Meta(Contract.Meta):
        exclude = ("subject_id",)


class TaskPage(automation.TaskPage):
    items = fields.List(fields.Nested(TaskView), required=True)


class Tasks(Area):
    @route(
        "GET",
        "/api/v1/tasks",
        zh="待办列表",
        en="List tasks",
        tag="tasks",
        query=TasksQuery(),
        calls=(automation.LIST_TASKS,),
        answer=TaskPage(),
        admission=staff_with("task.read"),
    )
    def list_tasks(self, call: Call) -> Any:
        page = self.automation.list_tasks(branch_ids=call.branch_ids, **call.query)
        return {**page, "items": [_view(task) for task in page["items"]]}

    @route(
        "POST",
        "/api/v1/tasks/<uuid:task_id>/complete",
        zh="完成待办",
        en="Complete a task",
        tag="tasks",
        calls=(automation.COMPLETE_TASK,),
        answer=TaskView(),
        admission=staff_with("task.write"),
    )
    def complete_task(self, call: Call, task_id: str) -> Any:
        done = self.automation.complete_task(
            task_id=task_id, staff_id=call.staff.id, branch_ids=call.branch_ids
        )
        return _view(done)


def _view(task: dict[str, Any]) -> dict[str, Any]:
    return {**task, "subject": task.pop("subject_id")}
