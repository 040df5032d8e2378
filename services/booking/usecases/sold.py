"""What of the catalogue somebody asks for: services one after the other, or a package."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.booking import terms
from services.booking.domain.deposit import DepositDue, DepositKind
from services.booking.models import Package, Service
from services.booking.queries import catalogue
from services.contracts.catalogue import NotTogether, PackageUnknown, ServiceUnknown
from services.contracts.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of an order to be."""

    kind: str
    label: dict[str, str]
    unit_cents: int
    quantity: int = 1
    reference_id: UUID | None = None
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class Sold:
    """What is asked for: services of one appointment, alone or as the first of a package."""

    services: Sequence[Service]
    package: Package | None = None

    @property
    def terms(self) -> Service | Package:
        """What says on which terms it is sold."""
        return self.package or self.services[0]

    @property
    def deposit_money(self) -> str:
        """What the law takes its deposit for."""
        asking = [] if self.package else [one for one in self.services if _asks_deposit(one)]
        money: str = (asking[0] if asking else self.terms).deposit["money"]
        return money

    @property
    def title(self) -> dict[str, str]:
        """What the order is called."""
        return self.appointment if self.package is None else self.package.name

    @property
    def appointment(self) -> dict[str, str]:
        """What the appointment is called."""
        names = [service.name for service in self.services]
        return {language: " + ".join(name[language] for name in names) for language in names[0]}

    @property
    def ids(self) -> set[UUID]:
        """What price rules may name of it."""
        own = {service.id for service in self.services}
        return own if self.package is None else own | {self.package.id}

    @property
    def needs_approval(self) -> bool:
        """Whether the studio wants to see it before it is sure."""
        return self.terms.needs_approval or any(each.needs_approval for each in self.services)


def find(session: Session, wish: dict[str, Any]) -> Sold:
    """Return what is asked for, when all of it is on offer.

    Whether a branch offers it is scheduling's to say.

    Shapes:  `wish` = {"service_id", "also", "package_id", …}.
    Errors:  ServiceUnknown; NotTogether; PackageUnknown; Invalid at a package that does not hold
             the service, and at other services beside a package.
    """
    ids = [wish["service_id"], *wish["also"]]
    known = catalogue.services(session, ids)
    if not all(each in known and known[each].active for each in ids):
        raise ServiceUnknown()
    services = [known[each] for each in ids]
    _check_alike(services)
    if wish["package_id"] is None:
        return Sold(services=services)
    package = catalogue.package(session, wish["package_id"])
    if package is None or not package.active:
        raise PackageUnknown()
    if wish["also"]:
        raise Invalid(errors=[_at("/also", "套系须单独预约", "A package is booked alone")])
    if str(wish["service_id"]) not in {item["service_id"] for item in package.items}:
        message = ("套系中没有这项服务", "The package does not hold this service")
        raise Invalid(errors=[_at("/service_id", *message)])
    return Sold(services=services, package=package)


def _check_alike(services: Sequence[Service]) -> None:
    """Refuse services whose sum would mix two currencies, or two kinds of deposit.

    What is asked as a deposit of an order is one amount of one kind.
    """
    if len({one.currency for one in services}) > 1:
        raise NotTogether(differs="currency")
    if len({one.deposit["money"] for one in services if _asks_deposit(one)}) > 1:
        raise NotTogether(differs="deposit_money")


def _asks_deposit(service: Service) -> bool:
    deposit = terms.deposit_of(service.deposit)
    return deposit.kind is not DepositKind.NONE and deposit.due is DepositDue.BOOKING


def _at(pointer: str, zh: str, en: str) -> dict[str, Any]:
    return {"pointer": pointer, "code": "field.invalid", "message": {"zh": zh, "en": en}}
