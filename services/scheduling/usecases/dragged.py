"""What a booking shall become when one of its allocations is dragged on the calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.contracts.scheduling import (
    AllocationUnknown,
    HoldExpired,
    HoldReleased,
    ResourceUnknown,
    ResourceUnsuitable,
    SpanInvalid,
)
from services.scheduling.domain.faults import pointed
from services.scheduling.domain.holds import HoldState, has_expired
from services.scheduling.domain.lines import Line, locking
from services.scheduling.domain.moves import covers, later, moved_start, refit
from services.scheduling.domain.spans import Span
from services.scheduling.models import Hold, Resource
from services.scheduling.queries import availability, holds, moves
from services.scheduling.queries.moves import Row
from services.scheduling.usecases import blocks, offers
from services.scheduling.usecases.acquire import ALL_UNITS, as_range
from services.scheduling.usecases.offers import Offer
from services.scheduling.usecases.placing import span_of

MEANT = ("resource_id", "during", "serving")
"""What of an allocation staff can change; the rest follows."""


@dataclass(frozen=True, kw_only=True)
class Booking:
    """A booking that is being dragged by its `target`, as it was before.

    Shapes:  `span` when it takes place, as the customer was told.
    """

    hold: Hold
    offer: Offer
    span: Span
    rows: Sequence[Row]
    target: Row

    @property
    def lines(self) -> Mapping[str | None, Line]:
        """Return the lines of its service as they are now."""
        return {line.key: line for line in self.offer.terms.lines}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a booking shall become: its time, and those of its allocations that change."""

    span: Span
    rows: Sequence[Row]
    heed: bool = True


def lock(session: Session, known: Row, now: datetime) -> Booking:
    """Return the booking of an allocation, and let nobody else change it until the end.

    Errors:  HoldReleased, HoldExpired; AllocationUnknown when it was made anew meanwhile.
    """
    hold = holds.lock_hold(session, known["booking_id"])
    assert hold is not None, "a foreign key says so"
    if hold.state == HoldState.RELEASED:
        raise HoldReleased(booking_id=str(hold.booking_id))
    if has_expired(hold.state, hold.expires_at, now):
        raise HoldExpired(booking_id=str(hold.booking_id))
    rows = moves.rows_of(session, hold.booking_id)
    target = next((row for row in rows if row["id"] == known["id"]), None)
    if target is None:
        raise AllocationUnknown(id=str(known["id"]))
    return Booking(
        hold=hold,
        offer=offers.of_hold(session, hold),
        span=Span(hold.start_at, hold.end_at),
        rows=rows,
        target=target,
    )


def moved(
    session: Session, booking: Booking, start: datetime, resource_id: UUID | None, now: datetime
) -> Wanted:
    """Return the booking when its target serves from another start, or is another resource.

    Errors:  StartPast, StartNotOffered; ResourceUnknown, ResourceUnsuitable.
    """
    before, target = booking.span, booking.target
    line = booking.lines.get(target["line"])
    begin = moved_start(
        before.start,
        span_of(target["serving"]),
        start,
        booking.offer.zone,
        whole_days=line is not None and line.whole_days,
    )
    if begin != before.start:
        offers.check_start(begin, now)
    rows = [_later(booking, row, begin) for row in booking.rows]
    if resource_id not in (None, target["resource_id"]):
        rows = [
            _handed_over(session, booking, row, resource_id, now)
            if row["id"] == target["id"]
            else row
            for row in rows
        ]
    if booking.hold.also:
        rows = _buffered(booking, rows)
    span = later(before, begin - before.start)
    return Wanted(span=span, rows=_changed(session, booking, rows))


def _later(booking: Booking, row: Row, begin: datetime) -> Row:
    """Return an allocation of the booking as it is when that begins at another time."""
    if begin == booking.span.start:
        return row
    serving = span_of(row["serving"])
    line = booking.lines.get(row["line"])
    if line is not None and line.whole_days:
        return _served(row, line.serving(begin, booking.offer.zone))
    return _served(row, later(serving, begin - booking.span.start))


def _served(row: Row, work: Span) -> Row:
    """Return an allocation that serves at another time, with the same buffers."""
    during = refit(span_of(row["during"]), span_of(row["serving"]), work)
    return {**row, "serving": as_range(work), "during": as_range(during)}


def _buffered(booking: Booking, rows: Sequence[Row]) -> list[Row]:
    """Return the allocations of several services with their buffers, but none within one's own.

    Who hands one of them over needs the buffer that lay within, and who takes it over does not.
    """
    known = [n for n, row in enumerate(rows) if row["line"] in booking.lines]
    works = [
        (
            (rows[n]["resource_id"], rows[n]["units"].lower),
            booking.lines[rows[n]["line"]],
            span_of(rows[n]["serving"]),
        )
        for n in known
    ]
    locked = dict(zip(known, map(as_range, locking(works)), strict=True))
    return [{**row, "during": locked.get(n, row["during"])} for n, row in enumerate(rows)]


def _handed_over(
    session: Session, booking: Booking, row: Row, resource_id: UUID, now: datetime
) -> Row:
    """Return an allocation that somebody else serves.

    Errors:  ResourceUnknown; ResourceUnsuitable when they do not fit the line.
    """
    resource = session.get(Resource, resource_id)
    if resource is None or not resource.active:
        raise ResourceUnknown(resource_id=str(resource_id))
    asked = replace(booking.offer, wished=frozenset([resource_id]))
    fitting = availability.fitting(session, asked.question_at(booking.span.start), now)
    if row["line"] not in fitting.get(resource_id, set()):
        raise pointed(ResourceUnsuitable, "/resource_id")
    units = row["units"]
    if row["session"] is None:
        units = blocks.FIRST_UNIT if resource.capacity > 1 else ALL_UNITS
    return {**row, "resource_id": resource_id, "units": units, "chosen_by": "wished"}


def _changed(session: Session, booking: Booking, rows: Sequence[Row]) -> list[Row]:
    """Return the allocations that become others, each where the booking takes place then.

    Who shares a session shares all of it: with one of its resources the others change, too.
    """
    moved_away = _location(rows) != _location(booking.rows)
    changed = [
        row
        for old, row in zip(booking.rows, rows, strict=True)
        if moved_away or any(old[name] != row[name] for name in MEANT)
    ]
    if any(row["session"] for row in changed):
        changed += [row for row in rows if row["session"] and row not in changed]
    return _at_place(session, booking, changed, _location(rows))


def _location(rows: Sequence[Row]) -> UUID | None:
    ids = (row["resource_id"] for row in rows if row["resource_type"] == "location")
    return next(ids, None)


def _at_place(
    session: Session, booking: Booking, rows: Sequence[Row], location_id: UUID | None
) -> list[Row]:
    """Return allocations with the place of the booking, and the way there for who is mobile."""
    ids = {row["resource_id"] for row in rows}
    known = moves.resources(session, ids if location_id is None else {*ids, location_id})
    place = booking.offer.branch if location_id is None else known[location_id]
    return [
        {
            **row,
            "place_id": place.id,
            "reach": as_range(span_of(row["during"]).widened(place.travel_minutes))
            if known[row["resource_id"]].mobile
            else None,
        }
        for row in rows
    ]


def resized(session: Session, booking: Booking, work: Span) -> Wanted:
    """Return the booking when its target serves for longer or shorter.

    Errors:  SpanInvalid.
    """
    before = booking.target
    row = _served(before, work)
    if row == before:
        return Wanted(span=booking.span, rows=[])
    during = span_of(row["during"])
    span = booking.span
    if len(booking.rows) == 1:
        if work.end <= span.start:
            raise pointed(SpanInvalid, "/end")
        span = Span(span.start, work.end)
    if during.end - during.start > blocks.LONGEST:
        raise pointed(SpanInvalid, "/end")
    return Wanted(
        span=span,
        rows=_at_place(session, booking, [row], _location(booking.rows)),
        heed=not covers(span_of(before["during"]), during),
    )
