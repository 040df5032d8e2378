"""Asking a provider: one deadline for all of it, and the rest of the process goes on meanwhile."""

import gc
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import eventlet
import pytest
from werkzeug.wrappers import Request, Response

from services.booking.payments import http
from services.booking.payments.http import Http
from services.chassis.db import TransactionOpenError, UnitOfWork
from services.contracts.payments import ProviderUnavailable
from tests.providers.server import Server, new_key, private_pem
from tests.providers.wechat_pay_server import certified


@pytest.fixture
def server() -> Iterator[Server]:
    def answer(request: Request) -> Response:
        if request.path == "/elsewhere":
            return Response(status=302, headers={"Location": "/"})
        return Response(b"x" * int(request.args.get("bytes", "10")))

    with Server(answer).running() as running:
        yield running


def test_a_slow_answer_ends_at_the_deadline_and_holds_up_nobody(server: Server) -> None:
    server.trouble = "slow"
    client = Http(0.3)
    ticks = []

    def ask() -> None:
        with pytest.raises(ProviderUnavailable):
            client.ask("GET", f"{server.url}/?bytes=1000", headers={})

    def tick() -> None:
        while True:
            eventlet.sleep(0.02)
            ticks.append(1)

    started = time.monotonic()
    ticking = eventlet.spawn(tick)
    for asking in [eventlet.spawn(ask) for _ in range(6)]:
        asking.wait()
    ticking.kill()
    assert 0.3 <= time.monotonic() - started < 1.2, "six deadlines pass at the same time"
    assert len(ticks) >= 5


def test_a_connection_serves_again_but_not_after_half_an_answer(server: Server) -> None:
    client = Http(0.3)
    for _ in range(3):
        assert client.ask("GET", server.url, headers={}).status == 200
    (pool,) = [client._pools.connection_from_url(server.url)]
    assert pool.num_connections == 1
    server.trouble = "slow"
    with pytest.raises(ProviderUnavailable):
        client.ask("GET", f"{server.url}/?bytes=500", headers={})
    server.trouble = None
    assert client.ask("GET", server.url, headers={}).body == b"x" * 10


def test_a_redirect_is_not_followed(server: Server) -> None:
    assert Http(1).ask("GET", f"{server.url}/elsewhere", headers={}).status == 302
    assert server.asked == ["GET /elsewhere"]


def test_too_large_an_answer_is_not_read(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 9)
    with pytest.raises(ProviderUnavailable):
        Http(1).ask("GET", server.url, headers={})


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a server that speaks TLS, and the file of its certificate."""
    key = new_key()
    files = tmp_path / "key.pem", tmp_path / "certificate.pem"
    files[0].write_text(private_pem(key))
    files[1].write_text(certified(key, datetime(2020, 1, 1, tzinfo=UTC), days=20_000).certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[1], files[0])

    def serve() -> None:
        accepted, _ = listening.accept()
        peer = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        with closing(peer), suppress(OSError):
            peer.do_handshake()
            peer.recv(10_000)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    with closing(eventlet.listen(("127.0.0.1", 0))) as listening:
        serving = eventlet.spawn(serve)
        yield f"https://127.0.0.1:{listening.getsockname()[1]}", files[1]
        serving.wait()


# eventlet leaves the socket of a handshake that failed to the collector of garbage.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_certificate_that_nobody_vouches_for_is_refused(tls: tuple[str, Path]) -> None:
    with pytest.raises(ProviderUnavailable) as refusal:
        Http(1).ask("GET", tls[0], headers={})
    assert "CERTIFICATE_VERIFY_FAILED" in str(refusal.value.__cause__)
    del refusal
    gc.collect()


def test_a_certificate_that_the_system_trusts_is_accepted(
    tls: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls[1]))
    client = Http(1)
    assert client.ask("GET", tls[0], headers={}).body == b"hello"
    client._pools.clear()


def test_nobody_is_asked_within_a_transaction(server: Server, service_uow) -> None:
    uow: UnitOfWork = service_uow("booking")
    with uow.begin(), pytest.raises(TransactionOpenError):
        Http(1).ask("GET", server.url, headers={})
    assert server.asked == []
