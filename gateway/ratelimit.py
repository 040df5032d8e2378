"""How often one client address may do something: token buckets in bounded memory.

Each gateway process counts for itself; the limit is a brake on floods, not an account.
"""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from werkzeug.wrappers import Request

from services.contracts.errors import TooMany

REMEMBERED_CLIENTS = 10_000
"""Addresses whose buckets are kept; beyond it the longest unseen starts afresh (about 2 MB)."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


OWN_NETWORK_BITS = 64
"""What one customer of a provider has of IPv6: counted by address, they would have 2**64 limits."""


class TokenBuckets:
    """One bucket a client: it holds a minute's worth and fills evenly; 0 a minute is no limit."""

    def __init__(
        self,
        per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        remembered: int = REMEMBERED_CLIENTS,
    ) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._remembered = remembered
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Take one token of a client.

        Errors:  TooMany, with the seconds after which there is one again.
        """
        if not self.per_minute:
            return
        tokens = self._tokens(client)
        if tokens < 1:
            self._keep(client, tokens)
            seconds = math.ceil((1 - tokens) * 60 / self.per_minute)
            raise TooMany(retry_after_seconds=max(1, seconds))
        self._keep(client, tokens - 1)

    def charge(self, client: str, tokens: int) -> None:
        """Take tokens for what was done already; a client may come to owe some."""
        if self.per_minute:
            self._keep(client, self._tokens(client) - tokens)

    def _tokens(self, client: str) -> float:
        full = float(self.per_minute)
        now = self._clock()
        tokens, at = self._buckets.get(client, (full, now))
        return min(full, tokens + (now - at) * self.per_minute / 60)

    def _keep(self, client: str, tokens: float) -> None:
        self._buckets[client] = (tokens, self._clock())
        self._buckets.move_to_end(client)
        while len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Parse addresses and networks: 10.0.0.1, 172.16.0.0/12, ::1."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def client_address(request: Request, trusted: tuple[Network, ...]) -> str:
    """Return the nearest address that is not one of our own proxies.

    What X-Forwarded-For says left of an untrusted address could be written by anybody.
    """
    address = request.remote_addr or ""
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        if not _is_in(address, trusted) or not hop.strip():
            break
        address = hop.strip()
    return address


def counted_as(address: str) -> str:
    """Return for whom an address is counted: itself, or its /64 network of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, OWN_NETWORK_BITS), strict=False))


def _is_in(address: str, trusted: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
