"""The terms of a sale: as JSON in rows and on the wire, as values to the rules, and back."""

from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any
from uuid import UUID

from services.booking.domain.deposit import DepositDue, DepositKind, DepositMoney, DepositPolicy
from services.booking.domain.policy import DEFAULT_POLICY, Cause, Fee, Policy, Tier
from services.booking.domain.pricing import DateRange, Effect, Match, PriceRule
from services.booking.domain.schedule import Anchor, Part, PartRule

Json = dict[str, Any]

MANY = 1_000_000

UNBOUND_POLICY: Policy = tuple(Tier(cause=cause, free_moves=MANY) for cause in Cause)
"""While nothing is agreed yet all may be changed, and all that was paid goes back."""


def deposit_of(stored: Json) -> DepositPolicy:
    """Return a deposit policy as the rules take it."""
    return DepositPolicy(
        kind=DepositKind(stored["kind"]),
        value=stored["value"],
        due=DepositDue(stored["due"]),
        money=DepositMoney(stored["money"]),
    )


def policy_of(stored: Sequence[Json]) -> Policy:
    """Return the terms of moves and cancellations; none agreed means the default ones."""
    return tuple(_tier(tier) for tier in stored) or DEFAULT_POLICY


def schedule_of(stored: Sequence[Json]) -> tuple[PartRule, ...]:
    """Return the agreed parts of a payment schedule."""
    return tuple(
        PartRule(**part | {"part": Part(part["part"]), "anchor": Anchor(part["anchor"])})
        for part in stored
    )


def usual_schedule(deposit_cents: int) -> tuple[PartRule, ...]:
    """Return what is agreed when nothing else is: the deposit at once, the rest on the day."""
    rest = PartRule(kind="balance", part=Part.REST, anchor=Anchor.START)
    if not deposit_cents:
        return (rest,)
    return PartRule(kind="deposit", part=Part.AMOUNT, value=deposit_cents), rest


def rule_of(
    *, id: UUID, label: Json, effect: str, value: int, match: Json, priority: int, exclusive: bool
) -> PriceRule:
    """Return a price rule as the rules take it."""
    return PriceRule(
        id=id,
        label=label,
        effect=Effect(effect),
        value=value,
        match=_match(match),
        priority=priority,
        exclusive=exclusive,
    )


def _tier(stored: Json) -> Tier:
    fees = {name: Fee(**stored[name]) for name in ("move_fee", "cancel_fee")}
    return Tier(**stored | fees | {"cause": Cause(stored["cause"])})


def _match(stored: Json) -> Match:
    def some(name: str, read: Callable[[Any], Any]) -> Any:
        return None if stored.get(name) is None else frozenset(read(each) for each in stored[name])

    def clock(name: str) -> time | None:
        return None if stored.get(name) is None else time.fromisoformat(stored[name])

    dates = stored.get("dates")
    return Match(
        weekdays=some("weekdays", int),
        dates=None if dates is None else tuple(_dates(each) for each in dates),
        branch_ids=some("branch_ids", UUID),
        service_ids=some("service_ids", UUID),
        skill=stored.get("skill"),
        skill_levels=some("skill_levels", int),
        from_time=clock("from_time"),
        to_time=clock("to_time"),
    )


def _dates(stored: Json) -> DateRange:
    return DateRange(
        first=date.fromisoformat(stored["first"]),
        last=date.fromisoformat(stored["last"]),
        yearly=stored.get("yearly", False),
    )
