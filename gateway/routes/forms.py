"""Forms: staff design and share them, customers open them by a link and send their answers."""

from typing import Any
from urllib.parse import quote

from marshmallow import fields
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from gateway import pages, qr
from gateway.auth import PUBLIC, Admission, staff_with
from gateway.http import Area, Call, route
from gateway.routes import pages as built
from gateway.routes.visits import is_robot
from services.contracts import forms, submissions
from services.contracts.errors import Forbidden, KeyReused, NotFound
from services.contracts.fields import Contract

READ = "form.read"
WRITE = "form.write"

# A survey's token is given with the request; anybody else who has the code needs none.
ANYBODY_OR_HOLDER = Admission(by_manage_token=True)

LINK = "/api/v1/form-links/<string(maxlength=32):code>"
QR_TYPES = {"svg": "image/svg+xml", "png": "image/png"}

FRAMED_ANYWHERE = pages.POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
"""An embedded form knows nothing that its visitor has not just written: no session, no booking."""


class FormBody(forms.DefineForm):
    class Meta(Contract.Meta):
        exclude = ("form_id",)


class PublishBody(forms.PublishForm):
    class Meta(Contract.Meta):
        exclude = ("form_id",)


class FormLinkBody(forms.DefineFormLink):
    class Meta(Contract.Meta):
        exclude = ("form_id", "link_id", "branch_ids")


class FormDaysQuery(forms.CountForm):
    """`from`, `to`: days of the studio, both included."""

    class Meta(Contract.Meta):
        exclude = ("form_id",)


class ChoicesQuery(forms.SearchChoices):
    class Meta(Contract.Meta):
        exclude = ("code", "token", "field")


class SurveyBody(Contract):
    booking_id = fields.UUID(required=True)


class VisitBody(forms.VisitForm):
    class Meta(Contract.Meta):
        exclude = ("code",)


class Forms(Area):
    # --- designing

    @route(
        "GET",
        "/api/v1/forms",
        zh="表单列表",
        en="List the forms",
        tag="forms",
        query=forms.ListForms(),
        calls=(forms.LIST_FORMS,),
        admission=staff_with(READ),
    )
    def list_forms(self, call: Call) -> Any:
        return self.booking.list_forms(**call.query)

    @route(
        "GET",
        "/api/v1/forms/<uuid:form_id>",
        zh="查看表单",
        en="Read a form and its draft",
        tag="forms",
        calls=(forms.GET_FORM,),
        admission=staff_with(READ),
    )
    def read_form(self, call: Call, form_id: str) -> Any:
        return self.booking.get_form(form_id=form_id)

    @route(
        "PUT",
        "/api/v1/forms/<uuid:form_id>",
        zh="保存表单草稿",
        en="Save the draft of a form",
        tag="forms",
        body=FormBody(),
        calls=(forms.DEFINE_FORM,),
        extra_errors=(Forbidden,),
        admission=staff_with(WRITE),
    )
    def define_form(self, call: Call, form_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.define_form(form_id=form_id, **call.body)

    @route(
        "POST",
        "/api/v1/forms/<uuid:form_id>/publish",
        zh="发布表单",
        en="Publish the draft of a form",
        tag="forms",
        body=PublishBody(),
        calls=(forms.PUBLISH_FORM,),
        admission=staff_with(WRITE),
    )
    def publish_form(self, call: Call, form_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.publish_form(form_id=form_id, **call.body)

    @route(
        "GET",
        "/api/v1/forms/<uuid:form_id>/choices",
        zh="表单当前可选项",
        en="List what the bound fields of a draft offer now",
        tag="forms",
        calls=(forms.LIST_CHOICES,),
        admission=staff_with(READ),
    )
    def list_choices(self, call: Call, form_id: str) -> Any:
        return self.booking.list_choices(form_id=form_id)

    # --- sharing

    @route(
        "PUT",
        "/api/v1/forms/<uuid:form_id>/links/<uuid:link_id>",
        zh="保存渠道链接",
        en="Make or change a link of a form",
        tag="forms",
        body=FormLinkBody(),
        calls=(forms.DEFINE_FORM_LINK,),
        admission=staff_with(WRITE),
    )
    def define_form_link(self, call: Call, form_id: str, link_id: str) -> Any:
        return self.booking.define_form_link(
            form_id=form_id, link_id=link_id, branch_ids=call.branch_ids, **call.body
        )

    @route(
        "GET",
        "/api/v1/forms/<uuid:form_id>/links/<uuid:link_id>/qr.svg",
        zh="二维码（SVG）",
        en="Draw the QR code of a link",
        tag="forms",
        media_type=QR_TYPES["svg"],
        extra_errors=(forms.FormUnknown, forms.FormLinkUnknown),
        admission=staff_with(READ),
    )
    def draw_qr_code(self, call: Call, form_id: str, link_id: str) -> Response:
        return self._qr_code(form_id, link_id, "svg")

    @route(
        "GET",
        "/api/v1/forms/<uuid:form_id>/links/<uuid:link_id>/qr.png",
        zh="二维码（PNG）",
        en="Picture the QR code of a link",
        tag="forms",
        media_type=QR_TYPES["png"],
        extra_errors=(forms.FormUnknown, forms.FormLinkUnknown),
        admission=staff_with(READ),
    )
    def picture_qr_code(self, call: Call, form_id: str, link_id: str) -> Response:
        return self._qr_code(form_id, link_id, "png")

    @route(
        "GET",
        "/api/v1/forms/<uuid:form_id>/counts",
        zh="浏览与提交统计",
        en="Count the views, starts and submits of a form",
        tag="forms",
        query=FormDaysQuery(),
        calls=(forms.COUNT_FORM,),
        admission=staff_with(READ),
    )
    def count_form(self, call: Call, form_id: str) -> Any:
        return self.booking.count_form(form_id=form_id, **call.query)

    @route(
        "POST",
        "/api/v1/forms/<uuid:form_id>/surveys",
        zh="生成满意度调查链接",
        en="Get the link of a survey for one booking",
        tag="forms",
        body=SurveyBody(),
        calls=(forms.LINK_SURVEY,),
        admission=staff_with("booking.write"),
    )
    def link_survey(self, call: Call, form_id: str) -> Any:
        return self.booking.link_survey(form_id=form_id, branch_ids=call.branch_ids, **call.body)

    # --- filling in

    @route(
        "GET",
        LINK,
        zh="打开表单",
        en="Open a form",
        tag="forms",
        calls=(forms.OPEN_FORM,),
        admission=ANYBODY_OR_HOLDER,
        limit="form",
    )
    def open_form(self, call: Call, code: str) -> Any:
        return self.booking.open_form(code=code, token=_token(call))

    @route(
        "GET",
        f"{LINK}/choices/<string(maxlength=40):field>",
        zh="搜索表单选项",
        en="Search what a field of a form offers of a data table",
        tag="forms",
        query=ChoicesQuery(),
        calls=(forms.SEARCH_CHOICES,),
        admission=ANYBODY_OR_HOLDER,
        limit="form",
    )
    def search_choices(self, call: Call, code: str, field: str) -> Any:
        asked = {"code": code, "token": _token(call), "field": field}
        return self.booking.search_choices(**asked, **call.query)

    @route(
        "GET",
        "/api/v1/forms/<uuid:form_id>/published",
        zh="预约所用表单",
        en="Open the form that goes with a booking",
        tag="forms",
        calls=(forms.OPEN_BOOKING_FORM,),
        admission=PUBLIC,
        limit="form",
    )
    def open_booking_form(self, call: Call, form_id: str) -> Any:
        return self.booking.open_booking_form(form_id=form_id)

    @route(
        "POST",
        f"{LINK}/visits",
        zh="记录浏览或开始填写",
        en="Count that somebody saw a form or began to fill it in",
        tag="forms",
        body=VisitBody(),
        calls=(forms.VISIT_FORM,),
        admission=PUBLIC,
        limit="visit",
    )
    def visit_form(self, call: Call, code: str) -> Any:
        if is_robot(call.request):
            return {"counted": False}
        return self.booking.visit_form(code=code, **call.body)

    @route(
        "POST",
        f"{LINK}/submissions",
        zh="提交表单",
        en="Send the answers to a form",
        tag="forms",
        body=forms.Answers(),
        calls=(submissions.SUBMIT_FORM,),
        status=201,
        extra_errors=(KeyReused,),
        admission=ANYBODY_OR_HOLDER,
        idempotent=True,
        limit="booking",
    )
    def submit_form(self, call: Call, code: str) -> Any:
        return self.booking.submit_form(
            code=code, token=_token(call), idempotency_key=call.idempotency_key, **call.body
        )

    # --- pages

    @route("GET", "/f/<string(maxlength=32):code>", listed=False)
    def follow_short_link(self, call: Call, code: str) -> Response:
        return redirect(f"/portal/#/pages/form/form?code={quote(code, safe='')}", 302)

    @route("GET", "/portal/embed", listed=False)
    def show_embedded(self, call: Call) -> Response:
        """The portal as other sites may show it in a frame."""
        file = pages.find(built.DIST / "portal", "index.html")
        if file is None:
            raise NotFound()
        response = pages.send(file, call.request)
        response.headers["Content-Security-Policy"] = FRAMED_ANYWHERE
        return response

    @route("GET", "/embed.js", listed=False)
    def send_embed_script(self, call: Call) -> Response:
        file = pages.find(pages.ASSETS, "embed.js")
        if file is None:
            raise NotFound()
        return pages.send(file, call.request)

    def _qr_code(self, form_id: str, link_id: str, kind: str) -> Response:
        links = self.booking.get_form(form_id=form_id)["links"]
        found = next((link for link in links if link["id"] == link_id), None)
        if found is None:
            raise forms.FormLinkUnknown()
        drawn = qr.draw(found["short_url"], kind)
        named = f'attachment; filename="{found["code"]}.{kind}"'
        return Response(drawn, content_type=QR_TYPES[kind], headers={"Content-Disposition": named})


def _token(call: Call) -> str | None:
    """Return the token of a survey.

    Errors:  SurveyTokenInvalid for what cannot be one.
    """
    token = call.visitor.manage_token
    if forms.FormAddress(only=("token",)).validate({"token": token}):
        raise forms.SurveyTokenInvalid()
    return token
