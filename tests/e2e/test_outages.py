"""PostgreSQL or the broker away: 503 with Retry-After, and recovery without a restart."""

import os
import signal
import time

import pytest

from tests.conftest import BROKER
from tests.e2e.local_run import local_run
from tests.e2e.studio import Studio, eventually

pytestmark = pytest.mark.slow


def test_without_postgresql_the_answer_is_503_and_afterwards_all_is_well(broker_environment):
    with local_run(**broker_environment) as run:
        studio = Studio(run.start())
        made = studio.confirmed()
        server = int((run.state / "postgres/data/postmaster.pid").read_text().splitlines()[0])
        os.kill(server, signal.SIGSTOP)  # it neither answers nor refuses: the worse kind of outage
        try:
            reply = run.request("GET", f"/api/v1/bookings/{made['id']}",
                                X_Manage_Token=made["manage_token"])
            assert reply.status == 503, reply
            assert int(reply.headers["retry-after"]) > 0
            assert reply.headers["content-type"].startswith("application/problem+json")
        finally:
            os.kill(server, signal.SIGCONT)
        eventually(lambda: _answers(run, made), seconds=30)
        _ends_its_connections(studio)
        eventually(lambda: _answers(run, made), seconds=10)
        studio.confirmed()


def _answers(run, made):
    reply = run.request(
        "GET", f"/api/v1/bookings/{made['id']}", X_Manage_Token=made["manage_token"]
    )
    return reply.status == 200


def _ends_its_connections(studio):
    studio.run.sql(
        "booking",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname LIKE 'yingqi_%' AND pid <> pg_backend_pid()",
    )


@pytest.mark.rabbitmq
@pytest.mark.skipif(BROKER != "rabbitmq", reason="only RabbitMQ can go away")
def test_without_the_broker_the_answer_is_503_and_nothing_is_lost(server_folder):
    from deploy.local.rabbitmq import LocalRabbit

    node = LocalRabbit(server_folder / "outage").start()
    try:
        with local_run(AMQP_URI=node.uri()) as run:
            studio = Studio(run.start())
            made = studio.confirmed()
            time.sleep(2)  # the node syncs its queues' metadata to disk before it may be ended
            node.stop()
            reply = run.request("GET", "/api/v1/branches")
            assert reply.status == 503, reply
            assert int(reply.headers["retry-after"]) > 0
            node.start()
            eventually(lambda: run.request("GET", "/api/v1/branches").status == 200, seconds=60)
            eventually(lambda: _answers(run, made), seconds=30)
            again = studio.confirmed()
            eventually(lambda: studio.booking(again)["messages"], seconds=30)
    finally:
        node.kill()
