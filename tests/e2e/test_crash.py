"""Killed in the midst of a hundred bookings: what was acknowledged is not lost and not doubled."""

import http.client
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import eventlet
import pytest

# Each fills EVENTS with its own.
from services.contracts import (  # noqa: F401
    automation,
    booking,
    crm,
    identity,
    notification,
    scheduling,
)
from services.contracts.registry import EVENTS
from tests.e2e.local_run import LocalRun, local_run
from tests.harness import SERVICES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BOOKINGS = 100  # wished for in each round
CUSTOMERS = 16  # who ask at the same time
# By round: after how many acknowledged bookings the process is ended, and how.
ENDS = (
    (3, signal.SIGKILL),
    (45, signal.SIGKILL),
    (97, signal.SIGKILL),
    (50, signal.SIGTERM),
)
QUIET_SECONDS = 60.0  # until all events have had their effect; it takes a few

SLOT_MINUTES = 90  # the headshot takes 75 and its room 15 more to be made ready
CUT_OFF = (OSError, http.client.HTTPException)


@dataclass
class Wish:
    """One customer's booking: what is sent, and what was acknowledged."""

    key: str
    body: dict[str, Any]
    pays: bool
    booked: dict[str, Any] | None = field(default=None)
    paid: bool = False

    @property
    def phone(self) -> str:
        return str(self.body["contact"]["phone"])


@pytest.fixture(scope="module")
def run() -> Iterator[LocalRun]:
    # Holds that outlast the whole test, however slow the machine is.
    with local_run(HOLD_TTL_SECONDS="7200") as made:
        yield made.start()


@pytest.fixture(scope="module")
def wishes(run: LocalRun) -> list[list[Wish]]:
    """For each round a hundred customers, each with a time of their own."""
    slots = list(free_times(run, len(ENDS) * BOOKINGS))
    made = [
        Wish(
            key=f"crash-{n}",
            body={**slot, "contact": {"name": f"客人{n}", "phone": f"+861380000{n:04}"}},
            pays=n % 2 == 0,
        )
        for n, slot in enumerate(slots)
    ]
    return [made[n : n + BOOKINGS] for n in range(0, len(made), BOOKINGS)]


def free_times(run: LocalRun, count: int) -> Iterator[dict[str, Any]]:
    """Yield times of the shortest package that do not get in each other's way."""
    (service,) = (
        each
        for each in run.api("GET", "services")["items"]
        if each["category"]["zh"] == "商务形象照"
    )
    for branch in run.api("GET", "branches")["items"]:
        place = {"service_id": service["id"], "branch_id": branch["id"]}
        first = date.today() + timedelta(days=3)
        query = "&".join(f"{name}={value}" for name, value in place.items())
        days = f"from={first}&to={first + timedelta(days=80)}"
        latest = datetime.min.isoformat() + "+08:00"
        for slot in run.api("GET", f"availability?{query}&{days}")["slots"]:
            if slot["start"] < latest:
                continue
            end = datetime.fromisoformat(slot["start"]) + timedelta(minutes=SLOT_MINUTES)
            latest = end.isoformat()
            yield {**place, "start": slot["start"]}
            count -= 1
            if not count:
                return
    pytest.fail(f"the demo studio has {count} times too few")


# -- What happens ----------------------------------------------------------------------------


def book(run: LocalRun, wish: Wish) -> None:
    """Book, and pay the deposit if this customer does; note what was acknowledged."""
    reply = run.request("POST", "/api/v1/bookings", wish.body, Idempotency_Key=wish.key)
    assert reply.status in {200, 201}, reply
    if wish.booked is not None:
        assert reply.body["id"] == wish.booked["id"], "the same key, another booking"
        assert reply.body["number"] == wish.booked["number"]
    wish.booked = reply.body
    if wish.pays and not wish.paid:
        pay(run, wish.booked)
        wish.paid = True


def pay(run: LocalRun, booked: dict[str, Any]) -> None:
    token = booked["manage_token"]
    seen = run.api("GET", f"bookings/{booked['id']}", X_Manage_Token=token)
    if seen["paid_cents"]:
        return  # it was paid, and only the acknowledgement was lost
    payment = run.api(
        "POST",
        f"bookings/{booked['id']}/payments",
        {"kind": "deposit", "provider": "sandbox"},
        X_Manage_Token=token,
    )
    cashier = payment["pay_url"].removeprefix(run.address)
    reply = run.request("POST", f"{cashier}/succeed", Accept="application/json")
    assert reply.status == 200, reply
    assert reply.body["status"] < 300, reply


def end_amid(run: LocalRun, wishes: list[Wish], after: int, how: signal.Signals) -> None:
    """Let all of them book at the same time, and end the process when `after` have booked."""
    acknowledged = 0

    def attempt(wish: Wish) -> None:
        nonlocal acknowledged
        try:
            book(run, wish)
        except (*CUT_OFF, AssertionError):
            # A refusal too is no acknowledgement, but only of somebody who is about to end.
            if acknowledged < after:
                raise
            return
        acknowledged += 1
        if acknowledged == after:
            _, seconds = run.stop(how)
            print(f"{how.name} after {after} bookings: ended in {seconds:.2f} s")

    pool = eventlet.GreenPool(CUSTOMERS)
    for _ in pool.imap(attempt, wishes):
        pass
    assert not run.is_running()


def wait_until(what: str, condition: Callable[[], bool]) -> None:
    until = time.monotonic() + QUIET_SECONDS
    while not condition():
        assert time.monotonic() < until, f"{what}: not within {QUIET_SECONDS} s"
        time.sleep(0.2)


def count(run: LocalRun, service: str, table_and_condition: str) -> int:
    ((found,),) = run.sql(service, f"SELECT count(*) FROM {table_and_condition}")
    return int(found)


def wait_until_quiet(run: LocalRun) -> None:
    """Wait until every event has been handled and everything that follows has been done.

    The leases of the dead process would end by themselves, after one minute and five.
    """
    run.sql("automation", "UPDATE run SET lease_until = now() WHERE state = 'running'")
    run.sql("notification", "UPDATE message SET next_try_at = now() WHERE state = 'queued'")

    def quiet() -> bool:
        return (
            not any(count(run, name, "outbox WHERE published_at IS NULL") for name in SERVICES)
            and not count(run, "automation", "run WHERE state IN ('waiting', 'running')")
            and not count(run, "notification", "message WHERE state = 'queued'")
        )

    wait_until("quiet", lambda: quiet() and quiet())


# -- What must be true -----------------------------------------------------------------------


@pytest.mark.parametrize("round_number", range(len(ENDS)))
def test_an_end_amid_bookings_loses_nothing_and_doubles_nothing(
    run: LocalRun, wishes: list[list[Wish]], round_number: int
) -> None:
    ours = wishes[round_number]
    end_amid(run, ours, *ENDS[round_number])
    acknowledged = [wish for wish in ours if wish.booked]
    run.start()
    assert_acknowledged_are_there(run, acknowledged)

    wait_until_quiet(run)
    assert_whole(run)
    print(
        f"{len(acknowledged)} of {len(ours)} acknowledged, {sum(wish.paid for wish in ours)} paid,"
        f" {len(orphans(run))} holds without a booking"
    )

    for wish in ours:  # every customer, also who had no answer, asks again with the same key
        book(run, wish)
    wait_until_quiet(run)
    assert_whole(run)
    assert orphans(run) == set()
    assert count(run, "booking", "booking") == (round_number + 1) * BOOKINGS
    assert_seen_from_outside(run, [wish for each in wishes[: round_number + 1] for wish in each])


def assert_acknowledged_are_there(run: LocalRun, acknowledged: list[Wish]) -> None:
    rows = run.sql(
        "booking",
        "SELECT contact_phone, id::text, number,"
        " EXISTS (SELECT FROM payment WHERE booking_id = booking.id AND state = 'succeeded')"
        " FROM booking",
    )
    stored = {phone: tuple(rest) for phone, *rest in rows}
    assert len(stored) == len(rows), "a customer's booking is there twice"
    for wish in acknowledged:
        assert wish.booked
        booking_id, number, paid = stored[wish.phone]
        assert (booking_id, number) == (wish.booked["id"], wish.booked["number"])
        assert paid or not wish.paid


def orphans(run: LocalRun) -> set[str]:
    """Return the holds whose booking was never recorded; they may be there, and expire."""
    holds = run.sql("scheduling", "SELECT booking_id::text, state FROM hold")
    bookings = {row[0] for row in run.sql("booking", "SELECT id::text FROM booking")}
    found = {booking_id for booking_id, _ in holds if booking_id not in bookings}
    assert {state for booking_id, state in holds if booking_id in found} <= {"held"}
    return found


def assert_whole(run: LocalRun) -> None:
    assert_each_fact_took_effect_once(run)
    assert_schedule_and_ledger_agree(run)
    assert_followers_agree(run)


def assert_each_fact_took_effect_once(run: LocalRun) -> None:
    """Every consumer of every event has claimed it, and no message was given up.

    Who hears its own event does so to finish what a crash cut short: mostly nothing is left to do.
    """
    handled = {
        name: Counter(row[0] for row in run.sql(name, "SELECT message_id::text FROM inbox"))
        for name in SERVICES
    }
    for name in SERVICES:
        assert run.sql(name, "SELECT handler, error FROM dead_letter") == []
        rows = run.sql(name, "SELECT message_id::text, envelope->>'type' FROM outbox")
        for message_id, event_type in rows:
            for consumer in set(EVENTS[event_type].consumers) - {name}:
                assert handled[consumer][message_id] == 1, (event_type, consumer)


def assert_schedule_and_ledger_agree(run: LocalRun) -> None:
    """A booking is all there: its time, its crew, its charge, its money, its events."""
    states = dict(run.sql("scheduling", "SELECT booking_id::text, state FROM hold"))
    crews = run.sql(
        "scheduling",
        "SELECT booking_id::text, array_agg(DISTINCT state), count(*) FROM allocation GROUP BY 1",
    )
    allocated = {booking_id: (held, size) for booking_id, held, size in crews}
    paid = dict(
        run.sql(
            "booking",
            "SELECT booking_id::text, sum(received_cents) FROM payment"
            " WHERE state = 'succeeded' GROUP BY 1",
        )
    )
    told = Counter(run.sql("booking", "SELECT subject, envelope->>'type' FROM outbox"))
    bookings = run.sql(
        "booking",
        "SELECT booking.id::text, booking.status,"
        " (SELECT sum(quantity * unit_cents) FROM order_line WHERE order_id = booking.order_id),"
        " deposit_cents,"
        " (SELECT sum(amount_cents) FROM ledger_entry WHERE order_id = booking.order_id),"
        " (SELECT count(*) FROM ledger_entry"
        "  WHERE order_id = booking.order_id AND kind = 'charge')"
        ' FROM booking JOIN "order" ON "order".id = booking.order_id',
    )
    for booking_id, status, price, deposit, balance, charges in bookings:
        assert status in {"held", "confirmed"}
        assert states[booking_id] == status
        assert allocated[booking_id] == ([status], 3)
        assert paid.get(booking_id, 0) == (deposit if status == "confirmed" else 0)
        assert (balance, charges) == (price - paid.get(booking_id, 0), 1)
        confirmed = int(status == "confirmed")
        assert told[booking_id, "booking.requested"] == 1
        assert told[booking_id, "booking.confirmed"] == confirmed
        assert told[booking_id, "payment.succeeded"] == confirmed


def assert_followers_agree(run: LocalRun) -> None:
    """CRM, analytics and notification know each booking once, as booking has it."""
    bookings = dict(run.sql("booking", "SELECT id::text, status FROM booking"))
    confirmed = {booking_id for booking_id, status in bookings.items() if status == "confirmed"}
    deposits = run.sql(
        "booking", "SELECT coalesce(-sum(amount_cents), 0) FROM ledger_entry WHERE kind = 'payment'"
    )

    timeline = Counter(run.sql("crm", "SELECT booking_id::text, type FROM timeline_entry"))
    assert set(timeline.values()) <= {1}
    assert {one for one, kind in timeline if kind == "booking.requested"} == set(bookings)
    for kind in ("booking.confirmed", "payment.succeeded", "message.sent"):
        assert {one for one, told in timeline if told == kind} == confirmed, kind
    assert run.sql("crm", "SELECT DISTINCT bookings_count FROM customer") in ([(1,)], [])
    assert count(run, "crm", "customer") == len(bookings)
    assert run.sql("crm", "SELECT coalesce(sum(spent_cents), 0) FROM customer") == deposits

    facts = run.sql("analytics", "SELECT booking_id::text FROM fact_booking")
    assert {row[0] for row in facts} == set(bookings)
    assert count(run, "analytics", "fact_customer") == len(bookings)
    payments = "SELECT coalesce(sum(amount_cents), 0) FROM fact_payment"
    assert run.sql("analytics", payments) == deposits

    sent = Counter(run.sql("notification", "SELECT subject_id::text, template FROM message"))
    assert sent == Counter((one, "booking_confirmed") for one in confirmed)


def assert_seen_from_outside(run: LocalRun, wishes: list[Wish]) -> None:
    """The API says the same: each booking once, with its messages; one entry each in the counts."""
    staff = run.sign_in()
    today = date.today()
    days = f"from={today - timedelta(days=2)}&to={today + timedelta(days=2)}"
    paid = [wish for wish in wishes if wish.paid]

    def metric(name: str) -> float:
        return float(run.api("GET", f"metrics/{name}?{days}", Authorization=staff)["value"])

    assert metric("bookings_requested") == len(wishes)
    assert metric("bookings_confirmed") == len(paid)
    assert metric("new_customers") == len(wishes)
    assert metric("revenue_cents") == sum(
        wish.booked["deposit_cents"] for wish in paid if wish.booked
    )
    for wish in wishes[::10]:
        assert wish.booked
        seen = run.api("GET", f"bookings/{wish.booked['id']}", Authorization=staff)
        assert seen["status"] == ("confirmed" if wish.paid else "held")
        assert len(seen["messages"]) == int(wish.paid)
        (customer,) = run.api(
            "GET", f"customers?q={wish.phone.removeprefix('+86')}", Authorization=staff
        )["items"]
        told = run.api("GET", f"customers/{customer['id']}", Authorization=staff)["timeline"]
        kinds = Counter(entry["type"] for entry in told)
        assert kinds["booking.requested"] == 1
        assert kinds["booking.confirmed"] == kinds["payment.succeeded"] == int(wish.paid)
