"""What was sent, found again, handled, and laid out as a sheet."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.contracts.errors import Invalid
from services.contracts.forms import FormUnknown
from services.contracts.submissions import SubmissionUnknown
from tests.integration.booking.forms.desk import ANSWERS, Desk, ask, choice, form_of, words

WISHES = form_of(
    ask("name"),
    choice("style", "retro", "forest"),
    ask("guests", "number"),
    ask("budget", "money"),
    ask("consent", "consent"),
    ask(
        "extras",
        "multiple_choice",
        options=[
            {"value": "album", "label": words("相册", "Album")},
            {"value": "video", "label": words("视频")},
        ],
    ),
)
FIRST = {
    "name": "王小丽",
    "style": "retro",
    "guests": 3,
    "budget": 123_450,
    "consent": True,
    "extras": ["album", "video"],
}
SECOND = {"name": "=1+1", "style": "forest", "guests": 30, "budget": 5_000}


@pytest.fixture
def form(desk: Desk) -> dict[str, Any]:
    """Two submissions, a day apart."""
    made = desk.published(WISHES)
    desk.submit(made, FIRST)
    desk.later(days=1).submit(made, SECOND)
    return made


def names(found: list[dict[str, Any]]) -> list[str]:
    return [each["answers"]["name"] for each in found]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({}, ["=1+1", "王小丽"]),
        ({"where": {"style": "retro"}}, ["王小丽"]),
        ({"where": {"guests": "3"}}, ["王小丽"]),
        ({"where": {"consent": "true"}}, ["王小丽"]),
        ({"where": {"extras": "video"}}, ["王小丽"]),
        ({"where": {"style": "retro", "guests": "30"}}, []),
        ({"where": {"no such field": "x"}}, []),
        ({"q": "小丽"}, ["王小丽"]),
        ({"q": "丽小"}, []),
        ({"q": "forest选"}, ["=1+1"]),
        ({"q": "%"}, []),
        ({"from": "2026-11-03"}, ["=1+1"]),
        ({"to": "2026-11-02"}, ["王小丽"]),
        ({"from": "0001-01-01", "to": "9999-12-31"}, ["=1+1", "王小丽"]),
        ({"status": "handled"}, []),
    ],
)
def test_submissions_are_found_by_what_was_answered_and_when(
    desk: Desk, form: dict[str, Any], question: dict[str, Any], expected: list[str]
) -> None:
    assert names(desk.found(form, **question)) == expected


def test_a_day_ends_at_midnight_of_the_studio(desk: Desk) -> None:
    form = desk.published()
    desk.later(hours=13, minutes=59).submit(form)
    desk.later(hours=14).submit(form)
    assert len(desk.found(form, to="2026-11-02")) == len(desk.found(form, to="2026-11-03")) - 1 == 1


def test_submissions_of_other_forms_are_not_among_them(desk: Desk, form: dict[str, Any]) -> None:
    other = desk.published()
    desk.submit(other)
    assert len(desk.found(other)) == 1
    assert len(desk.found(form)) == 2
    with pytest.raises(FormUnknown):
        desk.found({"id": uuid4()})


def test_pages_follow_each_other_while_more_comes_in(desk: Desk, form: dict[str, Any]) -> None:
    first = desk.page(form, limit=1)
    desk.later(days=2).submit(form, SECOND)
    second = desk.page(form, limit=1, cursor=first["next_cursor"])
    assert names(first["items"] + second["items"]) == ["=1+1", "王小丽"]
    assert second["next_cursor"] is None
    with pytest.raises(Invalid):
        desk.page(form, cursor="nonsense")


def test_a_submission_is_marked_as_handled(desk: Desk, form: dict[str, Any]) -> None:
    newest = desk.found(form)[0]
    marked = desk.mark(newest["id"], "handled")
    assert marked["status"] == "handled"
    assert names(desk.found(form, status="handled")) == ["=1+1"]
    assert names(desk.found(form, status="new")) == ["王小丽"]


def test_a_submission_of_nobody_is_unknown(desk: Desk) -> None:
    with pytest.raises(SubmissionUnknown):
        desk.submission(uuid4())
    with pytest.raises(SubmissionUnknown):
        desk.mark(uuid4(), "handled")


def test_a_sheet_says_what_a_person_would_write(desk: Desk, form: dict[str, Any]) -> None:
    sheet = desk.sheet(form)
    assert sheet["titles"][:3] == ["提交时间", "渠道", "状态"]
    assert sheet["titles"][5:] == ["name", "style", "guests", "budget", "consent", "extras"]
    assert sheet["rows"][1] == [
        "2026-11-02 10:00",
        "web",
        "待处理",
        "王小丽",
        None,
        "王小丽",
        "retro选",
        3,
        1234.5,
        "同意",
        "相册、视频",
    ]
    assert sheet["rows"][0][5:] == ["=1+1", "forest选", 30, 50, None, None]
    english = desk.sheet(form, language="en")
    assert english["titles"][0] == "Submitted at"
    assert english["rows"][1][-1] == "Album, 视频"


def test_a_sheet_has_the_fields_of_every_version_and_its_columns_stay(
    desk: Desk, form: dict[str, Any]
) -> None:
    first = desk.sheet(form, limit=1)
    newer = desk.changed(form, form_of(ask("place"), ask("name", label=words("姓名"))))
    desk.later(days=2).submit(newer, {"place": "海边", "name": "李雷"})
    second = desk.sheet(form, limit=1, cursor=first["next_cursor"])
    assert second["titles"][5:] == [
        "姓名",
        "style",
        "guests",
        "budget",
        "consent",
        "extras",
        "place",
    ]
    assert second["rows"][0][5:7] == ["王小丽", "retro选"]
    assert desk.sheet(form)["rows"][0][5:] == ["李雷", None, None, None, None, None, "海边"]


def test_an_empty_sheet_has_its_titles(desk: Desk) -> None:
    sheet = desk.sheet(desk.published())
    assert (len(sheet["titles"]), sheet["rows"], sheet["next_cursor"]) == (5, [], None)


def test_what_is_searched_has_an_end(desk: Desk) -> None:
    form = desk.published(form_of(ask("story", "paragraph")))
    desk.submit(form, {"story": "很" * 5000})
    (stored,) = desk.stored()
    assert len(stored.search_text) < 2_010
    assert stored.answers == {"story": "很" * 5000}


def test_a_person_is_found_by_the_phone_they_wrote(desk: Desk) -> None:
    form = desk.published()
    desk.submit(form, ANSWERS | {"phone": "021-62134567"})
    desk.later(seconds=1).submit(form)
    for needle in ("62134567", "021 6213", "+8621"):
        (found,) = desk.found(form, q=needle)
        assert found["contact"]["phone"] == "+862162134567"


def test_counting_goes_on_to_the_last_second(desk: Desk) -> None:
    """The end of a range belongs to it, the next day does not."""
    form = desk.published()
    desk.later(hours=13, minutes=59, seconds=59).submit(form)
    assert desk.counts(form, "2026-11-02", "2026-11-02")[0]["submits"] == 1
    assert desk.counts(form, "2026-11-03", "2026-11-03") == []
    assert desk.found(form)[0]["submitted_at"] == desk.now + timedelta(
        hours=13, minutes=59, seconds=59
    )
