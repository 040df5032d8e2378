"""PostgreSQL or the broker away: 503 with Retry-After, and recovery without a restart."""

import os
import signal
import time

import pytest

from deploy.local.postgres import LocalPostgres
from tests.conftest import BROKER
from tests.e2e.local_run import local_run
from tests.e2e.studio import Studio, eventually
from tests.harness import free_port

pytestmark = pytest.mark.slow


def test_without_postgresql_the_answer_is_503_and_afterwards_all_is_well(server_folder, new_broker):
    with LocalPostgres(server_folder / "outage-postgres", port=free_port()) as server:
        named = {"DATABASE_URL": server.url("postgres"), **new_broker()}
        with local_run(**named) as run:
            studio = Studio(run.start())
            made = studio.confirmed()
            server.stop()
            for _ in range(3):
                reply = run.request(
                    "GET", f"/api/v1/bookings/{made['id']}", X_Manage_Token=made["manage_token"]
                )
                assert reply.status == 503, reply
                assert int(reply.headers["retry-after"]) > 0
                assert reply.headers["content-type"].startswith("application/problem+json")
            server.start()
            eventually(lambda: _answers(run, made), seconds=30)
            again = studio.confirmed()
            eventually(lambda: studio.booking(again)["messages"], seconds=30)


def test_a_postgresql_of_its_own_that_is_killed_is_started_again(new_broker):
    with local_run(**new_broker()) as run:
        studio = Studio(run.start())
        made = studio.confirmed()
        killed = _postmaster(run)
        os.kill(killed, signal.SIGKILL)
        until = time.monotonic() + 20
        while not (_answers_or_503(run, made) and "is back" in run.output):
            assert time.monotonic() < until, run.output
        again = studio.confirmed()
        assert time.monotonic() < until, run.output
        assert _postmaster(run) != killed
        eventually(lambda: studio.booking(again)["messages"], seconds=30)
        assert run.stop()[0] == 0
        assert run.output.count("is back") == 1


def _postmaster(run):
    return int((run.state / "postgres/data/postmaster.pid").read_text().split()[0])


def _answers_or_503(run, made):
    """Tell whether the booking is shown; the only other answer allowed is "later"."""
    reply = run.request(
        "GET", f"/api/v1/bookings/{made['id']}", X_Manage_Token=made["manage_token"]
    )
    if reply.status == 200:
        return True
    assert reply.status == 503, reply
    assert int(reply.headers["retry-after"]) > 0
    return False


def _answers(run, made):
    reply = run.request(
        "GET", f"/api/v1/bookings/{made['id']}", X_Manage_Token=made["manage_token"]
    )
    return reply.status == 200


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
