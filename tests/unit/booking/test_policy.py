"""What moving or cancelling costs."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.booking.domain.policy import (
    DEFAULT_POLICY,
    Cause,
    Change,
    Decision,
    Fee,
    Policy,
    Tier,
    check,
    decide,
)

PRICE, EARNEST = 500_000, 100_000
DAY = 24.0


def decided(change: str, cause: str = "customer", **facts: Any) -> Decision:
    given_facts: dict[str, Any] = {
        "hours_before": 10 * DAY,
        "moves_used": 0,
        "price_cents": PRICE,
        "paid_cents": EARNEST,
        "earnest_cents": EARNEST,
        **facts,
    }
    policy: Policy = given_facts.pop("policy", DEFAULT_POLICY)
    return decide(policy, Change(change), Cause(cause), **given_facts)


# --- the default


def test_the_default_policy_is_sound() -> None:
    assert check(DEFAULT_POLICY) == []


def test_moves_are_free_until_they_are_used_up_and_then_cost() -> None:
    first, second, third = (decided("move", moves_used=used) for used in range(3))
    assert [each.free_moves_left for each in (first, second, third)] == [1, 0, 0]
    assert [each.fee_cents for each in (first, second, third)] == [0, 0, 0]
    late = decided("move", hours_before=4 * DAY, moves_used=1)
    assert (late.fee_cents, late.counts_as_move) == (25_000, True)
    assert late.reason["zh"] == "改期须支付改期费"


@pytest.mark.parametrize("cause", ["studio", "weather"])
def test_a_move_that_the_customer_does_not_cause_is_free_and_does_not_count(cause: str) -> None:
    moved = decided("move", cause, hours_before=-1, moves_used=5)
    assert moved.allowed
    assert (moved.fee_cents, moved.counts_as_move) == (0, False)
    kept = decided("move", cause, moves_used=1)
    assert kept.free_moves_left == 1


def test_with_a_weeks_notice_all_goes_back() -> None:
    gone = decided("cancel", paid_cents=PRICE)
    assert (gone.refund_cents, gone.forfeited_cents, gone.fee_cents) == (PRICE, 0, 0)
    assert gone.reason["zh"] == "全额退款"


def test_with_less_notice_the_earnest_is_kept_and_may_be_used_for_another_date() -> None:
    gone = decided("cancel", hours_before=7 * DAY - 0.01, paid_cents=PRICE)
    assert (gone.refund_cents, gone.forfeited_cents) == (PRICE - EARNEST, EARNEST)
    assert gone.transfer_days == 180
    assert "180" in gone.reason["zh"] and "180" in gone.reason["en"]


def test_earnest_above_a_fifth_of_the_price_is_not_kept_as_earnest() -> None:
    gone = decided("cancel", hours_before=4 * DAY, paid_cents=200_000, earnest_cents=200_000)
    assert (gone.refund_cents, gone.forfeited_cents) == (100_000, 100_000)


def test_a_fee_and_kept_earnest_are_not_both_taken() -> None:
    paid = decided("cancel", hours_before=1, paid_cents=PRICE)
    assert (paid.forfeited_cents, paid.fee_cents) == (EARNEST, 50_000)
    assert paid.refund_cents == PRICE - 150_000  # thirty percent, of which a part is the earnest


def test_kept_earnest_and_a_kept_part_of_the_rest_are_not_both_taken() -> None:
    policy = customer(tier(earnest_return=0, other_return=6_000))
    little = decided("cancel", policy=policy, paid_cents=300_000)
    assert (little.forfeited_cents, little.refund_cents) == (EARNEST, 200_000)
    much = decided("cancel", policy=policy, paid_cents=PRICE)
    assert (much.forfeited_cents, much.refund_cents) == (160_000, 340_000)


def test_a_fee_is_only_taken_from_what_would_go_back() -> None:
    gone = decided("cancel", hours_before=1, paid_cents=20_000, earnest_cents=0)
    assert (gone.refund_cents, gone.fee_cents) == (0, 20_000)


def test_shortly_before_the_start_only_the_studio_can_help() -> None:
    assert not decided("cancel", hours_before=23).allowed
    assert not decided("move", hours_before=23).allowed
    assert decided("move", hours_before=24).allowed
    assert decided("cancel", hours_before=-0.5).reason["zh"] == "预约已经开始，请联系影楼"


def test_the_studio_returns_earnest_twice() -> None:
    gone = decided("cancel", "studio", hours_before=1, paid_cents=PRICE)
    assert gone.refund_cents == PRICE
    assert gone.compensation_cents == EARNEST


def test_nobody_owes_twice_for_the_weather() -> None:
    gone = decided("cancel", "weather", hours_before=1)
    assert (gone.refund_cents, gone.compensation_cents) == (EARNEST, 0)


# --- properties

PARTS = st.integers(0, 10_000)
FEES = st.builds(Fee, cents=st.integers(0, 100_000)) | st.builds(Fee, basis_points=PARTS)
TIERS = st.builds(
    Tier,
    cause=st.just(Cause.CUSTOMER),
    from_hours=st.integers(0, 1_000),
    moves=st.booleans(),
    cancels=st.booleans(),
    free_moves=st.integers(0, 3),
    move_fee=FEES,
    cancel_fee=FEES,
    earnest_return=PARTS,
    other_return=PARTS,
    transfer_days=st.integers(0, 400),
)
OTHERS = (Tier(cause=Cause.STUDIO), Tier(cause=Cause.WEATHER))


@st.composite
def ladders(draw: st.DrawFn) -> Policy:
    """Sound terms: each tier with more notice is drawn to be no harder than the one before."""
    tiers = [replace(draw(TIERS), from_hours=0)]
    for _ in range(draw(st.integers(0, 3))):
        last, new = tiers[-1], draw(TIERS)
        tiers.append(
            replace(
                new,
                from_hours=last.from_hours + draw(st.integers(1, 100)),
                moves=last.moves or new.moves,
                cancels=last.cancels or new.cancels,
                free_moves=max(last.free_moves, new.free_moves),
                move_fee=_milder(last.move_fee, draw(PARTS)),
                cancel_fee=_milder(last.cancel_fee, draw(PARTS)),
                earnest_return=max(last.earnest_return, new.earnest_return),
                other_return=max(last.other_return, new.other_return),
            )
        )
    return (*draw(st.permutations(tiers)), *OTHERS)


def _milder(fee: Fee, part: int) -> Fee:
    return Fee(fee.cents * part // 10_000, fee.basis_points * part // 10_000)


FACTS = st.fixed_dictionaries(
    {
        "moves_used": st.integers(0, 5),
        "price_cents": st.integers(0, 10**7),
        "paid_cents": st.integers(0, 2 * 10**7),
        "earnest_cents": st.integers(0, 10**7),
    }
)
HOURS = st.floats(-50, 2_000)


@given(
    policy=ladders()
    | st.lists(TIERS, min_size=1).map(lambda some: (*some, Tier(cause=Cause.CUSTOMER), *OTHERS)),
    cause=st.sampled_from(Cause),
    hours=HOURS,
    facts=FACTS,
)
def test_a_policy_never_refunds_more_than_was_paid_and_accounts_for_all_of_it(
    policy: Policy, cause: Cause, hours: float, facts: dict[str, int]
) -> None:
    gone = decide(policy, Change.CANCEL, cause, hours_before=hours, **facts)
    parts = (gone.refund_cents, gone.forfeited_cents, gone.fee_cents)
    assert all(0 <= part <= facts["paid_cents"] for part in parts)
    assert sum(parts) == facts["paid_cents"]
    assert 0 <= gone.compensation_cents <= min(facts["earnest_cents"], facts["price_cents"] // 5)
    assert gone.compensation_cents == 0 or cause is Cause.STUDIO


@given(policy=ladders())
def test_terms_that_grow_milder_with_notice_are_sound(policy: Policy) -> None:
    assert check(policy) == []


@given(
    tiers=ladders() | st.lists(TIERS, min_size=1, max_size=3).map(lambda some: (*some, *OTHERS)),
    early=HOURS,
    late=HOURS,
    facts=FACTS,
)
def test_under_a_sound_policy_earlier_notice_never_costs_more(
    tiers: Policy, early: float, late: float, facts: dict[str, int]
) -> None:
    assume(check(tiers) == [])
    early, late = max(early, late), min(early, late)

    def at(hours: float, change: Change) -> Decision:
        return decide(tiers, change, Cause.CUSTOMER, hours_before=hours, **facts)

    assert at(early, Change.CANCEL).refund_cents >= at(late, Change.CANCEL).refund_cents
    assert at(early, Change.MOVE).fee_cents <= at(late, Change.MOVE).fee_cents
    for change in Change:
        assert at(early, change).allowed >= at(late, change).allowed


@given(hours=HOURS, used=st.integers(0, 5), cause=st.sampled_from(Cause))
def test_a_move_gives_nothing_back_and_keeps_nothing(hours: float, used: int, cause: Cause) -> None:
    moved = decided("move", cause.value, hours_before=hours, moves_used=used)
    assert moved.refund_cents == moved.forfeited_cents == moved.compensation_cents == 0
    assert cause is Cause.CUSTOMER or moved.fee_cents == 0


# --- what is no policy


def customer(*tiers: Tier) -> Policy:
    return (*tiers, *OTHERS)


def tier(hours: int = 0, **terms: Any) -> Tier:
    return Tier(cause=Cause.CUSTOMER, from_hours=hours, **terms)


@pytest.mark.parametrize(
    ("policy", "pointers"),
    [
        (customer(), [""]),
        (customer(tier(24)), [""]),
        ((tier(),), ["", ""]),
        (customer(tier(), tier(24), tier(24)), ["/2/from_hours"]),
        (customer(tier(), tier(-1)), ["/1/from_hours"]),
        (customer(tier(free_moves=-1)), ["/0/free_moves"]),
        (customer(tier(other_return=10_001)), ["/0/other_return"]),
        (customer(tier(move_fee=Fee(-1))), ["/0/move_fee"]),
        (customer(tier(cancel_fee=Fee(1, 1))), ["/0/cancel_fee"]),
        (customer(tier(), tier(24, other_return=9_999)), ["/1/other_return"]),
        (customer(tier(free_moves=1), tier(24)), ["/1/free_moves"]),
        (customer(tier(), tier(24, cancels=False)), ["/1/cancels"]),
        (
            customer(tier(cancel_fee=Fee(basis_points=100)), tier(24, cancel_fee=Fee(1))),
            ["/1/cancel_fee"],
        ),
        ((tier(), Tier(cause=Cause.STUDIO, other_return=0), Tier(cause=Cause.WEATHER)), ["/1"]),
        (
            (tier(), Tier(cause=Cause.STUDIO), Tier(cause=Cause.WEATHER, move_fee=Fee(1))),
            ["/2/move_fee"],
        ),
    ],
)
def test_bad_terms_are_pointed_at(policy: Policy, pointers: list[str]) -> None:
    assert [fault["pointer"] for fault in check(policy)] == pointers
