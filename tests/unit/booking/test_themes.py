"""Themes: what may stand in one, and which colours can be read."""

import copy
from typing import Any

import pytest
from marshmallow import ValidationError

from services.booking.domain.themes import DEFAULT, check, contrast, ink_on, pictures
from services.contracts.fields import faults
from services.contracts.themes import ThemeContent

UPLOAD = "00000000-0000-7000-8000-000000000001"


def content(**changes: Any) -> dict[str, Any]:
    """The default theme with some values changed; colours and hero are changed in part."""
    made = copy.deepcopy(DEFAULT)
    for name, value in changes.items():
        made[name] = made[name] | value if name in {"colours", "hero", "footer"} else value
    return made


def refused(given: dict[str, Any]) -> list[str]:
    """Return the pointers at what is wrong with a content, each once."""
    with pytest.raises(ValidationError) as error:
        ThemeContent().load(given)
    return sorted({fault["pointer"] for fault in faults(error.value)})


def test_what_comes_with_the_product_is_a_theme_that_can_be_read() -> None:
    assert ThemeContent().dump(ThemeContent().load(DEFAULT)) == DEFAULT
    assert check(DEFAULT) == []


def test_a_theme_keeps_nothing_that_it_does_not_know() -> None:
    loaded = ThemeContent().load(content() | {"css": "body{display:none}"})
    assert "css" not in loaded


@pytest.mark.parametrize(
    "colour",
    ["red", "#fff", "2c5f53", "#2c5f5g", "#2c5f5300", "#2c5f53;x:y", "rgb(1,2,3)", "", None, 7],
)
def test_a_colour_is_six_digits_and_nothing_else(colour: Any) -> None:
    assert refused(content(colours={"brand": colour})) == ["/colours/brand"]


def test_capital_digits_of_a_colour_are_the_same_colour() -> None:
    assert ThemeContent().load(content(colours={"text": "#26231F"}))["colours"]["text"] == (
        "#26231f"
    )


@pytest.mark.parametrize(
    "words",
    [
        "<b>影期</b>",
        "看 https://example.com",
        "WWW.example.com",
        "一\n二",
        "\x00",
        "javascript://x",
    ],
)
@pytest.mark.parametrize("where", ["name", "slogan", "notice"])
def test_texts_are_plain_lines_that_lead_nowhere(where: str, words: str) -> None:
    assert refused(content(**{where: {"zh": words, "en": ""}})) == [f"/{where}/zh"]
    zh = {"zh": "好", "en": words}
    assert refused(content(**{where: zh})) == [f"/{where}/en"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": {"zh": " ", "en": "A"}}, "/name/zh"),
        ({"name": {"zh": "影" * 41, "en": ""}}, "/name/zh"),
        ({"logo": "https://example.com/logo.svg"}, "/logo"),
        ({"logo": "<svg/>"}, "/logo"),
        ({"hero": {"style": "video"}}, "/hero/style"),
        ({"hero": {"style": "picture"}}, "/hero/picture"),
        ({"hero": {"picture": "/files/x"}}, "/hero/picture"),
        ({"corners": "12px"}, "/corners"),
        ({"typeface": "Comic Sans"}, "/typeface"),
        ({"catalogue": "carousel"}, "/catalogue"),
        ({"footer": {"phone": "javascript:alert(1)"}}, "/footer/phone"),
        ({"footer": {"phone": "12"}}, "/footer/phone"),
        ({"footer": {"icp": "ICP备1号"}}, "/footer/icp"),
        ({"footer": {"icp": "京ICP备12345678号<"}}, "/footer/icp"),
        ({"footer": {"address": {"zh": "<i>", "en": ""}}}, "/footer/address/zh"),
    ],
)
def test_what_is_no_token_of_a_theme_is_refused_where_it_stands(
    changes: dict[str, Any], pointer: str
) -> None:
    assert refused(content(**changes)) == [pointer]


def test_a_footer_names_a_phone_and_a_registration() -> None:
    for phone in ("", "021-6888 0000", "+86 138 0000 1111", "4008001234"):
        ThemeContent().load(content(footer={"phone": phone}))
    for icp in ("", "京ICP备12345678号", "沪ICP备2026000001号-12"):
        ThemeContent().load(content(footer={"icp": icp}))


def sections(*names: str, hidden: str = "") -> list[dict[str, Any]]:
    return [{"name": name, "shown": name != hidden} for name in names]


def test_sections_stand_in_any_order_but_each_of_them_once() -> None:
    backwards = ("catalogue", "categories", "branches", "hero", "notice")
    ThemeContent().load(content(sections=sections(*backwards, hidden="hero")))
    for wrong in (backwards[:4], (*backwards, "hero"), (*backwards[:4], "hero"), ()):
        assert refused(content(sections=sections(*wrong))) == ["/sections"]


def test_the_catalogue_cannot_be_hidden() -> None:
    names = [each["name"] for each in DEFAULT["sections"]]
    assert refused(content(sections=sections(*names, hidden="catalogue"))) == ["/sections"]


def test_whether_a_section_is_shown_is_yes_or_no() -> None:
    first = DEFAULT["sections"][0] | {"shown": "yes"}
    assert refused(content(sections=[first, *DEFAULT["sections"][1:]])) == ["/sections/0/shown"]


# --- colours


def test_contrast_is_the_same_in_either_order_and_goes_from_1_to_21() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#2c5f53", "#2c5f53") == 1


def test_ink_is_whichever_reads_better() -> None:
    assert ink_on("#2c5f53") == "#ffffff"
    assert ink_on("#f2c94c") == "#000000"


def test_a_brand_colour_that_does_not_show_is_refused_with_its_contrast() -> None:
    (ground, surface) = check(content(colours={"brand": "#e8d9c0"}))
    assert (ground["code"], ground["pointer"]) == ("theme.contrast", "/content/colours/brand")
    assert (ground["ratio"], ground["required"]) == (1.27, 3.0)
    assert "1.27:1" in ground["message"]["zh"] and "1.27:1" in ground["message"]["en"]
    assert surface["ratio"] == 1.38


def test_text_needs_more_contrast_than_the_brands_colour() -> None:
    grey = "#808080"
    assert check(content(colours={"brand": grey})) == []
    assert [fault["pointer"] for fault in check(content(colours={"text": grey}))] == [
        "/content/colours/text"
    ] * 2


def test_a_contrast_that_is_a_little_short_is_not_told_as_enough() -> None:
    # 4.499…, which rounds to what is needed
    (fault,) = check(
        content(colours={"text": "#777777", "background": "#ffffff", "surface": "#fefefe"})
    )[1:]
    assert fault["ratio"] < fault["required"]


def test_the_pictures_of_a_theme_are_those_it_shows_or_keeps() -> None:
    assert pictures(DEFAULT) == []
    assert pictures(content(logo=UPLOAD, hero={"picture": UPLOAD})) == [UPLOAD, UPLOAD]
