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
        per_second = self.per_minute / 60
        now = self._clock()
        tokens, at = self._buckets.pop(client, (float(self.per_minute), now))
        tokens = min(float(self.per_minute), tokens + (now - at) * per_second)
        refused = tokens < 1
        self._buckets[client] = (tokens if refused else tokens - 1, now)
        while len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        if refused:
            raise TooMany(retry_after_seconds=max(1, math.ceil((1 - tokens) / per_second)))


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


def _is_in(address: str, trusted: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
