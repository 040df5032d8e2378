"""What customers sent with forms: listed, read, handled, and exported."""

from collections.abc import Iterator
from typing import Any

from marshmallow import fields, validate
from werkzeug.wrappers import Response

from gateway import sheets
from gateway.auth import staff_with
from gateway.http import NO_STORE, Area, Call, route
from gateway.problems import language_of
from services.contracts import submissions
from services.contracts.fields import Contract

READ = "form.read"
WRITE = "form.write"

WORKBOOK_ROWS = 10_000
"""Of one workbook, which is made in memory; CSV has no end. Three seconds of one core."""


def where_parameter() -> fields.List[str]:
    """`where=style:retro`, repeated for more fields: only what has these answers."""
    wanted = fields.String(validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,39}:.{0,200}$"))
    return fields.List(wanted, load_default=list, validate=validate.Length(max=10))


def asked_for(call: Call) -> dict[str, Any]:
    """Return the query of a list with `where` as the contracts have it."""
    return {**call.query, "where": dict(each.split(":", 1) for each in call.query["where"])}


class SubmissionsQuery(submissions.ListSubmissions):
    """`from`, `to`: days of the studio, both included."""

    class Meta(Contract.Meta):
        exclude = ("form_id", "branch_ids")

    where: Any = where_parameter()


class ExportQuery(submissions.WhichSubmissions):
    class Meta(Contract.Meta):
        exclude = ("form_id", "cursor", "branch_ids")

    where: Any = where_parameter()


class StatusBody(submissions.MarkSubmission):
    class Meta(Contract.Meta):
        exclude = ("submission_id", "branch_ids")


class Submissions(Area):
    @route(
        "GET",
        "/api/v1/forms/<uuid:form_id>/submissions",
        zh="提交列表",
        en="List what was sent with a form",
        tag="forms",
        query=SubmissionsQuery(),
        calls=(submissions.LIST_SUBMISSIONS,),
        admission=staff_with(READ),
    )
    def list_submissions(self, call: Call, form_id: str) -> Any:
        seen = {"form_id": form_id, "branch_ids": call.branch_ids}
        return self.booking.list_submissions(**seen, **asked_for(call))

    @route(
        "GET",
        "/api/v1/forms/<uuid:form_id>/submissions.csv",
        zh="导出 CSV",
        en="Export what was sent with a form as CSV",
        tag="forms",
        query=ExportQuery(),
        media_type=sheets.CSV,
        extra_errors=submissions.EXPORT_SUBMISSIONS.errors,
        admission=staff_with(READ),
    )
    def export_csv(self, call: Call, form_id: str) -> Response:
        pages = self._pages(call, form_id)
        first = next(pages)
        rows = (page["rows"] for page in _again(first, pages))
        content = sheets.csv_pages(first["titles"], rows)
        return _file(content, sheets.CSV, f"{form_id}.csv")

    @route(
        "GET",
        "/api/v1/forms/<uuid:form_id>/submissions.xlsx",
        zh="导出 Excel",
        en="Export what was sent with a form as an Excel workbook",
        tag="forms",
        query=ExportQuery(),
        media_type=sheets.XLSX,
        extra_errors=(*submissions.EXPORT_SUBMISSIONS.errors, submissions.ExportTooLarge),
        admission=staff_with(READ),
    )
    def export_workbook(self, call: Call, form_id: str) -> Response:
        titles: list[str] = []
        rows: list[list[sheets.Cell]] = []
        for page in self._pages(call, form_id):
            titles = page["titles"]
            rows += page["rows"]
            if len(rows) > WORKBOOK_ROWS:
                raise submissions.ExportTooLarge(limit=WORKBOOK_ROWS)
        return _file(sheets.workbook(titles, rows), sheets.XLSX, f"{form_id}.xlsx")

    @route(
        "GET",
        "/api/v1/submissions/<uuid:submission_id>",
        zh="查看提交",
        en="Read a submission",
        tag="forms",
        calls=(submissions.GET_SUBMISSION,),
        admission=staff_with(READ),
    )
    def read_submission(self, call: Call, submission_id: str) -> Any:
        return self.booking.get_submission(submission_id=submission_id, branch_ids=call.branch_ids)

    @route(
        "PUT",
        "/api/v1/submissions/<uuid:submission_id>/status",
        zh="标记提交状态",
        en="Say what became of a submission",
        tag="forms",
        body=StatusBody(),
        calls=(submissions.MARK_SUBMISSION,),
        admission=staff_with(WRITE),
    )
    def mark_submission(self, call: Call, submission_id: str) -> Any:
        return self.booking.mark_submission(
            submission_id=submission_id, branch_ids=call.branch_ids, **call.body
        )

    def _pages(self, call: Call, form_id: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a sheet page by page; whoever takes them decides when to go on."""
        asked = asked_for(call) | {
            "branch_ids": call.branch_ids,
            "language": language_of(call.request),
        }
        cursor = None
        while True:
            page = self.booking.export_submissions(form_id=form_id, cursor=cursor, **asked)
            yield page
            cursor = page["next_cursor"]
            if cursor is None:
                return


def _again(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield first
    yield from rest


def _file(content: Any, media_type: str, name: str) -> Response:
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=media_type, headers=headers)
