"""Quoting: what a wish costs, line by line, and what secures its time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
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
from services.booking.domain.pricing import Occasion, PriceRule, price
from services.booking.models import AddOn, Package, Service
from services.booking.queries import catalogue
from services.booking.usecases import benefits, sold
from services.booking.usecases.sold import Line, Sold
from services.chassis.db import UnitOfWork
from services.contracts.catalogue import AddOnSoldOut, AddOnUnknown, NotTogether
from services.contracts.scheduling import (
    LIST_BRANCH_DAYS,
    LIST_BRANCHES,
    SKILL_LEVELS,
    BranchUnknown,
)

CODES = {"holiday": 8, "work_day": 9}
SPECIAL = frozenset(CODES.values())
"""Kinds of day that no calendar of weekdays knows, as price rules name them."""


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


@dataclass(frozen=True, kw_only=True)
class Asks:
    """What the prices depend on that only scheduling knows."""

    special_days: bool
    levels: bool


def quote(
    *,
    uow: UnitOfWork,
    scheduling: Any,
    crm: Any,
    branch_id: UUID,
    start: datetime,
    coupon_code: str | None,
    **wish: Any,
) -> dict[str, Any]:
    """Return what a wish would cost now; nothing is held by asking.

    What a member's level saves is told to nobody who only gives a phone number.

    Shapes:  `wish` = {"service_id", "also", "package_id", "resource_ids", "preferred", "add_ons"}.
    Errors:  those of sold.find; BranchUnknown; AddOnUnknown, AddOnSoldOut, NotTogether;
             COUPON_ERRORS.
    """
    known = LIST_BRANCHES.response.load(scheduling.list_branches())["items"]
    zone = next((branch["timezone"] for branch in known if branch["id"] == branch_id), None)
    if zone is None:
        raise BranchUnknown(branch_id=str(branch_id))
    with uow.read() as session:
        wanted = sold.find(session, wish)
    named = wish | {"resource_ids": [*wish["resource_ids"], *wish["preferred"]]}
    occasion = occasion_of(
        uow, scheduling, wanted, named, branch_id=branch_id, start=start, timezone=zone
    )
    asked = price_of(uow, wanted, occasion, wish["add_ons"])
    if coupon_code is not None:
        off = benefits.coupon_line(
            crm,
            service_ids=sorted(wanted.ids),
            total_cents=asked.total_cents,
            coupon_code=coupon_code,
        )
        asked = price_of(uow, wanted, occasion, wish["add_ons"], off=[off])
    earnest = wanted.deposit_money == DepositMoney.EARNEST
    excess = earnest_warning(asked.total_cents, asked.deposit_cents).excess_cents
    return {
        "lines": asked.lines,
        "total_cents": asked.total_cents,
        "deposit_cents": asked.deposit_cents,
        "earnest_excess_cents": excess if earnest else 0,
        "currency": asked.currency,
    }


def occasion_of(
    uow: UnitOfWork,
    scheduling: Any,
    wanted: Sold,
    wish: dict[str, Any],
    *,
    branch_id: UUID,
    start: datetime,
    timezone: str,
) -> Occasion:
    """Return what a wish's price depends on, by the branch's wall clock.

    Shapes:  `wish` = {"resource_ids", …}: who serves because they were asked for.
    Scheduling is asked only for what some price depends on.

    Errors:  BranchUnknown.
    """
    with uow.read() as session:
        asks = _depends_on(session)
    starts = start.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    named = wish["resource_ids"]
    return Occasion(
        starts=starts,
        branch_id=branch_id,
        services=wanted.ids,
        special=_special_day(scheduling, branch_id, starts.date()) if asks.special_days else None,
        levels=_levels(scheduling, named) if asks.levels and named else (),
    )


def price_of(
    uow: UnitOfWork,
    wanted: Sold,
    occasion: Occasion,
    picked: Sequence[dict[str, Any]],
    off: Sequence[Line] = (),
) -> Quote:
    """Return what is sold costs on an occasion with what was picked, less what is taken off.

    Errors:  AddOnUnknown, AddOnSoldOut, NotTogether.
    """
    with uow.read() as session:
        return _of_wish(session, wanted, occasion, picked, off)


def _depends_on(session: Session) -> Asks:
    """Return what some price depends on that only scheduling knows."""
    rules = catalogue.price_rules(session)
    return Asks(
        special_days=any(SPECIAL & (rule.match.weekdays or set()) for rule in rules),
        levels=any(rule.match.skill is not None for rule in rules),
    )


def _special_day(scheduling: Any, branch_id: UUID, day: date) -> int | None:
    """Return the code of a day if it is a holiday or a make-up work day."""
    told = scheduling.list_branch_days(branch_id=branch_id, **{"from": day, "to": day})
    days = LIST_BRANCH_DAYS.response.load(told)["special_days"]
    return next((CODES.get(each["kind"]) for each in days if each["day"] == day), None)


def _levels(scheduling: Any, resource_ids: Sequence[UUID]) -> tuple[tuple[str, int], ...]:
    """Return the skills with their levels of those who are wished for by name."""
    told = SKILL_LEVELS.response.load(scheduling.skill_levels(resource_ids=resource_ids))
    return tuple(level for each in told["items"] for level in each["skills"].items())


def _of_wish(
    session: Session,
    wanted: Sold,
    occasion: Occasion,
    picked: Sequence[dict[str, Any]],
    off: Sequence[Line],
) -> Quote:
    """Return what is sold costs on an occasion with what was picked beside it.

    Each service asks for its own deposit; what was picked and what is taken off counts with the
    first one. All of them together ask for no more than there is to pay.
    """
    beside = [*_add_on_lines(session, wanted, picked), *off]
    rules = catalogue.price_rules(session)
    parts = [
        (each, _priced(each, rules, occasion))
        for each in ([wanted.package] if wanted.package is not None else wanted.services)
    ]
    extra = sum(line.quantity * line.unit_cents for line in beside)
    first = sum(
        _deposit(each, max(sum(line.unit_cents for line in lines) + (0 if place else extra), 0))
        for place, (each, lines) in enumerate(parts)
    )
    lines = [line for _, of_part in parts for line in of_part] + beside
    asked = Quote(lines=lines, deposit_cents=first, currency=wanted.terms.currency)
    return replace(asked, deposit_cents=max(min(first, asked.total_cents), 0))


def check_add_ons(session: Session, wanted: Sold, picked: Sequence[dict[str, Any]]) -> None:
    """Refuse what cannot be bought now.

    Errors:  AddOnUnknown, AddOnSoldOut, NotTogether.
    """
    _add_on_lines(session, wanted, picked)


def _deposit(of: Service | Package, total_cents: int) -> int:
    policy = terms.deposit_of(of.deposit)
    return deposit_cents(policy, total_cents) if policy.due is DepositDue.BOOKING else 0


def _priced(of: Service | Package, rules: Sequence[PriceRule], occasion: Occasion) -> list[Line]:
    base, *reasons = price(of.price_cents, rules, occasion).lines
    return [
        Line(
            kind="service" if isinstance(of, Service) else "package",
            label=of.name,
            unit_cents=base.cents,
            reference_id=of.id,
            version=of.version,
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


def _add_on_lines(session: Session, wanted: Sold, picked: Sequence[dict[str, Any]]) -> list[Line]:
    known = catalogue.add_ons(session, [each["id"] for each in picked])
    return [_add_on_line(known.get(each["id"]), wanted, each["quantity"]) for each in picked]


def _add_on_line(add_on: AddOn | None, wanted: Sold, quantity: int) -> Line:
    if add_on is None or not add_on.active or not _goes_with(add_on, wanted.ids):
        raise AddOnUnknown()
    if add_on.currency != wanted.terms.currency:
        raise NotTogether(differs="currency")
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


def _goes_with(add_on: AddOn, sold_ids: set[UUID]) -> bool:
    return not add_on.service_ids or not sold_ids.isdisjoint(add_on.service_ids)
