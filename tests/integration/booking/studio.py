"""A studio for tests: booking's use cases on a real database, with a small fake of scheduling."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.booking.domain.lifecycle import Action
from services.booking.links import Links
from services.booking.models import CONSTRAINT_ERRORS, Booking, LedgerEntry, Payment
from services.booking.payments import Outcome
from services.booking.payments.sandbox import Sandbox
from services.booking.usecases import (
    catalogue,
    changing,
    paying,
    reading,
    requesting,
    sandbox,
    settling,
)
from services.chassis.context import Context, new_id
from services.chassis.db import OUTBOX, UnitOfWork
from services.chassis.inbox import Fact, decode
from services.contracts.errors import Unavailable
from services.contracts.members import DISCOUNTS, PREVIEW_COUPON, CouponUnknown
from services.contracts.scheduling import (
    HOLD,
    LIST_BRANCH_DAYS,
    LIST_BRANCHES,
    SKILL_LEVELS,
    HoldExpired,
    HoldReleased,
    HoldUnknown,
    SlotTaken,
    WaitlistUnknown,
)
from services.contracts.scheduling.waitlist import WaitlistEntry

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
"""A Monday, ten in the morning in Shanghai."""
START = NOW + timedelta(days=5)
HOLD_MINUTES = 15
STAFF = UUID("00000000-0000-4000-8000-00000000a001")
SERVICE = UUID("00000000-0000-4000-8000-00000000b001")
FREE_SERVICE = UUID("00000000-0000-4000-8000-00000000b002")
BUND = UUID("00000000-0000-4000-8000-00000000c001")
HARBOUR = UUID("00000000-0000-4000-8000-00000000c002")
PHOTOGRAPHER = UUID("00000000-0000-4000-8000-00000000d001")
OFFERED = UUID("00000000-0000-4000-8000-00000000e001")
"""The booking id under which a time is held for who waits."""


def branch(branch_id: UUID) -> dict[str, Any]:
    name = {BUND: "外滩店", HARBOUR: "海港店"}[branch_id]
    return {
        "id": branch_id,
        "name": {"zh": name, "en": ""},
        "address": {"zh": "中山东一路 1 号", "en": ""},
        "phone": "+862162134567",
        "timezone": {BUND: "Asia/Shanghai", HARBOUR: "America/New_York"}[branch_id],
    }


def offer(**changes: Any) -> dict[str, Any]:
    """A place on the waitlist to which a time is offered."""
    return {
        "id": UUID(int=50),
        "service_id": SERVICE,
        "branch_id": BUND,
        "from_": START.date(),
        "to": START.date(),
        "weekdays": None,
        "earliest": None,
        "latest": None,
        "resource_ids": [],
        "options": [],
        "contact": {"name": "李娜", "phone": "13800138000", "language": "zh"},
        "priority": 0,
        "state": "accepted",
        "joined_at": NOW,
        "ahead": 0,
        "offer": {
            "booking_id": OFFERED,
            "start": START,
            "expires_at": NOW + timedelta(minutes=30),
        },
    } | changes


def deal(**changes: Any) -> dict[str, Any]:
    """What define_service is given besides the id."""
    return {
        "name": {"zh": "复古婚纱套系", "en": "Retro wedding"},
        "category": {"zh": "婚纱", "en": "Wedding"},
        "summary": {"zh": "两套造型", "en": ""},
        "content": [{"zh": "精修三十张", "en": ""}],
        "price_cents": 399_900,
        "deposit": deposit("fixed", 50_000),
        "policy": [],
        "schedule": [],
        "needs_approval": False,
        "currency": "CNY",
        "cover": None,
        "position": 0,
        "form_id": None,
        "branch_ids": [BUND, HARBOUR],
        "slot_step_minutes": 30,
        "minimum_notice_minutes": 0,
        "horizon_days": 92,
        "duration_minutes": None,
        "places": 1,
        "weekdays": None,
        "day_parts": [],
        "waitlist_mode": "offer",
        "waitlist_offer_minutes": 30,
        "roles": [
            role("makeup_artist", 0, 60),
            role("photographer", 60, 120),
        ],
    } | changes


def deposit(kind: str, value: int = 0, **changes: Any) -> dict[str, Any]:
    return {"kind": kind, "value": value, "due": "booking", "money": "advance"} | changes


def role(resource_type: str, offset: int, length: int) -> dict[str, Any]:
    return {
        "resource_type": resource_type,
        "quantity": 1,
        "offset_minutes": offset,
        "length_minutes": length,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
    }


def wish(**changes: Any) -> dict[str, Any]:
    """What a customer sends."""
    return {
        "service_id": SERVICE,
        "also": [],
        "package_id": None,
        "session_id": None,
        "session_token": None,
        "coupon_code": None,
        "draft_id": None,
        "branch_id": BUND,
        "start": START,
        "contact": {"name": "李娜", "phone": "138 0013 8000"},
        "resource_ids": [],
        "preferred": [],
        "options": [],
        "day_part": None,
        "waitlist_token": None,
        "add_ons": [],
        "answers": {"people": 2},
        "also_answers": {},
        "channel": "web",
        "note": "",
    } | changes


@dataclass
class FakeScheduling:
    """Answers as scheduling's contracts say; one start, one booking.

    Shapes:  `failing` and `meanwhile` say, by method, what it raises and what happens elsewhere
             while it is being asked, once. `offers` are the waitlist's, by token.
    """

    now: Callable[[], datetime]
    holds: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    wishes: list[dict[str, Any]] = field(default_factory=list)
    offers: dict[str, dict[str, Any]] = field(default_factory=dict)
    requirements: list[dict[str, Any]] = field(default_factory=list)
    special_days: list[dict[str, Any]] = field(default_factory=list)
    levels: dict[UUID, dict[str, int]] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)
    meanwhile: dict[str, Callable[[], Any]] = field(default_factory=dict)

    def define_requirement(self, **requirement: Any) -> dict[str, Any]:
        self.requirements.append(requirement)
        return requirement | {"duration_minutes": requirement["duration_minutes"] or 180}

    def list_branches(self) -> dict[str, Any]:
        listed: dict[str, Any] = LIST_BRANCHES.response.dump(
            {"items": [branch(each) for each in (BUND, HARBOUR)]}
        )
        return listed

    def list_branch_days(self, *, branch_id: UUID, **dates: Any) -> dict[str, Any]:
        listed: dict[str, Any] = LIST_BRANCH_DAYS.response.dump(
            {"closures": [], "days": [], "special_days": self.special_days}
        )
        return listed

    def skill_levels(self, *, resource_ids: list[UUID]) -> dict[str, Any]:
        known = [each for each in resource_ids if each in self.levels]
        listed: dict[str, Any] = SKILL_LEVELS.response.dump(
            {"items": [{"resource_id": each, "skills": self.levels[each]} for each in known]}
        )
        return listed

    def hold(self, *, booking_id: UUID, branch_id: UUID, start: datetime, **wishes: Any) -> Any:
        self._called("hold")
        self.wishes.append(wishes)
        if booking_id not in self.holds:
            self._claim(start, booking_id)
            self.holds[booking_id] = {
                "booking_id": booking_id,
                "branch": branch(branch_id),
                "state": "held",
                "start": start,
                "end": start + timedelta(hours=3),
                "expires_at": self.now() + timedelta(minutes=HOLD_MINUTES),
                "revision": 1,
                "reacquired": False,
                "crew": [_member(start)],
            }
        return self._answer(booking_id)

    def accept_offer(self, *, token: str) -> Any:
        self._called("accept_offer")
        if token not in self.offers:
            raise WaitlistUnknown()
        entry = self.offers[token]
        hold = self.hold(
            booking_id=entry["offer"]["booking_id"],
            branch_id=entry["branch_id"],
            start=entry["offer"]["start"],
        )
        return {"entry": WaitlistEntry().dump(entry), "hold": hold}

    def extend_hold(self, *, booking_id: UUID) -> Any:
        self._called("extend_hold")
        hold = self._live(booking_id)
        if hold["state"] == "expired":
            raise HoldExpired()
        if "extended" not in hold:
            hold["extended"] = True
            hold["expires_at"] = self.now() + timedelta(minutes=HOLD_MINUTES)
        return self._answer(booking_id)

    def confirm(self, *, booking_id: UUID) -> Any:
        self._called("confirm")
        hold = self._live(booking_id)
        reacquired = hold["state"] == "expired"
        if reacquired:
            self._claim(hold["start"], booking_id)
        hold |= {"state": "confirmed", "expires_at": None}
        return self._answer(booking_id) | {"reacquired": reacquired}

    def reschedule(self, *, booking_id: UUID, start: datetime) -> Any:
        self._called("reschedule")
        hold = self._live(booking_id)
        if hold["state"] == "expired":
            raise HoldExpired()
        if hold["start"] != start:
            self._claim(start, booking_id)
            hold |= {"start": start, "end": start + timedelta(hours=3)}
            hold |= {"revision": hold["revision"] + 1, "crew": [_member(start)]}
        return self._answer(booking_id)

    def release(self, *, booking_id: UUID) -> Any:
        self._called("release")
        self.holds[booking_id]["state"] = "released"
        return {"released": True}

    def expire_hold(self, *, booking_id: UUID) -> Any:
        self._called("expire_hold")
        self.holds[booking_id]["state"] = "expired"
        return {"released": True}

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.failing:
            raise self.failing[name]
        if name in self.meanwhile:
            self.meanwhile.pop(name)()

    def _live(self, booking_id: UUID) -> dict[str, Any]:
        if booking_id not in self.holds:
            raise HoldUnknown()
        if self.holds[booking_id]["state"] == "released":
            raise HoldReleased()
        return self.holds[booking_id]

    def _claim(self, start: datetime, booking_id: UUID) -> None:
        for other, hold in self.holds.items():
            live = hold["state"] in ("held", "confirmed")
            if other != booking_id and live and hold["start"] == start:
                raise SlotTaken(alternatives=[])

    def _answer(self, booking_id: UUID) -> dict[str, Any]:
        answer: dict[str, Any] = HOLD.response.dump(self.holds[booking_id])
        return answer


@dataclass
class FakeCrm:
    """Answers as crm's contracts say: what members and coupons save, and who is a customer."""

    level: dict[str, Any] | None = None
    coupons: dict[str, int] = field(default_factory=dict)
    reserved: dict[UUID, str] = field(default_factory=dict)
    away: bool = False

    def discounts(
        self, *, booking_id: UUID, total_cents: int, coupon_code: str | None, **asked: Any
    ) -> dict[str, Any]:
        if self.away:
            raise Unavailable()
        lines = [] if self.level is None else [self.level]
        if coupon_code is not None:
            if coupon_code not in self.coupons:
                raise CouponUnknown()
            self.reserved[booking_id] = coupon_code
            lines = [*lines, discount("coupon", -min(self.coupons[coupon_code], total_cents))]
        answer: dict[str, Any] = DISCOUNTS.response.dump({"lines": lines})
        return answer

    def preview_coupon(self, *, coupon_code: str, **asked: Any) -> dict[str, Any]:
        if coupon_code not in self.coupons:
            raise CouponUnknown()
        told: dict[str, Any] = PREVIEW_COUPON.response.dump(
            discount("coupon", -self.coupons[coupon_code])
        )
        return told

    def release_coupon(self, *, booking_id: UUID) -> dict[str, Any]:
        return {"released": self.reserved.pop(booking_id, None) is not None}


def discount(kind: str, cents: int) -> dict[str, Any]:
    label = {"zh": "优惠", "en": "Off"}
    return {"kind": kind, "label": label, "cents": cents, "reference_id": UUID(int=70)}


def _member(start: datetime) -> dict[str, Any]:
    return {
        "resource_id": PHOTOGRAPHER,
        "resource_type": "photographer",
        "name": {"zh": "王师傅", "en": "Wang"},
        "start": start + timedelta(hours=1),
        "end": start + timedelta(hours=3),
    }


class Studio:
    """The verbs of booking with everything they need; `now` moves as the test says."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.now = NOW
        self.scheduling: Any = FakeScheduling(lambda: self.now)
        self.crm: Any = FakeCrm()
        self.links = Links(
            secret="test-manage-secret", public_url="https://studio.test", now=lambda: self.now
        )
        self.sandbox = Sandbox(secret="test-sandbox-secret", public_url="https://studio.test")
        self.providers = {"sandbox": self.sandbox}

    # --- verbs

    def define(self, service_id: UUID = SERVICE, **changes: Any) -> dict[str, Any]:
        return catalogue.define_service(
            uow=self.uow, scheduling=self.scheduling, service_id=service_id, deal=deal(**changes)
        )

    def request(
        self, key: str = "key-1", *, desk: Sequence[UUID] | None = (), **changes: Any
    ) -> dict[str, Any]:
        """As a customer; as staff who write bookings at the branches of `desk`, None for all."""
        return requesting.request(
            **self.reaching,
            crm=self.crm,
            idempotency_key=key,
            branch_ids=None if desk is None else list(desk),
            wish=wish(**changes),
        )

    def get(self, booking_id: UUID, access: dict[str, Any] | None = None) -> dict[str, Any]:
        access = access or self.staff()
        return reading.get_booking(**self.telling, booking_id=booking_id, access=access)

    def page(self, **question: Any) -> dict[str, Any]:
        asked: dict[str, Any] = dict.fromkeys(
            ("branch_id", "branch_ids", "status", "order_status", "from_", "to", "q", "cursor")
        )
        return reading.list_bookings(uow=self.uow, **(asked | {"limit": 50} | question))

    def start_payment(
        self, booking_id: UUID, kind: str = "deposit", provider: str = "sandbox"
    ) -> UUID:
        started = paying.start_payment(
            **self.reaching,
            providers=self.providers,
            booking_id=booking_id,
            access=self.staff(),
            kind=kind,
            provider=provider,
        )
        payment_id: UUID = started["payment_id"]
        return payment_id

    def decide(self, payment_id: UUID, outcome: str = "succeed") -> dict[str, Any]:
        return sandbox.decide(
            **self.reaching, providers=self.providers, payment_id=payment_id, outcome=outcome
        )

    def notify(self, notification: dict[str, Any]) -> dict[str, Any]:
        return paying.take_notification(
            **self.reaching,
            providers=self.providers,
            provider="sandbox",
            headers=notification["headers"],
            body=notification["body"],
        )

    def pay(self, booking_id: UUID, kind: str = "deposit") -> UUID:
        """Start a payment and let it succeed."""
        payment_id = self.start_payment(booking_id, kind)
        self.notify(self.decide(payment_id))
        return payment_id

    def record(self, payment_id: UUID, *, succeeded: bool = True, reference: str = "r-1") -> None:
        """Only the first half of a notification, as if the process died after it."""
        payment = self.payment(payment_id)
        outcome = Outcome(
            payment_id, reference, succeeded, payment.amount_cents, payment.currency, self.now
        )
        paying.record_outcome(uow=self.uow, now=self.now, provider="sandbox", outcome=outcome)

    def confirmed(self, key: str = "key-1", **changes: Any) -> UUID:
        """A booking whose deposit is paid."""
        booking_id: UUID = self.request(key, **changes)["id"]
        self.pay(booking_id)
        return booking_id

    def cancel(
        self,
        booking_id: UUID,
        access: dict[str, Any] | None = None,
        cause: str = "studio",
    ) -> dict[str, Any]:
        return changing.cancel(
            **self.reaching,
            booking_id=booking_id,
            access=access or self.staff(),
            reason="雨天",
            cause=cause,
        )

    def reschedule(
        self, booking_id: UUID, start: datetime, access: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return changing.reschedule(
            **self.reaching,
            booking_id=booking_id,
            access=access or self.staff(),
            start=start,
        )

    def serve(
        self, booking_id: UUID, action: Action, access: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return changing.serve(
            **self.telling, booking_id=booking_id, access=access or self.staff(), action=action
        )

    # --- messages

    def deliver(self, fact: Fact, handle: Callable[["Studio"], Any]) -> Any:
        """Hand a fact to a handler as the inbox does: its unit of work claims the message."""
        context = Context(message_id=fact.id, handler=fact.type)
        heard = Studio.__new__(Studio)
        heard.__dict__ = self.__dict__ | {
            "uow": UnitOfWork(self.uow.engine, context, constraint_errors=CONSTRAINT_ERRORS)
        }
        return handle(heard)

    def settle(self, fact: Fact) -> Any:
        return self.deliver(
            fact,
            lambda s: settling.settle_booking(**s.reaching, booking_id=fact.payload["booking_id"]),
        )

    def refund(self, fact: Fact) -> Any:
        return self.deliver(
            fact,
            lambda s: settling.refund_payment(
                **s.telling, providers=s.providers, refund_id=fact.payload["refund_id"]
            ),
        )

    def hear_expiry(self, fact: Fact) -> Any:
        return self.deliver(
            fact,
            lambda s: changing.expire(
                **s.telling,
                booking_id=fact.payload["booking_id"],
                revision=fact.payload["revision"],
            ),
        )

    def hear_move(self, fact: Fact) -> Any:
        return self.deliver(
            fact,
            lambda s: changing.follow_move(
                **s.telling,
                booking_id=fact.payload["booking_id"],
                hold=fact.payload,
            ),
        )

    def schedule_fact(self, event_type: str, booking_id: UUID, **changes: Any) -> Fact:
        """What scheduling would tell of this booking's hold."""
        hold = HOLD.response.load(HOLD.response.dump(self.scheduling.holds[booking_id]))
        names = ("booking_id", "start", "end", "revision", "day_part", "crew")
        payload = {name: hold[name] for name in names} | changes
        payload["branch_id"] = hold["branch"]["id"]
        actor = {"kind": "system", "id": None}
        return Fact(new_id(), event_type, self.now, str(booking_id), actor, "c", payload)

    # --- what is remembered

    def facts(self, event_type: str | None = None) -> list[Fact]:
        """What was told so far, oldest first."""
        with self.uow.read() as session:
            rows = session.scalars(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.id)).all()
        told = [decode(envelope) for envelope in rows]
        return [fact for fact in told if event_type in (None, fact.type)]

    def told(self) -> list[str]:
        return [fact.type for fact in self.facts()]

    def booking(self, booking_id: UUID) -> Booking:
        with self.uow.read() as session:
            return session.get_one(Booking, booking_id)

    def payment(self, payment_id: UUID) -> Payment:
        with self.uow.read() as session:
            return session.get_one(Payment, payment_id)

    def payment_state(self, payment_id: UUID) -> str:
        """The word for a payment as everybody reads it."""
        told = self.get(self.payment(payment_id).booking_id)["payments"]
        return next(each["state"] for each in told if each["id"] == payment_id)

    def ledger(self, booking_id: UUID) -> list[tuple[str, int]]:
        entries = (
            sa.select(LedgerEntry.kind, LedgerEntry.amount_cents)
            .join(Booking, Booking.order_id == LedgerEntry.order_id)
            .where(Booking.id == booking_id)
            .order_by(LedgerEntry.id)
        )
        with self.uow.read() as session:
            return [(row.kind, row.amount_cents) for row in session.execute(entries)]

    # --- who asks

    def staff(self, *branch_ids: UUID) -> dict[str, Any]:
        return {"manage_token": None, "staff_id": STAFF, "branch_ids": list(branch_ids) or None}

    def customer(self, booking_id: UUID) -> dict[str, Any]:
        return with_token(self.links.token(booking_id, self.booking(booking_id).manage_version))

    @property
    def telling(self) -> dict[str, Any]:
        return {"uow": self.uow, "now": self.now, "links": self.links}

    @property
    def reaching(self) -> dict[str, Any]:
        return {**self.telling, "scheduling": self.scheduling}


def with_token(token: str) -> dict[str, Any]:
    return {"manage_token": token, "staff_id": None, "branch_ids": None}
