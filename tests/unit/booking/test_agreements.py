"""Contracts: filling their templates, what counts as a signature, and their seal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.agreements import (
    MAX_POINTS,
    MAX_STROKES,
    MAY_BECOME,
    PLACEHOLDERS,
    State,
    fill,
    is_signature,
    sample,
    seal,
    svg,
    unknown_placeholders,
)

LINE = [(100, 100), (400, 200)]


def test_placeholders_are_replaced_in_every_language() -> None:
    text = {"zh": "客户：{{customer_name}}，共{{ price }}", "en": "Customer: {{customer_name}}"}
    facts = {
        "customer_name": {"zh": "王小明", "en": "王小明"},
        "price": {"zh": "¥5,999.00", "en": "¥5,999.00"},
    }
    assert fill(text, facts) == {"zh": "客户：王小明，共¥5,999.00", "en": "Customer: 王小明"}


def test_a_customer_cannot_name_themselves_after_a_placeholder() -> None:
    facts = {"customer_name": {"zh": "{{price}}"}, "price": {"zh": "¥1.00"}}
    assert fill({"zh": "{{customer_name}}"}, facts) == {"zh": "{{price}}"}


def test_a_fact_without_english_is_told_in_chinese_and_one_that_is_missing_is_a_line() -> None:
    facts = {"service_name": {"zh": "婚纱照", "en": ""}}
    assert (
        fill({"zh": "", "en": "{{service_name}} {{starts_on}}"}, facts)["en"] == "婚纱照 ＿＿＿＿"
    )


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("{{customer_name}} {{ price }}", []),
        ("{{customer}} {{customer}}", ["{{customer}}"]),
        ("{{}} {{price", ["{{}}", "{{"]),
        ("price}}", ["}}"]),
        ("{price} 100%", []),
    ],
)
def test_what_a_template_names_must_have_a_meaning(text: str, unknown: list[str]) -> None:
    assert unknown_placeholders({"zh": text, "en": ""}) == unknown
    assert unknown_placeholders({"zh": "", "en": text}) == unknown


def test_a_sample_shows_every_placeholder() -> None:
    every = {"zh": "".join(f"{{{{{name}}}}}" for name in PLACEHOLDERS)}
    filled = fill(every, sample())["zh"]
    assert "客户姓名" in filled
    assert "＿" not in filled and "{{" not in filled


@pytest.mark.parametrize("state", list(State))
def test_only_what_was_shown_can_be_signed_and_what_is_void_stays_so(state: State) -> None:
    assert (State.SIGNED in MAY_BECOME[state]) is (state is State.SHOWN)
    assert (State.VOID in MAY_BECOME[state]) is (state is not State.VOID)


@pytest.mark.parametrize(
    "strokes",
    [
        [],
        [[]],
        [LINE, []],
        [[(5, 5)]],
        [[(5, 5), (10, 10)]],
        [[(0, 0), (1001, 0)]],
        [[(0, 0), (0, 401)]],
        [[(-1, 0), (300, 0)]],
        [LINE] * (MAX_STROKES + 1),
        [[(n % 1000, 0) for n in range(MAX_POINTS + 1)]],
    ],
)
def test_a_dot_a_flood_and_what_leaves_the_box_are_no_signatures(
    strokes: list[list[tuple[int, int]]],
) -> None:
    assert not is_signature(strokes)


def test_a_signature_may_be_as_long_as_the_limits() -> None:
    assert is_signature([LINE])
    assert is_signature([LINE] * MAX_STROKES)
    assert is_signature([[(n % 1000, 0) for n in range(MAX_POINTS)]])


def test_a_signature_is_a_picture_of_its_lines() -> None:
    assert svg([LINE, [(1, 2)]]).count("<polyline") == 2
    assert 'points="100,100 400,200"' in svg([LINE])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
RECORDS = st.dictionaries(st.text(), JSON, max_size=5)


@given(record=RECORDS, data=st.data())
def test_a_seal_does_not_depend_on_the_order_of_names(
    record: dict[str, object], data: st.DataObject
) -> None:
    names = data.draw(st.permutations(list(record)))
    assert seal({name: record[name] for name in names}) == seal(record)


@given(record=RECORDS, name=st.text(), value=JSON)
def test_any_change_breaks_the_seal(record: dict[str, object], name: str, value: object) -> None:
    changed = {**record, name: value}
    same = name in record and repr(record[name]) == repr(value)
    assert (seal(changed) == seal(record)) is same
