"""Reading a calendar over HTTP from an address that somebody typed in, without being led astray.

Whoever may enter an address must not make this process ask machines that only it can reach. Every
address that a name resolves to has to be public, the connection goes to an address that was
checked (a second resolution could answer otherwise), and both hold after a redirect too.
"""

import functools
import http.client
import ipaddress
import re
import socket
import ssl
import string
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import eventlet

from services.chassis.db import assert_no_transaction
from services.scheduling.domain.feeds import FeedUnreadable

MAX_BYTES = 2 * 1024 * 1024
"""Of a file; ten thousand events. It is read into memory whole and parsed at once."""

MAX_REDIRECTS = 3
RESOLVE_SECONDS = 3.0
"""How long the check of a new address waits for the name server; its caller is a person."""

SCHEMES = {"http": "http", "https": "https", "webcal": "https"}
"""`webcal` is what calendar programs write for an address that is meant to be subscribed to."""

REDIRECTS = frozenset({301, 302, 303, 307, 308})
MARK = re.compile(r"[!-~]{1,256}")
"""A version's mark as it should be; others are not kept, nor sent to a server."""

NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(FeedUnreadable):
    """The address is none that we fetch from."""

    def __init__(self) -> None:
        super().__init__("只能读取公网上的 http(s) 地址", "only public http(s) addresses are read")


@dataclass(frozen=True)
class File:
    """What was read, and the server's mark of this version (empty when it gives none)."""

    content: bytes
    etag: str


def check(url: str, *, private_addresses: bool) -> None:
    """Refuse an address that would never be fetched; one that cannot be resolved now may pass.

    Errors:  AddressRefused.
    """
    try:
        with _within(RESOLVE_SECONDS):
            _resolved(_target(url), private_addresses)
    except AddressRefused:
        raise
    except FeedUnreadable:
        return


def fetch(url: str, *, etag: str, timeout_seconds: float, private_addresses: bool) -> File | None:
    """Return the file at an address; None when it still is the version that `etag` marks.

    Units:   timeout_seconds for all of it, redirects included.
    Errors:  AddressRefused; FeedUnreadable.
    """
    assert_no_transaction("http")
    with _within(timeout_seconds), _told():
        for _ in range(MAX_REDIRECTS + 1):
            target = _target(url)
            addresses = _resolved(target, private_addresses)
            with closing(_connection(target)) as connection:
                _connect(connection, target, addresses, timeout_seconds)
                with closing(_asked(connection, target, etag)) as response:
                    if response.status not in REDIRECTS:
                        return _file(response, etag)
                    url = urljoin(target.geturl(), response.headers.get("Location", ""))
    raise FeedUnreadable("重定向次数过多", "too many redirects")


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    # A socket's own timeout starts anew with every byte that a slow server sends.
    with eventlet.Timeout(seconds, FeedUnreadable("对方响应超时", "the server is too slow")):
        yield


@contextmanager
def _told() -> Iterator[None]:
    """Say in a person's words what went wrong on the network."""
    try:
        yield
    except ssl.SSLError as error:
        raise FeedUnreadable("安全证书无效", "the server's certificate is not valid") from error
    except OSError as error:
        raise FeedUnreadable("无法连接对方服务器", "the server cannot be reached") from error
    except (http.client.HTTPException, ValueError) as error:
        raise FeedUnreadable("对方的回应无法识别", "the server's answer makes no sense") from error


def _target(url: str) -> SplitResult:
    """Return an address with its real scheme and a host as name servers know it."""
    try:
        parts = urlsplit(url)
        scheme = SCHEMES[parts.scheme]
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except (KeyError, ValueError) as error:  # UnicodeError is a ValueError
        raise AddressRefused() from error
    if not host or parts.username is not None or any(sign <= " " for sign in url):
        raise AddressRefused()
    netloc = f"[{host}]" if ":" in host else host
    return parts._replace(scheme=scheme, netloc=netloc if port is None else f"{netloc}:{port}")


def _port(target: SplitResult) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


def _resolved(target: SplitResult, private_addresses: bool) -> list[str]:
    """Return the addresses of the host, those of IPv4 first: not every network has the other.

    Errors:  AddressRefused when any of its addresses is not public.
    """
    try:
        found = socket.getaddrinfo(target.hostname, _port(target), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FeedUnreadable("找不到该主机名", "the host name is unknown") from error
    addresses = [str(place[0]) for *_, place in found]
    if not addresses or not (private_addresses or all(map(is_public, addresses))):
        raise AddressRefused()
    return sorted(addresses, key=lambda address: ":" in address)


def is_public(address: str) -> bool:
    """Tell whether an address is on the public internet, any IPv4 address within it included."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and (inner := _inner(ip)):
        return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def _inner(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that a gateway would send packets for this address to."""
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def _connection(target: SplitResult) -> http.client.HTTPConnection:
    host, port = target.hostname or "", _port(target)
    connection = (
        http.client.HTTPSConnection(host, port, context=_tls())
        if target.scheme == "https"
        else http.client.HTTPConnection(host, port)
    )
    connection.auto_open = 0  # never connects by itself: that would resolve the name again
    return connection


def _connect(
    connection: http.client.HTTPConnection,
    target: SplitResult,
    addresses: Sequence[str],
    timeout_seconds: float,
) -> None:
    """Connect to an address that was checked; the name serves for TLS and the Host header."""
    plain = _plain(addresses, _port(target), timeout_seconds)
    connection.sock = plain
    if target.scheme == "https":
        # Shaking hands is a step of its own, so that a connection that fails in it gets closed.
        secret = _tls().wrap_socket(
            plain, server_hostname=target.hostname, do_handshake_on_connect=False
        )
        connection.sock = secret
        secret.do_handshake()


def _plain(addresses: Sequence[str], port: int, timeout_seconds: float) -> socket.socket:
    """Return a connection to the first address that takes it."""
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout=timeout_seconds)
    return socket.create_connection((last, port), timeout=timeout_seconds)


@functools.cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _asked(
    connection: http.client.HTTPConnection, target: SplitResult, etag: str
) -> http.client.HTTPResponse:
    # `identity`: a compressed file could be small on the way and huge in memory.
    headers = {
        "User-Agent": "Yingqi",
        "Accept": "text/calendar, text/plain;q=0.5, */*;q=0.1",
        "Accept-Encoding": "identity",
    }
    if etag:
        headers["If-None-Match"] = etag
    path = target._replace(scheme="", netloc="", fragment="").geturl() or "/"
    connection.request("GET", quote(path, safe=string.punctuation), headers=headers)
    return connection.getresponse()


def _file(response: http.client.HTTPResponse, etag: str) -> File | None:
    if response.status == 304 and etag:
        return None
    if response.status != 200:
        raise FeedUnreadable(f"对方返回 HTTP {response.status}", f"HTTP {response.status}")
    too_large = FeedUnreadable("日历文件超过 2 MB", "the file is larger than 2 MB")
    if (response.length or 0) > MAX_BYTES:
        raise too_large
    content = response.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise too_large
    if response.length:
        raise FeedUnreadable("日历文件不完整", "the file is not complete")
    mark = response.headers.get("ETag", "")
    return File(content, mark if MARK.fullmatch(mark) else "")
