"""Nobody is booked twice: 64 requests at once for one time, twenty times over, by real HTTP."""

import http.client
import json
import threading
import uuid
from collections import Counter
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.slow

REQUESTS = 64
ROUNDS = 20


def storm(studio, start, requests):
    """Send that many bookings for one start at the same moment; return status and body of each."""
    replies = []
    gate = threading.Barrier(requests)

    def send(number):
        connection = http.client.HTTPConnection(urlsplit(studio.run.address).netloc, timeout=60)
        body = json.dumps(
            {
                "service_id": studio.service["id"],
                "branch_id": studio.branch["id"],
                "start": start,
                "contact": {"name": f"客户 {number}", "phone": f"138{number:08d}"},
            }
        )
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        connection.connect()
        gate.wait()
        connection.request("POST", "/api/v1/bookings", body, headers)
        answer = connection.getresponse()
        replies.append((answer.status, json.loads(answer.read())))
        connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replies


def test_of_64_requests_for_one_place_exactly_one_wins_in_each_of_20_rounds(studio):
    # The last place at a start: all others are taken first.
    places = [slot for slot in studio.slots(3, 60) if slot["remaining"] == 1]
    days = {}
    for slot in places:
        days.setdefault(slot["start"][:10], slot["start"])
    chosen = list(days.values())[:ROUNDS]
    assert len(chosen) == ROUNDS
    before = held_at(studio, chosen)

    for start in chosen:
        replies = storm(studio, start, REQUESTS)
        assert Counter(status for status, _ in replies) == {201: 1, 409: REQUESTS - 1}
        refused = next(body for status, body in replies if status == 409)
        assert refused["code"] == "scheduling.slot_taken"
        assert refused["message"] == "时间已被占用"
        assert refused["alternatives"]

    overlaps = studio.run.sql(
        "scheduling",
        "SELECT count(*) FROM allocation a JOIN allocation b ON a.id < b.id"
        " AND a.resource_id = b.resource_id AND a.during && b.during"
        " AND a.state <> 'released' AND b.state <> 'released'",
    )
    assert overlaps == [(0,)]
    assert held_at(studio, chosen) == before + ROUNDS, "who lost has left nothing behind"


def held_at(studio, starts):
    """How many bookings are held at some starts; other tests have left some."""
    [(count,)] = studio.run.sql(
        "booking",
        "SELECT count(*) FROM booking WHERE status = 'held' AND starts_at IN ("
        + ",".join(f"'{start}'" for start in starts)
        + ")",
    )
    return count


def test_as_many_win_as_there_are_places(studio):
    slot = max(studio.slots(61, 80), key=lambda slot: slot["remaining"])
    assert slot["remaining"] > 1
    replies = storm(studio, slot["start"], 32)
    assert Counter(status for status, _ in replies) == {
        201: slot["remaining"],
        409: 32 - slot["remaining"],
    }
