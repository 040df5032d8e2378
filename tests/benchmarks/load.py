"""Clients: threads that ask over HTTP, or the database directly, and note how long each took."""

import contextlib
import http.client
import itertools
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import sqlalchemy as sa
from psycopg2.extras import Json, execute_values
from sqlalchemy.orm import Session

from services.scheduling.queries import availability, supply
from services.scheduling.usecases import offers
from tests.benchmarks.data import BRANCH, PHASES, SERVICE, ZONE, id_of

Call = Callable[[], None]

PHONES = (f"138{number:08}" for number in itertools.count())
"""Everybody books once: the bookings of one customer would wait for one another in crm."""


@dataclass(frozen=True)
class Figure:
    """Calls per second and the median and 95th percentile of one, in ms."""

    per_second: float
    p50_ms: float
    p95_ms: float


def measure(make_call: Callable[[], Any], *, callers: int, calls: int) -> Figure:
    """Let some threads make a number of calls in all; each opens its own connection first."""
    times: list[float] = []
    left = iter(range(calls))
    lock = threading.Lock()
    ready = threading.Barrier(callers + 1)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with make_call() as call:
                call()
                ready.wait()
                while True:
                    with lock:
                        if next(left, None) is None:
                            return
                    begun = time.perf_counter()
                    call()
                    times.append(time.perf_counter() - begun)
        except BaseException as error:
            failures.append(error)
            ready.abort()

    threads = [threading.Thread(target=work) for _ in range(callers)]
    for thread in threads:
        thread.start()
    with contextlib.suppress(threading.BrokenBarrierError):
        ready.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if failures:
        raise failures[0]
    times.sort()
    return Figure(
        calls / seconds, times[len(times) // 2] * 1000, times[int(len(times) * 0.95)] * 1000
    )


# --- over HTTP


@contextmanager
def ask_availability(address: str, first: date, last: date) -> Iterator[Call]:
    """Ask for the free starts between two local dates."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    path = (
        f"/api/v1/availability?service_id={SERVICE['service_id']}&branch_id={BRANCH['id']}"
        f"&from={first}&to={last}"
    )

    def call() -> None:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body

    yield call
    connection.close()


@contextmanager
def book(address: str, starts: Iterator[str]) -> Iterator[Call]:
    """Make bookings at starts that are free."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc)

    def call() -> None:
        body = {
            "service_id": SERVICE["service_id"],
            "branch_id": BRANCH["id"],
            "start": next(starts),
            "contact": {"name": "王小丽", "phone": next(PHONES)},
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        connection.request("POST", "/api/v1/bookings", json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 201, text

    yield call
    connection.close()


# --- the floor: the same database without anything in between


@contextmanager
def select_availability(url: str, first: date, last: date) -> Iterator[Call]:
    """Run the statement of availability alone."""
    engine = sa.create_engine(url)
    now = datetime.now(UTC)
    with Session(engine) as session:
        offer = offers.of_request(
            session,
            service_id=uuid.UUID(SERVICE["service_id"]),
            branch_id=uuid.UUID(BRANCH["id"]),
            resource_ids=[],
            now=now,
        )
        parameters = offer.question(first, last).parameters(now)

        def call() -> None:
            supply.speak(session, offer.zone)
            availability._SLOTS.run(session, parameters).scalar_one()
            session.commit()

        yield call
    engine.dispose()


@contextmanager
def insert_booking(
    urls: dict[str, str], starts: Iterator[str], crews: Iterator[int]
) -> Iterator[Call]:
    """Write what one booking must leave behind: hold, crew and event, then booking and event."""
    scheduling = psycopg2.connect(urls["scheduling"].replace("+psycopg2", ""))
    booking = psycopg2.connect(urls["booking"].replace("+psycopg2", ""))

    def call() -> None:
        identity = str(uuid.uuid4())
        start = datetime.fromisoformat(next(starts))
        crew = next(crews)
        with scheduling, scheduling.cursor() as cursor:
            cursor.execute(
                "INSERT INTO hold (booking_id, service_id, branch_id, start_at, end_at, state,"
                " expires_at, resource_ids) VALUES (%s, %s, %s, %s, %s, 'held', now(), '{}')",
                (identity, SERVICE["service_id"], BRANCH["id"], start, start + timedelta(hours=4)),
            )
            execute_values(
                cursor,
                "INSERT INTO allocation (id, booking_id, resource_id, resource_type, during,"
                " serving, state, expires_at) VALUES %s ON CONFLICT DO NOTHING",
                [
                    (str(uuid.uuid4()), identity, id_of(f"{kind} {crew}"), kind, span, span)
                    for kind, span in _spans(start)
                ],
                template="(%s, %s, %s, %s, %s, %s, 'held', now() + interval '1 hour')",
            )
            _event(cursor)
        with booking, booking.cursor() as cursor:
            cursor.execute(
                "INSERT INTO idempotency_key (key, fingerprint, answer) VALUES (%s, %s, %s)",
                (identity, identity, Json({"id": identity})),
            )
            _event(cursor)

    yield call
    scheduling.close()
    booking.close()


def _spans(start: datetime) -> list[tuple[str, str]]:
    return [
        (
            kind,
            f"[{(start + timedelta(minutes=offset)).isoformat()},"
            f"{(start + timedelta(minutes=offset + length)).isoformat()})",
        )
        for kind, (offset, length) in PHASES.items()
    ]


def _event(cursor: Any) -> None:
    cursor.execute(
        "INSERT INTO outbox (message_id, subject, envelope, published_at)"
        " VALUES (%s, 'floor', %s, now())",
        (str(uuid.uuid4()), Json({"type": "booking.requested"})),
    )


def far_starts(first_day_ahead: int, per_start: int) -> Iterator[str]:
    """Yield starts beyond all stored bookings, each as often as it can be taken."""
    day = datetime.now(ZONE).date() + timedelta(days=first_day_ahead)
    while True:
        for hour, minute in ((9, 0), (13, 30), (17, 30)):
            start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)
            for _ in range(per_start):
                yield start.isoformat()
        day += timedelta(days=1)
