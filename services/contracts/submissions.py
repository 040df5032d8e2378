"""Booking's words on the wire: what was sent with forms."""

from marshmallow import fields, validate

from services.contracts.booking import OWNER
from services.contracts.errors import Invalid, KeyReused, NotFound
from services.contracts.fields import Contract, Instant, Json, Words
from services.contracts.forms import (
    KINDS,
    OPENED,
    FormId,
    FormOutdated,
    FormUnknown,
    SubmitForm,
    Submitted,
    SurveyAnswered,
)
from services.contracts.registry import Event, Rpc
from services.contracts.uploads import Upload

STATUSES = ("new", "handled", "discarded")

# --- errors


class SubmissionUnknown(NotFound):
    code = "booking.submission_unknown"
    sentence = {"zh": "没有这份提交", "en": "There is no such submission"}


class ExportTooLarge(Invalid):
    """Shapes:  details = {"limit"}: the most rows that one file holds."""

    code = "booking.export_too_large"
    sentence = {
        "zh": "数据过多，请缩小日期范围或导出 CSV",
        "en": "These are too many rows for one workbook: narrow the dates, or take CSV",
    }


# --- shapes


class SubmissionContact(Contract):
    """Who sent it, as far as the form asked."""

    name = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)


def Labels() -> fields.Dict:  # noqa: N802  (reads like a field type)
    """What chosen resources and rows are called, by their ids."""
    return fields.Dict(keys=fields.String(), values=Words(), required=True)


class Submission(Contract):
    """`labels` as they were when it was sent; `branch_id` null when it is about no one branch."""

    id = fields.UUID(required=True)
    form_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    link_id = fields.UUID(required=True)
    channel = fields.String(required=True)
    booking_id = fields.UUID(required=True, allow_none=True)
    branch_id = fields.UUID(required=True, allow_none=True)
    contact = fields.Nested(SubmissionContact, required=True)
    answers = Json(required=True)
    labels = Labels()
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    submitted_at = Instant(required=True)


class SubmissionDetail(Submission):
    """`definition` is that of its version; `files` those that answers name."""

    definition = Json(required=True)
    files = fields.List(fields.Nested(Upload), required=True)


class Search(FormId):
    """`where` wants these answers, {key: value}; `q` looks in the texts of all answers."""

    where = fields.Dict(
        keys=fields.String(validate=validate.Length(min=1, max=64)),
        values=fields.String(validate=validate.Length(max=200)),
        load_default=dict,
        validate=validate.Length(max=10),
    )
    q = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))


class SeenBy(Contract):
    """`branch_ids` are those of the staff who ask, null for all; what has no branch all see."""

    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)


class WhichSubmissions(Search, SeenBy):
    """`from` and `to` are days of the studio, both included."""

    branch_id = fields.UUID(load_default=None, allow_none=True)
    status = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(STATUSES))
    from_ = fields.Date(data_key="from", load_default=None, allow_none=True)
    to = fields.Date(load_default=None, allow_none=True)


class ListSubmissions(WhichSubmissions):
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class SubmissionPage(Contract):
    items = fields.List(fields.Nested(Submission), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class SubmissionId(SeenBy):
    submission_id = fields.UUID(required=True)


class MarkSubmission(SubmissionId):
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))


class ExportSubmissions(WhichSubmissions):
    """Asked page after page; `language` is that of titles and choices."""

    language = fields.String(load_default="zh", validate=validate.OneOf(["zh", "en"]))
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 500))


class SubmissionRows(Contract):
    """A page of a sheet; a cell is a text, a number or null. `titles` are those of the columns."""

    titles = fields.List(fields.String(), required=True)
    rows = fields.List(fields.List(fields.Raw(allow_none=True)), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


# --- RPCs

SUBMIT_FORM = Rpc(
    OWNER,
    "submit_form",
    SubmitForm(),
    Submitted(),
    (
        *OPENED,
        FormOutdated,
        SurveyAnswered,
        Invalid,
        KeyReused,
    ),
)
LIST_SUBMISSIONS = Rpc(
    OWNER, "list_submissions", ListSubmissions(), SubmissionPage(), (FormUnknown, Invalid)
)
GET_SUBMISSION = Rpc(
    OWNER, "get_submission", SubmissionId(), SubmissionDetail(), (SubmissionUnknown,)
)
MARK_SUBMISSION = Rpc(
    OWNER, "mark_submission", MarkSubmission(), Submission(), (SubmissionUnknown,)
)
EXPORT_SUBMISSIONS = Rpc(
    OWNER, "export_submissions", ExportSubmissions(), SubmissionRows(), (FormUnknown, Invalid)
)

# --- events


class FormSubmitted(Contract):
    """A submission as it was stored; `contact` as far as the form asked."""

    submission_id = fields.UUID(required=True)
    form_id = fields.UUID(required=True)
    form_name = Words(required=True)
    form_kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    version = fields.Integer(required=True, strict=True)
    link_id = fields.UUID(required=True)
    channel = fields.String(required=True)
    booking_id = fields.UUID(required=True, allow_none=True)
    branch_id = fields.UUID(load_default=None, allow_none=True)
    contact = fields.Nested(SubmissionContact, required=True)
    answers = Json(required=True)
    submitted_at = Instant(required=True)


FORM_SUBMITTED = Event("form.submitted", OWNER, FormSubmitted(), "submission_id")
