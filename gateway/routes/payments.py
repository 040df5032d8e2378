"""Paying: which providers there are, starting a payment, and taking the providers' callbacks."""

from typing import Any

from werkzeug.wrappers import Response

from gateway.auth import holder_or_staff_with
from gateway.http import NO_STORE, Area, Call, read_bytes, route
from gateway.papers import PDF, pdf_response
from gateway.ratelimit import client_address, networks
from gateway.routes.wechat import PAYER_COOKIE
from services.contracts import payments
from services.contracts.errors import Malformed
from services.contracts.fields import Contract

# A provider's callback is signed; what else came with it is nobody's business.
WITHHELD_HEADERS = frozenset({"cookie", "authorization"})


class PaymentBody(payments.StartPayment):
    """What is paid, and through whom."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access", "client_ip")


class Payments(Area):
    @route(
        "GET",
        "/api/v1/payments/providers",
        zh="支付方式",
        en="List the ways to pay",
        tag="payments",
        calls=(payments.LIST_PROVIDERS,),
    )
    def list_providers(self, call: Call) -> Any:
        return self.booking.list_providers()

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/payments",
        zh="发起支付",
        en="Start a payment",
        tag="payments",
        body=PaymentBody(),
        calls=(payments.START_PAYMENT,),
        status=201,
        admission=holder_or_staff_with("booking.write"),
    )
    def start_payment(self, call: Call, booking_id: str) -> Any:
        known = call.request.cookies.get(PAYER_COOKIE)
        return self.booking.start_payment(
            booking_id=booking_id,
            access=call.access,
            client_ip=client_address(call.request, networks(self.settings.trusted_proxies)),
            **{**call.body, "payer": call.body["payer"] or known},
        )

    @route(
        "GET",
        "/api/v1/bookings/<uuid:booking_id>/payments/<uuid:payment_id>/receipt",
        zh="下载收据",
        en="Download the receipt of a payment",
        tag="payments",
        extra_errors=payments.PRINT_RECEIPT.errors,
        media_type=PDF,
        admission=holder_or_staff_with("booking.read"),
    )
    def print_receipt(self, call: Call, **one: str) -> Response:
        return pdf_response(self.booking.print_receipt(**one, access=call.access))

    @route(
        "POST",
        "/api/v1/payments/<provider>/notify",
        zh="支付结果通知（由支付平台调用）",
        en="Take a payment provider's callback",
        tag="payments",
        extra_errors=payments.TAKE_NOTIFICATION.errors,
        media_type="*/*",
        actor="provider",
        raw_body=True,
    )
    def take_notification(self, call: Call, provider: str) -> Any:
        try:
            body = read_bytes(call.request).decode()
        except UnicodeDecodeError as error:
            raise Malformed() from error
        headers = {
            name.lower(): value
            for name, value in call.request.headers.items()
            if name.lower() not in WITHHELD_HEADERS
        }
        taken = self.booking.take_notification(provider=provider, headers=headers, body=body)
        return Response(
            taken["body"],
            status=taken["status"],
            content_type=taken["content_type"],
            headers=NO_STORE,
        )
