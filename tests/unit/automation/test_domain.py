from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.automation import domain
from services.chassis import pruning

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # noon in Shanghai, a Wednesday


def booking(**changes: Any) -> dict[str, Any]:
    return {
        "booking_id": "b",
        "number": "YQ2611-000001",
        "branch_id": "x",
        "branch_name": {"zh": "徐汇店", "en": "Xuhui"},
        "timezone": "Asia/Shanghai",
        "start": NOON,
        "contact": {"name": "王小丽", "phone": "+8613800001111"},
        "payment_status": "deposit_paid",
        "total_cents": 199_900,
        "deposit_cents": 50_000,
        "paid_cents": 50_000,
        "currency": "CNY",
        **changes,
    }


def test_a_local_time_is_that_of_the_branch_in_both_languages() -> None:
    assert domain.local_time(NOON, "Asia/Shanghai") == {
        "zh": "2026年11月25日 周三 12:00",
        "en": "Wed 25 Nov 2026, 12:00",
    }


def test_a_local_time_may_be_another_day_than_the_instant_in_utc() -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert domain.local_time(late, "Asia/Shanghai")["en"] == "Fri 1 Jan 2027, 07:30"
    assert domain.local_time(late, "America/New_York")["zh"] == "2026年12月31日 周四 18:30"


@pytest.mark.parametrize(
    ("cents", "currency", "said"),
    [
        (0, "CNY", "¥0.00"),
        (128_000, "CNY", "¥1,280.00"),
        (5, "CNY", "¥0.05"),
        (1_250, "USD", "USD 12.50"),
        (-105, "CNY", "-¥1.05"),
    ],
)
def test_money_is_said_with_its_currency(cents: int, currency: str, said: str) -> None:
    assert domain.money(cents, currency) == said


def test_a_message_may_say_place_time_and_amounts_but_not_the_phone_number() -> None:
    context = domain.message_context(booking())
    assert context["branch_name"] == {"zh": "徐汇店", "en": "Xuhui"}
    assert context["start"]["en"] == "Wed 25 Nov 2026, 12:00"
    assert (context["paid"], context["balance"]) == ("¥500.00", "¥1,499.00")
    assert context["customer_name"] == "王小丽"
    assert "+8613800001111" not in str(context)


def test_a_message_tells_the_lookup_code_of_a_fact_that_carries_one() -> None:
    told = domain.message_context(booking(lookup_code="7K3M-9QXD"))
    assert told["lookup_code"] == "7K3M-9QXD"
    assert "lookup_code" not in domain.message_context(booking())


def test_a_message_tells_of_what_was_kept_and_until_when_it_is_good() -> None:
    credit = {
        "code": "KEPT7W2Q",
        "cents": 30_000,
        "valid_to": datetime(2027, 5, 21, 17, tzinfo=UTC),
    }
    said = domain.message_context(booking(credit=credit))
    assert (said["credit"], said["credit_code"]) == ("¥300.00", "KEPT7W2Q")
    assert said["credit_until"]["en"] == "Sat 22 May 2027", "in the branch's zone"
    assert "credit" not in domain.message_context(booking(credit=None))


def test_a_message_has_no_balance_to_tell_when_everything_is_paid() -> None:
    assert domain.message_context(booking(paid_cents=199_900))["balance"] == ""


@pytest.mark.parametrize(
    ("params", "contact", "language"),
    [
        ({}, {}, "zh"),
        ({}, {"language": "en"}, "en"),
        ({"language": "en"}, {}, "en"),
        ({"language": "zh"}, {"language": "en"}, "zh"),
    ],
)
def test_a_message_speaks_as_its_rule_says_or_else_as_its_reader_does(
    params: dict[str, str], contact: dict[str, str], language: str
) -> None:
    assert domain.language_of(params, booking(contact=contact)) == language


def test_a_task_tells_whom_to_call_about_what() -> None:
    details = domain.task_details(booking(payment_id="p", amount_cents=50_000))
    assert details == {
        "booking_id": "b",
        "payment_id": "p",
        "number": "YQ2611-000001",
        "amount": "¥500.00",
        "customer_name": "王小丽",
        "customer_phone": "+8613800001111",
    }


def test_a_rule_without_guard_always_applies() -> None:
    assert domain.guard_holds({}, {})


@pytest.mark.parametrize(
    ("payment_status", "deposit_cents", "secured"),
    [
        ("unpaid", 50_000, False),
        ("unpaid", 0, True),
        ("deposit_paid", 50_000, True),
        ("refunding", 50_000, True),
        ("refunded", 50_000, True),
    ],
)
def test_a_booking_was_secured_when_money_came_or_none_had_to(
    payment_status: str, deposit_cents: int, secured: bool
) -> None:
    payload = booking(payment_status=payment_status, deposit_cents=deposit_cents)
    assert domain.guard_holds({"secured": True}, payload) is secured
    assert domain.guard_holds({"secured": False}, payload) is not secured


def test_pauses_grow_to_a_quarter_of_an_hour_and_end_after_about_a_day() -> None:
    tries = [domain.next_try_at(n, NOON) for n in range(1, domain.MAX_ATTEMPTS + 1)]
    pauses = [again - NOON for again in tries if again is not None]
    assert pauses[:4] == [timedelta(seconds=s) for s in (1, 2, 4, 8)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == domain.LONGEST_PAUSE
    assert tries[-1] is None
    assert timedelta(hours=20) < sum(pauses, timedelta()) < timedelta(hours=30)


def test_a_run_is_kept_longer_than_its_event_may_come_again() -> None:
    assert domain.RUNS_KEPT > pruning.INBOX_KEPT


@pytest.mark.parametrize(("previous", "moved"), [(NOON, False), (NOON + timedelta(hours=1), True)])
def test_only_another_start_is_a_move_to_the_customer(previous: datetime, moved: bool) -> None:
    assert domain.guard_holds({"moved": True}, {"start": NOON, "previous_start": previous}) is moved


def test_a_part_of_the_day_is_told_without_the_hour_that_is_not_agreed() -> None:
    told = domain.local_part(NOON, "Asia/Shanghai", "morning")

    assert told["zh"].endswith("上午（具体时间待定）")
    assert told["en"].endswith(", morning, hour to be agreed")
    assert ":" not in told["zh"]
    assert "  " not in domain.local_part(NOON, "Asia/Shanghai", "any")["en"]


@pytest.mark.parametrize(("stage", "late"), [("before", False), ("due", False), ("overdue", True)])
def test_only_what_should_have_come_before_today_is_overdue(stage: str, late: bool) -> None:
    assert domain.guard_holds({"overdue": True}, {"stage": stage}) is late


def test_what_is_due_is_said_with_its_date_and_amount() -> None:
    due = booking(open_cents=149_900, due_on=date(2026, 11, 27))
    said = domain.message_context(due)
    assert (said["open"], said["due_on"]["en"]) == ("¥1,499.00", "Fri 27 Nov 2026")
    details = domain.task_details(due)
    assert (details["amount"], details["due_on"]) == ("¥1,499.00", "2026-11-27")


def test_a_task_about_no_customer_names_none() -> None:
    fact = {"provider": "alipay", "day": date(2026, 11, 24), "missing_here": 1}
    assert domain.task_details(fact) == {"provider": "alipay", "day": "2026-11-24"}
