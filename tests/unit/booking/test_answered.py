"""How accepted answers are read: by whom they came, by what they are found, and in a sheet."""

from typing import Any

import pytest

from services.booking.domain import answered

OPTIONS = [
    {"value": "retro", "label": {"zh": "复古", "en": "Retro"}},
    {
        "value": "sea",
        "label": {"zh": "海边"},
        "children": [{"value": "sanya", "label": {"zh": "三亚", "en": "Sanya"}}],
    },
]
LABELS = {"id-1": {"zh": "王芳", "en": "Wang Fang"}}


def asked(kind: str, key: str = "it", **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, **more}


@pytest.mark.parametrize(
    ("field", "value", "zh", "en"),
    [
        (asked("text"), "林小满", "林小满", "林小满"),
        (asked("number"), 3, 3, 3),
        (asked("number"), 2.5, 2.5, 2.5),
        (asked("money"), 12_300, 123, 123),
        (asked("money"), 12_345, 123.45, 123.45),
        (asked("money"), -50, -0.5, -0.5),
        (asked("consent"), True, "同意", "agreed"),
        (asked("computed"), False, "否", "no"),
        (asked("dropdown", options=OPTIONS), "retro", "复古", "Retro"),
        (asked("dropdown", options=OPTIONS, other=True), "别的", "别的", "别的"),
        (asked("multiple_choice", options=OPTIONS), ["retro", "x"], "复古、x", "Retro, x"),
        (asked("cascade", options=OPTIONS), ["sea", "sanya"], "海边 / 三亚", "海边 / Sanya"),
        (asked("resource"), "id-1", "王芳", "Wang Fang"),
        (asked("relation", multiple=True), ["id-1", "id-2"], "王芳、id-2", "Wang Fang, id-2"),
        (asked("timespan"), {"start": "09:00", "end": "11:00"}, "09:00 – 11:00", "09:00 – 11:00"),
        (
            asked("address"),
            {"region": ["上海市", "黄浦区"], "text": "外滩 1 号", "point": {"lat": 31, "lng": 121}},
            "上海市 黄浦区 外滩 1 号",
            "上海市 黄浦区 外滩 1 号",
        ),
        (asked("signature"), {"strokes": [[1, 2]]}, "已签名", "signed"),
        (asked("image"), ["a", "b"], "a、b", "a, b"),
        (asked("text"), None, None, None),
        (asked("section"), None, None, None),
    ],
)
def test_a_cell_shows_an_answer_as_people_write_it(
    field: dict[str, Any], value: Any, zh: Any, en: Any
) -> None:
    assert answered.cell(field, value, LABELS, "zh") == zh
    assert answered.cell(field, value, LABELS, "en") == en


def test_the_contact_is_the_first_name_and_phone_that_were_given() -> None:
    form = {
        "fields": [
            asked("section", "about"),
            asked("text", "wish"),
            asked("text", "groom_name"),
            asked("text", "bride_name"),
            asked("phone", "phone"),
            asked("phone", "other_phone"),
        ]
    }
    answers = {"wish": "海边", "bride_name": "王小丽", "other_phone": "+8613800001111"}
    assert answered.contact_name(form, answers) == "王小丽"
    assert answered.contact_phone(form, answers) == "+8613800001111"
    assert answered.contact_name(form, {"wish": "海边"}) is None
    assert answered.contact_phone(form, {"wish": "海边"}) is None


def test_answers_are_found_by_their_words_and_not_by_ids() -> None:
    form = {
        "fields": [
            asked("paragraph", "note"),
            asked("resource", "who"),
            asked("dropdown", "style", options=OPTIONS),
            asked("image", "pictures"),
            asked("address", "place"),
        ]
    }
    answers = {
        "note": "Grüße 13-8",
        "who": "id-1",
        "style": "retro",
        "pictures": ["file-1"],
        "place": {"text": "外滩", "region": ["上海市"]},
    }
    text = answered.haystack(form, answers, LABELS)
    for found in ("grüsse138", "王芳", "wangfang", "复古", "外滩", "上海市"):
        assert found in text
    for hidden in ("id1", "file"):
        assert hidden not in text
