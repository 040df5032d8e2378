"""Booking's words on the wire: payments, their providers, and what became of the money."""

from marshmallow import fields, validate

from services.contracts.booking import (
    CHANGED,
    OWNER,
    PAYMENT_KINDS,
    SEEN,
    Contact,
    HoldExpired,
    OneBooking,
)
from services.contracts.catalogue import Empty
from services.contracts.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from services.contracts.fields import Cents, Contract, Currency, Instant, Words
from services.contracts.registry import Event, Rpc

# --- errors


class PaymentUnknown(NotFound):
    code = "booking.payment_unknown"
    sentence = {"zh": "没有这笔支付", "en": "There is no such payment"}


class NothingReceived(Conflict):
    code = "booking.nothing_received"
    sentence = {"zh": "这笔款项尚未到账，没有收据", "en": "No money came, so there is no receipt"}


class NothingToPay(Conflict):
    code = "booking.nothing_to_pay"
    sentence = {"zh": "没有需要支付的款项", "en": "There is nothing to pay"}


class ProviderUnknown(Invalid):
    code = "booking.provider_unknown"
    sentence = {"zh": "不支持该支付方式", "en": "This way of paying is not offered"}


class SignatureInvalid(Forbidden):
    code = "booking.signature_invalid"
    sentence = {"zh": "签名验证失败", "en": "The signature does not verify"}


class NotificationInvalid(Invalid):
    code = "booking.notification_invalid"
    sentence = {"zh": "支付通知内容无效", "en": "The payment notification is not valid"}


class PaymentUnsupported(Invalid):
    """Shapes:  details["reason"] is scene, currency, openid or client_ip.

    openid: nobody has proved yet who pays within WeChat, or the proof is over.
    """

    code = "booking.payment_unsupported"
    sentence = {
        "zh": "该支付方式不能这样付款",
        "en": "This way of paying cannot be used like this",
    }


class ProviderRefused(Conflict):
    """Shapes:  details["provider_code"] is the provider's own word for why."""

    code = "booking.provider_refused"
    sentence = {"zh": "支付平台拒绝了这笔请求", "en": "The payment provider refused this"}


class ProviderUnavailable(Unavailable):
    """What the provider did is unknown."""

    code = "booking.provider_unavailable"
    sentence = {
        "zh": "支付平台暂时没有应答，请稍后重试",
        "en": "The payment provider does not answer right now",
    }


# --- shapes


class StartPayment(OneBooking):
    """Shapes:  `payer` proves who pays within WeChat; only the scene jsapi needs it."""

    kind = fields.String(required=True, validate=validate.OneOf(PAYMENT_KINDS))
    provider = fields.String(required=True)
    scene = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(["jsapi", "native", "h5", "page", "wap"]),
    )
    payer = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=1024))
    client_ip = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=45))


class PaymentStarted(Contract):
    """How the payer gets to pay: by going to `pay_url`, by its QR code, or with `params`."""

    payment_id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["redirect", "qr", "jsapi"]))
    pay_url = fields.String(required=True)
    params = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class Notification(Contract):
    """A provider's callback as it came in: nothing is parsed before the signature is checked."""

    provider = fields.String(required=True)
    headers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    body = fields.String(required=True)


class NotificationTaken(Contract):
    """What the provider wants to hear: each has an answer of its own."""

    status = fields.Integer(required=True, strict=True)
    content_type = fields.String(required=True)
    body = fields.String(required=True)


class ProviderInfo(Contract):
    name = fields.String(required=True)
    title = Words(required=True)


class ProviderList(Contract):
    items = fields.List(fields.Nested(ProviderInfo), required=True)


class OnePayment(OneBooking):
    payment_id = fields.UUID(required=True)


class Paper(Contract):
    """A PDF; `content` is base64."""

    filename = fields.String(required=True)
    content = fields.String(required=True)


class PaymentId(Contract):
    payment_id = fields.UUID(required=True)


class Checkout(Contract):
    """What the sandbox's cashier page shows."""

    payment_id = fields.UUID(required=True)
    number = fields.String(required=True)
    description = Words(required=True)
    amount_cents = Cents(required=True)
    currency = Currency(required=True)
    state = fields.String(required=True)
    return_url = fields.String(required=True)


class SandboxDecision(PaymentId):
    outcome = fields.String(required=True, validate=validate.OneOf(["succeed", "fail", "late"]))


class SignedNotification(Contract):
    """A callback the sandbox provider has signed, to be delivered to the notify address."""

    headers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    body = fields.String(required=True)
    return_url = fields.String(required=True)


# --- RPCs

PRINT_RECEIPT = Rpc(
    OWNER, "print_receipt", OnePayment(), Paper(), (*SEEN, PaymentUnknown, NothingReceived)
)
LIST_PROVIDERS = Rpc(OWNER, "list_providers", Empty(), ProviderList())
START_PAYMENT = Rpc(
    OWNER,
    "start_payment",
    StartPayment(),
    PaymentStarted(),
    (
        *CHANGED,
        HoldExpired,
        NothingToPay,
        PaymentUnsupported,
        ProviderUnknown,
        ProviderRefused,
        ProviderUnavailable,
    ),
)
TAKE_NOTIFICATION = Rpc(
    OWNER,
    "take_notification",
    Notification(),
    NotificationTaken(),
    (
        ProviderUnknown,
        SignatureInvalid,
        NotificationInvalid,
        PaymentUnknown,
        ProviderUnavailable,
    ),
)
SANDBOX_CHECKOUT = Rpc(
    OWNER, "sandbox_checkout", PaymentId(), Checkout(), (PaymentUnknown, ProviderUnknown)
)
SANDBOX_DECIDE = Rpc(
    OWNER,
    "sandbox_decide",
    SandboxDecision(),
    SignedNotification(),
    (PaymentUnknown, ProviderUnknown),
)

# --- events


class PaymentFact(Contract):
    """A payment, and how its booking stands after it; `version` is the booking's."""

    payment_id = fields.UUID(required=True)
    booking_id = fields.UUID(required=True)
    order_id = fields.UUID(load_default=None, allow_none=True)
    version = fields.Integer(required=True, strict=True)
    payment_status = fields.String(required=True)
    paid_cents = Cents(required=True)
    number = fields.String(required=True)
    branch_id = fields.UUID(required=True)
    timezone = fields.String(required=True)
    contact = fields.Nested(Contact, required=True)
    kind = fields.String(required=True)
    provider = fields.String(required=True)
    amount_cents = Cents(required=True)
    currency = Currency(required=True)
    occurred_at = Instant(required=True)


class RefundFact(PaymentFact):
    """A refund of a payment; `amount_cents` is what goes back, all of it or a part.

    Facts told before refunds had ids of their own are of the whole payment.
    """

    refund_id = fields.UUID(load_default=None, allow_none=True)
    reason = fields.String(load_default="")


# Booking hears its own payments: if it died between taking the money and confirming the booking,
# the event finishes the work.
PAYMENT_SUCCEEDED = Event(
    "payment.succeeded", OWNER, PaymentFact(), "booking_id", ("booking", "crm", "analytics")
)
PAYMENT_FAILED = Event("payment.failed", OWNER, PaymentFact(), "booking_id", ("crm",))
PAYMENT_LATE = Event("payment.late", OWNER, PaymentFact(), "booking_id", ("crm", "automation"))
REFUND_REQUESTED = Event("refund.requested", OWNER, RefundFact(), "booking_id", ("booking",))
REFUND_SUCCEEDED = Event(
    "refund.succeeded", OWNER, RefundFact(), "booking_id", ("crm", "analytics")
)
REFUND_FAILED = Event("refund.failed", OWNER, RefundFact(), "booking_id", ("crm", "automation"))
