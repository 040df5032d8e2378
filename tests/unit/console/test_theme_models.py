"""The browser's half of themes: contrast, shades, the home page, the editor; run by Node."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.booking.domain.themes import DEFAULT, LEGIBLE, check, contrast, ink_on
from tests.unit.booking.form_twin import ROOT, Twin, tool

VECTORS = ROOT / "tests" / "vectors" / "themes"
KIT = ROOT / "gateway" / "web" / "kit"
RATIOS = json.loads((VECTORS / "contrast.json").read_text("utf-8"))
YELLOW = {"brand": "#8a6d00", "background": "#ffffff", "surface": "#fffbe6", "text": "#1a1a1a"}
NIGHT = {"brand": "#e0b04a", "background": "#14110f", "surface": "#221d1a", "text": "#f3ece4"}

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    script: Path = tmp_path_factory.mktemp("themes") / "models.cjs"
    flags = ["--bundle", "--platform=node", "--format=cjs", "--log-level=warning"]
    source = str(VECTORS / "models.ts")
    subprocess.run(
        [tool("esbuild"), source, *flags, f"--alias:@kit={KIT}", f"--outfile={script}"],
        check=True,
    )
    twin = Twin(script)
    yield lambda what, **question: twin.ask({"ask": what, **question})
    twin.stop()


def sections(*names: str, hidden: str = "") -> list[dict[str, Any]]:
    return [{"name": name, "shown": name != hidden} for name in names]


@pytest.mark.parametrize("vector", RATIOS, ids=lambda vector: str(vector["one"]))
def test_both_halves_measure_contrast_alike(ask: Ask, vector: dict[str, Any]) -> None:
    pair = {"one": vector["one"], "other": vector["other"]}
    assert contrast(**pair) == pytest.approx(vector["ratio"], abs=1e-4)
    assert ask("contrast", **pair) == pytest.approx(contrast(**pair), abs=1e-9)
    assert ask("ink", colour=vector["one"]) == ink_on(vector["one"]) == vector["ink"]


def test_both_halves_begin_with_the_same_theme(ask: Ask) -> None:
    assert ask("default") == DEFAULT


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"brand": "#e8d9c0"},
        {"text": "#777777", "background": "#ffffff"},
        {"surface": "#555555"},
    ],
)
def test_both_halves_refuse_the_same_colours(ask: Ask, changes: dict[str, str]) -> None:
    colours = DEFAULT["colours"] | changes
    refused = [
        (f"/content/colours/{one['colour']}", one["ratio"], one["required"])
        for one in ask("unreadable", colours=colours)
    ]
    faults = check(DEFAULT | {"colours": colours})
    assert refused == [(one["pointer"], one["ratio"], one["required"]) for one in faults]


def test_half_a_colour_is_not_judged_while_it_is_typed(ask: Ask) -> None:
    assert ask("unreadable", colours=DEFAULT["colours"] | {"text": "#aa"}) == []


# --- shades


def test_the_theme_of_the_product_leaves_the_styles_as_they_are(ask: Ask) -> None:
    assert {name for name in ask("tokens", look={}) if "radius" not in name} == {"--yq-pill"}


@pytest.mark.parametrize("colours", [YELLOW, NIGHT], ids=["yellow", "night"])
def test_every_shade_of_text_can_be_read_on_what_it_stands_on(
    ask: Ask, colours: dict[str, str]
) -> None:
    tokens = ask("tokens", look={"colours": colours})
    for ground in ("paper", "surface"):
        for text in ("ink", "ink-soft", "ink-muted", "accent-strong", "danger", "warning"):
            assert contrast(tokens[f"--yq-{text}"], tokens[f"--yq-{ground}"]) >= LEGIBLE, text
    for text in ("accent-strong", "danger", "warning"):
        soft = tokens[f"--yq-{text.removesuffix('-strong')}-soft"]
        assert contrast(tokens[f"--yq-{text}"], soft) >= LEGIBLE
    for ground in ("accent", "accent-hover"):
        assert contrast(tokens["--yq-on-accent"], tokens[f"--yq-{ground}"]) >= LEGIBLE


def test_a_colour_that_can_be_read_stays_as_it_is(ask: Ask) -> None:
    assert ask("readable", colour="#2c5f53", text="#000000", grounds=["#ffffff"]) == "#2c5f53"
    assert ask("readable", colour="#fefefe", text="#ffffff", grounds=["#ffffff"]) == "#ffffff"


def test_letters_and_corners_are_those_of_the_theme(ask: Ask) -> None:
    tokens = ask("tokens", look={"corners": "none", "typeface": "sans"})
    assert (tokens["--yq-radius"], tokens["--yq-pill"]) == ("0px", "0px")
    assert tokens["--yq-headings"] == "var(--yq-font)"


# --- the home page


def test_categories_stand_beside_the_catalogue_when_they_come_right_before_it(ask: Ask) -> None:
    usual = ask("parts", sections=DEFAULT["sections"], notice=True)
    assert [part["name"] for part in usual["parts"]] == ["notice", "hero", "branches", "catalogue"]
    assert usual["tabsInHead"] is True
    order = sections("categories", "hero", "catalogue", "branches", "notice")
    apart = ask("parts", sections=order, notice=True)
    assert [part["name"] for part in apart["parts"]][:2] == ["categories", "hero"]
    assert apart["tabsInHead"] is False


def test_what_is_hidden_is_left_out_and_so_is_a_notice_that_says_nothing(ask: Ask) -> None:
    order = sections("notice", "hero", "branches", "catalogue", hidden="hero")
    shown = ask("parts", sections=order, notice=False)
    assert [part["name"] for part in shown["parts"]] == ["branches", "catalogue"]
    assert not any(part["isUnderHero"] for part in shown["parts"])


# --- the editor


def test_a_section_is_dropped_where_another_stands(ask: Ask) -> None:
    order = sections("notice", "hero", "branches")
    assert ask("dropped", sections=order, name="branches", onto="notice") == [
        "branches",
        "notice",
        "hero",
    ]
    assert ask("dropped", sections=order, name="notice", onto="branches")[-1] == "notice"
    assert ask("dropped", sections=order, name="notice", onto="nowhere") == [
        "notice",
        "hero",
        "branches",
    ]


@pytest.mark.parametrize(
    ("text", "colour"),
    [(" 2C5F53 ", "#2c5f53"), ("#ABC", "#aabbcc"), ("#2c5f5", "#2c5f5"), ("red", "red")],
)
def test_a_colour_is_kept_as_it_was_meant(ask: Ask, text: str, colour: str) -> None:
    assert ask("colour", text=text) == colour


def test_addresses_of_pictures_are_no_change(ask: Ask) -> None:
    assert ask("same", look={"logo_url": "/files/another"}) is True
    assert ask("same", look={"catalogue": "list"}) is False


def test_a_fault_is_told_with_the_name_of_its_field(ask: Ask) -> None:
    assert ask("place", pointer="/content/footer/phone") == "theme.phone"
    assert ask("place", pointer="/content/colours/brand") == "theme.colours"
    assert ask("place", pointer="/revision") == ""


def test_what_is_wrong_with_a_colour_is_told_worst_first(ask: Ask) -> None:
    pale = DEFAULT["colours"] | {"brand": "#e8d9c0"}
    assert ask("faults", colours=pale, colour="brand") == ["background", "surface"]
    assert ask("faults", colours=pale, colour="text") == []
