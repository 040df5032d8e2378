"""What is due is told to the customer, what is overdue or does not agree to the studio."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.automation.models import Run
from services.chassis.db import UnitOfWork
from services.chassis.inbox import Fact
from services.contracts.notification import LANGUAGES
from services.notification.templates import TEMPLATES
from tests.integration.automation.builders import Sender, hear, runs_in, tasks_in, work
from tests.integration.crm.facts import BRANCH, PHONE, booking_payload, fact


@pytest.fixture
def uow(service_uow: Callable[[str], UnitOfWork]) -> UnitOfWork:
    return service_uow("automation")


def due(stage: str, **changes: Any) -> Fact:
    payload = {
        "status": "confirmed",
        "kind": "balance",
        "open_cents": 149_900,
        "due_on": date(2026, 12, 25),
        "stage": stage,
    }
    return fact("payment.due", booking_payload(uuid4(), **(payload | changes)))


def performed(uow: UnitOfWork, heard: Fact) -> tuple[Sender, list[Run]]:
    sender = Sender()
    hear(uow, heard)
    while work(uow, sender):
        pass
    return sender, runs_in(uow)


@pytest.mark.parametrize("stage", ["before", "due", "served"])
def test_a_payment_that_is_due_is_told_to_the_customer_alone(uow: UnitOfWork, stage: str) -> None:
    sender, runs = performed(uow, due(stage))
    (message,) = sender.messages.values()
    assert (message["template"], message["recipient"]) == ("payment_due", PHONE)
    assert message["context"]["open"] == "¥1,499.00"
    assert message["context"]["due_on"] == {"zh": "2026年12月25日 周五", "en": "Fri 25 Dec 2026"}
    assert [run.state for run in runs] == ["done"]
    assert tasks_in(uow) == []


def test_an_overdue_payment_is_told_and_is_a_task_of_the_branch(uow: UnitOfWork) -> None:
    sender, _ = performed(uow, due("overdue"))
    assert [m["template"] for m in sender.messages.values()] == ["payment_due"]
    (task,) = tasks_in(uow)
    assert (task.kind, task.branch_id, task.state) == ("payment_overdue", BRANCH, "open")
    assert (task.details["amount"], task.details["due_on"]) == ("¥1,499.00", "2026-12-25")
    assert task.details["customer_phone"] == PHONE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_message_says_what_is_to_be_paid_by_when_and_where(
    uow: UnitOfWork, language: str
) -> None:
    sender, _ = performed(uow, due("due"))
    (message,) = sender.messages.values()
    template = TEMPLATES["payment_due"]
    assert template.missing(language, message["context"]) == []
    subject, body = template.render(language, message["context"])
    assert "¥1,499.00" in subject
    day = {"zh": "2026年12月25日", "en": "25 Dec 2026"}[language]
    assert day in body and "http://localhost/portal/" in body and "¥1,499.00" in body


def test_a_statement_that_does_not_agree_is_a_task_for_who_sees_every_branch(
    uow: UnitOfWork,
) -> None:
    reconciliation_id = uuid4()
    differing = fact(
        "reconciliation.failed",
        {
            "reconciliation_id": reconciliation_id,
            "provider": "wechat_pay",
            "day": date(2026, 12, 24),
            "differing": 0,
            "missing_here": 1,
            "missing_there": 0,
            "repeated": 0,
        },
    )
    sender, _ = performed(uow, differing)
    assert sender.messages == {}
    (task,) = tasks_in(uow)
    assert (task.kind, task.branch_id, task.subject_id) == (
        "reconciliation",
        None,
        reconciliation_id,
    )
    assert task.details == {"provider": "wechat_pay", "day": "2026-12-24"}


def test_money_that_the_studio_owes_is_a_task_of_the_branch(uow: UnitOfWork) -> None:
    sums = {"amount_cents": 80_000, "refund_cents": 30_000, "compensation_cents": 50_000}
    owed = fact("payout.due", booking_payload(uuid4(), status="cancelled", **sums))
    sender, _ = performed(uow, owed)
    assert sender.messages == {}
    (task,) = tasks_in(uow)
    assert (task.kind, task.branch_id, task.state) == ("payout_due", BRANCH, "open")
    assert (task.details["amount"], task.details["customer_phone"]) == ("¥800.00", PHONE)
