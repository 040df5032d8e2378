"""The rules of bookings: what may follow what, what is owed, and how things are named."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain import ledger, lifecycle, words
from services.booking.domain.ledger import Money
from services.booking.domain.lifecycle import Action, Status
from services.contracts import booking as contracts

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Paid:
    kind: str = "deposit"
    state: str = "succeeded"
    amount_cents: int = 100
    paid_at: datetime | None = NOON


# --- states


EXPECTED = {
    "held": {
        "pay_deposit": "held",
        "reschedule": "held",
        "confirm": "confirmed",
        "expire": "expired",
        "cancel": "cancelled",
    },
    "expired": {"confirm": "confirmed"},
    "confirmed": {
        "pay_deposit": "confirmed",
        "pay_balance": "confirmed",
        "reschedule": "confirmed",
        "cancel": "cancelled",
        "check_in": "checked_in",
        "no_show": "no_show",
    },
    "checked_in": {"pay_balance": "checked_in", "complete": "completed"},
    "completed": {"pay_balance": "completed"},
}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("action", list(Action))
def test_every_pair_of_status_and_action_is_decided(status: Status, action: Action) -> None:
    assert lifecycle.after(status, action) == EXPECTED.get(status, {}).get(action)


def test_the_words_are_those_of_the_contract() -> None:
    assert tuple(Status) == contracts.STATUSES
    assert tuple(Action)[: len(contracts.ACTIONS)] == contracts.ACTIONS


def test_a_type_that_the_studio_added_is_shown_by_its_id() -> None:
    assert words.role_name("makeup_artist") == {"zh": "化妆师", "en": "Make-up artist"}
    assert words.role_name("drone") == {"zh": "drone", "en": "drone"}


# --- until when


def test_only_a_confirmed_booking_becomes_too_late_to_change() -> None:
    def too_late(status: Status, now: datetime) -> bool:
        return lifecycle.too_late(status=status, starts_at=NOON, now=now, cutoff=DAY)

    assert not too_late(Status.CONFIRMED, NOON - DAY)
    assert too_late(Status.CONFIRMED, NOON - DAY + timedelta(microseconds=1))
    assert not too_late(Status.HELD, NOON)


@pytest.mark.parametrize(
    ("action", "hours", "early"),
    [
        ("check_in", -12, False),
        ("check_in", -12.01, True),
        ("complete", -0.01, True),
        ("complete", 0, False),
        ("no_show", -0.01, True),
        ("no_show", 0, False),
        ("cancel", -100, False),
    ],
)
def test_people_come_on_the_day_and_the_rest_shows_from_the_start_on(
    action: str, hours: float, early: bool
) -> None:
    """Noon in Shanghai: the day begins twelve hours before."""
    now = NOON + timedelta(hours=hours)
    found = lifecycle.too_early(action=action, starts_at=NOON, timezone="Asia/Shanghai", now=now)
    assert found is early


def allowed(status: Status, *, is_staff: bool, deposit: int = 100, balance: int = 900) -> list[str]:
    return lifecycle.allowed_actions(  # type: ignore[return-value]
        status=status,
        starts_at=NOON,
        timezone="Asia/Shanghai",
        hold_expires_at=NOON - timedelta(days=2) if status == Status.HELD else None,
        due_cents={"deposit": deposit, "balance": balance},
        is_staff=is_staff,
        now=NOON - timedelta(days=3),
        cutoff=DAY,
    )


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("is_staff", [True, False])
def test_only_what_the_table_allows_is_offered(status: Status, is_staff: bool) -> None:
    offered = allowed(status, is_staff=is_staff)
    assert set(offered) <= set(EXPECTED.get(status, {})) & set(contracts.ACTIONS)


def test_nobody_is_asked_for_money_that_is_not_due() -> None:
    assert "pay_deposit" not in allowed(Status.HELD, is_staff=False, deposit=0)
    assert "pay_balance" not in allowed(Status.COMPLETED, is_staff=False, balance=0)


def test_a_hold_that_has_run_out_is_not_offered_for_payment() -> None:
    offered = lifecycle.allowed_actions(
        status=Status.HELD,
        starts_at=NOON,
        timezone="Asia/Shanghai",
        hold_expires_at=NOON - DAY,
        due_cents={"deposit": 100, "balance": 900},
        is_staff=False,
        now=NOON - DAY,
        cutoff=DAY,
    )
    assert offered == ["reschedule", "cancel"]


# --- money


@pytest.mark.parametrize(
    ("money", "word"),
    [
        (Money(), "unpaid"),
        (Money(paid=100), "partly_paid"),
        (Money(paid=200), "deposit_paid"),
        (Money(paid=500), "partly_paid"),
        (Money(paid=1000), "paid"),
        (Money(paid=1200), "overpaid"),
        (Money(paid=1200, refunding=True), "refunding"),
        (Money(paid=0, refunded=200), "refunded"),
        (Money(paid=200, refunded=200), "deposit_paid"),
    ],
)
def test_where_the_money_stands_has_one_word(money: Money, word: str) -> None:
    assert ledger.payment_status(price_cents=1000, deposit_cents=200, money=money) == word
    assert word in contracts.PAYMENT_STATUSES


def test_a_gift_is_paid() -> None:
    assert ledger.payment_status(price_cents=0, deposit_cents=0, money=Money()) == "paid"


@given(st.integers(-100, 2000), st.integers(0, 2000), st.booleans(), st.integers(0, 1000))
def test_the_word_is_always_one_of_the_contract(
    paid: int, refunded: int, refunding: bool, deposit: int
) -> None:
    money = Money(charged=1000, paid=paid, refunded=refunded, refunding=refunding)
    word = ledger.payment_status(price_cents=1000, deposit_cents=deposit, money=money)
    assert word in contracts.PAYMENT_STATUSES


def test_money_on_its_way_back_does_not_count() -> None:
    payments = [Paid(), Paid(state="refunding"), Paid(state="pending"), Paid(state="failed")]
    assert ledger.secured_cents(payments) == 100


@pytest.mark.parametrize(
    ("status", "secured", "awaits"),
    [
        (Status.HELD, 99, False),
        (Status.HELD, 100, True),
        (Status.EXPIRED, 100, True),
        (Status.CONFIRMED, 100, False),
        (Status.CANCELLED, 100, False),
    ],
)
def test_a_booking_awaits_confirmation_when_its_deposit_is_there(
    status: Status, secured: int, awaits: bool
) -> None:
    payments = [Paid(amount_cents=secured)]
    assert ledger.awaits_confirmation(status=status, deposit_cents=100, payments=payments) is awaits


def test_the_second_payment_of_a_kind_is_one_too_many() -> None:
    first, second = Paid(), Paid(paid_at=NOON + timedelta(seconds=1))
    balance = Paid(kind="balance")
    assert ledger.surplus(Status.CONFIRMED, [second, balance, first]) == [second]


@pytest.mark.parametrize("status", sorted(lifecycle.CLOSED))
def test_a_closed_booking_keeps_no_money(status: Status) -> None:
    payments = [Paid(), Paid(kind="balance"), Paid(state="refunded")]
    assert ledger.surplus(status, payments) == payments[:2]


# --- names and numbers


def test_the_month_in_a_number_is_that_of_the_branch() -> None:
    new_year_in_shanghai = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    assert words.booking_number(123, new_year_in_shanghai, "Asia/Shanghai") == "YQ2701-000123"
    assert words.booking_number(123, new_year_in_shanghai, "Europe/Berlin") == "YQ2612-000123"
    assert words.booking_number(1_234_567, NOON, "UTC") == "YQ2611-1234567"


@pytest.mark.parametrize(
    "typed", ["李娜", "娜", "yq2611-0001", "138 0013", "+86 138", "LI N", "80"]
)
def test_what_people_type_is_found(typed: str) -> None:
    text = words.haystack("YQ2611-000123", "李娜 Li Na", "+8613800138000")
    needle = words.squeeze(typed)
    assert needle in text
    assert set(words.grams(needle)) <= set(words.grams(text))


def test_index_terms_do_not_join_what_stands_apart() -> None:
    assert words.grams("ab 李") == ["ab", "李"]
    assert words.grams("7") == []
