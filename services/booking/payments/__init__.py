"""The ways to pay: each provider is one module here, and adding one touches no other."""

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from typing import Protocol
from uuid import UUID

from services.booking.settings import Settings
from services.contracts.payments import ProviderUnknown


@dataclass(frozen=True)
class Bill:
    """What a provider is asked to collect, or to give back.

    Shapes:  `title` = {"zh": …, "en": …}; `return_url` is where the payer comes back to.
             `reference` is the provider's own, known once it was paid.
    """

    payment_id: UUID
    number: str
    title: dict[str, str]
    amount_cents: int
    currency: str
    return_url: str
    reference: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a provider says became of a payment, its signature verified."""

    payment_id: UUID
    reference: str
    succeeded: bool
    amount_cents: int
    currency: str
    paid_at: datetime


class Provider(Protocol):
    """A way to pay. Every method may be called again for the same payment."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> dict[str, str]: ...

    def create(self, bill: Bill) -> str:
        """Return the address where the payer pays this bill."""

    def verify(self, *, headers: Mapping[str, str], body: str, now: datetime) -> Outcome:
        """Return what a notification says.

        Errors:  SignatureInvalid; NotificationInvalid when it is signed and yet unreadable.
        """

    def refund(self, bill: Bill) -> None:
        """Give the money back; the same bill a second time gives nothing more."""


@lru_cache(maxsize=4)
def offered(settings: Settings) -> Mapping[str, Provider]:
    """Return the providers that these settings switch on, by name.

    Each module has a function `offered(settings) -> Provider | None`.
    """
    modules = [import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    providers = [module.offered(settings) for module in modules]
    return {provider.name: provider for provider in providers if provider is not None}


def find(providers: Mapping[str, Provider], name: str) -> Provider:
    """Return a provider that is offered.

    Errors:  ProviderUnknown.
    """
    if name not in providers:
        raise ProviderUnknown()
    return providers[name]
