"""Forms over HTTP: who may do what, what reaches booking, and the files that come back."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import segno
from PIL import Image

from gateway.routes import pages, submissions
from services.contracts import forms
from services.contracts.errors import Invalid
from services.contracts.tables import RowChanged
from tests.integration.gateway import form_samples as samples
from tests.integration.gateway import samples as bookings
from tests.integration.gateway.conftest import Site, StartSite
from tests.integration.gateway.form_samples import FORM_ID, LINK_ID, ROW_ID, SUBMISSION_ID
from tests.integration.gateway.samples import BOOKING_ID, BRANCH_ID, SOME_ID, TEXT

FORM = f"/api/v1/forms/{FORM_ID}"
ROW = f"{FORM}/rows/{ROW_ID}"
OPEN = f"/api/v1/form-links/{samples.LINK['code']}"
KEY = {"Idempotency-Key": "k-1"}
ANSWERS = {"version": 1, "answers": {"name": "林小满"}}

READS = [
    "/api/v1/forms",
    FORM,
    f"{FORM}/choices",
    f"{FORM}/counts?from=2026-11-01&to=2026-11-30",
    f"{FORM}/submissions",
    f"{FORM}/submissions.csv",
    f"{FORM}/submissions.xlsx",
    f"{FORM}/links/{LINK_ID}/qr.svg",
    f"{FORM}/links/{LINK_ID}/qr.png",
    f"{FORM}/rows",
    ROW,
    f"/api/v1/submissions/{SUBMISSION_ID}",
]
WRITES: list[tuple[str, str, Any]] = [
    ("PUT", FORM, samples.NEW_FORM),
    ("POST", f"{FORM}/publish", {"revision": 2}),
    ("PUT", f"{FORM}/links/{LINK_ID}", {"channel": "poster"}),
    ("PUT", f"/api/v1/submissions/{SUBMISSION_ID}/status", {"status": "handled"}),
    ("PUT", ROW, {"answers": {}}),
    ("DELETE", ROW, None),
    ("POST", f"{ROW}/restore", None),
]


@pytest.mark.parametrize("path", READS)
def test_the_desk_reads_and_nobody_else(site: Site, path: str) -> None:
    assert site.staff("receptionist").get(path).status == 200
    assert site.staff("photographer").get(path).status == 403
    assert site.anybody.get(path).status == 401


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_only_managers_write(site: Site, method: str, path: str, body: Any) -> None:
    for role, status in (("manager", 200), ("owner", 200), ("receptionist", 403)):
        assert site.staff(role).send(method, path, json_body=body).status == status
    assert site.anybody.send(method, path, json_body=body).status == 401


@pytest.mark.parametrize(("method", "path", "body"), [*WRITES[:2], *WRITES[-3:]])
def test_what_all_branches_share_is_not_for_the_manager_of_one(
    site: Site, method: str, path: str, body: Any
) -> None:
    manager = site.staff("manager", [BRANCH_ID])
    assert manager.send(method, path, json_body=body).status == 403
    assert {name for name, *_ in site.services.calls} == {"identity.check_session"}


def test_a_draft_reaches_booking_as_it_was_written(site: Site) -> None:
    answer = site.staff().send("PUT", FORM, json_body=samples.NEW_FORM)
    assert (answer.status, answer.json) == (200, samples.FORM)
    (asked,) = site.services.asked("booking.define_form")
    assert str(asked.pop("form_id")) == FORM_ID
    assert asked == {**samples.NEW_FORM, "active": True, "public": False}


def test_a_draft_that_was_changed_meanwhile_is_a_conflict(site: Site) -> None:
    site.services.answers["booking.define_form"] = forms.FormChanged(revision=5)
    answer = site.staff().send("PUT", FORM, json_body=samples.NEW_FORM)
    assert (answer.status, answer.json["code"]) == (409, "booking.form_changed")
    assert answer.json["revision"] == 5


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "poll"}, "/kind"),
        ({"name": {"zh": ""}}, "/name/zh"),
        ({"definition": []}, "/definition"),
        ({"revision": "1"}, "/revision"),
        ({"active": "yes"}, "/active"),
    ],
)
def test_a_wrong_draft_is_refused_at_the_door(
    site: Site, changes: dict[str, Any], pointer: str
) -> None:
    answer = site.staff().send("PUT", FORM, json_body={**samples.NEW_FORM, **changes})
    assert answer.status == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]
    assert not site.services.asked("booking.define_form")


# --- filling in


def test_anybody_who_has_the_code_fills_a_form_in(site: Site) -> None:
    assert site.anybody.get(OPEN).json == samples.OPEN
    visit = {"step": "view", "visitor": "visitor-1"}
    assert site.anybody.post(f"{OPEN}/visits", visit).json == {"counted": True}
    answer = site.anybody.post(f"{OPEN}/submissions", ANSWERS, **KEY)
    assert (answer.status, answer.json) == (201, samples.SUBMITTED)
    (asked,) = site.services.asked("booking.submit_form")
    assert asked == {**ANSWERS, "code": "k7m2pqrs", "token": None, "idempotency_key": "k-1"}


def test_the_form_of_a_booking_is_opened_by_its_id(site: Site) -> None:
    answer = site.anybody.get(f"{FORM}/published")
    assert (answer.status, answer.json) == (200, samples.OPEN)
    site.services.answers["booking.open_booking_form"] = forms.FormClosed()
    assert site.anybody.get(f"{FORM}/published").json["code"] == "booking.form_closed"


def test_the_choices_of_a_long_table_are_searched_by_anybody_with_the_code(site: Site) -> None:
    answer = site.anybody.get(f"{OPEN}/choices/pet?q=%E6%97%BA&limit=5")
    assert answer.json["items"] == samples.OPEN["options"]["photographer"]
    (asked,) = site.services.asked("booking.search_choices")
    wanted: dict[str, Any] = {"code": "k7m2pqrs", "token": None, "field": "pet", "q": "旺"}
    assert asked == {**wanted, "cursor": None, "limit": 5}
    assert site.anybody.get(f"{OPEN}/choices/pet?limit=51").status == 422


def test_a_survey_is_known_by_its_token(site: Site) -> None:
    assert site.anybody.get(f"{OPEN}?token=signed").status == 200
    holder = site.anybody.with_headers({"X-Manage-Token": "signed"})
    assert holder.post(f"{OPEN}/submissions", ANSWERS, **KEY).status == 201
    assert site.services.asked("booking.open_form")[0]["token"] == "signed"
    assert site.services.asked("booking.submit_form")[0]["token"] == "signed"
    answer = site.anybody.get(f"{OPEN}?token={'x' * 201}")
    assert (answer.status, answer.json["code"]) == (403, "booking.survey_token_invalid")


def test_a_submission_needs_a_key_and_what_it_answers(site: Site) -> None:
    assert site.anybody.post(f"{OPEN}/submissions", ANSWERS).status == 400
    for wrong in ({}, {"version": 0, "answers": {}}, {"version": 1, "answers": []}):
        assert site.anybody.post(f"{OPEN}/submissions", wrong, **KEY).status == 422
    for wrong in ({"step": "submit", "visitor": "visitor-1"}, {"step": "view", "visitor": "me"}):
        assert site.anybody.post(f"{OPEN}/visits", wrong).status == 422
    assert site.anybody.get(f"/api/v1/form-links/{'x' * 33}").status == 404
    assert not site.services.calls


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (forms.FormLinkUnknown(), 404),
        (forms.FormClosed(), 409),
        (forms.FormOutdated(version=3), 409),
        (forms.SurveyAnswered(), 409),
    ],
)
def test_a_refused_submission_says_why(site: Site, error: Exception, status: int) -> None:
    site.services.answers["booking.submit_form"] = error
    answer = site.anybody.post(f"{OPEN}/submissions", ANSWERS, **KEY)
    assert (answer.status, answer.json["code"]) == (status, error.code)  # type: ignore[attr-defined]


def test_a_wrong_answer_says_where_in_the_readers_language(site: Site) -> None:
    fault = {"pointer": "/answers/name", "code": "form.required", "message": TEXT}
    site.services.answers["booking.submit_form"] = Invalid(errors=[fault])
    answer = site.anybody.post(f"{OPEN}/submissions", ANSWERS, **KEY, **{"Accept-Language": "en"})
    assert answer.json["errors"] == [fault | {"message": "Text"}]


def test_answers_nested_beyond_all_reason_are_refused(site: Site) -> None:
    deep: dict[str, Any] = {}
    for _ in range(150):
        deep = {"a": [deep]}
    for method, path, body in (
        ("POST", f"{OPEN}/submissions", {"version": 1, "answers": deep}),
        ("PUT", FORM, {**samples.NEW_FORM, "definition": deep}),
        ("PUT", ROW, {"answers": deep}),
        ("PUT", f"/api/v1/bookings/{BOOKING_ID}/answers", {"also_answers": {FORM_ID: deep}}),
    ):
        refused = site.staff().send(method, path, json_body=body, headers=KEY)
        assert refused.status == 422
    shallow = {"version": 1, "answers": {"a": [{"b": [[1]]}]}}
    assert site.anybody.post(f"{OPEN}/submissions", shallow, **KEY).status == 201


def test_the_answers_of_each_form_of_a_visit_reach_booking(site: Site) -> None:
    several = {"answers": {"people": 2}, "also_answers": {FORM_ID: {"pet": "dog"}}}
    asked = bookings.NEW_BOOKING | several | {"also": [SOME_ID]}
    assert site.anybody.post("/api/v1/bookings", asked, **KEY).status == 201
    (reached,) = site.services.asked("booking.request")
    assert {name: reached[name] for name in several} == several
    alone = {"also_answers": several["also_answers"]}
    for body, status in ((alone, 200), ({"answers": {}}, 200), ({"also_answers": {}}, 422)):
        path = f"/api/v1/bookings/{BOOKING_ID}/answers"
        assert site.staff().send("PUT", path, json_body=body).status == status
    first, second = site.services.asked("booking.answer_booking_form")
    assert (first["answers"], second["answers"]) == (None, {})


def test_a_flood_of_submissions_is_braked(start_site: StartSite) -> None:
    site = start_site(BOOKING_RATE_PER_MINUTE="2")
    statuses = [site.anybody.post(f"{OPEN}/submissions", ANSWERS, **KEY).status for _ in range(3)]
    assert statuses == [201, 201, 429]
    assert site.anybody.get(OPEN).status == 200


@pytest.mark.parametrize(
    "path", [OPEN, f"{OPEN}/choices/package", f"/api/v1/forms/{FORM_ID}/published"]
)
def test_whoever_opens_forms_without_end_is_braked(start_site: StartSite, path: str) -> None:
    site = start_site(FORM_RATE_PER_MINUTE="2")
    assert [site.anybody.get(path).status for _ in range(3)] == [200, 200, 429]
    assert site.anybody.get(OPEN).status == 429, "each comes with permits to upload"


# --- sharing


def test_the_picture_of_a_link_holds_its_short_address(site: Site) -> None:
    code = segno.make(samples.LINK["short_url"], error="M", micro=False)
    answer = site.staff().get(f"{FORM}/links/{LINK_ID}/qr.png")
    assert answer.headers["content-type"] == "image/png"
    assert 'filename="k7m2pqrs.png"' in answer.headers["content-disposition"]
    picture = Image.open(io.BytesIO(answer.body)).convert("L")
    scale, border = 20, 4
    seen = [
        [
            picture.getpixel(((x + border) * scale + 10, (y + border) * scale + 10)) == 0
            for x in range(len(code.matrix))
        ]
        for y in range(len(code.matrix))
    ]
    assert seen == [[bool(module) for module in row] for row in code.matrix]
    drawing = site.staff().get(f"{FORM}/links/{LINK_ID}/qr.svg")
    assert drawing.headers["content-type"].startswith("image/svg+xml")
    assert b"viewBox" in drawing.body
    unknown = site.staff().get(f"{FORM}/links/{SOME_ID}/qr.png")
    assert (unknown.status, unknown.json["code"]) == (404, "booking.form_link_unknown")


def test_a_short_link_leads_to_the_page_of_the_form(site: Site) -> None:
    answer = site.anybody.get("/f/k7m2pqrs")
    assert answer.status == 302
    assert answer.headers["location"].endswith("/portal/#/pages/form/form?code=k7m2pqrs")
    crooked = site.anybody.get("/f/a%26token=b").headers["location"]
    assert crooked.endswith("?code=a%26token%3Db")


def test_only_the_embedded_page_may_be_framed(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "portal").mkdir()
    (tmp_path / "portal" / "index.html").write_text("<title>portal</title>")
    monkeypatch.setattr(pages, "DIST", tmp_path)
    embedded = site.anybody.get("/portal/embed")
    assert (embedded.status, embedded.text) == (200, "<title>portal</title>")
    assert embedded.headers["content-security-policy"].endswith("frame-ancestors *")
    usual = site.anybody.get("/portal/").headers["content-security-policy"]
    assert usual.endswith("frame-ancestors 'none'")
    script = site.anybody.get("/embed.js")
    assert script.headers["content-type"].partition(";")[0] == "text/javascript"
    assert "data-yingqi-form" in script.text


def test_a_survey_is_linked_by_who_sees_the_booking(site: Site) -> None:
    path, body = f"{FORM}/surveys", {"booking_id": BOOKING_ID}
    assert site.staff("receptionist", [BRANCH_ID]).post(path, body).status == 200
    (asked,) = site.services.asked("booking.link_survey")
    assert [str(each) for each in asked["branch_ids"]] == [BRANCH_ID]
    assert site.staff("photographer").post(path, body).status == 403
    assert site.staff().post(path, {"booking_id": "x"}).status == 422


# --- submissions and rows


def test_a_list_is_narrowed_by_answers_days_and_words(site: Site) -> None:
    query = "where=style:retro&where=note:a:b&from=2026-11-01&to=2026-11-30&q=%E6%9E%97&limit=7"
    answer = site.staff().get(f"{FORM}/submissions?{query}&status=new")
    assert answer.json["items"] == [samples.SUBMISSION]
    (asked,) = site.services.asked("booking.list_submissions")
    assert asked["where"] == {"style": "retro", "note": "a:b"}
    assert (asked["from_"].isoformat(), asked["limit"], asked["q"]) == ("2026-11-01", 7, "林")
    site.staff().get(f"{FORM}/rows?where=level:3&deleted=true")
    (rows,) = site.services.asked("booking.list_rows")
    assert (rows["where"], rows["deleted"]) == ({"level": "3"}, True)


def test_staff_of_a_branch_ask_as_such(site: Site) -> None:
    manager = site.staff("manager", [BRANCH_ID])
    manager.get(f"{FORM}/submissions?branch_id={BRANCH_ID}")
    manager.get(f"{FORM}/submissions.csv")
    manager.get(f"/api/v1/submissions/{SUBMISSION_ID}")
    manager.send(
        "PUT", f"/api/v1/submissions/{SUBMISSION_ID}/status", json_body={"status": "handled"}
    )
    manager.send("PUT", f"{FORM}/links/{LINK_ID}", json_body={"channel": "poster"})
    for rpc in (
        "list_submissions",
        "export_submissions",
        "get_submission",
        "mark_submission",
        "define_form_link",
    ):
        (asked,) = site.services.asked(f"booking.{rpc}")
        assert [str(each) for each in asked["branch_ids"]] == [BRANCH_ID], rpc


@pytest.mark.parametrize(
    "query", ["where=style", "where=Style:x", "status=lost", "from=x", "limit=0", "where=a:b&" * 11]
)
def test_a_wrong_question_is_refused(site: Site, query: str) -> None:
    assert site.staff().get(f"{FORM}/submissions?{query}").status == 422
    assert not site.services.asked("booking.list_submissions")


def in_three_pages(cursor: str | None, **_: Any) -> dict[str, Any]:
    number = int(cursor or 0)
    more = str(number + 1) if number < 2 else None
    return {"titles": ["姓名"], "rows": [[f"第{number}页"]], "next_cursor": more}


def test_a_csv_file_has_every_page_and_runs_nothing(site: Site) -> None:
    answer = site.staff().get(f"{FORM}/submissions.csv?status=new", **{"Accept-Language": "en"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert rows == [["姓名", "人数"], ["林小满", "3"], ["'=HYPERLINK(1)", ""]]
    assert answer.body.startswith(b"\xef\xbb\xbf")
    (asked,) = site.services.asked("booking.export_submissions")
    assert (asked["language"], asked["status"]) == ("en", "new")
    site.services.answers["booking.export_submissions"] = in_three_pages
    answer = site.staff().get(f"{FORM}/submissions.csv")
    assert answer.body.decode("utf-8-sig").split() == ["姓名", "第0页", "第1页", "第2页"]


def test_a_workbook_has_every_page_and_runs_nothing(site: Site) -> None:
    answer = site.staff().get(f"{FORM}/submissions.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.body)).active
    cells = [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]
    assert cells[1] == [("林小满", "s"), (3, "n")]
    assert cells[2][0] == ("=HYPERLINK(1)", "s")
    site.services.answers["booking.export_submissions"] = in_three_pages
    answer = site.staff().get(f"{FORM}/submissions.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.body)).active
    assert [row[0].value for row in sheet.iter_rows()] == ["姓名", "第0页", "第1页", "第2页"]


def test_a_workbook_that_would_be_too_large_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "WORKBOOK_ROWS", 2)
    site.services.answers["booking.export_submissions"] = in_three_pages
    answer = site.staff().get(f"{FORM}/submissions.xlsx")
    assert (answer.status, answer.json["code"]) == (422, "booking.export_too_large")
    assert answer.json["limit"] == 2


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_not_there_is_no_file(site: Site, kind: str) -> None:
    site.services.answers["booking.export_submissions"] = forms.FormUnknown()
    answer = site.staff().get(f"{FORM}/submissions.{kind}")
    assert (answer.status, answer.json["code"]) == (404, "booking.form_unknown")


def test_a_row_that_was_changed_meanwhile_is_a_conflict(site: Site) -> None:
    site.services.answers["booking.define_row"] = RowChanged(revision=4)
    answer = site.staff().send("PUT", ROW, json_body={"answers": {}, "revision": 3})
    assert (answer.status, answer.json["revision"]) == (409, 4)
