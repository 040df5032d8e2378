"""Following calendars elsewhere: fetched from a real server, kept in a real database."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.chassis.db import TransactionOpenError, UnitOfWork
from services.contracts import scheduling as contract
from services.contracts.errors import YingqiError
from services.contracts.scheduling import (
    FeedAddressRefused,
    FeedUnknown,
    ResourceUnknown,
    StartNotOffered,
)
from services.scheduling import fetching
from services.scheduling.domain.feeds import FeedUnreadable
from services.scheduling.models import BusyFeed, BusyTime, FreedTime
from services.scheduling.queries import locks
from services.scheduling.usecases import busy_feeds
from tests.integration.scheduling.studio import NOW, Studio

LUNCH = ("20261125T040000Z", "20261125T050000Z")
DINNER = ("20261125T100000Z", "20261125T120000Z")


def calendar(*times: tuple[str, str]) -> bytes:
    events = [
        f"BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART:{start}\r\nDTEND:{end}\r\nEND:VEVENT\r\n"
        for number, (start, end) in enumerate(times)
    ]
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "".join(events) + "END:VCALENDAR\r\n").encode()


# --- a calendar server


@dataclass
class Elsewhere:
    """A server whose paths answer as a test says; `asked` are the requests it has had."""

    answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def url(self, path: str = "/calendar.ics", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def serve(self, body: bytes, path: str = "/calendar.ics", status: int = 200, **headers: str):
        def answer(request: BaseHTTPRequestHandler) -> None:
            same = "ETag" in headers and request.headers.get("If-None-Match") == headers["ETag"]
            request.send_response(304 if same else status)
            for name, value in headers.items():
                request.send_header(name, value)
            if not same:
                request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            if not same:
                request.wfile.write(body)

        self.answers[path] = answer

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.serve(b"", path, status, Location=to)


@contextmanager
def serving(place: Elsewhere, tls: ssl.SSLContext | None = None) -> Iterator[Elsewhere]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place.asked.append((self.path, dict(self.headers)))
            place.answers[self.path](self)

        def log_message(self, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            """A client that has had enough is what some tests are about."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        place.port = server.server_port
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield place
        server.shutdown()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with serving(Elsewhere()) as place:
        yield place


def fetch(url: str, **values: Any) -> fetching.File | None:
    limits = {"etag": "", "timeout_seconds": 5.0, "private_addresses": True}
    return fetching.fetch(url, **{**limits, **values})


def why(url: str, **values: Any) -> str:
    with pytest.raises(FeedUnreadable) as refused:
        fetch(url, **values)
    return str(refused.value)


# --- fetching


def test_a_file_is_fetched_with_its_mark(elsewhere):
    elsewhere.serve(calendar(LUNCH), "/my%20calendar.ics?key=1%2B2", ETag='"1"')
    file = fetch(elsewhere.url("/my%20calendar.ics?key=1%2B2#top"))
    assert file == fetching.File(calendar(LUNCH), '"1"')
    ((path, headers),) = elsewhere.asked
    assert path == "/my%20calendar.ics?key=1%2B2"
    assert headers["Host"] == f"127.0.0.1:{elsewhere.port}"
    assert headers["Accept-Encoding"] == "identity"
    assert "If-None-Match" not in headers


def test_chinese_in_an_address_is_understood(elsewhere):
    elsewhere.serve(b"x", "/%E6%97%A5%E5%8E%86.ics")
    assert fetch(elsewhere.url("/日历.ics")) is not None


def test_an_unchanged_file_is_not_sent_again(elsewhere):
    elsewhere.serve(calendar(LUNCH), ETag='"1"')
    assert fetch(elsewhere.url(), etag='"1"') is None
    assert fetch(elsewhere.url(), etag='"0"') is not None


@pytest.mark.parametrize("mark", ['"a\x00b"', '"é"', '"' + "x" * 300 + '"', '"a b"'])
def test_a_mark_that_makes_no_sense_is_not_kept(elsewhere, mark):
    elsewhere.serve(b"x", ETag=mark)
    assert fetch(elsewhere.url()) == fetching.File(b"x", "")


def test_304_to_a_question_that_was_not_asked_is_no_file(elsewhere):
    elsewhere.serve(b"", status=304)
    assert "HTTP 304" in why(elsewhere.url())


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_refusal_is_told(elsewhere, status):
    elsewhere.serve(b"no", status=status)
    assert f"HTTP {status}" in why(elsewhere.url())


def test_three_redirects_are_followed_and_no_more(elsewhere):
    elsewhere.serve(b"found")
    elsewhere.redirect("/a", "/b", 301)
    elsewhere.redirect("/b", elsewhere.url("/c"), 307)
    elsewhere.redirect("/c", "calendar.ics", 308)
    elsewhere.redirect("/d", "/a")
    assert fetch(elsewhere.url("/a")) == fetching.File(b"found", "")
    assert "too many redirects" in why(elsewhere.url("/d"))


def test_a_redirect_to_nowhere_is_told(elsewhere):
    elsewhere.redirect("/a", "ftp://example.org/calendar.ics")
    assert "public http(s)" in why(elsewhere.url("/a"))


def test_a_large_file_is_left_whether_or_not_it_says_so(elsewhere):
    large = b"x" * (fetching.MAX_BYTES + 1)

    def silent(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(large)

    elsewhere.serve(large, "/declared")
    elsewhere.answers["/silent"] = silent
    elsewhere.serve(large[:-1], "/just")
    assert "larger than 2 MB" in why(elsewhere.url("/declared"))
    assert "larger than 2 MB" in why(elsewhere.url("/silent"))
    assert fetch(elsewhere.url("/just")) is not None


def test_half_a_file_is_told(elsewhere):
    def half(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100")
        request.end_headers()
        request.wfile.write(b"x" * 50)

    elsewhere.answers["/half"] = half
    assert "not complete" in why(elsewhere.url("/half"))


def test_a_server_that_sends_a_byte_now_and_then_is_left_in_time(elsewhere):
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(100):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.05)

    elsewhere.answers["/drip"] = drip
    began = time.monotonic()
    assert "too slow" in why(elsewhere.url("/drip"), timeout_seconds=0.4)
    assert time.monotonic() - began < 2


def test_nobody_there_is_told():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert "cannot be reached" in why(f"http://127.0.0.1:{port}/")


def test_who_does_not_speak_http_is_told(elsewhere):
    elsewhere.answers["/"] = lambda request: request.wfile.write(b"220 mail server\r\n")
    assert "makes no sense" in why(elsewhere.url("/"))


def test_who_does_not_speak_tls_is_told(elsewhere):
    assert "certificate" in why(f"https://127.0.0.1:{elsewhere.port}/")


def test_no_transaction_waits_for_a_server(uow: UnitOfWork, elsewhere):
    with pytest.raises(TransactionOpenError), uow.begin():
        fetch(elsewhere.url())


# --- where nobody is led


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:c0a8:101::",
    ],
)
def test_an_address_of_our_own_network_is_not_public(address):
    assert not fetching.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_an_address_of_the_internet_is_public(address):
    assert fetching.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://127.0.0.1:6379/",
        "//example.org/",
        "calendar.ics",
        "http://",
        "http://user@example.org/",
        "http://example.org:port/",
        "http://exa mple.org/",
        "http://8.8.8.8/\r\nX: y",
        "http://" + "a" * 64 + ".org/",
    ],
)
def test_an_address_that_is_not_the_internets_is_refused_before_anything_is_sent(url):
    with pytest.raises(fetching.AddressRefused):
        fetch(url, private_addresses=False)
    with pytest.raises(fetching.AddressRefused):
        fetching.check(url, private_addresses=False)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
def test_no_way_of_writing_an_address_is_a_way_around(elsewhere, host):
    with pytest.raises(FeedUnreadable):
        fetch(elsewhere.url(host=host), private_addresses=False)
    assert elsewhere.asked == []


def names(monkeypatch, *answers: list[str]) -> list[str]:
    """Let the name server give these addresses, one answer after the other; return who asks."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(fetching.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_one_private_address_among_public_ones_is_too_many(monkeypatch):
    names(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(fetching.AddressRefused):
        fetch("http://calendar.example/", private_addresses=False)


def test_a_name_is_resolved_once_and_the_address_that_was_checked_is_asked(monkeypatch, elsewhere):
    elsewhere.serve(b"x")
    # Were it resolved again for the connection, the second answer would lead elsewhere.
    asked = names(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
    assert fetch(elsewhere.url(host="calendar.example")) is not None
    assert asked == ["calendar.example"]
    assert elsewhere.asked[0][1]["Host"] == f"calendar.example:{elsewhere.port}"


def test_the_next_address_of_a_name_is_asked_when_the_first_does_not_answer(monkeypatch, elsewhere):
    elsewhere.serve(b"x")
    names(monkeypatch, ["::1", "127.0.0.2", "127.0.0.3", "127.0.0.1"])
    assert fetch(elsewhere.url(host="calendar.example")) is not None
    names(monkeypatch, ["127.0.0.2", "127.0.0.3"])
    assert "cannot be reached" in why(elsewhere.url(host="calendar.example"))


def test_a_redirect_does_not_lead_into_our_own_network(monkeypatch, elsewhere):
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
    elsewhere.serve(b"secret", "/secret")
    elsewhere.redirect("/calendar.ics", elsewhere.url("/secret", host="127.0.0.2"))
    with pytest.raises(fetching.AddressRefused):
        fetch(elsewhere.url(), private_addresses=False)
    assert [path for path, _ in elsewhere.asked] == ["/calendar.ics"]


def test_an_unknown_name_is_told_and_may_be_known_later(monkeypatch):
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(fetching.socket, "getaddrinfo", unknown)
    assert "host name is unknown" in why("http://calendar.example/")
    fetching.check("http://calendar.example/", private_addresses=False)


def test_webcal_is_https(monkeypatch):
    names(monkeypatch, ["8.8.8.8"])
    fetching.check("webcal://p01.calendar.example/published", private_addresses=False)
    assert fetching._target("webcal://calendar.example/a").geturl() == "https://calendar.example/a"


# --- following


class Follower:
    """The photographer of a studio, who brings a calendar along."""

    def __init__(self, studio: Studio, elsewhere: Elsewhere) -> None:
        self.studio, self.uow, self.elsewhere = studio, studio.uow, elsewhere
        self.branch_id = studio.branch_id
        self.resource_id = studio.resources["photographer-1"]
        self.feed_id = uuid4()

    def follow(self, url: str | None = None, now: datetime = NOW, **values: Any) -> dict[str, Any]:
        feed = {"id": self.feed_id, "resource_id": self.resource_id, "private_addresses": True}
        url = url or self.elsewhere.url()
        answer = busy_feeds.define_busy_feed(uow=self.uow, now=now, url=url, **{**feed, **values})
        assert contract.DEFINE_BUSY_FEED.encode(answer)["id"] == str(answer["id"])
        return answer

    def read(self, now: datetime = NOW) -> bool:
        return busy_feeds.read_next(
            uow=self.uow, now=now, timeout_seconds=5.0, private_addresses=True
        )

    def feed(self) -> dict[str, Any]:
        (found,) = busy_feeds.list_busy_feeds(uow=self.uow, resource_id=self.resource_id)["items"]
        return found

    def due_in_minutes(self, now: datetime = NOW) -> float:
        with self.uow.read() as session:
            feed = session.get_one(BusyFeed, self.feed_id)
            return (feed.due_at - now).total_seconds() / 60

    def busy(self) -> list[tuple[str, str]]:
        with self.uow.read() as session:
            found = session.scalars(
                sa.select(BusyTime.during).order_by(sa.func.lower(BusyTime.during))
            )
            wire = "%Y%m%dT%H%M%SZ"
            return [
                (f"{each.lower.astimezone(UTC):{wire}}", f"{each.upper.astimezone(UTC):{wire}}")
                for each in found
            ]

    def freed(self) -> int:
        with self.uow.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(FreedTime)) or 0


@pytest.fixture
def follower(studio: Studio, elsewhere: Elsewhere) -> Follower:
    return Follower(studio, elsewhere)


def test_a_calendar_that_is_followed_is_read_at_once_and_then_every_quarter_of_an_hour(
    follower, elsewhere
):
    elsewhere.serve(calendar(DINNER, LUNCH))
    assert follower.follow()["fetched_at"] is None
    assert follower.read()
    assert follower.busy() == [LUNCH, DINNER]
    feed = follower.feed()
    assert (feed["busy_times"], feed["error"], feed["fetched_at"]) == (2, "", NOW)
    assert follower.due_in_minutes() == 15
    assert not follower.read(NOW + timedelta(minutes=14))
    assert follower.read(NOW + timedelta(minutes=15))


def test_what_is_read_replaces_what_was_known(follower, elsewhere):
    elsewhere.serve(calendar(LUNCH))
    follower.follow()
    follower.read()
    elsewhere.serve(calendar(DINNER))
    follower.read(NOW + timedelta(minutes=15))
    assert follower.busy() == [DINNER]
    assert follower.freed() == 1, "whoever waits for lunchtime is asked"


def test_an_unchanged_calendar_is_not_sent_again_until_the_next_day(follower, elsewhere):
    elsewhere.serve(calendar(LUNCH), ETag='"1"')
    follower.follow()
    for hours in (0, 1, 22, 23):
        assert follower.read(NOW + timedelta(hours=hours))
    asked = [headers.get("If-None-Match") for _, headers in elsewhere.asked]
    assert asked == [None, '"1"', '"1"', None]
    assert follower.busy() == [LUNCH]
    assert follower.feed()["fetched_at"] == NOW + timedelta(hours=23)


def test_a_broken_calendar_leaves_what_was_known_and_says_why(follower, elsewhere):
    elsewhere.serve(calendar(LUNCH), ETag='"1"')
    follower.follow()
    follower.read()
    elsewhere.serve(b"<html>please sign in</html>")
    later = NOW + timedelta(minutes=15)
    assert follower.read(later)
    feed = follower.feed()
    assert follower.busy() == [LUNCH]
    assert "not a calendar file" in feed["error"]
    assert "日历" in feed["error"]
    assert feed["fetched_at"] == NOW
    assert follower.due_in_minutes(later) == 15


def test_failures_in_a_row_make_the_pauses_longer_until_it_works_again(follower, elsewhere):
    elsewhere.serve(b"", status=500)
    follower.follow()
    pauses, now = [], NOW
    for _ in range(7):
        assert follower.read(now)
        pauses.append(follower.due_in_minutes(now))
        now += timedelta(minutes=pauses[-1])
    assert pauses == [15, 30, 60, 120, 240, 360, 360]
    elsewhere.serve(calendar(LUNCH))
    assert follower.read(now)
    assert follower.due_in_minutes(now) == 15
    assert follower.feed()["error"] == ""


def test_defining_a_feed_again_has_it_read_again(follower, elsewhere):
    elsewhere.serve(b"", status=500)
    follower.follow()
    follower.read()
    follower.read(NOW + timedelta(minutes=15))
    later = NOW + timedelta(minutes=20)
    answer = follower.follow(now=later)
    assert answer["error"] == ""
    elsewhere.serve(calendar(LUNCH))
    assert follower.read(later)
    assert follower.busy() == [LUNCH]


def test_another_address_is_another_calendar(follower, elsewhere):
    elsewhere.serve(calendar(LUNCH))
    follower.follow()
    follower.read()
    answer = follower.follow(elsewhere.url("/other.ics"))
    assert (answer["fetched_at"], answer["busy_times"]) == (None, 0)
    assert follower.busy() == []


def test_a_feed_may_be_given_to_somebody_else(follower, elsewhere):
    elsewhere.serve(calendar(LUNCH))
    follower.follow()
    follower.read()
    other = follower.studio.add_resource("photographer-2", "photographer")
    follower.follow(resource_id=other)
    follower.read()
    with follower.uow.read() as session:
        assert session.scalars(sa.select(BusyTime.resource_id)).all() == [other]


def test_a_feed_that_is_removed_is_forgotten(follower, elsewhere):
    elsewhere.serve(calendar(LUNCH))
    follower.follow()
    follower.read()
    assert busy_feeds.remove_busy_feed(uow=follower.uow, now=NOW, id=follower.feed_id) == {
        "removed": True
    }
    assert follower.busy() == []
    assert follower.freed() == 1
    assert not follower.read(NOW + timedelta(days=1))
    with pytest.raises(FeedUnknown):
        busy_feeds.remove_busy_feed(uow=follower.uow, now=NOW, id=follower.feed_id)


def test_what_is_read_of_a_feed_that_was_removed_meanwhile_is_of_no_use(follower, elsewhere):
    def answer(request: BaseHTTPRequestHandler) -> None:
        busy_feeds.remove_busy_feed(uow=follower.uow, now=NOW, id=follower.feed_id)
        elsewhere.serve(calendar(LUNCH))
        elsewhere.answers["/calendar.ics"](request)

    elsewhere.answers["/calendar.ics"] = answer
    follower.follow()
    assert follower.read()
    assert follower.busy() == []


@pytest.mark.parametrize("url", ["http://127.0.0.1/a.ics", "ftp://example.org/a.ics"])
def test_an_address_in_our_own_network_is_refused_when_it_is_entered(follower, url):
    with pytest.raises(FeedAddressRefused) as refused:
        follower.follow(url, private_addresses=False)
    assert refused.value.details["errors"][0]["pointer"] == "/url"


def test_nobody_unknown_can_follow_a_calendar(follower):
    with pytest.raises(ResourceUnknown):
        follower.follow(resource_id=uuid4())
    with pytest.raises(ResourceUnknown):
        busy_feeds.list_busy_feeds(uow=follower.uow, resource_id=uuid4())


def test_two_replicas_do_not_read_the_same_calendar(follower, elsewhere):
    elsewhere.serve(calendar(LUNCH))
    ids = [uuid4() for _ in range(6)]
    for id in ids:
        follower.follow(id=id)

    def read_all() -> int:
        count = 0
        while follower.read():
            count += 1
        return count

    with ThreadPoolExecutor(4) as replicas:
        counts = list(replicas.map(lambda _: read_all(), range(4)))
    assert sum(counts) == len(elsewhere.asked) == len(ids)


def test_a_reading_whose_process_ends_is_taken_up_by_another(follower, elsewhere, monkeypatch):
    class Ended(BaseException):
        pass

    def end(*_: Any, **__: Any) -> None:
        raise Ended

    elsewhere.serve(calendar(LUNCH))
    follower.follow()
    with monkeypatch.context() as ending, pytest.raises(Ended):
        ending.setattr(fetching, "fetch", end)
        follower.read()
    assert not follower.read(NOW + timedelta(minutes=1))
    assert follower.read(NOW + timedelta(minutes=2))
    assert follower.busy() == [LUNCH]


def test_busy_times_change_under_the_lock_that_bookings_share(follower, elsewhere, monkeypatch):
    locked: list[set[UUID]] = []
    real = locks.change_supply

    def noted(session: Any, branch_ids: Any) -> None:
        locked.append(set(branch_ids))
        real(session, branch_ids)

    monkeypatch.setattr(locks, "change_supply", noted)
    elsewhere.serve(calendar(LUNCH))
    follower.follow()
    follower.read()
    assert locked == [{follower.branch_id}]
    follower.read(NOW + timedelta(minutes=15))
    assert len(locked) == 1, "nothing is new, nobody has to wait"


def test_every_error_is_one_of_the_contract(follower):
    for call in (
        lambda: follower.follow("http://10.0.0.1/", private_addresses=False),
        lambda: follower.follow(resource_id=uuid4()),
    ):
        with pytest.raises(YingqiError) as refused:
            call()
        assert isinstance(refused.value, contract.DEFINE_BUSY_FEED.errors)


# --- what follows for bookings


def test_who_is_busy_elsewhere_cannot_be_booked(follower, elsewhere):
    studio = follower.studio
    assert {"11:00", "12:00", "13:00"} <= set(studio.starts())
    elsewhere.serve(calendar(LUNCH))
    follower.follow()
    follower.read()
    assert {"11:00", "13:00"} <= set(studio.starts())
    assert "12:00" not in studio.starts()
    with pytest.raises(StartNotOffered):
        studio.hold("12:00")


def test_who_is_not_busy_any_more_can_be_booked_again(follower, elsewhere):
    elsewhere.serve(calendar(LUNCH))
    follower.follow()
    follower.read()
    elsewhere.serve(calendar())
    follower.read(NOW + timedelta(minutes=15))
    assert follower.studio.hold("12:00")["state"] == "held"


def test_busy_time_over_a_booking_is_told_once_and_again_when_it_comes_back(follower, elsewhere):
    studio = follower.studio
    booked, _ = studio.hold("12:00"), studio.hold("15:00")
    follower.follow()
    for number, times in enumerate([[LUNCH], [LUNCH, DINNER], [], [LUNCH]]):
        elsewhere.serve(calendar(*times))
        follower.read(NOW + number * timedelta(minutes=15))
        told = [e["payload"] for e in studio.envelopes() if e["type"] == "allocation.conflicted"]
        assert len(told) == (2 if number == 3 else 1)
    assert {(each["booking_id"], each["cause"]) for each in told} == {
        (str(booked["booking_id"]), "busy")
    }
    busy_feeds.remove_busy_feed(uow=studio.uow, now=NOW, id=follower.feed_id)
    follower.follow()
    follower.read()
    assert studio.events().count("allocation.conflicted") == 3


# --- over TLS


@pytest.fixture
def secured(tmp_path, monkeypatch) -> Iterator[Elsewhere]:
    """A server with a certificate for calendar.example alone, which is trusted."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    words = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=calendar.example"
    name = ("-addext", "subjectAltName=DNS:calendar.example")
    subprocess.run(
        [openssl, *words.split(), *name, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    trusting = ssl.create_default_context(cafile=certificate)
    monkeypatch.setattr(fetching, "_tls", lambda: trusting)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(certificate, key)
    with serving(Elsewhere(), shown) as place:
        yield place


def test_a_calendar_is_fetched_over_tls_from_whom_its_name_belongs_to(secured, monkeypatch):
    secured.serve(b"found", "/a.ics")
    names(monkeypatch, ["127.0.0.1"])
    found = fetching.File(b"found", "")
    assert fetch(f"https://calendar.example:{secured.port}/a.ics") == found
    assert fetch(f"webcal://calendar.example:{secured.port}/a.ics") == found
    assert "certificate" in why(f"https://other.example:{secured.port}/a.ics")
    assert len(secured.asked) == 2
