"""Moving: another start is priced and asked for; when scheduling has moved, that is counted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.booking import views
from services.booking.domain import lifecycle
from services.booking.domain.lifecycle import Action, Status
from services.booking.domain.policy import Cause, Change, Decision
from services.booking.domain.pricing import Occasion, PriceRule, Text, price
from services.booking.links import Links
from services.booking.models import Booking, OrderLine
from services.booking.queries import accounts, bookings, catalogue
from services.booking.usecases import owing, packs, quoting, steps
from services.booking.usecases.sold import Sold
from services.chassis.db import Transaction, UnitOfWork

MOVE_FEE = {"zh": "改期费", "en": "Fee for the move"}
PRICE_DIFFERENCE = {"zh": "改期差价", "en": "Price difference of the move"}

PRICED = ("service", "package")
"""Kinds of order lines whose price depends on the day; what was bought beside them does not."""


@dataclass(frozen=True, kw_only=True)
class Repriced:
    """What was sold costs at the booking's own start and at another, by the rules of today.

    `label` says why they differ.
    """

    from_cents: int = 0
    to_cents: int = 0
    label: Text

    def difference(self, cause: Cause) -> int:
        """Return what a move is charged, or gives back; only the customer's own changes a price."""
        return self.to_cents - self.from_cents if cause is Cause.CUSTOMER else 0


def preview_move(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    start: datetime,
    cause: str,
) -> dict[str, Any]:
    """Return what a move would mean, were it made now; no time is held by asking.

    Errors:  BookingUnknown, ManageTokenInvalid; TransitionRefused; SessionExpired for customers.
    """
    whose = steps.blamed(access, cause)
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
        check(session, booking, access, start)
        decision = decide(session, booking, whose, now)
        total = accounts.account(session, booking.order_id).total
        most = accounts.price(session, booking.order_id)
    repriced = reprice(uow, scheduling, booking, start)
    difference = max(repriced.difference(whose), -most)
    return views.change(decision) | {
        "difference_cents": difference,
        "total_cents": total + decision.fee_cents + difference,
    }


def check(session: Session, booking: Booking, access: steps.Access, start: datetime) -> None:
    """Refuse a move that may not be made; staff may go beyond the days of a package.

    Errors:  TransitionRefused; SessionExpired.
    """
    steps.check_transition(booking, Action.RESCHEDULE)
    if not steps.is_staff(access):
        packs.check_day(session, booking, start)


def decide(session: Session, booking: Booking, cause: Cause, now: datetime) -> Decision:
    """Return what the policy says of a move."""
    payments = accounts.payments_of(session, booking.order_id)
    return steps.outlook(session, booking, payments, now)(Change.MOVE, cause)


def reprice(uow: UnitOfWork, scheduling: Any, booking: Booking, start: datetime) -> Repriced:
    """Return what was sold costs at another start; a further appointment of a pack costs nothing.

    Asked outside of any transaction: scheduling knows which days are special. Of the people that
    were wished for only those count that were paid for.
    """
    if booking.follows:
        return Repriced(label=PRICE_DIFFERENCE)
    with uow.read() as session:
        rules = catalogue.price_rules(session)
        lines = accounts.lines_of(session, booking.order_id)
        wanted = _sold(session, booking, lines)
    asked = partial(
        quoting.occasion_of,
        uow,
        scheduling,
        wanted,
        {"resource_ids": []},
        branch_id=booking.branch_id,
        timezone=booking.timezone,
    )
    levels = _levels(rules, lines)
    old, new = (
        _reasons(lines, rules, replace(asked(start=each), levels=levels))
        for each in (booking.starts_at, start)
    )
    return Repriced(
        from_cents=sum(cents for _, cents in old.values()),
        to_cents=sum(cents for _, cents in new.values()),
        label=_label(old, new),
    )


def ask(
    tx: Transaction,
    booking: Booking,
    *,
    start: datetime,
    cause: Cause,
    repriced: Repriced,
    keep_price: bool,
    now: datetime,
) -> None:
    """Note on a locked booking what scheduling is about to be asked.

    The move is counted and charged by it, whoever hears first that it was made.
    """
    one = {
        "start": start.isoformat(),
        "after_revision": booking.schedule_revision,
        "cause": str(cause),
        "at": now.isoformat(),
        "keep_price": keep_price,
        "from_cents": repriced.from_cents,
        "to_cents": repriced.to_cents,
        "label": dict(repriced.label),
    }
    booking.asked_moves = [*_others(booking, start), one]


def take_back(*, uow: UnitOfWork, booking_id: UUID, start: datetime) -> None:
    """Forget a move that scheduling has refused."""
    with uow.begin() as tx:
        booking = bookings.lock_booking(tx.session, booking_id)
        if booking is not None:
            booking.asked_moves = _others(booking, start)


def apply_move(
    tx: Transaction, booking: Booking, hold: dict[str, Any], links: Links, now: datetime
) -> bool:
    """Follow scheduling to a new time or crew; return false when there is nothing to follow.

    Only another start counts as a move of the booking: who else serves it is the studio's affair.
    A move that was asked for here is counted by its answer or by its news, and once.
    """
    if not lifecycle.has_time(booking.status):
        return False
    is_news = hold["revision"] > booking.schedule_revision
    difference = _count(tx, booking, hold, now, is_news=is_news)
    if not is_news:
        return False
    previous_start = booking.starts_at
    steps.take_time(booking, hold)
    booking.version += 1
    booking.in_conflict = False
    booking.reschedule_count += booking.starts_at != previous_start
    if difference < 0:
        steps.give_back_surplus(tx, booking, now)
        owing.tell_due(tx, booking, links)
    steps.tell(tx, "booking.rescheduled", booking, links, previous_start=previous_start)
    return True


def _count(
    tx: Transaction, booking: Booking, hold: dict[str, Any], now: datetime, *, is_news: bool
) -> int:
    """Count a move that was asked for, and charge it; return the difference of the price.

    A move that another one has overtaken is counted too, but nobody comes at its price.
    """
    asked = next((one for one in booking.asked_moves if _is_answered(one, hold)), None)
    if asked is None:
        return 0
    booking.asked_moves = _others(booking, hold["start"])
    at = datetime.fromisoformat(asked["at"])
    decision = decide(tx.session, booking, Cause(asked["cause"]), at)
    booking.moves_used += decision.counts_as_move
    difference = _charge_difference(tx, booking, asked, now) if is_news else 0
    if decision.fee_cents:
        steps.charge(tx, booking.order, "fee", MOVE_FEE, decision.fee_cents, now, position=100)
    if not is_news:
        booking.version += 1
        steps.ask_again(booking)
    return difference


def _charge_difference(
    tx: Transaction, booking: Booking, asked: dict[str, Any], now: datetime
) -> int:
    """Charge what another start costs more, or less, and let the deposit follow."""
    order = booking.order
    prices = Repriced(**{name: asked[name] for name in ("from_cents", "to_cents", "label")})
    wanted = 0 if asked["keep_price"] else prices.difference(Cause(asked["cause"]))
    # What the order is charged for now: moves that are still under way go on from there.
    charged = {"from_cents": prices.from_cents + wanted}
    booking.asked_moves = [one | charged for one in booking.asked_moves]
    difference = max(wanted, -accounts.price(tx.session, order.id))
    if not difference:
        return 0
    before = accounts.account(tx.session, order.id).total
    steps.charge(tx, order, "adjustment", asked["label"], difference, now, position=100)
    after = before + difference
    pays_all = booking.status == Status.HELD and order.deposit_cents == before
    order.deposit_cents = after if pays_all else min(order.deposit_cents, after)
    return difference


def _is_answered(asked: dict[str, Any], hold: dict[str, Any]) -> bool:
    """Tell whether a time is what was asked for; older news may name the same start."""
    start = datetime.fromisoformat(asked["start"])
    return bool(start == hold["start"] and asked["after_revision"] < hold["revision"])


def _others(booking: Booking, start: datetime) -> list[dict[str, Any]]:
    """Return the moves that were asked to other starts; to one start only one is under way."""
    return [one for one in booking.asked_moves if datetime.fromisoformat(one["start"]) != start]


def _sold(session: Session, booking: Booking, lines: Sequence[OrderLine]) -> Sold:
    """Return what of the catalogue a booking is, as price rules name it."""
    ids = [booking.service_id, *(UUID(each["id"]) for each in booking.also)]
    known = catalogue.services(session, ids)
    packages = [line.reference_id for line in lines if line.kind == "package"]
    found = [catalogue.package(session, each) for each in packages if each is not None]
    return Sold(services=list(known.values()), package=next(iter(found), None))


def _levels(rules: Sequence[PriceRule], lines: Sequence[OrderLine]) -> tuple[tuple[str, int], ...]:
    """Return the levels of skill that an order was charged for."""
    charged = {line.reference_id for line in lines}
    matches = [rule.match for rule in rules if rule.id in charged]
    return tuple(
        (match.skill, level)
        for match in matches
        if match.skill is not None
        for level in match.skill_levels or (0,)
    )


def _reasons(
    lines: Sequence[OrderLine], rules: Sequence[PriceRule], occasion: Occasion
) -> dict[UUID | None, tuple[Text, int]]:
    """Return why what was sold costs what it costs: cents by the rule that is the reason."""
    found: dict[UUID | None, tuple[Text, int]] = {}
    for line in lines:
        if line.kind in PRICED:
            for reason in price(line.unit_cents, rules, occasion).lines:
                _, cents = found.get(reason.rule, (reason.label, 0))
                found[reason.rule] = (reason.label, cents + reason.cents)
    return found


def _label(
    old: dict[UUID | None, tuple[Text, int]], new: dict[UUID | None, tuple[Text, int]]
) -> Text:
    """Return the words of the one rule that makes two prices differ, or words for all of them."""
    both = old | new
    nothing = (PRICE_DIFFERENCE, 0)
    differ = [rule for rule in both if old.get(rule, nothing)[1] != new.get(rule, nothing)[1]]
    if len(differ) != 1 or differ[0] is None:
        return PRICE_DIFFERENCE
    return both[differ[0]][0]
