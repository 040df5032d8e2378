"""Requesting: a customer's wish becomes a held time and a booking."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid5

import uuid6

from services.booking import phones, views
from services.booking.domain import words
from services.booking.domain.lifecycle import Status
from services.booking.domain.pricing import Occasion
from services.booking.links import Links
from services.booking.models import Booking, Order, Service
from services.booking.queries import bookings, catalogue
from services.booking.usecases import quoting, settling, steps
from services.booking.usecases.quoting import Quote
from services.chassis import idempotency
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.booking import BookingCreated
from services.contracts.catalogue import AddOnSoldOut
from services.contracts.errors import Invalid
from services.contracts.scheduling import ACCEPT_OFFER, HOLD, OfferExpired, customer_key

BOOKING_IDS = UUID("6f1d0a52-6d6c-5c1e-9f5e-0d4b6a3c7e21")
"""Namespace of booking ids; another value would let a retry across a release book twice."""

SPENT = {"expired", "released"}
"""States of a hold that no longer has its time; a confirmed one belongs to a quicker retry."""

WISHES = (
    "service_id",
    "branch_id",
    "start",
    "resource_ids",
    "preferred",
    "options",
    "day_part",
)
"""What scheduling is told of a wish."""

STORED = BookingCreated(exclude=("manage_token", "manage_url"))
"""What is kept under the idempotency key: the link is a secret and is made again."""


def request(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    links: Links,
    idempotency_key: str,
    wish: dict[str, Any],
) -> dict[str, Any]:
    """Hold the time and record the booking; the same key asks once, however often it is sent.

    Shapes:  `wish` is contracts.booking.NewBooking.
    Errors:  KeyReused; ServiceUnknown; PhoneInvalid; BranchUnknown, SlotTaken and scheduling's
             other refusals; WaitlistUnknown and OfferExpired of a waitlist's token.
    """
    key = f"request:{uow.context.actor['kind']}:{idempotency_key}"
    digest = idempotency.fingerprint(wish)
    answer = idempotency.recall(uow, key=key, fingerprint=digest)
    if answer is None:
        # What cannot be bought is refused before any time is held for it.
        with uow.read() as session:
            service = quoting.active_service(session, wish["service_id"])
            quoting.check_add_ons(session, service.id, wish["add_ons"])
            asks = quoting.depends_on_special_days(session)
        phone = phones.normalise(wish["contact"]["phone"])
        hold = _time(scheduling, f"{key}:{digest}", wish, phone, now)
        occasion = _occasion(scheduling, service, hold, asks_special=asks)
        record = partial(
            _record,
            now=now,
            links=links,
            service=service,
            phone=phone,
            hold=hold,
            occasion=occasion,
            wish=wish,
        )
        answer = idempotency.once(uow, key=key, fingerprint=digest, effect=record)
    created: dict[str, Any] = STORED.load(answer)
    if not created["deposit_cents"]:
        # Nothing to wait for. Also on a retry: the first try may have died before this.
        status = settling.settle_booking(
            uow=uow, now=now, scheduling=scheduling, links=links, booking_id=created["id"]
        )
        created |= {"status": status, "hold_expires_at": None}
    return created | {
        "manage_token": links.token(created["id"]),
        "manage_url": links.url(created["id"]),
    }


def _occasion(
    scheduling: Any, service: Service, hold: dict[str, Any], *, asks_special: bool
) -> Occasion:
    """Return what the price of a held time depends on."""
    branch, start = hold["branch"], hold["start"]
    place = (branch["id"], start, branch["timezone"])
    special = quoting.special_day(scheduling, *place) if asks_special else None
    return quoting.occasion_of(service.id, *place, special)


def _time(
    scheduling: Any, request_id: str, wish: dict[str, Any], phone: str, now: datetime
) -> dict[str, Any]:
    """Return the hold that the booking is made of: the offered one, or one of its own."""
    if wish["waitlist_token"] is not None:
        return _offered(scheduling, wish, now)
    return _hold(scheduling, request_id, wish, phone, now)


def _offered(scheduling: Any, wish: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return the hold of an offer of the waitlist, which has its own booking id.

    Errors:  WaitlistUnknown; OfferExpired; Invalid at what is not as it was offered.
    """
    accepted = scheduling.accept_offer(token=wish["waitlist_token"])
    answer: dict[str, Any] = ACCEPT_OFFER.response.load(accepted)
    hold: dict[str, Any] = answer["hold"]
    offered = answer["entry"] | {"start": hold["start"]}
    others = [name for name in ("service_id", "branch_id", "start") if wish[name] != offered[name]]
    if others:
        raise Invalid(errors=[_not_offered(name) for name in others])
    if _is_spent(hold, now):
        raise OfferExpired()
    return hold


def _not_offered(name: str) -> dict[str, Any]:
    message = {"zh": "与候补名额不一致", "en": "This is not what was offered"}
    return {"pointer": f"/{name}", "code": "field.invalid", "message": message}


def _hold(
    scheduling: Any, request_id: str, wish: dict[str, Any], phone: str, now: datetime
) -> dict[str, Any]:
    """Return a hold; a retry whose first try died half-way meets its own by the same id.

    When that one has run out since, its id is spent and the next one is not.
    """
    asked = {name: wish[name] for name in WISHES}
    asked["customer_key"] = customer_key(phone)
    ids = (uuid5(BOOKING_IDS, f"{request_id}:{attempt}") for attempt in count())
    holds = (HOLD.response.load(scheduling.hold(booking_id=one, **asked)) for one in ids)
    return next(hold for hold in holds if not _is_spent(hold, now))


def _is_spent(hold: dict[str, Any], now: datetime) -> bool:
    expires_at = hold["expires_at"]
    return hold["state"] in SPENT or (expires_at is not None and expires_at <= now)


def _record(
    tx: Transaction,
    *,
    now: datetime,
    links: Links,
    service: Service,
    phone: str,
    hold: dict[str, Any],
    occasion: Occasion,
    wish: dict[str, Any],
) -> dict[str, Any]:
    if hold["expires_at"] is None:
        raise OfferExpired()  # an offer that was booked under another key, and is confirmed
    quote = quoting.of_wish(tx.session, service, occasion, wish["add_ons"])
    order = _order(tx, service, hold, quote, wish["contact"]["name"], phone, now)
    booking = _booking(tx, service, hold, order, wish, now)
    tx.session.add(booking)
    tx.session.flush()
    for position, line in enumerate(quote.lines):
        steps.charge(tx, order, now=now, position=position, **asdict(line))
    if catalogue.take_add_ons(tx.session, order.id):
        raise AddOnSoldOut()  # to somebody quicker; the held time expires by itself
    steps.tell(tx, "booking.requested", booking, links)
    stored: dict[str, Any] = STORED.dump(views.created(booking, quote.total_cents))
    return stored


def _order(
    tx: Transaction,
    service: Service,
    hold: dict[str, Any],
    quote: Quote,
    name: str,
    phone: str,
    now: datetime,
) -> Order:
    timezone = hold["branch"]["timezone"]
    order = Order(
        id=uuid6.uuid7(),
        number=words.order_number(bookings.next_order_sequence(tx.session), now, timezone),
        branch_id=hold["branch"]["id"],
        timezone=timezone,
        title=service.name,
        contact_name=name,
        contact_phone=phone,
        currency=quote.currency,
        deposit_cents=quote.deposit_cents,
        deposit_money=service.deposit["money"],
        policy=service.policy,
        schedule=service.schedule,
        created_at=now,
    )
    tx.session.add(order)
    return order


def _booking(
    tx: Transaction,
    service: Service,
    hold: dict[str, Any],
    order: Order,
    wish: dict[str, Any],
    now: datetime,
) -> Booking:
    branch, phone = hold["branch"], order.contact_phone
    number = words.booking_number(bookings.next_sequence(tx.session), now, order.timezone)
    text = words.haystack(number, order.contact_name, phone, phones.national(phone))
    booking = Booking(
        id=hold["booking_id"],
        order=order,
        number=number,
        version=1,
        status=Status.HELD,
        service_id=service.id,
        service_version=service.version,
        service_name=service.name,
        needs_approval=service.needs_approval,
        branch_id=branch["id"],
        branch_name=branch["name"],
        branch_address=branch["address"],
        branch_phone=branch["phone"],
        timezone=order.timezone,
        contact_name=order.contact_name,
        contact_phone=phone,
        search_text=text,
        search_terms=words.grams(text),
        note=wish["note"],
        answers=wish["answers"],
        channel=wish["channel"],
        hold_expires_at=hold["expires_at"],
        requested_at=now,
    )
    steps.take_time(booking, hold)
    return booking
