"""The ways to pay: each provider is one module here, and adding one touches no other."""

import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from importlib import import_module
from typing import Literal, Protocol
from uuid import UUID

from services.booking.domain.reconciliation import Entry
from services.booking.settings import Settings
from services.contracts.payments import PaymentUnsupported, ProviderUnknown

NOTIFY_PATH = "/api/v1/payments/{name}/notify"
"""Where the gateway takes a provider's callbacks."""

Scene = Literal["jsapi", "native", "h5", "page", "wap"]
"""Where the payer is: in WeChat, before a screen with a QR code, in a phone's browser (`h5` with
WeChat Pay, `wap` with others), in a desktop's browser."""


@dataclass(frozen=True)
class Bill:
    """What a provider is asked to collect, and from where the payer pays it.

    Shapes:  `title` = {"zh": …, "en": …}; `return_url` is where the payer comes back to;
             `openid` is the payer as the WeChat app `appid` knows them, `client_ip` the payer's
             own address; after `expires_at` nobody can pay any more. `reference` is the provider's
             own, known once it was paid.
    """

    payment_id: UUID
    number: str
    title: dict[str, str]
    amount_cents: int
    currency: str
    return_url: str
    reference: str | None = None
    scene: Scene = "page"
    openid: str | None = None
    appid: str | None = None
    client_ip: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Checkout:
    """How the payer gets to pay.

    Shapes:  redirect: the browser goes to `url`; qr: `url` is shown as a QR code; jsapi: `params`
             are handed to WeChat's JavaScript bridge.
    """

    kind: Literal["redirect", "qr", "jsapi"]
    url: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a provider says became of a payment, its signature verified.

    It succeeded, or nobody can pay it any more. `paid_at` is of the failure when it failed.
    """

    payment_id: UUID
    reference: str
    succeeded: bool
    amount_cents: int
    currency: str
    paid_at: datetime


@dataclass(frozen=True)
class Refund:
    """Money of a payment that goes back, whole or in part; several may be made of one payment."""

    refund_id: UUID
    bill: Bill
    amount_cents: int
    reason: str = ""


@dataclass(frozen=True)
class RefundOutcome:
    """What a provider says became of a refund.

    A failed one has moved no money and never will; another refund, with its own id, may.

    Shapes:  `reason` is the provider's word for why it failed; `reference` is empty when the
             provider never took it on; `settled_at` None while it is pending.
    """

    refund_id: UUID
    payment_id: UUID
    state: Literal["succeeded", "pending", "failed"]
    amount_cents: int
    currency: str
    reference: str = ""
    settled_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Reply:
    """What is answered to a provider's callback."""

    status: int
    content_type: str
    body: str


class Provider(Protocol):
    """A way to pay. Every method may be called again for the same payment or refund.

    A method that asks the provider raises ProviderUnavailable when no answer came, or none that
    can be believed: what happened is then unknown, never failed, and must be asked again.
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> dict[str, str]: ...
    @property
    def scenes(self) -> Sequence[Scene]:
        """Where a customer can pay with it, the first being the usual; none: staff enter it."""

    @property
    def acknowledgement(self) -> Reply:
        """What the provider wants to hear once its callback was taken.

        After any other answer it sends the callback again.
        """

    def create(self, bill: Bill, *, now: datetime) -> Checkout:
        """Make a bill payable; the same bill again gives another way to the same payment.

        A bill of the same payment that differs, in its scene or its time too, is refused: close
        the one before and make a payment of its own.

        Errors:  PaymentUnsupported; ProviderRefused; ProviderUnavailable.
        """

    def verify(
        self, *, headers: Mapping[str, str], body: str, now: datetime
    ) -> Outcome | RefundOutcome | None:
        """Return what a callback says; None when it is genuine and decides nothing.

        Amount and currency are the caller's to compare with those it asked for.

        Errors:  SignatureInvalid; NotificationInvalid when it is signed and yet unreadable, or
                 meant for somebody else; ProviderUnavailable.
        """

    def query(self, bill: Bill, *, now: datetime) -> Outcome | None:
        """Ask what became of a payment; None while that is open.

        Errors:  ProviderUnavailable.
        """

    def close(self, bill: Bill, *, now: datetime) -> bool:
        """Let nobody pay a bill any more; return false when it was paid already: ask for it.

        Errors:  ProviderUnavailable.
        """

    def refund(self, refund: Refund, *, now: datetime) -> RefundOutcome:
        """Give money back; the same refund id a second time gives nothing more.

        Errors:  ProviderUnavailable.
        """

    def query_refund(self, refund: Refund, *, now: datetime) -> RefundOutcome | None:
        """Ask what became of a refund; None when it never arrived there, so that it can be made.

        Errors:  ProviderUnavailable.
        """

    def statement(self, day: date, *, now: datetime) -> Sequence[Entry]:
        """Return what the provider has in its books for one day of China Standard Time.

        Errors:  ProviderUnavailable, also while the statement is still being made.
        """


@lru_cache(maxsize=4)
def offered(settings: Settings) -> Mapping[str, Provider]:
    """Return the providers that these settings switch on, by name.

    A module of a provider has a function `offered(settings) -> Provider | None`.
    """
    modules = [import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    found = [module.offered(settings) for module in modules if hasattr(module, "offered")]
    return {provider.name: provider for provider in found if provider is not None}


def find(providers: Mapping[str, Provider], name: str) -> Provider:
    """Return a provider that is offered.

    Errors:  ProviderUnknown.
    """
    if name not in providers:
        raise ProviderUnknown()
    return providers[name]


def check_supported(provider: Provider, bill: Bill) -> None:
    """Refuse a bill that a provider cannot collect.

    Errors:  PaymentUnsupported.
    """
    if bill.scene not in provider.scenes:
        raise PaymentUnsupported(reason="scene")
    if bill.currency != "CNY":
        raise PaymentUnsupported(reason="currency")
