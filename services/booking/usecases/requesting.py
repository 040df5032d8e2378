"""Requesting: a customer's wish becomes a held time and a booking."""

import logging
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import uuid6
from sqlalchemy.orm import Session

from services.booking import phones, views
from services.booking.domain import visits, words
from services.booking.domain.lifecycle import Status
from services.booking.links import Links
from services.booking.models import Booking, Order
from services.booking.queries import accounts, bookings, catalogue, drafts
from services.booking.queries import packs as sessions
from services.booking.usecases import benefits, packs, quoting, settling, sold, steps
from services.booking.usecases.forms import requested
from services.booking.usecases.forms.requested import Checked
from services.booking.usecases.quoting import Quote
from services.booking.usecases.sold import Sold
from services.chassis import idempotency
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.booking import BookingCreated
from services.contracts.catalogue import AddOnSoldOut, OfferAlone
from services.contracts.errors import Conflict, Invalid, NotFound, YingqiError
from services.contracts.scheduling import ACCEPT_OFFER, HOLD, OfferExpired, customer_key

logger = logging.getLogger(__name__)

BOOKING_IDS = UUID("6f1d0a52-6d6c-5c1e-9f5e-0d4b6a3c7e21")
"""Namespace of booking ids; another value would let a retry across a release book twice."""

SPENT = {"expired", "released"}
"""States of a hold that no longer has its time; a confirmed one belongs to a quicker retry."""

WISHES = (
    "service_id",
    "also",
    "branch_id",
    "start",
    "resource_ids",
    "preferred",
    "options",
    "day_part",
)
"""What scheduling is told of a wish."""

WAITED_FOR = ("resource_ids", "options")
"""What of a wish the waitlist has kept, so that nobody has to send it again."""

ALONE = ("also", "package_id", "add_ons", "coupon_code")
"""What cannot be bought with a session of a package: that one is paid already."""

REFUSALS = (Conflict, Invalid, NotFound)
"""What will be refused again. Of any other error nobody knows what was written."""

FORM_ZONE = ZoneInfo("Asia/Shanghai")
"""Whose today a form's dates are counted from: forms belong to no branch."""

STORED = BookingCreated(exclude=("manage_token", "manage_url"))
"""What is kept under the idempotency key: the link is a secret and is made again."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A wish that was looked at: what is sold, to whom, for which held time, at which price.

    Of a package's session there is no price. `answers` are by the place of the service that asks.
    `branch_ids` are those at which the asker may write bookings, as of `request`.
    """

    wish: dict[str, Any]
    branch_ids: list[UUID] | None
    wanted: Sold
    phone: str
    hold: dict[str, Any]
    answers: dict[int, Checked]
    quote: Quote | None


def request(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    crm: Any,
    links: Links,
    idempotency_key: str,
    branch_ids: list[UUID] | None,
    wish: dict[str, Any],
) -> dict[str, Any]:
    """Hold the time and record the booking; the same key asks once, however often it is sent.

    Shapes:  `wish` is contracts.booking.NewBooking. `branch_ids` are those at which the asker may
             write bookings: none of a customer, None means all. Sessions of orders of other
             branches need their link, and drafts of other branches stay where they are.
    Errors:  KeyReused; those of sold.find; AddOnUnknown, AddOnSoldOut; SessionUnknown,
             SessionTaken, SessionExpired, PackageUnpaid, ManageTokenInvalid of a package's
             session; PhoneInvalid; those of forms.requested.check_sheets; BranchUnknown, SlotTaken
             and scheduling's other refusals; WaitlistUnknown, OfferExpired and OfferAlone of a
             waitlist's token; COUPON_ERRORS.
    """
    key = f"request:{uow.context.actor['kind']}:{idempotency_key}"
    digest = idempotency.fingerprint(wish)
    answer = idempotency.recall(uow, key=key, fingerprint=digest)
    if answer is None:
        # What cannot be bought is refused before any time is held for it.
        with uow.read() as session:
            wanted = sold.find(session, wish)
            _check(session, wish, wanted, links, branch_ids)
        phone = phones.normalise(wish["contact"]["phone"])
        answers = _answers(uow, scheduling, crm, wanted, wish, now)
        hold, wish = _time(scheduling, f"{key}:{digest}", wish, phone, now)
        try:
            asked = Request(
                wish=wish,
                branch_ids=branch_ids,
                wanted=wanted,
                phone=phone,
                hold=hold,
                answers=answers,
                quote=_price(uow, scheduling, crm, wanted, wish, hold, phone),
            )
            record = partial(_record, asked=asked, now=now, links=links)
            answer = idempotency.once(uow, key=key, fingerprint=digest, effect=record)
        except REFUSALS:
            _give_up(scheduling, crm, wish, hold)
            raise
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


def _price(
    uow: UnitOfWork,
    scheduling: Any,
    crm: Any,
    wanted: Sold,
    wish: dict[str, Any],
    hold: dict[str, Any],
    phone: str,
) -> Quote | None:
    """Return what a held time costs this customer; a session of a package is paid already.

    Who was only preferred counts when it is they who serve.
    """
    if wish["session_id"] is not None:
        return None
    branch = hold["branch"]
    serving = {member["resource_id"] for member in hold["crew"]}
    named = [*wish["resource_ids"], *serving.intersection(wish["preferred"])]
    occasion = quoting.occasion_of(
        uow,
        scheduling,
        wanted,
        wish | {"resource_ids": named},
        branch_id=branch["id"],
        start=hold["start"],
        timezone=branch["timezone"],
    )
    price = partial(quoting.price_of, uow, wanted, occasion, wish["add_ons"])
    plain = price()
    off = benefits.discount_lines(
        crm,
        booking_id=hold["booking_id"],
        phone=phone,
        service_ids=sorted(wanted.ids),
        total_cents=plain.total_cents,
        coupon_code=wish["coupon_code"],
    )
    return price(off=off) if off else plain


def _give_up(scheduling: Any, crm: Any, wish: dict[str, Any], hold: dict[str, Any]) -> None:
    """Let go of what was kept for a booking that is refused: who tries again needs the time.

    What the waitlist offers stays theirs until it ends. What does not hear this ends by itself.
    """
    if wish["coupon_code"] is not None:
        benefits.let_coupon_go(crm, hold["booking_id"])
    if wish["waitlist_token"] is not None:
        return
    try:
        scheduling.release(booking_id=hold["booking_id"])
    except YingqiError as error:
        logger.warning("a refused booking keeps its time a little", extra={"code": error.code})


def _answers(
    uow: UnitOfWork,
    scheduling: Any,
    crm: Any,
    wanted: Sold,
    wish: dict[str, Any],
    now: datetime,
) -> dict[int, Checked]:
    """Return the answers to the forms of what is booked, by the place of the service that asks.

    A form that the studio has closed asks nothing, and keeps nobody from booking. Staff at the
    phone, and who takes an offer of the waitlist before it ends, may leave one for later: it is
    answered by the private link.
    """
    form_ids = visits.forms_asked(service.form_id for service in wanted.services)
    sheets = requested.sheets(form_ids, wish["answers"], wish["also_answers"])
    may_wait = uow.context.actor["kind"] == "staff" or wish["waitlist_token"] is not None
    return requested.check_sheets(
        sheets=[sheet for sheet in sheets if sheet.answers or not may_wait],
        skips_closed=True,
        uow=uow,
        now=now,
        zone=FORM_ZONE,
        scheduling=scheduling,
        crm=crm,
    )


def _check(
    session: Session,
    wish: dict[str, Any],
    wanted: Sold,
    links: Links,
    branch_ids: list[UUID] | None,
) -> None:
    """Refuse what cannot be bought."""
    if wish["waitlist_token"] is not None and wish["also"]:
        raise OfferAlone()
    if wish["session_id"] is None:
        quoting.check_add_ons(session, wanted, wish["add_ons"])
        return
    beside = [name for name in ALONE if wish[name]]
    if beside:
        raise Invalid(errors=[_not_with_session(name) for name in beside])
    order = sessions.order_of(session, wish["session_id"])
    is_theirs = branch_ids is None or (order is not None and order.branch_id in branch_ids)
    packs.check_wish(session, wish, links, is_staff=is_theirs)


def _not_with_session(name: str) -> dict[str, Any]:
    message = {"zh": "预约套系内的拍摄时不能同时购买", "en": "Not with a session of a package"}
    return {"pointer": f"/{name}", "code": "field.invalid", "message": message}


def _time(
    scheduling: Any, request_id: str, wish: dict[str, Any], phone: str, now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the hold that the booking is made of, and the wish that it fulfils.

    It is the offered one, or one of its own.
    """
    if wish["waitlist_token"] is not None:
        return _offered(scheduling, wish, now)
    return _hold(scheduling, request_id, wish, phone, now), wish


def _offered(
    scheduling: Any, wish: dict[str, Any], now: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the hold of an offer of the waitlist, which has its own booking id, and its wish.

    People and options that are not named again are those for whom the customer waited.

    Errors:  WaitlistUnknown; OfferExpired; Invalid at what is not as it was offered.
    """
    accepted = scheduling.accept_offer(token=wish["waitlist_token"])
    answer: dict[str, Any] = ACCEPT_OFFER.response.load(accepted)
    hold: dict[str, Any] = answer["hold"]
    offered = answer["entry"] | {"start": hold["start"]}
    others = [name for name in ("service_id", "branch_id", "start") if wish[name] != offered[name]]
    others += [name for name in WAITED_FOR if wish[name] and set(wish[name]) != set(offered[name])]
    if others:
        raise Invalid(errors=[_not_offered(name) for name in others])
    if _is_spent(hold, now):
        raise OfferExpired()
    return hold, wish | {name: offered[name] for name in WAITED_FOR}


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


def _record(tx: Transaction, *, asked: Request, now: datetime, links: Links) -> dict[str, Any]:
    if asked.hold["expires_at"] is None:
        raise OfferExpired()  # an offer that was booked under another key, and is confirmed
    further = asked.wish["session_id"] is not None
    booking = _further(tx, asked, now) if further else _first(tx, asked, now)
    for one in asked.answers.values():
        requested.attach(tx.session, one, booking)
    if asked.wish["draft_id"] is not None:
        drafts.remove_draft(tx.session, asked.wish["draft_id"], asked.branch_ids)
    steps.tell(tx, "booking.requested", booking, links)
    total = accounts.account(tx.session, booking.order_id).total
    stored: dict[str, Any] = STORED.dump(views.created(booking, total))
    return stored


def _first(tx: Transaction, asked: Request, now: datetime) -> Booking:
    """Record an order with its first booking."""
    quote = asked.quote
    assert quote is not None, "only a session of a package has no price"
    order = _order(tx, asked, quote, now)
    booking = _booking(tx, asked, order, now)
    tx.session.add(booking)
    tx.session.flush()
    for position, line in enumerate(quote.lines):
        steps.charge(tx, order, now=now, position=position, **asdict(line))
    if catalogue.take_add_ons(tx.session, order.id):
        raise AddOnSoldOut()  # to somebody quicker
    if asked.wanted.package is not None:
        packs.open_pack(tx, booking, asked.wanted.package, now)
    return booking


def _further(tx: Transaction, asked: Request, now: datetime) -> Booking:
    """Record a booking of a session that its order holds; it costs nothing more."""
    order, session = packs.take(
        tx, asked.wish["session_id"], asked.hold["start"], branch_ids=asked.branch_ids
    )
    booking = _booking(tx, asked, order, now)
    booking.follows = True
    tx.session.add(booking)
    tx.session.flush()
    session.state, session.booking_id = "booked", booking.id
    return booking


def _order(tx: Transaction, asked: Request, quote: Quote, now: datetime) -> Order:
    branch, agreed = asked.hold["branch"], asked.wanted.terms
    package = asked.wanted.package
    sequence = bookings.next_order_sequence(tx.session)
    order = Order(
        id=uuid6.uuid7(),
        number=words.order_number(sequence, now, branch["timezone"]),
        branch_id=branch["id"],
        timezone=branch["timezone"],
        title=asked.wanted.title,
        contact_name=asked.wish["contact"]["name"],
        contact_phone=asked.phone,
        currency=quote.currency,
        deposit_cents=quote.deposit_cents,
        deposit_money=asked.wanted.deposit_money,
        policy=agreed.policy,
        schedule=agreed.schedule,
        items=[] if package is None else package.items,
        created_at=now,
    )
    tx.session.add(order)
    return order


def _booking(tx: Transaction, asked: Request, order: Order, now: datetime) -> Booking:
    hold, wish, phone = asked.hold, asked.wish, asked.phone
    branch, name = hold["branch"], asked.wish["contact"]["name"]
    service, *also = asked.wanted.services
    number = words.booking_number(bookings.next_sequence(tx.session), now, branch["timezone"])
    text = words.haystack(number, name, phone, phones.national(phone))
    booking = Booking(
        id=hold["booking_id"],
        order=order,
        number=number,
        version=1,
        status=Status.HELD,
        service_id=service.id,
        service_version=service.version,
        service_name=asked.wanted.appointment,
        also=[{"id": str(s.id), "name": s.name, "version": s.version} for s in also],
        needs_approval=asked.wanted.needs_approval,
        branch_id=branch["id"],
        branch_name=branch["name"],
        branch_address=branch["address"],
        branch_phone=branch["phone"],
        timezone=branch["timezone"],
        contact_name=name,
        contact_phone=phone,
        search_text=text,
        search_terms=words.grams(text),
        note=wish["note"],
        answers=wish["answers"],
        channel=wish["channel"],
        hold_expires_at=hold["expires_at"],
        requested_at=now,
    )
    requested.fill(booking, asked.answers)
    steps.take_time(booking, hold)
    return booking
