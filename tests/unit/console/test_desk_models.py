"""The pure half of the console's desk: wishes, drafts and a day's proposals, run by Node."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.booking.domain.deposit import (
    DepositDue,
    DepositKind,
    DepositMoney,
    DepositPolicy,
    deposit_cents,
    earnest_warning,
)
from tests.unit.booking.form_twin import ROOT, Twin, tool

SOURCE = ROOT / "tests" / "vectors" / "desk" / "models.ts"
KIT = ROOT / "gateway" / "web" / "kit"
ZONE = "Asia/Shanghai"

EMPTY = {
    "serviceId": "",
    "branchId": "b1",
    "start": "",
    "addOns": {},
    "couponCode": "",
    "name": "",
    "phone": "",
    "note": "",
    "channel": "phone",
    "draftNote": "",
}
ADD_ONS = [
    {"id": "dress", "left": 2, "max_quantity": 5},
    {"id": "frame", "left": 0, "max_quantity": 5},
    {"id": "pictures", "left": None, "max_quantity": 3},
]

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    script = tmp_path_factory.mktemp("desk") / "models.cjs"
    flags = ["--bundle", "--platform=node", "--format=cjs", "--log-level=warning"]
    subprocess.run(
        [tool("esbuild"), str(SOURCE), *flags, f"--alias:@kit={KIT}", f"--outfile={Path(script)}"],
        check=True,
    )
    twin = Twin(script)
    yield lambda what, **question: twin.ask({"ask": what, **question})
    twin.stop()


def slot(day: int, hour: int, remaining: int = 1) -> dict[str, Any]:
    start = f"2026-11-{day:02}T{hour:02}:00:00+08:00"
    return {"start": start, "end": start, "remaining": remaining}


def at(day: int, hour: int, booking_id: str, service_id: str = "s1") -> dict[str, Any]:
    return {"id": booking_id, "start": slot(day, hour)["start"], "service": {"id": service_id}}


def test_a_wish_holds_what_is_filled_in_and_nothing_else(ask: Ask) -> None:
    assert ask("wish", form=EMPTY) == {"channel": "phone"}
    form = EMPTY | {"phone": " 138 ", "addOns": {"dress": 2, "frame": 0}, "couponCode": " "}
    assert ask("wish", form=form) == {
        "channel": "phone",
        "contact": {"phone": "138"},
        "add_ons": [{"id": "dress", "quantity": 2}],
    }


def test_a_draft_comes_back_as_it_was_written_but_for_a_time_that_has_passed(ask: Ask) -> None:
    form = EMPTY | {
        "serviceId": "s1",
        "start": slot(25, 9)["start"],
        "name": "李娜",
        "note": "窗边",
    }
    form |= {"addOns": {"dress": 1}, "channel": "walk_in", "draftNote": "周五回电"}
    draft = {"branch_id": "b1", "wish": ask("wish", form=form), "note": "周五回电"}
    assert ask("form", draft=draft, now="2026-11-24T00:00:00Z") == form
    late = ask("form", draft=draft, now="2026-11-26T00:00:00Z")
    assert late == form | {"start": ""}


def test_no_more_is_asked_for_than_there_is(ask: Ask) -> None:
    chosen = {"dress": 4, "frame": 1, "pictures": 9, "gone": 1}
    assert ask("picked", addOns=ADD_ONS, chosen=chosen) == [
        {"id": "dress", "quantity": 2},
        {"id": "pictures", "quantity": 3},
    ]
    form = EMPTY | {"serviceId": "s1", "addOns": chosen, "couponCode": "SPRING"}
    request = ask("request", form=form, addOns=ADD_ONS, draftId="d1")
    assert (request["draft_id"], request["coupon_code"]) == ("d1", "SPRING")
    assert [one["id"] for one in request["add_ons"]] == ["dress", "pictures"]


@pytest.mark.parametrize(
    ("code", "pointer", "field"),
    [
        ("request.invalid", "/contact/phone", "phone"),
        ("request.invalid", "/wish/start", "start"),
        ("request.invalid", "/add_ons/0/quantity", "addOns"),
        ("booking.add_on_sold_out", None, "addOns"),
        ("crm.coupon_expired", None, "couponCode"),
        ("booking.phone_invalid", None, "phone"),
    ],
)
def test_a_refusal_stands_at_its_field(
    ask: Ask, code: str, pointer: str | None, field: str
) -> None:
    errors = [] if pointer is None else [{"pointer": pointer, "code": "x", "message": "不行"}]
    problem = {"code": code, "message": "不行", "errors": errors}
    assert ask("errors", problem=problem) == {field: "不行"}


def test_a_refusal_of_no_field_is_left_for_the_form(ask: Ask) -> None:
    problem = {"code": "internal.error", "message": "出错了", "errors": []}
    assert ask("errors", problem=problem) == {}


def test_the_first_free_day_is_proposed_at_the_hour_nearest_to_the_old_one(ask: Ask) -> None:
    free = {"s1": [slot(27, 9, remaining=0), slot(28, 9), slot(28, 15), slot(29, 14)]}
    found = ask("proposals", bookings=[at(26, 14, "one")], free=free, timezone=ZONE)
    assert found == {"one": slot(28, 15)["start"]}


def test_two_bookings_share_a_proposed_start_only_where_it_has_room(ask: Ask) -> None:
    bookings = [at(26, 11, "late"), at(26, 9, "early"), at(26, 9, "other", "s2")]
    free = {"s1": [slot(28, 9), slot(29, 9)], "s2": [slot(28, 9)]}
    assert ask("proposals", bookings=bookings, free=free, timezone=ZONE) == {
        "early": slot(28, 9)["start"],
        "late": slot(29, 9)["start"],
        "other": slot(28, 9)["start"],
    }
    roomy = {"s1": [slot(28, 9, remaining=2)]}
    found = ask("proposals", bookings=bookings[:2], free=roomy, timezone=ZONE)
    assert set(found.values()) == {slot(28, 9)["start"]}


def test_what_has_no_free_time_gets_no_proposal(ask: Ask) -> None:
    assert ask("proposals", bookings=[at(26, 9, "one")], free={"s1": []}, timezone=ZONE) == {}
    assert ask("proposals", bookings=[at(26, 9, "one")], free={}, timezone=ZONE) == {}


def test_many_moves_are_sent_a_few_at_a_time(ask: Ask) -> None:
    assert ask("batches", items=[1, 2, 3, 4, 5], size=2) == [[1, 2], [3, 4], [5]]
    assert ask("batches", items=[], size=2) == []


@pytest.mark.parametrize("money", ["earnest", "advance"])
@pytest.mark.parametrize(
    ("kind", "value"),
    [("none", 0), ("full", 0), ("percent", 2_000), ("percent", 3_333), ("fixed", 100_000)],
)
@pytest.mark.parametrize("cents", [99_999, 300_001, 500_000])
def test_a_dialog_warns_of_what_the_law_takes_for_no_earnest_money(
    ask: Ask, money: str, kind: str, value: int, cents: int
) -> None:
    policy = DepositPolicy(
        kind=DepositKind(kind), value=value, due=DepositDue.BOOKING, money=DepositMoney(money)
    )
    excess = earnest_warning(cents, deposit_cents(policy, cents)).excess_cents
    shown = ask("earnest", deposit={"kind": kind, "value": value, "money": money}, cents=cents)
    assert shown == (excess if money == "earnest" else 0)
