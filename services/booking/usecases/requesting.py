"""Requesting: a customer's wish becomes a held time and a booking."""

from datetime import datetime
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from services.booking import domain, phones, queries, views
from services.booking.domain import Status
from services.booking.links import Links
from services.booking.models import Booking, Service
from services.booking.usecases import settling, steps
from services.chassis import idempotency
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.booking import BookingCreated
from services.contracts.catalogue import ServiceUnknown
from services.contracts.scheduling import HOLD

BOOKING_IDS = UUID("6f1d0a52-6d6c-5c1e-9f5e-0d4b6a3c7e21")
"""Namespace of booking ids; another value would let a retry across a release book twice."""

SPENT = {"expired", "released"}
"""States of a hold that no longer has its time; a confirmed one belongs to a quicker retry."""

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
             other refusals.
    """
    key = f"request:{uow.context.actor['kind']}:{idempotency_key}"
    digest = idempotency.fingerprint(wish)
    answer = idempotency.recall(uow, key=key, fingerprint=digest)
    if answer is None:
        service = _active(uow, wish["service_id"])
        phone = phones.normalise(wish["contact"]["phone"])
        hold = _hold(scheduling, f"{key}:{digest}", wish, now)
        record = partial(
            _record, now=now, links=links, service=service, phone=phone, hold=hold, wish=wish
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


def _active(uow: UnitOfWork, service_id: UUID) -> Service:
    """Return a package; whether the branch offers it, or exists, is scheduling's to say."""
    with uow.read() as session:
        service = queries.service(session, service_id)
    if service is None or not service.active:
        raise ServiceUnknown()
    return service


def _hold(scheduling: Any, request_id: str, wish: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return a hold; a retry whose first try died half-way meets its own by the same id.

    When that one has run out since, its id is spent and the next one is not.
    """
    asked = {name: wish[name] for name in ("service_id", "branch_id", "start", "resource_ids")}
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
    wish: dict[str, Any],
) -> dict[str, Any]:
    branch = hold["branch"]
    number = domain.booking_number(queries.next_sequence(tx.session), now, branch["timezone"])
    name = wish["contact"]["name"]
    text = domain.haystack(number, name, phone, phones.national(phone))
    booking = Booking(
        id=hold["booking_id"],
        number=number,
        version=1,
        status=Status.HELD,
        service_id=service.id,
        service_name=service.name,
        price_cents=service.price_cents,
        deposit_cents=service.deposit_cents,
        currency=service.currency,
        branch_id=branch["id"],
        branch_name=branch["name"],
        branch_address=branch["address"],
        branch_phone=branch["phone"],
        timezone=branch["timezone"],
        contact_name=name,
        contact_phone=phone,
        search_text=text,
        search_terms=domain.grams(text),
        note=wish["note"],
        answers=wish["answers"],
        channel=wish["channel"],
        hold_expires_at=hold["expires_at"],
        requested_at=now,
    )
    steps.take_time(booking, hold)
    tx.session.add(booking)
    tx.session.flush()
    steps.enter(tx, booking, "charge", booking.price_cents, now)
    steps.tell(tx, "booking.requested", booking, links)
    stored: dict[str, Any] = STORED.dump(views.created(booking))
    return stored
