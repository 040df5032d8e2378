"""Contracts: templates for staff; shown, signed and printed by the customer's private link."""

from typing import Any

from werkzeug.wrappers import Response

from gateway.auth import HOLDER, holder_or_staff_with, staff_with
from gateway.http import Area, Call, route
from gateway.papers import PDF, pdf_response
from gateway.ratelimit import client_address, networks
from services.contracts import agreements
from services.contracts.fields import Contract

READ, WRITE, TEMPLATES = "booking.read", "booking.write", "catalogue.write"
ONE = "/api/v1/bookings/<uuid:booking_id>/agreements/<uuid:agreement_id>"


class TemplateBody(agreements.DefineAgreementTemplate):
    """What a template says, and for which packages."""

    class Meta(Contract.Meta):
        exclude = ("template_id",)


class DrawUpBody(agreements.DrawUpAgreement):
    """From which template."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access")


class SignBody(agreements.SignAgreement):
    """The name and the drawn signature; where it came from is seen, not told."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "agreement_id", "access", "ip", "user_agent")


class VoidBody(agreements.VoidAgreement):
    """Why."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "agreement_id", "access")


class Agreements(Area):
    @route(
        "GET",
        "/api/v1/agreement-templates",
        zh="合同模板列表",
        en="List the templates of agreements",
        tag="agreements",
        query=agreements.ListAgreementTemplates(),
        calls=(agreements.LIST_AGREEMENT_TEMPLATES,),
        admission=staff_with(READ),
    )
    def list_agreement_templates(self, call: Call) -> Any:
        return self.booking.list_agreement_templates(**call.query)

    @route(
        "PUT",
        "/api/v1/agreement-templates/<uuid:template_id>",
        zh="新建或修改合同模板",
        en="Create or change a template of agreements",
        tag="agreements",
        body=TemplateBody(),
        calls=(agreements.DEFINE_AGREEMENT_TEMPLATE,),
        admission=staff_with(TEMPLATES),
    )
    def define_agreement_template(self, call: Call, template_id: str) -> Any:
        call.staff.require_everywhere()
        return self.booking.define_agreement_template(template_id=template_id, **call.body)

    @route(
        "POST",
        "/api/v1/agreement-templates/preview",
        zh="预览合同模板",
        en="Preview a template of agreements",
        tag="agreements",
        body=agreements.PreviewAgreement(),
        calls=(agreements.PREVIEW_AGREEMENT,),
        admission=staff_with(TEMPLATES),
    )
    def preview_agreement(self, call: Call) -> Any:
        return self.booking.preview_agreement(**call.body)

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/agreements",
        zh="生成合同",
        en="Draw up an agreement",
        tag="agreements",
        body=DrawUpBody(),
        calls=(agreements.DRAW_UP_AGREEMENT,),
        status=201,
        admission=staff_with(WRITE),
    )
    def draw_up_agreement(self, call: Call, booking_id: str) -> Any:
        return self.booking.draw_up_agreement(
            booking_id=booking_id, access=call.access, **call.body
        )

    @route(
        "GET",
        "/api/v1/bookings/<uuid:booking_id>/agreements",
        zh="预约的合同列表",
        en="List the agreements of a booking",
        tag="agreements",
        calls=(agreements.LIST_AGREEMENTS,),
        admission=holder_or_staff_with(READ),
    )
    def list_agreements(self, call: Call, booking_id: str) -> Any:
        return self.booking.list_agreements(booking_id=booking_id, access=call.access)

    @route(
        "GET",
        ONE,
        zh="查看合同（客户查看后方可签署）",
        en="Read an agreement; once its customer has read it, it can be signed",
        tag="agreements",
        calls=(agreements.READ_AGREEMENT,),
        admission=holder_or_staff_with(READ),
    )
    def read_agreement(self, call: Call, **one: str) -> Any:
        return self.booking.read_agreement(**one, access=call.access)

    @route(
        "POST",
        f"{ONE}/sign",
        zh="签署合同",
        en="Sign an agreement",
        tag="agreements",
        body=SignBody(),
        calls=(agreements.SIGN_AGREEMENT,),
        admission=HOLDER,
    )
    def sign_agreement(self, call: Call, **one: str) -> Any:
        return self.booking.sign_agreement(
            **one,
            access=call.access,
            ip=client_address(call.request, networks(self.settings.trusted_proxies)),
            user_agent=call.request.user_agent.string,
            **call.body,
        )

    @route(
        "POST",
        f"{ONE}/void",
        zh="作废合同",
        en="Void an agreement",
        tag="agreements",
        body=VoidBody(),
        calls=(agreements.VOID_AGREEMENT,),
        admission=staff_with(WRITE),
    )
    def void_agreement(self, call: Call, **one: str) -> Any:
        return self.booking.void_agreement(**one, access=call.access, **call.body)

    @route(
        "GET",
        f"{ONE}/pdf",
        zh="下载合同（PDF）",
        en="Download an agreement as PDF",
        tag="agreements",
        extra_errors=agreements.PRINT_AGREEMENT.errors,
        media_type=PDF,
        admission=holder_or_staff_with(READ),
    )
    def print_agreement(self, call: Call, **one: str) -> Response:
        return pdf_response(self.booking.print_agreement(**one, access=call.access))
