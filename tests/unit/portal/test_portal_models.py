"""The pure half of the portal: forms of one visit, long lists, names of payments; run by Node."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.booking.form_twin import ROOT, Twin, tool

SOURCE = ROOT / "tests" / "vectors" / "portal" / "models.ts"
KIT = ROOT / "gateway" / "web" / "kit"
VUE = ROOT / "gateway" / "web" / "console" / "node_modules" / "vue"

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    script = tmp_path_factory.mktemp("portal") / "models.cjs"
    flags = ["--bundle", "--platform=node", "--format=cjs", "--log-level=warning"]
    aliases = [f"--alias:@kit={KIT}", f"--alias:vue={VUE}"]
    subprocess.run(
        [tool("esbuild"), str(SOURCE), *flags, *aliases, f"--outfile={Path(script)}"], check=True
    )
    twin = Twin(script)
    yield lambda what, **question: twin.ask({"ask": what, **question})
    twin.stop()


def words(zh: str, en: str = "") -> dict[str, str]:
    return {"zh": zh, "en": en}


def service(name: str, form_id: str | None, **more: Any) -> dict[str, Any]:
    return {"name": words(name), "form_id": form_id, **more}


def pet(number: int) -> dict[str, Any]:
    return {"value": f"p{number}", "label": words(f"{number}号犬", f"Dog {number}")}


def long_form(pets: int = 300, **more: Any) -> dict[str, Any]:
    source = {"kind": "table", "table_id": "t", "label_field": "name"}
    field = {"key": "pet", "kind": "relation", "label": words("宠物"), "source": source}
    return {
        "definition": {"fields": [field], "rules": []},
        "options": {"pet": [pet(number) for number in range(pets)]},
        **more,
    }


# --- one booking, several services


def sold(name: str, money: str = "advance", **more: Any) -> dict[str, Any]:
    deposit = {"kind": "fixed", "value": 1, "due": "booking", "money": money}
    return {"id": name, "currency": "CNY", "deposit": deposit | more.pop("deposit", {}), **more}


def test_only_services_with_the_same_money_are_offered_together(ask: Ask) -> None:
    free, later = {"kind": "none", "money": "earnest"}, {"due": "service", "money": "earnest"}
    services = [
        sold("first"),
        sold("same"),
        sold("earnest", "earnest"),
        sold("abroad", currency="HKD"),
        sold("free", deposit=free),
        sold("later", deposit=later),
    ]
    assert ask("besides", first=services[0], services=services) == ["same", "free", "later"]


def test_what_does_not_go_with_what_was_chosen_is_offered_no_more(ask: Ask) -> None:
    services = [sold("advance"), sold("earnest", "earnest"), sold("free", deposit={"kind": "none"})]
    assert ask("addable", services=services, chosen=[]) == ["advance", "earnest", "free"]
    assert ask("addable", services=services, chosen=["earnest"]) == ["earnest", "free"]


# --- one visit, several forms


def test_a_form_that_several_services_share_is_asked_once(ask: Ask) -> None:
    sheets = ask("sheets", services=[service("A", "f1"), service("B", "f2"), service("C", "f1")])
    assert [(one["formId"], one["isFirst"]) for one in sheets] == [("f1", True), ("f2", False)]
    assert [name["zh"] for name in sheets[0]["names"]] == ["A", "C"]


def test_a_service_without_a_form_asks_nothing(ask: Ask) -> None:
    (sheet,) = ask("sheets", services=[service("A", None), service("B", "f2")])
    assert (sheet["formId"], sheet["isFirst"]) == ("f2", False)


def test_the_answers_of_the_first_service_stay_where_they_were(ask: Ask) -> None:
    first = {"formId": "f1", "isFirst": True, "answers": {"a": 1}}
    other = {"formId": "f2", "isFirst": False, "answers": {"a": 2}}
    assert ask("body", given=[first]) == {"answers": {"a": 1}}
    both = {"answers": {"a": 1}, "also_answers": {"f2": {"a": 2}}}
    assert ask("body", given=[first, other]) == both
    assert ask("body", given=[]) == {}


def test_a_fault_belongs_to_the_form_that_its_pointer_names(ask: Ask) -> None:
    errors = [
        {"pointer": pointer, "code": "form.required", "message": "x"}
        for pointer in ("/answers/name", "/also_answers/f2/name", "/also_answers/f2", "/start")
    ]
    first = ask("faults", errors=errors, sheet={"formId": "f1", "isFirst": True})
    assert [one["pointer"] for one in first] == ["/answers/name"]
    other = ask("faults", errors=errors, sheet={"formId": "f2", "isFirst": False})
    assert [one["pointer"] for one in other] == ["/answers/name", "/answers"]


def test_only_what_nobody_has_answered_is_asked_by_the_private_link(ask: Ask) -> None:
    booking = {
        "service": {"name": words("A + B")},
        "lines": [{"kind": "service", "label": words("A")}],
        "form_id": "f1",
        "answers": {"name": "小满"},
        "also": [service("B", "f2", answers={}), service("C", "f3", answers={"a": 1})],
    }
    open_ones = ask("unanswered", booking=booking)
    assert [(one["name"]["zh"], one["form_id"]) for one in open_ones] == [
        ("A", None),
        ("B", "f2"),
        ("C", None),
    ]


# --- long lists


@pytest.mark.parametrize(
    ("typed", "found"), [("299", ["p299"]), ("29 9号", ["p299"]), ("DOG-7", None)]
)
def test_a_long_list_is_narrowed_in_either_language(
    ask: Ask, typed: str, found: list[str] | None
) -> None:
    told = ask("searched", form=long_form(), chosen={}, typed=[typed, ""])
    assert told["isSearched"] is True
    narrowed, all_of_them = told["offered"]
    sevens = [f"p{number}" for number in range(300) if str(number).startswith("7")]
    assert narrowed == (found or sevens)
    assert len(all_of_them) == 300
    assert told["asked"] == []


def test_what_is_chosen_stays_among_what_is_found(ask: Ask) -> None:
    told = ask("searched", form=long_form(), chosen={"pet": "p5"}, typed=["dog 299"])
    assert told["offered"] == [["p5", "p299"]]
    assert told["content"] == {"pet": "p5"}


def test_a_short_list_has_no_search_box(ask: Ask) -> None:
    told = ask("searched", form=long_form(pets=20), chosen={}, typed=[])
    assert told["isSearched"] is False


def test_a_list_that_is_not_told_whole_is_searched_by_the_server(ask: Ask) -> None:
    form = long_form(more=["pet"])
    told = ask("searched", form=form, chosen={}, typed=["来福"], found=[pet(900)])
    assert (told["asked"], told["offered"]) == (["来福"], [["p900"]])
    unheard = ask("searched", form=form, chosen={}, typed=["dog 299"])
    assert unheard["offered"] == [["p299"]]


# --- payments


@pytest.mark.parametrize(
    ("kind", "money", "name"),
    [
        ("deposit", "earnest", "定金"),
        ("deposit", "advance", "订金"),
        ("balance", "advance", "尾款"),
        ("extra", "earnest", "加项"),
    ],
)
def test_a_payment_of_a_deposit_is_called_what_the_deposit_is(
    ask: Ask, kind: str, money: str, name: str
) -> None:
    told = ask("payment", payment={"kind": kind}, booking={"deposit_money": money})
    assert told["zh"] == name
