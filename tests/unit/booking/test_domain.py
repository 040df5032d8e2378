"""The rules of bookings: what may follow what, what is owed, and how things are named."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain import ledger, lifecycle, words
from services.booking.domain.ledger import Money
from services.booking.domain.lifecycle import Action, Status
from services.contracts import booking as contracts

NOON = datetime(2026, 11, 2, 4, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
CLERK = UUID(int=1)


@dataclass(frozen=True)
class Paid:
    kind: str = "deposit"
    state: str = "succeeded"
    received_cents: int | None = 100
    refunded_cents: int = 0
    provider: str = "sandbox"
    taken_by: UUID | None = None
    paid_at: datetime | None = NOON


# --- states


EXPECTED = {
    "held": {
        "pay_deposit": "held",
        "reschedule": "held",
        "submit": "pending",
        "confirm": "confirmed",
        "expire": "expired",
        "cancel": "cancelled",
    },
    "expired": {"submit": "pending", "confirm": "confirmed"},
    "pending": {
        "approve": "confirmed",
        "reject": "rejected",
        "pay_balance": "pending",
        "reschedule": "pending",
        "cancel": "cancelled",
    },
    "confirmed": {
        "pay_deposit": "confirmed",
        "pay_balance": "confirmed",
        "reschedule": "confirmed",
        "cancel": "cancelled",
        "check_in": "checked_in",
        "no_show": "no_show",
    },
    "checked_in": {"pay_balance": "checked_in", "start": "in_service", "complete": "completed"},
    "in_service": {"pay_balance": "in_service", "complete": "completed"},
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


def allowed(
    status: Status,
    *,
    is_staff: bool,
    deposit: int = 100,
    balance: int = 900,
    refused: tuple[Action, ...] = (),
) -> list[str]:
    return lifecycle.allowed_actions(  # type: ignore[return-value]
        status=status,
        starts_at=NOON,
        timezone="Asia/Shanghai",
        hold_expires_at=NOON - timedelta(days=2) if status == Status.HELD else None,
        due_cents={"deposit": deposit, "balance": balance},
        refused=refused,
        is_staff=is_staff,
        now=NOON - timedelta(days=3),
    )


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("is_staff", [True, False])
def test_only_what_the_table_allows_is_offered(status: Status, is_staff: bool) -> None:
    offered = allowed(status, is_staff=is_staff)
    assert set(offered) <= set(EXPECTED.get(status, {})) & set(contracts.ACTIONS)


def test_what_the_policy_leaves_to_staff_only_they_may_do() -> None:
    refused = (Action.CANCEL, Action.RESCHEDULE)
    assert not set(refused) & set(allowed(Status.CONFIRMED, is_staff=False, refused=refused))
    assert set(refused) < set(allowed(Status.CONFIRMED, is_staff=True, refused=refused))


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
        refused=[],
        is_staff=False,
        now=NOON - DAY,
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
    assert ledger.payment_status(deposit_cents=200, money=replace(money, total=1000)) == word
    assert word in contracts.PAYMENT_STATUSES


def test_a_gift_is_paid() -> None:
    assert ledger.payment_status(deposit_cents=0, money=Money()) == "paid"


@given(st.integers(-100, 2000), st.integers(0, 2000), st.booleans(), st.integers(0, 1000))
def test_the_word_is_always_one_of_the_contract(
    paid: int, refunded: int, refunding: bool, deposit: int
) -> None:
    money = Money(total=1000, charged=1000, paid=paid, refunded=refunded, refunding=refunding)
    word = ledger.payment_status(deposit_cents=deposit, money=money)
    assert word in contracts.PAYMENT_STATUSES


def test_money_on_its_way_back_does_not_count() -> None:
    payments = [Paid(), Paid(refunded_cents=60), Paid(state="pending"), Paid(state="failed")]
    assert ledger.secured_cents(payments) == 140


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
    assert awaits_confirmation(status, secured, total=1000) is awaits


@pytest.mark.parametrize(("secured", "awaits"), [(79, False), (80, True)])
def test_a_rebate_below_the_deposit_leaves_no_more_to_pay(secured: int, awaits: bool) -> None:
    assert awaits_confirmation(Status.HELD, secured, total=80) is awaits
    assert awaits_confirmation(Status.EXPIRED, secured, total=80) is awaits


def awaits_confirmation(status: Status, secured: int, total: int) -> bool:
    return ledger.awaits_confirmation(
        status=status,
        deposit_cents=100,
        total_cents=total,
        payments=[Paid(received_cents=secured)],
    )


def surplus(payments: list[Paid], charged: int = 1000) -> list[tuple[Paid, int]]:
    return ledger.surplus(payments, deposit_cents=100, charged_cents=charged)


def test_a_deposit_that_is_there_already_is_one_too_many() -> None:
    first, second = Paid(), Paid(paid_at=NOON + timedelta(seconds=1))
    balance = Paid(kind="balance")
    assert surplus([second, balance, first]) == [(second, 100)]


def test_what_is_above_the_price_goes_back() -> None:
    deposit, balance = Paid(), Paid(kind="balance", received_cents=950, paid_at=NOON + DAY)
    assert surplus([deposit, balance]) == [(balance, 50)]


def test_of_a_closed_booking_only_what_is_owed_stays() -> None:
    deposit, balance = Paid(), Paid(kind="balance", received_cents=900, paid_at=NOON + DAY)
    assert surplus([deposit, balance], charged=0) == [(deposit, 100), (balance, 900)]
    assert surplus([deposit, balance], charged=300) == [(balance, 700)]


def test_what_staff_took_by_hand_they_give_back_by_hand() -> None:
    cash = Paid(provider="offline", received_cents=1000)
    assert surplus([cash], charged=0) == []
    paid = Paid(kind="balance", received_cents=900)
    assert surplus([cash, paid]) == [(paid, 900)]


@pytest.mark.parametrize("later", [timedelta(), timedelta(minutes=3)])
def test_a_deposit_that_staff_take_from_an_account_is_meant(later: timedelta) -> None:
    online = Paid()
    from_account = Paid(provider="member", taken_by=CLERK, paid_at=NOON + later)
    assert surplus([from_account, online]) == []
    assert surplus([from_account, online], charged=150) == [(from_account, 50)]


@pytest.mark.parametrize("provider", ["offline", "member"])
def test_a_deposit_that_staff_took_is_not_paid_again_online(provider: str) -> None:
    taken = Paid(provider=provider, taken_by=CLERK, received_cents=60)
    online = Paid(paid_at=NOON + timedelta(minutes=3))
    assert surplus([online, taken]) == [(online, 60)]
    assert surplus([replace(online, refunded_cents=60), taken]) == []


@given(
    st.lists(
        st.builds(
            Paid,
            kind=st.sampled_from(["deposit", "balance"]),
            provider=st.sampled_from(["sandbox", "offline"]),
            taken_by=st.sampled_from([None, CLERK]),
            received_cents=st.integers(1, 2000),
            paid_at=st.datetimes(timezones=st.just(UTC)),
        ),
        max_size=6,
    ),
    st.integers(0, 2000),
)
def test_what_goes_back_is_never_more_than_came_nor_than_is_owed(
    payments: list[Paid], charged: int
) -> None:
    back = surplus(payments, charged)
    assert all(0 < cents <= ledger.kept_cents(payment) for payment, cents in back)
    stays = ledger.secured_cents(payments) - sum(cents for _, cents in back)
    by_hand = ledger.secured_cents(p for p in payments if p.provider == "offline")
    assert stays <= max(charged, by_hand)


@given(
    st.lists(st.builds(Paid, received_cents=st.integers(1, 500)), max_size=5), st.integers(0, 3000)
)
def test_an_amount_goes_back_in_shares_that_add_up_to_it(payments: list[Paid], amount: int) -> None:
    shares = ledger.shares_of(payments, amount)
    assert sum(cents for _, cents in shares) == min(amount, ledger.secured_cents(payments))
    assert all(0 < cents <= ledger.kept_cents(payment) for payment, cents in shares)


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
