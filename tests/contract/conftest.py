"""Both brokers for the contract, and a virtual host for each test."""

import services.chassis.green  # noqa: F401, I001  (first: it makes the process cooperative)

import uuid
from collections.abc import Iterator

import eventlet
import pytest
from kombu import Connection, pools
from nameko import config

from deploy.local import transport
from deploy.local.rabbitmq import LocalRabbit
from tests.contract.cluster import Cluster


@pytest.fixture(params=["inproc", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def amqp_uri(request: pytest.FixtureRequest) -> Iterator[str]:
    """A virtual host with nothing in it, on one broker and then on the other."""
    vhost = uuid.uuid4().hex
    if request.param == "inproc":
        yield f"inproc://localhost/{vhost}"
        transport.reset()
    else:
        node: LocalRabbit = request.getfixturevalue("rabbit")
        node.create_vhost(vhost)
        yield node.uri(vhost)
        pools.reset()  # type: ignore[no-untyped-call]
        node.delete_vhost(vhost)


@pytest.fixture
def connection(amqp_uri: str) -> Iterator[Connection]:
    """A connection whose publishers wait for the broker's confirmation."""
    with Connection(amqp_uri, transport_options={"confirm_publish": True}) as opened:
        yield opened


@pytest.fixture
def cluster(amqp_uri: str) -> Iterator[Cluster]:
    with config.patch({"AMQP_URI": amqp_uri, "max_workers": 10}):
        hosts = Cluster()
        yield hosts
        with eventlet.Timeout(20):
            hosts.close()
