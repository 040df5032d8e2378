"""Quoting: what a wish costs, line by line, and what secures its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services.booking import terms
from services.booking.domain.deposit import (
    DepositDue,
    DepositMoney,
    deposit_cents,
    earnest_warning,
)
from services.booking.domain.pricing import Occasion, price
from services.booking.models import AddOn, Service
from services.booking.queries import catalogue
from services.chassis.db import UnitOfWork
from services.contracts.catalogue import AddOnSoldOut, AddOnUnknown, ServiceUnknown
from services.contracts.scheduling import LIST_BRANCH_DAYS, LIST_BRANCHES, BranchUnknown

CODES = {"holiday": 8, "work_day": 9}
SPECIAL = frozenset(CODES.values())
"""Kinds of day that no calendar of weekdays knows, as price rules name them."""


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
class Quote:
    """What is asked: the lines add up to the total; the deposit secures the time."""

    lines: Sequence[Line]
    deposit_cents: int
    currency: str

    @property
    def total_cents(self) -> int:
        """What all of it costs."""
        return sum(line.quantity * line.unit_cents for line in self.lines)


def quote(
    *,
    uow: UnitOfWork,
    scheduling: Any,
    service_id: UUID,
    branch_id: UUID,
    start: datetime,
    add_ons: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """Return what a wish would cost now; nothing is held by asking.

    Errors:  ServiceUnknown; BranchUnknown; AddOnUnknown, AddOnSoldOut.
    """
    known = LIST_BRANCHES.response.load(scheduling.list_branches())["items"]
    zone = next((branch["timezone"] for branch in known if branch["id"] == branch_id), None)
    if zone is None:
        raise BranchUnknown(branch_id=str(branch_id))
    with uow.read() as session:
        service = active_service(session, service_id)
        asks = depends_on_special_days(session)
    special = special_day(scheduling, branch_id, start, zone) if asks else None
    with uow.read() as session:
        occasion = occasion_of(service_id, branch_id, start, zone, special)
        asked = of_wish(session, service, occasion, add_ons)
    earnest = service.deposit["money"] == DepositMoney.EARNEST
    excess = earnest_warning(asked.total_cents, asked.deposit_cents).excess_cents
    return {
        "lines": asked.lines,
        "total_cents": asked.total_cents,
        "deposit_cents": asked.deposit_cents,
        "earnest_excess_cents": excess if earnest else 0,
        "currency": asked.currency,
    }


def active_service(session: Session, service_id: UUID) -> Service:
    """Return a package that is sold; whether a branch offers it is scheduling's to say.

    Errors:  ServiceUnknown.
    """
    service = catalogue.service(session, service_id)
    if service is None or not service.active:
        raise ServiceUnknown()
    return service


def depends_on_special_days(session: Session) -> bool:
    """Tell whether some price is another on holidays or make-up work days."""
    return any(SPECIAL & (rule.match.weekdays or set()) for rule in catalogue.price_rules(session))


def special_day(scheduling: Any, branch_id: UUID, start: datetime, timezone: str) -> int | None:
    """Return the code of a start's day if it is a holiday or a make-up work day.

    Only scheduling knows: ask only where some price depends on it.

    Errors:  BranchUnknown.
    """
    day = start.astimezone(ZoneInfo(timezone)).date()
    told = scheduling.list_branch_days(branch_id=branch_id, **{"from": day, "to": day})
    days = LIST_BRANCH_DAYS.response.load(told)["special_days"]
    return next((CODES.get(each["kind"]) for each in days if each["day"] == day), None)


def occasion_of(
    service_id: UUID, branch_id: UUID, start: datetime, timezone: str, special: int | None
) -> Occasion:
    """Return what a price depends on, by the branch's wall clock."""
    return Occasion(
        starts=start.astimezone(ZoneInfo(timezone)).replace(tzinfo=None),
        branch_id=branch_id,
        services={service_id},
        special=special,
    )


def of_wish(
    session: Session, service: Service, occasion: Occasion, picked: Sequence[dict[str, Any]]
) -> Quote:
    """Return what a service costs on an occasion with what was picked beside it.

    Errors:  AddOnUnknown, AddOnSoldOut.
    """
    lines = [
        *_service_lines(session, service, occasion),
        *_add_on_lines(session, service.id, picked),
    ]
    total = sum(line.quantity * line.unit_cents for line in lines)
    policy = terms.deposit_of(service.deposit)
    first = deposit_cents(policy, total) if policy.due is DepositDue.BOOKING else 0
    return Quote(lines=lines, deposit_cents=first, currency=service.currency)


def check_add_ons(session: Session, service_id: UUID, picked: Sequence[dict[str, Any]]) -> None:
    """Refuse what cannot be bought now.

    Errors:  AddOnUnknown, AddOnSoldOut.
    """
    _add_on_lines(session, service_id, picked)


def _service_lines(session: Session, service: Service, occasion: Occasion) -> list[Line]:
    base, *reasons = price(service.price_cents, catalogue.price_rules(session), occasion).lines
    return [
        Line(
            kind="service",
            label=service.name,
            unit_cents=base.cents,
            reference_id=service.id,
            version=service.version,
        ),
        *(
            Line(
                kind="extra" if reason.cents >= 0 else "discount",
                label=dict(reason.label),
                unit_cents=reason.cents,
                reference_id=reason.rule,
            )
            for reason in reasons
        ),
    ]


def _add_on_lines(
    session: Session, service_id: UUID, picked: Sequence[dict[str, Any]]
) -> list[Line]:
    known = catalogue.add_ons(session, [each["id"] for each in picked])
    return [_add_on_line(known.get(each["id"]), service_id, each["quantity"]) for each in picked]


def _add_on_line(add_on: AddOn | None, service_id: UUID, quantity: int) -> Line:
    if add_on is None or not add_on.active or not _goes_with(add_on, service_id):
        raise AddOnUnknown()
    left = quantity if add_on.stock is None else add_on.stock - add_on.taken
    if quantity > min(left, add_on.max_quantity):
        raise AddOnSoldOut(add_on_id=str(add_on.id), left=max(min(left, add_on.max_quantity), 0))
    return Line(
        kind="add_on",
        label=add_on.name,
        unit_cents=add_on.price_cents,
        quantity=quantity,
        reference_id=add_on.id,
        version=add_on.version,
    )


def _goes_with(add_on: AddOn, service_id: UUID) -> bool:
    return not add_on.service_ids or service_id in add_on.service_ids
