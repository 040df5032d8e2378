"""The private RabbitMQ node as tests of outages use it."""

import time
from pathlib import Path

import pytest
from kombu import Connection, Queue

from deploy.local.rabbitmq import LocalRabbit

# RabbitMQ notes on disk once in half a second which queues exist.
SYNC_SECONDS = 1.5

pytestmark = [pytest.mark.rabbitmq, pytest.mark.timeout(120)]


def test_a_confirmed_message_in_a_quorum_queue_outlives_a_kill(
    tmp_path: Path, rabbit_installed: None
) -> None:
    queue = Queue("work", durable=True, queue_arguments={"x-queue-type": "quorum"})
    with LocalRabbit(tmp_path / "rabbitmq") as node:
        node.create_vhost("outage")
        uri = node.uri("outage")
        with Connection(uri, transport_options={"confirm_publish": True}) as connection:
            queue.bind(connection.default_channel).declare()
            connection.Producer().publish("kept", routing_key="work", delivery_mode=2)
            time.sleep(SYNC_SECONDS)
            node.kill()
        node.start()
        with Connection(uri) as connection:
            assert queue.bind(connection.default_channel).get().payload == "kept"
        node.kill()
