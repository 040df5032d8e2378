"""Token buckets fill evenly, forget the longest unseen, and count the right address."""

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from gateway.ratelimit import TokenBuckets, client_address, counted_as, networks
from services.contracts.errors import TooMany


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_minutes_worth_is_there_at_once_and_fills_evenly() -> None:
    watch = Watch()
    buckets = TokenBuckets(6, clock=watch)
    for _ in range(6):
        buckets.take("a")
    with pytest.raises(TooMany) as refused:
        buckets.take("a")
    assert refused.value.details == {"retry_after_seconds": 10}
    buckets.take("b")
    watch.seconds += 10
    buckets.take("a")
    with pytest.raises(TooMany):
        buckets.take("a")
    watch.seconds += 3600
    for _ in range(6):
        buckets.take("a")
    with pytest.raises(TooMany):
        buckets.take("a")


def test_nought_means_no_limit() -> None:
    buckets = TokenBuckets(0)
    for _ in range(1000):
        buckets.take("a")


def test_the_longest_unseen_client_is_forgotten_first() -> None:
    buckets = TokenBuckets(1, clock=Watch(), remembered=2)
    for client in "abc":
        buckets.take(client)
    with pytest.raises(TooMany):
        buckets.take("c")
    buckets.take("a")


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "client"),
    [
        ("198.51.100.7", "", (), "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", (), "198.51.100.7"),
        ("10.0.0.2", "203.0.113.9", ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.2", "203.0.113.9, 10.0.0.3", ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.2", "1.2.3.4, 203.0.113.9", ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.2", "", ("10.0.0.2",), "10.0.0.2"),
        ("10.0.0.2", "nonsense", ("10.0.0.2",), "nonsense"),
        ("10.0.0.2", "1.2.3.4, nonsense", ("10.0.0.2",), "nonsense"),
        ("::1", "2001:db8::1", ("::1",), "2001:db8::1"),
    ],
)
def test_only_our_own_proxies_are_believed(
    peer: str, forwarded: str, trusted: tuple[str, ...], client: str
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    builder = EnvironBuilder(headers=headers, environ_base={"REMOTE_ADDR": peer})
    assert client_address(Request(builder.get_environ()), networks(trusted)) == client


def test_what_costs_more_is_owed_and_waited_for() -> None:
    watch = Watch()
    buckets = TokenBuckets(6, clock=watch)
    buckets.take("a")
    buckets.charge("a", 9)
    with pytest.raises(TooMany) as refused:
        buckets.take("a")
    assert refused.value.details == {"retry_after_seconds": 50}
    watch.seconds += 50
    buckets.take("a")
    buckets.take("b")
    TokenBuckets(0, clock=watch).charge("a", 9)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_customer_of_a_provider_is_counted_once(address: str, counted: str) -> None:
    assert counted_as(address) == counted
