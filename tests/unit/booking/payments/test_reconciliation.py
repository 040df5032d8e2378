"""Our books and a provider's statement: every difference is found, and only differences."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.reconciliation import Differences, Entry, reconcile

START = datetime(2026, 11, 20, 16, tzinfo=UTC)
END = START + timedelta(days=1)


def entry(number: str = "a", kind: str = "payment", cents: int = 500, hours: float = 12) -> Entry:
    return Entry(kind, number, f"r-{number}", cents, "CNY", START + timedelta(hours=hours))


def compare(ours: list[Entry], theirs: list[Entry]) -> Differences:
    return reconcile(ours, theirs, start=START, end=END)


def test_the_same_on_both_sides_is_matched() -> None:
    ours = [entry(), entry(kind="refund")]
    theirs = [replace(one, reference="theirs", fee_cents=3) for one in ours]
    found = compare(ours, theirs)
    assert found.are_none
    assert found.matched == list(zip(ours, theirs, strict=True))


def test_every_kind_of_difference_has_a_name() -> None:
    ours = [entry("same"), entry("dearer", cents=600), entry("only ours")]
    theirs = [entry("same"), entry("dearer"), entry("only theirs"), entry("same")]
    found = compare(ours, theirs)
    assert [(a.number, b.number) for a, b in found.matched] == [("same", "same")]
    assert [(a.amount_cents, b.amount_cents) for a, b in found.differing] == [(600, 500)]
    assert [one.number for one in found.missing_here] == ["only theirs"]
    assert [one.number for one in found.missing_there] == ["only ours"]
    assert [one.number for one in found.repeated] == ["same"]
    assert not found.are_none


def test_another_currency_differs() -> None:
    assert compare([entry()], [replace(entry(), currency="USD")]).differing


def test_a_refund_is_not_the_payment_of_the_same_number() -> None:
    found = compare([entry()], [entry(kind="refund")])
    assert (len(found.missing_here), len(found.missing_there)) == (1, 1)


def test_around_midnight_ours_may_stand_on_another_day() -> None:
    before, after = entry("before", hours=-0.01), entry("after", hours=24)
    assert compare([before, after], [entry("before", hours=0)]).are_none
    assert compare([entry(hours=0)], []).missing_there
    assert compare([entry(hours=23.99)], []).missing_there


numbers = st.lists(
    st.builds(
        entry,
        number=st.sampled_from("abcdef"),
        kind=st.sampled_from(["payment", "refund"]),
        cents=st.integers(1, 3),
        hours=st.sampled_from([-1, 5, 25]),
    ),
    unique_by=lambda one: one.key,
)


@given(ours=numbers, theirs=numbers)
def test_each_entry_is_told_once(ours: list[Entry], theirs: list[Entry]) -> None:
    found = compare(ours, theirs)
    pairs = found.matched + found.differing
    told_of_theirs = [b.key for _, b in pairs] + [e.key for e in found.missing_here]
    assert sorted(told_of_theirs) == sorted(e.key for e in theirs)
    told_of_ours = [a.key for a, _ in pairs] + [e.key for e in found.missing_there]
    untold = {e.key for e in ours} - set(told_of_ours)
    assert len(told_of_ours) == len(set(told_of_ours))
    assert all(not START <= e.settled_at < END for e in ours if e.key in untold)
    assert all(a.sum == b.sum for a, b in found.matched)
    assert all(a.sum != b.sum for a, b in found.differing)
