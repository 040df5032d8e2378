"""All that can happen to bookings and their money, in any order, twice and late.

Every step is one that somebody can take: a customer, staff, a provider or scheduling. Whether it is
refused is not asked here; after each one everything must still agree.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import time, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from services.booking.domain import ledger
from services.booking.domain.lifecycle import CLOSED, SERVED, TRANSITIONS, Action, Status
from services.booking.models import AddOn, Booking, LedgerEntry, OrderLine, Payment
from services.booking.queries import accounts, bookings
from services.booking.queries import packs as pack_rows
from services.booking.usecases import changing
from services.chassis.db import AlreadyHandledError
from services.contracts.errors import Unavailable, YingqiError
from tests.integration.booking import test_cash as desk
from tests.integration.booking import test_packs as packs
from tests.integration.booking import test_terms as shop
from tests.integration.booking.studio import FREE_SERVICE, NOW, SERVICE, START, Studio, deposit

APPROVED = UUID("00000000-0000-4000-8000-00000000b0a1")
EXAMPLES = count()
"""Every example books other days: they share one database and must not meet."""

REFUSED = (YingqiError, AlreadyHandledError)
"""What may be answered to a step: no, or that it was heard before."""

MOST = 3
"""With few bookings the steps meet: money comes twice for one of them, and late."""

NEXT: dict[str, set[str]] = {}
for (before, _), after in TRANSITIONS.items():
    NEXT.setdefault(before, {before}).add(after)

SMALL = st.integers(0, 7)
CAUSES = st.sampled_from(["customer", "studio", "weather"])


class Bookings(RuleBasedStateMachine):
    studio: Studio

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[UUID] = []
        self.mail: list[Callable[[], Any]] = []
        self.seen: dict[UUID, tuple[str, int]] = {}

    @initialize()
    def open_the_studio(self) -> None:
        self.studio.now = NOW
        self.base = START + timedelta(days=2 * next(EXAMPLES))
        self.requests = count()

    # --- customers

    @rule(place=st.integers(0, 3), service=st.sampled_from([SERVICE, FREE_SERVICE, APPROVED]))
    def request(self, place: int, service: UUID) -> None:
        self._request(place, service_id=service)

    @rule(place=st.integers(0, 3), quantity=st.integers(1, 2))
    def request_with_an_album(self, place: int, quantity: int) -> None:
        self._request(place, add_ons=[{"id": shop.ALBUM, "quantity": quantity}])

    @rule(place=st.integers(0, 3))
    def request_a_package(self, place: int) -> None:
        self._request(place, package_id=packs.GROWTH)

    @rule(one=SMALL, place=st.integers(1, 2), slot=st.integers(0, 3))
    def book_a_session(self, one: int, place: int, slot: int) -> None:
        booking_id = self._pick(one)
        if booking_id is None or len(packs.sessions(self.studio, booking_id)) <= place:
            return
        with suppress(*REFUSED):
            start = self._slot(slot)
            made = packs.further(self.studio, booking_id, place, start=start)
            self.ids.append(made["id"])

    @rule(one=SMALL, kind=st.sampled_from(["deposit", "balance"]), times=st.integers(1, 3))
    def try_to_pay(self, one: int, kind: str, times: int) -> None:
        """Each attempt seems to fail, so the next one is begun; each may still bring its money."""

        def act(booking_id: UUID) -> None:
            for _ in range(times):
                payment_id = self.studio.start_payment(booking_id, kind)
                came = self.studio.decide(payment_id)
                self._post(lambda told=came: self.studio.notify(told), at_once=False)
                self.studio.notify(self.studio.decide(payment_id, "fail"))

        self._try(one, act)

    @rule(one=SMALL, slot=st.integers(0, 3), by_staff=st.booleans(), is_lost=st.booleans())
    def move(self, one: int, slot: int, by_staff: bool, is_lost: bool) -> None:
        """The afternoon has another price. When the answer is lost, the news tells of the move."""

        def act(booking_id: UUID) -> None:
            access = None if by_staff else self.studio.customer(booking_id)
            plain = self.studio.scheduling.reschedule

            def answer(**asked: Any) -> Any:
                answered = plain(**asked)
                fact = self.studio.schedule_fact("allocation.moved", booking_id)
                self._post(lambda: self.studio.hear_move(fact), at_once=is_lost)
                if is_lost:
                    raise Unavailable()
                return answered

            self.studio.scheduling.reschedule = answer
            try:
                self.studio.reschedule(booking_id, self._slot(slot), access)
            finally:
                self.studio.scheduling.reschedule = plain

        self._try(one, act)

    @rule(one=SMALL, cause=CAUSES, by_staff=st.booleans())
    def cancel(self, one: int, cause: str, by_staff: bool) -> None:
        def act(booking_id: UUID) -> None:
            access = None if by_staff else self.studio.customer(booking_id)
            self.studio.cancel(booking_id, access, cause)

        self._try(one, act)

    # --- the provider: any outcome, at once or later, as often as it likes

    @rule(which=SMALL)
    def deliver(self, which: int) -> None:
        """Some letter, perhaps for the second time."""
        if self.mail:
            with suppress(*REFUSED):
                self.mail[which % len(self.mail)]()

    @rule()
    def deliver_all(self) -> None:
        for letter in self.mail:
            with suppress(*REFUSED):
                letter()

    @rule(one=SMALL)
    def die_after_recording(self, one: int) -> None:
        """The process that took the money died before it settled the booking."""

        def act(booking_id: UUID) -> None:
            for payment in self._payments(booking_id):
                self.studio.record(payment.id, reference=f"r-{payment.id.hex}")

        self._try(one, act)

    @rule()
    def settle_what_was_told(self) -> None:
        for fact in self.studio.facts("payment.succeeded"):
            if fact.payload["booking_id"] in self.ids:
                with suppress(*REFUSED):
                    self.studio.settle(fact)

    @rule()
    def give_back(self) -> None:
        self._refund_all()

    # --- scheduling

    @rule(one=SMALL, at_once=st.booleans())
    def run_out(self, one: int, at_once: bool) -> None:
        def act(booking_id: UUID) -> None:
            if self.studio.scheduling.holds[booking_id]["state"] == "held":
                self.studio.scheduling.expire_hold(booking_id=booking_id)
                fact = self.studio.schedule_fact("hold.expired", booking_id)
                self._post(lambda: self.studio.hear_expiry(fact), at_once)

        self._try(one, act)

    # --- staff

    @rule(one=SMALL, yes=st.booleans())
    def answer(self, one: int, yes: bool) -> None:
        staff = {"access": self.studio.staff()}

        def act(booking_id: UUID) -> None:
            if yes:
                changing.approve(**self.studio.telling, booking_id=booking_id, **staff)
            else:
                reason = {"reason": "约满"}
                changing.reject(**self.studio.reaching, booking_id=booking_id, **staff, **reason)

        self._try(one, act)

    @rule(
        one=SMALL,
        action=st.sampled_from([Action.CHECK_IN, Action.START, Action.COMPLETE, Action.NO_SHOW]),
    )
    def serve(self, one: int, action: Action) -> None:
        def act(booking_id: UUID) -> None:
            before, self.studio.now = self.studio.now, self.studio.booking(booking_id).starts_at
            try:
                self.studio.serve(booking_id, action)
            finally:
                self.studio.now = before

        self._try(one, act)

    @rule(one=SMALL, cents=st.sampled_from([1, 50_000, 100_000]))
    def take_cash(self, one: int, cents: int) -> None:
        self._try(one, lambda each: desk.take(self.studio, each, cents))

    @rule(one=SMALL, cents=st.sampled_from([1, 50_000]))
    def refund_by_hand(self, one: int, cents: int) -> None:
        def act(booking_id: UUID) -> None:
            for payment in self._payments(booking_id):
                desk.refund(self.studio, booking_id, payment.id, cents)

        self._try(one, act)

    @rule(one=SMALL, kind=st.sampled_from(["extra", "discount"]), cents=st.integers(1, 60_000))
    def charge(self, one: int, kind: str, cents: int) -> None:
        self._try(one, lambda each: desk.charge(self.studio, each, kind, cents))

    @rule(one=SMALL, kept=st.sampled_from([0, 100_000]))
    def end_a_package(self, one: int, kept: int) -> None:
        self._try(one, lambda each: packs.end(self.studio, each, kept))

    # --- what must hold

    @invariant()
    def everything_agrees(self) -> None:
        with self.studio.uow.read() as session:
            made = bookings.bookings(session, self.ids)
            for booking in made:
                self._check_steps(booking)
            for order_id in {each.order_id for each in made}:
                _check_account(session, order_id)
                _check_sessions(session, order_id)
            self._check_time(made)
            _check_stock(session)

    def _check_steps(self, booking: Booking) -> None:
        """A status changes only as the table says, and every change is counted."""
        status, version = self.seen.get(booking.id, (booking.status, 0))
        assert booking.status in _reachable(status)
        assert booking.version >= version
        self.seen[booking.id] = (booking.status, booking.version)
        assert booking.moves_used == booking.reschedule_count, "every move is counted, and once"

    def _check_time(self, made: list[Booking]) -> None:
        """Who is promised a time has it, and has it alone."""
        promised = [each for each in made if each.status not in CLOSED | {Status.HELD}]
        assert len({each.starts_at for each in promised}) == len(promised)
        for each in promised:
            hold = self.studio.scheduling.holds[each.id]
            assert (hold["state"], hold["start"]) == ("confirmed", each.starts_at)

    def teardown(self) -> None:
        """Once all letters are read and all refunds made, nobody has the other's money."""
        self.deliver_all()
        self.settle_what_was_told()
        self._refund_all()
        for booking_id in self.ids:
            seen = self.studio.get(booking_id)
            by_hand = sum(
                ledger.kept_cents(payment)
                for payment in self._payments(booking_id)
                if payment.provider == ledger.CASH_DESK
            )
            assert seen["payment_status"] != "refunding"
            owed = seen["paid_cents"] - max(self._charged(booking_id), 0)
            assert owed <= by_hand, "what staff took by hand only they give back"

    # --- how

    def _request(self, place: int, **wish: Any) -> None:
        if len(self.ids) == MOST:
            return
        key = f"machine {self.base:%m%d} {next(self.requests)}"
        with suppress(*REFUSED):
            self.ids.append(self.studio.request(key, start=self._slot(place), **wish)["id"])

    def _slot(self, place: int) -> Any:
        return self.base + timedelta(hours=4 * place)

    def _pick(self, one: int) -> UUID | None:
        return self.ids[one % len(self.ids)] if self.ids else None

    def _try(self, one: int, act: Callable[[UUID], Any]) -> None:
        booking_id = self._pick(one)
        if booking_id is not None:
            with suppress(*REFUSED):
                act(booking_id)

    def _post(self, letter: Callable[[], Any], at_once: bool) -> None:
        self.mail.append(letter)
        if at_once:
            letter()

    def _payments(self, booking_id: UUID) -> list[Payment]:
        with self.studio.uow.read() as session:
            order_id = session.get_one(Booking, booking_id).order_id
            return accounts.payments_of(session, order_id)

    def _charged(self, booking_id: UUID) -> int:
        with self.studio.uow.read() as session:
            order_id = session.get_one(Booking, booking_id).order_id
            return accounts.account(session, order_id).charged

    def _refund_all(self) -> None:
        for fact in self.studio.facts("refund.requested"):
            if fact.payload["booking_id"] in self.ids:
                with suppress(*REFUSED):
                    self.studio.refund(fact)


def _check_account(session: Session, order_id: UUID) -> None:
    """The account adds up, its word follows from it, and nothing goes back that did not come."""
    money = accounts.account(session, order_id)
    entries = sa.select(sa.func.sum(LedgerEntry.amount_cents)).where(
        LedgerEntry.order_id == order_id
    )
    assert session.scalar(entries) == money.balance - money.owed
    lines = accounts.lines_of(session, order_id)
    assert money.total == sum(line.quantity * line.unit_cents for line in lines) >= 0
    payments, refunds = (
        accounts.payments_of(session, order_id),
        accounts.refunds_of(session, order_id),
    )
    assert money.paid == sum(p.received_cents or 0 for p in payments) - sum(
        r.amount_cents for r in refunds if r.state == "succeeded"
    )
    for payment in payments:
        back = sum(
            r.amount_cents for r in refunds if r.payment_id == payment.id and r.state != "failed"
        )
        assert back == payment.refunded_cents <= (payment.received_cents or 0)


def _check_sessions(session: Session, order_id: UUID) -> None:
    """A session belongs to the booking that uses it."""
    made = {each.id: each.status for each in pack_rows.bookings_of(session, order_id)}
    for one in pack_rows.sessions_of(session, order_id):
        status = made.get(one.booking_id) if one.booking_id else None
        assert (one.state == "used") <= (status in SERVED)
        assert one.state != "booked" or status not in CLOSED | SERVED


def _check_stock(session: Session) -> None:
    """The stock knows what is out."""
    out = sa.select(sa.func.coalesce(sa.func.sum(OrderLine.quantity), 0)).where(
        OrderLine.reference_id == shop.ALBUM, OrderLine.taken
    )
    assert session.get_one(AddOn, shop.ALBUM).taken == session.scalar(out)


def _reachable(status: str) -> set[str]:
    """What one step may lead to: money can confirm a booking in the same step that asks for it."""
    found, new = {status}, {status}
    while new:
        new = {after for each in new for after in NEXT.get(each, set())} - found
        found |= new
    return found


@pytest.mark.slow
def test_whatever_happens_everything_agrees(studio: Studio) -> None:
    studio.define(deposit=deposit("fixed", 50_000, money="earnest"))
    studio.define(APPROVED, needs_approval=True, price_cents=120_000)
    shop.album(studio, stock=3)
    afternoon = {"weekdays": None, "from_time": time(13), "to_time": time(17)}
    match = shop.weekend(studio, active=False)["match"] | afternoon
    shop.weekend(studio, effect="add", value=30_000, match=match)
    packs.define(studio)
    machine = type("BookingsHere", (Bookings,), {"studio": studio})
    # A failing run is told as it is: to shorten it would take longer than a test may.
    chosen = settings(
        max_examples=40,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
    )
    run_state_machine_as_test(machine, settings=chosen)
