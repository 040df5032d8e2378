"""Booking's words on the wire: forms, their links and counts, and filling one in."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from services.contracts.booking import CHANGED, OWNER, Booking, BookingUnknown, OneBooking
from services.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from services.contracts.fields import (
    AlsoAnswers,
    Contract,
    Flag,
    Instant,
    Json,
    Line,
    Words,
    check_depth,
)
from services.contracts.registry import Rpc

KINDS = ("booking", "survey", "table", "other")
STATES = ("draft", "published", "archived")
STEPS = ("view", "start")

# --- errors


class FormUnknown(NotFound):
    code = "booking.form_unknown"
    sentence = {"zh": "没有这个表单", "en": "There is no such form"}


class FormChanged(Conflict):
    """Shapes:  details = {"revision"}: the draft as somebody else left it."""

    code = "booking.form_changed"
    sentence = {
        "zh": "其他人已修改此表单，请刷新后再试",
        "en": "Somebody else has changed this form, please load it again",
    }


class FormKindFixed(Conflict):
    code = "booking.form_kind_fixed"
    sentence = {
        "zh": "表单的类型不能更改",
        "en": "A form stays of the kind that it was made of",
    }


class FormFaulty(Invalid):
    """Shapes:  details["errors"] as of every Invalid, with pointers below /definition."""

    code = "booking.form_faulty"
    sentence = {"zh": "表单设计有误", "en": "There are mistakes in this form"}


class FormNotPublished(Conflict):
    code = "booking.form_not_published"
    sentence = {"zh": "表单尚未发布", "en": "This form is not published yet"}


class FormClosed(Conflict):
    code = "booking.form_closed"
    sentence = {
        "zh": "此表单已停止收集",
        "en": "This form does not take answers any more",
    }


class FormOutdated(Conflict):
    """Shapes:  details = {"version"}: the published version, to be shown instead."""

    code = "booking.form_outdated"
    sentence = {
        "zh": "表单已更新，请核对后重新提交",
        "en": "The form has changed, please look at it again before you send it",
    }


class FormLinkUnknown(NotFound):
    code = "booking.form_link_unknown"
    sentence = {"zh": "链接无效", "en": "There is no form at this address"}


class TableNotShared(Conflict):
    code = "booking.table_not_shared"
    sentence = {"zh": "数据表没有公开链接", "en": "A data table has no public link"}


class TooManyFormLinks(Conflict):
    code = "booking.too_many_form_links"
    sentence = {"zh": "此表单的链接已达上限", "en": "This form has as many links as it may have"}


class FormFieldUnknown(NotFound):
    code = "booking.form_field_unknown"
    sentence = {
        "zh": "表单中没有可搜索的此字段",
        "en": "This form has no such field whose choices can be searched",
    }


class NotASurvey(Conflict):
    code = "booking.not_a_survey"
    sentence = {"zh": "此表单不是满意度调查", "en": "This form is no survey"}


class SurveyTokenInvalid(Forbidden):
    code = "booking.survey_token_invalid"
    sentence = {"zh": "调查链接无效", "en": "This survey's link is not valid"}


class SurveyAnswered(Conflict):
    code = "booking.survey_answered"
    sentence = {"zh": "您已提交过此调查", "en": "This survey was answered already"}


# --- forms and their versions


class AnswerBookingForm(OneBooking):
    """Answers to the forms of a booking's services, sent after the booking was made.

    `answers` are to the form of its first service; a form that is not named keeps its answers.
    """

    answers = Json(load_default=None, allow_none=True, validate=check_depth)
    also_answers = AlsoAnswers(load_default=dict)

    @validates_schema
    def check_sent(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Refuse what answers no form at all."""
        if data["answers"] is None and not data["also_answers"]:
            raise ValidationError("Missing data for required field.", "answers")


class FormId(Contract):
    form_id = fields.UUID(required=True)


class DefineForm(FormId):
    """The whole draft. `revision` is the one that was seen, null for a form that is new.

    `active` and `public` count at once, the rest when it is published. A form keeps its kind.
    `public` lets forms that customers fill in offer the rows of a data table.
    """

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    name = Words(required=True)
    definition = Json(required=True, validate=check_depth)
    active = Flag(load_default=True)
    public = Flag(load_default=False)
    revision = fields.Integer(strict=True, load_default=None, allow_none=True)


class PublishForm(FormId):
    """`revision` is the draft that was seen: nothing is published that nobody has looked at."""

    revision = fields.Integer(strict=True, required=True)


class Fault(Contract):
    """What keeps a draft from being published."""

    pointer = fields.String(required=True)
    code = fields.String(required=True)
    message = Words(required=True)


class FormLink(Contract):
    """`short_url` leads to `url`, where the form is filled in; `embed_html` shows it elsewhere.

    What comes by a link with a `branch_id` belongs to that branch.
    """

    id = fields.UUID(required=True)
    form_id = fields.UUID(required=True)
    code = fields.String(required=True)
    label = fields.String(required=True)
    channel = fields.String(required=True)
    branch_id = fields.UUID(required=True, allow_none=True)
    expires_at = Instant(required=True, allow_none=True)
    disabled = fields.Boolean(required=True)
    url = fields.String(required=True)
    short_url = fields.String(required=True)
    embed_html = fields.String(required=True)


class FormItem(Contract):
    """`published_version` is null before the first; `published_revision` is the draft of it.

    `views`, `starts` and `submits` are what all its links have brought so far.
    """

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    name = Words(required=True)
    revision = fields.Integer(required=True)
    published_version = fields.Integer(required=True, allow_none=True)
    published_revision = fields.Integer(required=True, allow_none=True)
    published_at = Instant(required=True, allow_none=True)
    active = fields.Boolean(required=True)
    public = fields.Boolean(required=True)
    changed_at = Instant(required=True)
    views = fields.Integer(required=True)
    starts = fields.Integer(required=True)
    submits = fields.Integer(required=True)


class PublishedVersion(Contract):
    number = fields.Integer(required=True)
    revision = fields.Integer(required=True)
    published_at = Instant(required=True)


class Form(FormItem):
    """`faults` is what keeps the draft from being published; `versions` the newest ones first."""

    versions = fields.List(fields.Nested(PublishedVersion), required=True)
    definition = Json(required=True)
    faults = fields.List(fields.Nested(Fault), required=True)
    links = fields.List(fields.Nested(FormLink), required=True)


class ListForms(Contract):
    """`q` is a part of a name; an archived form is one that takes no answers any more.

    `without_tables` leaves data tables out.
    """

    without_tables = fields.Boolean(load_default=False)
    state = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(STATES))
    q = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    kind = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(KINDS))
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class FormPage(Contract):
    items = fields.List(fields.Nested(FormItem), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class DefineFormLink(FormId):
    """`channel` is the studio's own word for where the link is put: wechat, poster, red.

    `branch_ids` are those of the staff who ask; null means all. Who works for some branches makes
    links for one of them.
    """

    link_id = fields.UUID(required=True)
    label = Line(load_default="", validate=validate.Length(max=80))
    channel = fields.String(
        required=True, validate=validate.Regexp(r"^[a-z][a-z0-9_]{0,31}$", error="Not a channel.")
    )
    branch_id = fields.UUID(load_default=None, allow_none=True)
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)
    expires_at = Instant(load_default=None, allow_none=True)
    disabled = Flag(load_default=False)


class CountForm(FormId):
    """Days of the studio, both included."""

    from_ = fields.Date(required=True, data_key="from")
    to = fields.Date(required=True)


class FormDay(Contract):
    """`views` and `starts` count each visitor once a day."""

    day = fields.Date(required=True)
    link_id = fields.UUID(required=True)
    channel = fields.String(required=True)
    views = fields.Integer(required=True)
    starts = fields.Integer(required=True)
    submits = fields.Integer(required=True)


class FormDays(Contract):
    items = fields.List(fields.Nested(FormDay), required=True)


class SurveyOf(FormId):
    """`branch_ids` are those of the staff who ask; null means all."""

    booking_id = fields.UUID(required=True)
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)


class SurveyLink(Contract):
    """Whoever has the token answers for the booking, once."""

    url = fields.String(required=True)
    code = fields.String(required=True)
    token = fields.String(required=True)


# --- filling a form in


class FormAddress(Contract):
    """`token` is that of a survey of one booking."""

    code = fields.String(required=True, validate=validate.Length(min=1, max=32))
    token = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))


class Choice(Contract):
    value = fields.String(required=True)
    label = Words(required=True)


class ChoiceLists(Contract):
    """The present choices of the fields that are bound to live data, by the field's key.

    `more` are the keys of those fields that offer more than is told here: search them.
    """

    options = fields.Dict(
        keys=fields.String(), values=fields.List(fields.Nested(Choice)), required=True
    )
    more = fields.List(fields.String(), required=True)


class ChoicePage(Contract):
    items = fields.List(fields.Nested(Choice), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class SearchChoices(FormAddress):
    """`field` is the key of a field that is bound to a data table; `q` a part of a choice's text.

    A choice that is called by something else than a text is not found by `q`.
    """

    field = fields.String(required=True, validate=validate.Length(min=1, max=40))
    q = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=80))
    cursor = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 50))


class OpenForm(ChoiceLists):
    """A published form; `permits` lets its visitor upload files, by purpose, for a while.

    `code` is that of its link; null for one that is opened by its id and has no open link.
    """

    code = fields.String(required=True, allow_none=True)
    form_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    version = fields.Integer(required=True)
    name = Words(required=True)
    definition = Json(required=True)
    permits = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class VisitForm(Contract):
    """`visitor` is anything that a browser says every time it comes; only its digest is kept."""

    code = fields.String(required=True, validate=validate.Length(min=1, max=32))
    step = fields.String(required=True, validate=validate.OneOf(STEPS))
    visitor = fields.String(required=True, validate=validate.Length(min=8, max=128))


class Visited(Contract):
    """`counted` is false for who was counted already on this day."""

    counted = fields.Boolean(required=True)


class Answers(Contract):
    """`version` is the form that the customer saw."""

    version = fields.Integer(strict=True, required=True, validate=validate.Range(min=1))
    answers = Json(required=True, validate=check_depth)


class SubmitForm(FormAddress, Answers):
    idempotency_key = fields.String(required=True, validate=validate.Length(min=1, max=255))


class CheckAnswers(FormId):
    """Answers to a form of the kind booking; `version` null means the published one."""

    version = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(min=1)
    )
    answers = Json(required=True, validate=check_depth)


class CheckedAnswers(FormId):
    """`answers` as they are stored; `labels` what chosen resources and rows are called now."""

    version = fields.Integer(required=True)
    answers = Json(required=True)
    labels = fields.Dict(keys=fields.String(), values=Words(), required=True)


class Submitted(Contract):
    submission_id = fields.UUID(required=True)
    form_id = fields.UUID(required=True)
    version = fields.Integer(required=True)
    submitted_at = Instant(required=True)


# --- RPCs

DEFINE_FORM = Rpc(
    OWNER,
    "define_form",
    DefineForm(),
    Form(),
    (FormUnknown, FormChanged, FormKindFixed, Invalid),
)
PUBLISH_FORM = Rpc(
    OWNER, "publish_form", PublishForm(), Form(), (FormUnknown, FormChanged, FormFaulty)
)
GET_FORM = Rpc(OWNER, "get_form", FormId(), Form(), (FormUnknown,))
LIST_FORMS = Rpc(OWNER, "list_forms", ListForms(), FormPage(), (Invalid,))
LIST_CHOICES = Rpc(OWNER, "list_choices", FormId(), ChoiceLists(), (FormUnknown,))
DEFINE_FORM_LINK = Rpc(
    OWNER,
    "define_form_link",
    DefineFormLink(),
    FormLink(),
    (FormUnknown, TableNotShared, FormLinkUnknown, TooManyFormLinks, Forbidden),
)
COUNT_FORM = Rpc(OWNER, "count_form", CountForm(), FormDays(), (FormUnknown, Invalid))
ANSWER_BOOKING_FORM = Rpc(
    OWNER,
    "answer_booking_form",
    AnswerBookingForm(),
    Booking(),
    (*CHANGED, FormUnknown, FormNotPublished, FormClosed),
)
LINK_SURVEY = Rpc(
    OWNER,
    "link_survey",
    SurveyOf(),
    SurveyLink(),
    (FormUnknown, NotASurvey, FormNotPublished, FormClosed, BookingUnknown),
)

OPENED = (FormLinkUnknown, FormClosed, FormNotPublished, SurveyTokenInvalid)
OPEN_FORM = Rpc(OWNER, "open_form", FormAddress(), OpenForm(), OPENED)
SEARCH_CHOICES = Rpc(
    OWNER, "search_choices", SearchChoices(), ChoicePage(), (*OPENED, FormFieldUnknown, Invalid)
)
NOT_ASKED = (FormUnknown, FormNotPublished, FormClosed)
OPEN_BOOKING_FORM = Rpc(OWNER, "open_booking_form", FormId(), OpenForm(), NOT_ASKED)
CHECK_ANSWERS = Rpc(
    OWNER, "check_answers", CheckAnswers(), CheckedAnswers(), (*NOT_ASKED, FormOutdated, Invalid)
)
VISIT_FORM = Rpc(
    OWNER, "visit_form", VisitForm(), Visited(), (FormLinkUnknown, FormClosed, FormNotPublished)
)
