from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.automation import usecases
from services.chassis.db import UnitOfWork
from services.contracts.automation import TaskUnknown
from tests.integration.automation.builders import raise_late_payment, told
from tests.integration.crm.facts import BRANCH, NOON, OTHER_BRANCH

ANNA, BEN = uuid4(), uuid4()


@pytest.fixture
def uow(service_uow: Callable[[str], UnitOfWork]) -> UnitOfWork:
    return service_uow("automation")


def page(uow: UnitOfWork, **asked: Any) -> dict[str, Any]:
    query = {"state": "open", "branch_ids": None, "cursor": None, "limit": 50, **asked}
    return usecases.list_tasks(uow=uow, **query)


def complete(uow: UnitOfWork, task_id: Any, **asked: Any) -> dict[str, Any]:
    command = {"now": NOON, "staff_id": ANNA, "branch_ids": None, **asked}
    return usecases.complete_task(uow=uow, task_id=task_id, **command)


def test_pages_follow_one_another_newest_first_without_gap_or_repetition(uow: UnitOfWork) -> None:
    for minute in range(5):
        raise_late_payment(uow, NOON + timedelta(minutes=minute))
    seen, cursor = [], None
    while True:
        shown = page(uow, limit=2, cursor=cursor)
        seen += [task["created_at"] for task in shown["items"]]
        cursor = shown["next_cursor"]
        if cursor is None:
            break
    assert seen == [NOON + timedelta(minutes=minute) for minute in (4, 3, 2, 1, 0)]


def test_staff_see_the_tasks_of_their_branches_only(uow: UnitOfWork) -> None:
    raise_late_payment(uow, branch_id=BRANCH)
    raise_late_payment(uow, branch_id=OTHER_BRANCH)
    assert [t["branch_id"] for t in page(uow, branch_ids=[BRANCH])["items"]] == [BRANCH]
    assert page(uow, branch_ids=[])["items"] == []
    assert len(page(uow)["items"]) == 2


def test_a_task_is_completed_once_and_by_whoever_was_first(uow: UnitOfWork) -> None:
    raise_late_payment(uow)
    task_id = page(uow)["items"][0]["id"]
    first = complete(uow, task_id)
    again = complete(uow, task_id, staff_id=BEN, now=NOON + timedelta(hours=1))
    assert first == again
    assert (again["state"], again["done_at"]) == ("done", NOON)
    assert told(uow) == ["task.created", "task.completed"]
    assert page(uow)["items"] == []
    assert [t["id"] for t in page(uow, state="done")["items"]] == [task_id]


def test_a_task_of_a_branch_that_is_not_yours_is_unknown_to_you(uow: UnitOfWork) -> None:
    raise_late_payment(uow, branch_id=OTHER_BRANCH)
    task_id = page(uow)["items"][0]["id"]
    for asked in ({"branch_ids": [BRANCH]}, {"branch_ids": []}):
        with pytest.raises(TaskUnknown):
            complete(uow, task_id, **asked)
    with pytest.raises(TaskUnknown):
        complete(uow, uuid4())
