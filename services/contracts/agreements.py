"""Booking's words on the wire: contracts (合同) that customers sign, and their templates."""

from marshmallow import fields, validate

from services.contracts.booking import (
    OWNER,
    BookingUnknown,
    Contact,
    ManageTokenInvalid,
    OneBooking,
)
from services.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from services.contracts.fields import Contract, Flag, Instant, Line, Words
from services.contracts.registry import Event, Rpc

STATES = ("draft", "shown", "signed", "void")

# --- errors


class AgreementUnknown(NotFound):
    code = "booking.agreement_unknown"
    sentence = {"zh": "没有这份合同", "en": "There is no such agreement"}


class AgreementOutdated(Conflict):
    code = "booking.agreement_outdated"
    sentence = {
        "zh": "预约在合同生成后有变动，请联系门店重新生成合同",
        "en": "The booking has changed since: please ask the studio for a new agreement",
    }


class AgreementTemplateUnknown(NotFound):
    code = "booking.agreement_template_unknown"
    sentence = {"zh": "没有这份合同模板", "en": "There is no such template of an agreement"}


class AgreementTemplateUnfit(Conflict):
    code = "booking.agreement_template_unfit"
    sentence = {
        "zh": "该合同模板不适用于此套餐",
        "en": "This template is not in use for this package",
    }


class PlaceholderUnknown(Invalid):
    """Shapes:  details = {"placeholders": as they are written, "errors": as of every Invalid}."""

    code = "booking.placeholder_unknown"
    sentence = {
        "zh": "模板中有无法识别的占位符",
        "en": "The template names something that has no meaning",
    }


class AgreementStateRefused(Conflict):
    """Shapes:  details = {"state"}."""

    code = "booking.agreement_state_refused"
    sentence = {
        "zh": "合同当前状态不允许此操作",
        "en": "The agreement's state does not allow this",
    }


class SignatureUnusable(Invalid):
    code = "booking.signature_unusable"
    sentence = {
        "zh": "签名过短、过长或超出签名框，请重新签名",
        "en": "The signature is too short, too long or outside of its box, please sign again",
    }


class SignerMustBeCustomer(Forbidden):
    code = "booking.signer_must_be_customer"
    sentence = {
        "zh": "只能由客户通过专属链接签署",
        "en": "Only the customer signs, by the private link",
    }


# --- shapes


class LongText(Contract):
    """The text of a contract in both languages; English may be empty, Chinese never."""

    zh = fields.String(required=True, validate=validate.Length(min=1, max=50_000))
    en = fields.String(load_default="", validate=validate.Length(max=50_000))


class DefineAgreementTemplate(Contract):
    """Create a template or change it; a changed text is a new version.

    `service_ids` and `package_ids` are what it is for; none of either means all. Texts name what is
    filled in as {{customer_name}}.
    """

    template_id = fields.UUID(required=True)
    name = Words(required=True)
    service_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=200))
    package_ids = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=200))
    title = Words(required=True)
    text = fields.Nested(LongText, required=True)
    active = Flag(load_default=True)


class AgreementTemplate(Contract):
    id = fields.UUID(required=True)
    name = Words(required=True)
    service_ids = fields.List(fields.UUID(), required=True)
    package_ids = fields.List(fields.UUID(), required=True)
    active = fields.Boolean(required=True)
    version = fields.Integer(required=True, strict=True)
    title = Words(required=True)
    text = fields.Nested(LongText, required=True)
    changed_at = Instant(required=True)


class ListAgreementTemplates(Contract):
    """`booking_id` narrows to what is in use for a booking: for its service or its package."""

    booking_id = fields.UUID(load_default=None, allow_none=True)


class Placeholder(Contract):
    name = fields.String(required=True)
    label = Words(required=True)


class AgreementTemplateList(Contract):
    """The templates, and what their texts may name."""

    items = fields.List(fields.Nested(AgreementTemplate), required=True)
    placeholders = fields.List(fields.Nested(Placeholder), required=True)


class PreviewAgreement(Contract):
    title = Words(required=True)
    text = fields.Nested(LongText, required=True)


class AgreementPreview(Contract):
    """A text with what each placeholder stands for in its place."""

    title = Words(required=True)
    text = fields.Nested(LongText, required=True)


class DrawUpAgreement(OneBooking):
    template_id = fields.UUID(required=True)


class AgreementItem(Contract):
    id = fields.UUID(required=True)
    booking_id = fields.UUID(required=True, allow_none=True)
    order_id = fields.UUID(required=True, allow_none=True)
    template_id = fields.UUID(required=True)
    template_version = fields.Integer(required=True, strict=True)
    title = Words(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    created_at = Instant(required=True)
    shown_at = Instant(required=True, allow_none=True)
    signed_at = Instant(required=True, allow_none=True)
    voided_at = Instant(required=True, allow_none=True)
    void_reason = fields.String(required=True)


class Agreement(AgreementItem):
    """An agreement with its text.

    `intact` says whether what is kept still has the SHA-256 with which it was signed; `outdated`
    that the booking has another time, price or name than the text that waits to be signed.
    """

    text = fields.Nested(LongText, required=True)
    signer_name = fields.String(required=True, allow_none=True)
    signature_svg = fields.String(required=True, allow_none=True)
    sha256 = fields.String(required=True, allow_none=True)
    intact = fields.Boolean(required=True, allow_none=True)
    outdated = fields.Boolean(required=True)


class AgreementList(Contract):
    items = fields.List(fields.Nested(AgreementItem), required=True)


class OneAgreement(OneBooking):
    agreement_id = fields.UUID(required=True)


class SignAgreement(OneAgreement):
    """`strokes` are the lines of the signature, of points (x, y) in a box of 1000 × 400."""

    signer_name = Line(required=True, validate=validate.Length(min=1, max=80))
    strokes = fields.List(
        fields.List(
            fields.List(fields.Integer(strict=True), validate=validate.Length(equal=2)),
            validate=validate.Length(min=1),
        ),
        required=True,
    )
    ip = fields.String(required=True, validate=validate.Length(max=64))
    user_agent = fields.String(required=True)


class VoidAgreement(OneAgreement):
    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))


class AgreementPaper(Contract):
    """The agreement as PDF, in base64."""

    filename = fields.String(required=True)
    content = fields.String(required=True)


# --- RPCs

ASKED = (BookingUnknown, ManageTokenInvalid)
FOUND = (*ASKED, AgreementUnknown)

DEFINE_AGREEMENT_TEMPLATE = Rpc(
    OWNER,
    "define_agreement_template",
    DefineAgreementTemplate(),
    AgreementTemplate(),
    (PlaceholderUnknown,),
)
LIST_AGREEMENT_TEMPLATES = Rpc(
    OWNER,
    "list_agreement_templates",
    ListAgreementTemplates(),
    AgreementTemplateList(),
    (BookingUnknown,),
)
PREVIEW_AGREEMENT = Rpc(
    OWNER, "preview_agreement", PreviewAgreement(), AgreementPreview(), (PlaceholderUnknown,)
)
DRAW_UP_AGREEMENT = Rpc(
    OWNER,
    "draw_up_agreement",
    DrawUpAgreement(),
    Agreement(),
    (*ASKED, AgreementTemplateUnknown, AgreementTemplateUnfit),
)
LIST_AGREEMENTS = Rpc(OWNER, "list_agreements", OneBooking(), AgreementList(), ASKED)
READ_AGREEMENT = Rpc(OWNER, "read_agreement", OneAgreement(), Agreement(), FOUND)
SIGN_AGREEMENT = Rpc(
    OWNER,
    "sign_agreement",
    SignAgreement(),
    Agreement(),
    (*FOUND, SignerMustBeCustomer, SignatureUnusable, AgreementStateRefused, AgreementOutdated),
)
VOID_AGREEMENT = Rpc(
    OWNER, "void_agreement", VoidAgreement(), Agreement(), (*FOUND, AgreementStateRefused)
)
PRINT_AGREEMENT = Rpc(OWNER, "print_agreement", OneAgreement(), AgreementPaper(), FOUND)

# --- events


class AgreementFact(Contract):
    """A signed agreement; `number` is its booking's."""

    agreement_id = fields.UUID(required=True)
    booking_id = fields.UUID(required=True)
    order_id = fields.UUID(required=True)
    number = fields.String(required=True)
    branch_id = fields.UUID(required=True)
    contact = fields.Nested(Contact, required=True)
    title = Words(required=True)
    sha256 = fields.String(required=True)
    signed_at = Instant(required=True)


AGREEMENT_SIGNED = Event("agreement.signed", OWNER, AgreementFact(), "booking_id", ("crm",))
