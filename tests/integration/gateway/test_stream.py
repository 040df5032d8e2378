"""The live stream: events of the whole system, seen by the staff whom they concern."""

import time
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import eventlet
import pytest
from nameko import config

from gateway.changes import ChangeFeed
from gateway.routes import stream
from services.chassis import amqp
from services.chassis.context import new_id
from services.contracts.envelope import seal
from tests.integration.gateway import samples
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.samples import BRANCH_ID, OTHER_BRANCH_ID

STREAM = "/api/v1/stream"


def publish(event_type: str, branch_id: str = BRANCH_ID) -> str:
    """Publish one event as its owner's relay does; return its id."""
    now = datetime(2026, 11, 25, tzinfo=UTC)
    ids = {"branch_id": branch_id, "customer_id": samples.CUSTOMER_ID, "task_id": samples.TASK_ID}
    payloads: dict[str, dict[str, Any]] = {
        "customer.created": ids | {"timezone": "Asia/Shanghai", "created_at": now},
        "task.created": ids | {"subject_id": samples.BOOKING_ID, "kind": "late_payment"},
        "session.opened": {"staff_id": samples.STAFF_ID, "login": "owner"},
    }
    envelope = seal(
        event_type,
        payloads[event_type],
        id=new_id(),
        occurred_at=now,
        actor={"kind": "system", "id": None},
        correlation_id=new_id(),
        causation_id=None,
    )
    amqp.publish(
        config["AMQP_URI"],
        envelope,
        confirms=True,
        exchange=amqp.EVENTS_EXCHANGE,
        routing_key=event_type,
        message_id=envelope["id"],
    )
    return envelope["id"]


def hub_of(site: Site) -> Any:
    return next(d for d in site.container.dependencies if isinstance(d, ChangeFeed)).hub


def settle() -> None:
    """Let what was published arrive."""
    eventlet.sleep(0.2)


def test_a_change_arrives_at_once_and_says_what_to_fetch(site: Site) -> None:
    opened = site.signed_in().stream(STREAM)
    assert opened.status == 200
    assert opened.headers["content-type"].startswith("text/event-stream")
    assert opened.headers["x-accel-buffering"] == "no"
    assert opened.headers["cache-control"] == "no-store"
    assert opened.next() == {"retry": "2000"}
    began = time.monotonic()
    published = publish("customer.created")
    change = next(opened.changes())
    assert time.monotonic() - began < 1
    assert change == {
        "id": published,
        "resource": "customer",
        "type": "customer.created",
        "subject": samples.CUSTOMER_ID,
        "branch_id": BRANCH_ID,
    }
    opened.close()


def test_the_stream_is_for_staff(site: Site) -> None:
    assert site.anybody.get(STREAM).status == 401


def test_staff_hear_of_their_branches_and_of_what_they_may_read(site: Site) -> None:
    streams = [
        site.staff("owner").stream(STREAM),
        site.staff("receptionist", [OTHER_BRANCH_ID]).stream(STREAM),
        site.staff("photographer", [BRANCH_ID]).stream(STREAM),
    ]
    for opened in streams:
        opened.next()
    publish("session.opened")
    publish("customer.created", BRANCH_ID)
    publish("task.created", BRANCH_ID)
    publish("task.created", OTHER_BRANCH_ID)
    settle()
    heard = []
    for opened, count in zip(streams, (3, 1, 1), strict=True):
        changes = opened.changes()
        heard.append([(c["type"], c["branch_id"]) for c in islice(changes, count)])
        opened.close()
    here, there = ("task.created", BRANCH_ID), ("task.created", OTHER_BRANCH_ID)
    assert heard == [[("customer.created", BRANCH_ID), here, there], [there], [here]]


def test_a_page_that_returns_gets_what_it_missed(site: Site) -> None:
    first, second, third = (publish("customer.created") for _ in range(3))
    settle()
    for last_id, missed in (
        (first, [second, third]),
        (second, [third]),
        ("too-old-to-be-known", [first, second, third]),
    ):
        opened = site.staff().stream(STREAM, **{"Last-Event-ID": last_id})
        changes = opened.changes()
        opened.next()
        assert [next(changes)["id"] for _ in missed] == missed
        opened.close()


def test_a_silent_stream_is_kept_alive(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 0.05)
    opened = site.staff().stream(STREAM)
    assert [opened.next() for _ in range(3)] == [{"retry": "2000"}, {"": "ping"}, {"": "ping"}]
    opened.close()


def test_a_stream_ends_in_time_to_check_the_session_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 0.05)
    monkeypatch.setattr(stream, "STREAM_SECONDS", 0.12)
    opened = site.staff().stream(STREAM)
    opened.next()
    assert list(opened.changes()) == []
    assert opened.response.read() == b""


def test_a_stream_is_forgotten_when_its_page_goes(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PING_SECONDS", 0.02)
    opened = site.staff().stream(STREAM)
    opened.next()
    assert len(hub_of(site).subscribers) == 1
    opened.close()
    with eventlet.Timeout(5):
        while hub_of(site).subscribers:
            eventlet.sleep(0.02)


def test_a_page_that_does_not_read_is_cut(site: Site) -> None:
    opened = site.staff().stream(STREAM)
    opened.next()
    (subscriber,) = hub_of(site).subscribers
    change = {
        "id": "x" * 4000,
        "resource": "booking",
        "type": "t",
        "subject": "s",
        "branch_id": None,
    }
    with eventlet.Timeout(20):
        while not subscriber.is_cut:
            hub_of(site).publish(change)
            eventlet.sleep(0)
    assert subscriber.waiting.qsize() <= 100
    opened.close()


def test_streams_are_cut_when_events_were_missed(site: Site) -> None:
    opened = site.staff().stream(STREAM)
    opened.next()
    hub_of(site).cut_all()
    assert list(opened.changes()) == []


@pytest.mark.slow
def test_two_hundred_open_streams_leave_room_for_requests(site: Site) -> None:
    staff = site.staff()
    streams = [staff.stream(STREAM) for _ in range(200)]
    for opened in streams:
        opened.next()
    assert len(hub_of(site).subscribers) == 200
    for _ in range(20):
        assert site.anybody.get("/api/v1/branches").status == 200
    published = publish("customer.created")
    assert {next(opened.changes())["id"] for opened in streams} == {published}
    for opened in streams:
        opened.close()


def test_every_gateway_hears_every_event(site: Site, start_site: Any) -> None:
    other = start_site()
    streams = [each.staff().stream(STREAM) for each in (site, other)]
    for opened in streams:
        opened.next()
    published = publish("customer.created")
    assert [next(opened.changes())["id"] for opened in streams] == [published, published]
    for opened in streams:
        opened.close()
