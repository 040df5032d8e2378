"""Requests that are wrong in themselves, and what HTTP expects of any server."""

import http.client
import json
import logging
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import eventlet
import pytest

from tests.integration.gateway import samples
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.samples import BRANCH_ID

SESSIONS = "/api/v1/sessions"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", JSON, 400, "request.malformed"),
        (b'{"a": NaN}', JSON, 400, "request.malformed"),
        (b'{"login": "\\ud800", "password": "p"}', JSON, 400, "request.malformed"),
        (b'{"login": "a\\u0000", "password": "p"}', JSON, 400, "request.malformed"),
        (b"\xff", JSON, 400, "request.malformed"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "request.media_type_unsupported"),
        (b"{}", {}, 415, "request.media_type_unsupported"),
        (b"[]", JSON, 422, "request.invalid"),
        (b"", JSON, 422, "request.invalid"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    site: Site, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = site.anybody.send("POST", SESSIONS, body=body, headers=headers)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["type"] == f"/docs/errors#{code}"


def test_an_escaped_backslash_before_u0000_is_only_text(site: Site) -> None:
    body = rb'{"login": "a\\u0000", "password": "p"}'
    assert site.anybody.send("POST", SESSIONS, body=body, headers=JSON).status == 201


def test_every_fault_of_a_body_has_its_pointer(site: Site) -> None:
    wrong = {**samples.NEW_BOOKING, "contact": {"phone": 7}, "start": "tomorrow"}
    answer = site.anybody.post("/api/v1/bookings", wrong, **{"Idempotency-Key": "k"})
    faults = {fault["pointer"]: fault for fault in answer.json["errors"]}
    assert set(faults) == {"/contact/name", "/contact/phone", "/start"}
    assert faults["/contact/name"]["code"] == "field.missing"
    assert faults["/contact/name"]["message"] == "此项必填"


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("", {"/branch_id", "/from", "/to"}),
        (f"branch_id={BRANCH_ID}&from=2026-13-01&to=2026-11-30", {"/from"}),
        ("branch_id=&from=2026-11-01&to=2026-11-30", {"/branch_id"}),
    ],
)
def test_every_fault_of_a_query_has_its_pointer(site: Site, query: str, pointers: set[str]) -> None:
    answer = site.staff().get(f"/api/v1/calendar?{query}")
    assert answer.status == 422
    assert {fault["pointer"] for fault in answer.json["errors"]} == pointers


def test_a_query_that_holds_nul_is_malformed(site: Site) -> None:
    assert site.staff().get("/api/v1/customers?q=a%00b").status == 400
    assert site.staff().get("/api/v1/customers?other=%00").status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/bookings/no-uuid",
        "/api/v1/bookings/no-uuid/cancel/more",
        "/api/v1/unknown",
        "/unknown",
        "/%ff",
        "/portal/../settings.py",
    ],
)
def test_an_unknown_address_is_a_problem_too(site: Site, path: str) -> None:
    answer = site.anybody.get(path)
    assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_a_wrong_method_says_which_are_right(site: Site) -> None:
    answer = site.anybody.send("PATCH", "/api/v1/bookings")
    assert (answer.status, answer.json["code"]) == (405, "request.method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_options_and_head_are_answered_without_a_body(site: Site) -> None:
    options = site.anybody.send("OPTIONS", "/api/v1/branches")
    assert (options.status, options.body) == (204, b"")
    assert set(options.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    head = site.anybody.send("HEAD", "/api/v1/branches")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["content-length"]) > 0


def test_a_body_of_more_than_a_mebibyte_is_refused(site: Site) -> None:
    body = b'{"login": "%s"}' % (b"x" * 1024 * 1024)
    answer = site.anybody.send("POST", SESSIONS, body=body, headers=JSON)
    assert (answer.status, answer.json["code"]) == (413, "request.too_large")


def test_a_chunked_body_is_read_and_limited_like_any_other(site: Site) -> None:
    netloc = urlsplit(site.address)
    chunk = b"x" * 65536
    with socket.create_connection((netloc.hostname, netloc.port)) as connection:
        connection.settimeout(10)
        head = f"POST {SESSIONS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        connection.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(20):
            connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        connection.sendall(b"0\r\n\r\n")
        assert b" 413 " in connection.recv(100)


def test_every_answer_carries_the_headers_that_protect_it(site: Site) -> None:
    for path in ("/api/v1/branches", "/docs", "/unknown"):
        headers = site.anybody.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-request-id"]


def test_the_log_holds_no_token_and_no_person(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="gateway")
    caplog.set_level(logging.DEBUG, logger="services")
    site.anybody.get(f"/api/v1/bookings/{samples.BOOKING_ID}?token=hidden-token")
    site.staff().get("/api/v1/customers?q=13800000000")
    site.anybody.get("/unknown/hidden-token")
    lines = [record for record in caplog.records if record.message == "request"]
    assert [line.path for line in lines] == [  # type: ignore[attr-defined]
        "/api/v1/bookings/{booking_id}",
        "/api/v1/customers",
        "unmatched",
    ]
    everything = "".join(str(vars(record)) for record in caplog.records)
    assert "hidden-token" not in everything
    assert "13800000000" not in everything


def test_a_broken_connection_leaves_the_gateway_alive(site: Site) -> None:
    netloc = urlsplit(site.address)
    for sent in (
        b"",
        b"GET",
        b"\x16\x03\x01\x02\x00\x01",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\r\n\r\n",
    ):
        with socket.create_connection((netloc.hostname, netloc.port)) as connection:
            connection.sendall(sent)
    with socket.create_connection((netloc.hostname, netloc.port)) as connection:
        connection.sendall(b"POST /api/v1/sessions HTTP/1.1\r\nContent-Length: 900\r\n\r\n{")
    assert site.anybody.get("/healthz").json == {"status": "ok"}
    assert site.anybody.get("/readyz").json == {"status": "ok"}


def slowly() -> dict[str, Any]:
    time.sleep(0.4)
    return {"items": []}


def test_a_stopping_gateway_answers_what_was_begun_and_takes_no_more(site: Site) -> None:
    site.services.answers["scheduling.list_branches"] = slowly
    stream = site.staff().stream("/api/v1/stream")
    stream.next()
    begun = eventlet.spawn(site.anybody.get, "/api/v1/branches")
    eventlet.sleep(0.1)
    began = time.monotonic()
    stopping = eventlet.spawn(site.container.stop)
    eventlet.sleep(0.1)
    with pytest.raises(ConnectionError):
        site.anybody.get("/healthz")
    assert (begun.wait().status, begun.wait().json) == (200, {"items": []})
    assert list(stream.changes()) == []
    stopping.wait()
    assert time.monotonic() - began < 2


def test_a_kept_connection_learns_from_a_stopping_gateway_to_come_back(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    connection = http.client.HTTPConnection(urlsplit(site.address).netloc, timeout=15)

    def ask() -> tuple[int, dict[str, Any], Any]:
        connection.request("GET", "/api/v1/branches")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.headers["Retry-After"]

    assert ask()[0] == 200
    monkeypatch.setattr(site.container, "_being_killed", True)
    status, problem, retry_after = ask()
    assert (status, problem["code"]) == (503, "service.unavailable")
    assert retry_after == "2"
    monkeypatch.undo()

    site.services.answers["scheduling.list_branches"] = slowly
    begun = eventlet.spawn(site.anybody.get, "/api/v1/branches")
    eventlet.sleep(0.1)
    stopping = eventlet.spawn(site.container.stop)
    eventlet.sleep(0.1)
    assert (ask()[0], begun.wait().status) == (503, 200)
    stopping.wait()
    connection.close()
    assert not any(record.exc_info for record in caplog.records)
