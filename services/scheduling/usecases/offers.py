"""What a branch offers of some services: read and checked once, for every verb that needs it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.contracts.scheduling import (
    BranchUnknown,
    DayPartUnknown,
    OptionUnknown,
    ResourceUnknown,
    ResourceUnsuitable,
    ServicesNotCombinable,
    ServiceUnknown,
    StartNotOffered,
    StartPast,
)
from services.scheduling.domain import lines as line_rules
from services.scheduling.domain.faults import pointed
from services.scheduling.domain.lines import Line
from services.scheduling.domain.spans import local_date
from services.scheduling.models import Branch, Hold
from services.scheduling.queries import availability
from services.scheduling.queries import offers as offer_queries
from services.scheduling.queries.offers import Terms
from services.scheduling.queries.question import Question
from services.scheduling.usecases.combining import check_combinable, combined


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One service at one branch, for a customer who wishes for these resources.

    Shapes:  `also` the services that follow it in the same booking; `terms` and `lines` are those
             of all; `booking_id` a booking whose own time does not stand in its way.
    """

    terms: Terms
    service_id: UUID
    lines: Sequence[Line]
    wished: frozenset[UUID]
    also: tuple[UUID, ...] = ()
    customer_key: str | None = None
    booking_id: UUID | None = None

    @property
    def branch(self) -> Branch:
        """The branch at which it is offered."""
        return self.terms.branch

    @property
    def zone(self) -> str:
        """The IANA name of the branch's wall clock."""
        return self.terms.branch.timezone

    def question(self, first_day: date, last_day: date) -> Question:
        """Return the question after free time on these local dates."""
        return Question(
            service_id=self.service_id,
            also=self.also,
            branch_id=self.branch.id,
            zone=self.zone,
            lines=self.lines,
            step_minutes=self.terms.step_minutes,
            notice_minutes=self.terms.notice_minutes,
            horizon_days=self.terms.horizon_days,
            weekdays=self.terms.weekdays,
            duration_minutes=self.terms.duration_minutes,
            places=self.terms.places,
            first_day=first_day,
            last_day=last_day,
            wished=self.wished,
            quotas=self.quotas,
            customer_key=self.customer_key,
            ignored=self.booking_id,
        )

    def question_at(self, start: datetime) -> Question:
        """Return the question after free time on the local date of a start."""
        day = local_date(start, self.zone)
        return self.question(day, day)

    @property
    def quotas(self) -> list[dict[str, Any]]:
        """The quotas that could apply: those per customer only when it is known who that is."""
        return [
            quota
            for quota in self.terms.quotas
            if quota["per"] != "customer" or self.customer_key is not None
        ]

    def without_wishes(self) -> "Offer":
        """Return the same for a customer who takes anybody."""
        return replace(self, wished=frozenset())


def of_request(
    session: Session,
    *,
    service_id: UUID,
    branch_id: UUID,
    resource_ids: Collection[UUID],
    now: datetime,
    also: Sequence[UUID] = (),
    options: Collection[str] = (),
    customer_key: str | None = None,
    booking_id: UUID | None = None,
) -> Offer:
    """Return the offer that a customer asks about.

    Shapes:  `also` services that follow in the same booking, each when the one before has ended.
    Errors:  BranchUnknown, ServiceUnknown, ServicesNotCombinable, ResourceUnknown,
             ResourceUnsuitable, OptionUnknown.
    """
    service_ids = [service_id, *also]
    each = offer_queries.terms(session, service_ids=service_ids, branch_id=branch_id)
    if each is None:
        raise BranchUnknown(branch_id=str(branch_id))
    for id, one in zip(service_ids, each, strict=True):
        if not one.offered:
            raise ServiceUnknown(service_id=str(id))
    if also:
        check_combinable(service_ids, each)
    terms = combined(each)
    _check_options(terms.lines, options)
    offer = Offer(
        terms=terms,
        service_id=service_id,
        lines=line_rules.wanted(terms.lines, options),
        wished=frozenset(resource_ids),
        also=tuple(also),
        customer_key=customer_key,
        booking_id=booking_id,
    )
    _check_wishes(session, offer, list(dict.fromkeys(resource_ids)), now)
    return offer


def of_hold(session: Session, hold: Hold) -> Offer:
    """Return the offer that a hold was made from, whatever has become of the wishes since."""
    service_ids = [hold.service_id, *hold.also]
    each = offer_queries.terms(session, service_ids=service_ids, branch_id=hold.branch_id)
    assert each is not None, "a foreign key says so"
    terms = combined(each)
    return Offer(
        terms=terms,
        service_id=hold.service_id,
        lines=line_rules.wanted(terms.lines, hold.options),
        wished=frozenset(hold.resource_ids),
        also=tuple(hold.also),
        customer_key=hold.customer_key,
        booking_id=hold.booking_id,
    )


def check_start(start: datetime, now: datetime) -> None:
    """Refuse a start that no branch can offer; acquire sees to what this one offers.

    Errors:  StartPast, StartNotOffered.
    """
    if start < now:
        raise pointed(StartPast, "/start")
    if start - now > line_rules.MAX_HORIZON:
        raise pointed(StartNotOffered, "/start")


def part_hours(offer: Offer, part: str) -> tuple[time, time]:
    """Return the wall-clock hours of a part of the day.

    Errors:  DayPartUnknown; ServicesNotCombinable, for several services have an hour.
    """
    if offer.also:
        raise ServicesNotCombinable(service_id=str(offer.also[0]))
    hours = offer.terms.parts.get(part)
    if hours is None:
        raise pointed(DayPartUnknown, "/day_part")
    return hours


def _check_options(lines: Sequence[Line], options: Collection[str]) -> None:
    known = {line.option for line in lines if line.optional}
    for position, option in enumerate(options):
        if option not in known:
            raise pointed(OptionUnknown, f"/options/{position}")


def _check_wishes(
    session: Session, offer: Offer, resource_ids: Sequence[UUID], now: datetime
) -> None:
    """Refuse wishes that nobody could ever grant.

    Those who fit a line are given their places one by one, so that the first for whom none is left
    is the one that is pointed at.
    """
    if not resource_ids:
        return
    bookable = offer_queries.bookable_by_name(session, resource_ids)
    today = local_date(now, offer.zone)
    fitting = availability.fitting(session, offer.question(today, today), now)
    quantities = {line.key: line.quantity for line in offer.lines}
    granted: list[set[str]] = []
    for position, resource_id in enumerate(resource_ids):
        if resource_id not in bookable:
            raise ResourceUnknown(resource_id=str(resource_id))
        granted.append(fitting.get(resource_id, set()))
        if not bookable[resource_id] or not line_rules.can_seat(granted, quantities):
            raise pointed(ResourceUnsuitable, f"/resource_ids/{position}")
