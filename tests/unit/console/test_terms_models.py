"""The pure half of the console's terms: policies and schedules as fields show them, run by Node."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.booking import terms
from services.booking.domain.deposit import deposit_cents
from services.booking.domain.policy import DEFAULT_POLICY, Cause, check
from services.booking.domain.schedule import Event, check_plan, plan
from tests.unit.booking.form_twin import ROOT, Twin, tool

SOURCE = ROOT / "tests" / "vectors" / "terms" / "models.ts"
KIT = ROOT / "gateway" / "web" / "kit"

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    script = tmp_path_factory.mktemp("terms") / "models.cjs"
    flags = ["--bundle", "--platform=node", "--format=cjs", "--log-level=warning"]
    subprocess.run(
        [tool("esbuild"), str(SOURCE), *flags, f"--alias:@kit={KIT}", f"--outfile={Path(script)}"],
        check=True,
    )
    twin = Twin(script)
    yield lambda what, **question: twin.ask({"ask": what, **question})
    twin.stop()


def tier(**changed: Any) -> dict[str, Any]:
    free = {"cents": 0, "basis_points": 0}
    return {
        "cause": "customer",
        "from_hours": 0,
        "moves": True,
        "cancels": True,
        "free_moves": 0,
        "move_fee": free,
        "cancel_fee": free,
        "earnest_return": 10_000,
        "other_return": 10_000,
        "transfer_days": 0,
    } | changed


def part(**changed: Any) -> dict[str, Any]:
    return {
        "kind": "balance",
        "part": "rest",
        "value": 0,
        "anchor": "start",
        "days": 0,
        "event": None,
    } | changed


def test_the_terms_to_start_from_are_the_ones_that_hold_by_default(ask: Ask) -> None:
    assert terms.policy_of(ask("policy")) == DEFAULT_POLICY


@pytest.mark.parametrize(
    ("kind", "value"),
    [("none", 0), ("fixed", 50_000), ("fixed", 0), ("percent", 3_333), ("full", 0)],
)
@pytest.mark.parametrize("total", [1, 99_999, 300_001])
def test_the_schedule_to_start_from_asks_what_the_usual_one_does(
    ask: Ask, kind: str, value: int, total: int
) -> None:
    deposit = {"kind": kind, "value": value, "due": "booking", "money": "advance"}
    written = terms.schedule_of(ask("schedule", deposit=deposit))
    usual = terms.usual_schedule(deposit_cents(terms.deposit_of(deposit), total))
    booked, start = date(2026, 11, 1), date(2026, 11, 20)
    assert check_plan(written) == []
    due = plan(written, total, booked_on=booked, starts_on=start)
    assert due == plan(usual, total, booked_on=booked, starts_on=start)


def test_without_a_deposit_all_is_paid_on_the_day(ask: Ask) -> None:
    assert ask("schedule", deposit=None) == [part()]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"from_hours": 1},
        {"from_hours": 167},
        {"from_hours": 8_784},
        {"move_fee": {"cents": 12_999, "basis_points": 0}},
        {"move_fee": {"cents": 1, "basis_points": 0}},
        {"cancel_fee": {"cents": 0, "basis_points": 1_015}},
        {"earnest_return": 5_703, "other_return": 29},
        {"free_moves": 3, "transfer_days": 180, "moves": False, "cancels": False},
    ],
)
def test_a_tier_comes_back_as_it_was_read(ask: Ask, changed: dict[str, Any]) -> None:
    assert ask("tier", tier=tier(**changed)) == tier(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"days": -30},
        {"days": 7},
        {"anchor": "booking", "days": 3},
        {"part": "percent", "value": 5_703},
        {"part": "amount", "value": 123_457},
        *(
            {"anchor": "event", "event": str(event), "days": days}
            for event in Event
            for days in (0, 5)
        ),
    ],
)
def test_a_part_comes_back_as_it_was_read(ask: Ask, changed: dict[str, Any]) -> None:
    assert ask("part", part=part(**changed)) == part(**changed)


def test_only_events_that_are_noted_are_offered(ask: Ask) -> None:
    assert set(ask("whens")) == {"booking", "before", "start"} | set(Event)


def test_days_before_the_start_are_counted_from_one(ask: Ask) -> None:
    assert ask("typed", part=part(days=-30)) == {"when": "before", "days": 30}
    assert ask("chosen", when="before", due={"when": "start", "days": 0}) == {
        "anchor": "start",
        "days": -1,
        "event": None,
    }


def test_cents_do_not_turn_into_percent(ask: Ask) -> None:
    amount = part(part="amount", value=123_457)
    assert ask("said", part=amount, **{"as": "percent"})["value"] <= 10_000
    assert ask("said", part=amount, **{"as": "rest"})["value"] == 0


@pytest.mark.parametrize("cause", list(Cause))
def test_one_more_tier_keeps_sound_terms_sound(ask: Ask, cause: Cause) -> None:
    longer = ask("addTier", policy=ask("policy"), cause=cause)
    assert len(longer) == len(DEFAULT_POLICY) + 1
    assert check(terms.policy_of(longer)) == []


def test_the_first_tier_of_a_cause_holds_at_any_notice(ask: Ask) -> None:
    assert ask("addTier", policy=[], cause="weather") == [tier(cause="weather")]


def test_one_more_part_leaves_the_rest_last(ask: Ask) -> None:
    longer = ask("addPart", schedule=[part()])
    assert [each["part"] for each in longer] == ["percent", "rest"]
    assert check_plan(terms.schedule_of(longer)) == []


def test_a_refusal_stands_at_its_row(ask: Ask) -> None:
    pointers = ["/policy/1/move_fee", "/policy/10", "/policy", "/schedule/1", "/name"]
    faults = [{"pointer": pointer, "message": "不行"} for pointer in pointers]

    def pointed(found: list[dict[str, str]]) -> list[str]:
        return [each["pointer"] for each in found]

    assert pointed(ask("at", faults=faults, place="/policy/1")) == ["/policy/1/move_fee"]
    assert pointed(ask("of", faults=faults, list="/policy")) == ["/policy"]
    split = ask("split", faults=faults)
    assert pointed(split["terms"]) == pointers[:4]
    assert pointed(split["rest"]) == ["/name"]
