"""The one-command run: it starts, says where it is, keeps data, and refuses and ends in order."""

import os
import re
import signal
import socket
import time
from collections.abc import Iterator

import pytest

from deploy.local import launcher
from deploy.local.errors import PortTaken
from deploy.local.options import OptionMalformed, Options
from deploy.local.postgres import LocalPostgres
from deploy.local.rabbitmq import LocalRabbit
from tests.e2e.local_run import PASSWORD, LocalRun, local_run, state_folder
from tests.harness import SERVICES

STOP_SECONDS = 5.0
"""The launcher means to need less than two; this machine may be busy."""

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def shared() -> Iterator[LocalRun]:
    """One run for the tests that only look."""
    with local_run() as run:
        yield run.start()


def assert_refused(run: LocalRun, code: str) -> None:
    """It ended with 2 and one clear sentence in each language."""
    assert run.wait() == 2, run.output
    assert f"[{code}]" in run.output
    assert CHINESE.search(run.output)
    assert "Traceback" not in run.output


# -- Options ---------------------------------------------------------------------------------


def test_without_an_environment_it_takes_port_8000_and_its_own_servers() -> None:
    options = Options.of({})
    assert (options.port, options.public_url) == (8000, "http://127.0.0.1:8000")
    assert (options.database_url, options.amqp_uri, options.owner_password) == (None, None, None)


def test_a_database_may_be_named_as_postgresql_names_it() -> None:
    url = Options.of({"DATABASE_URL": "postgres://me:s%40cret@db:5433/x"}).database_url
    assert url == "postgresql+psycopg2://me:s%40cret@db:5433/x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("DATABASE_URL", "mysql://me:hidden@db/x"),
        ("DATABASE_URL", "nonsense-hidden"),
        ("AMQP_URI", "http://me:hidden@mq/"),
        ("YINGQI_OWNER_PASSWORD", "hidden"),
    ],
)
def test_a_malformed_option_is_named_and_secrets_are_not_repeated(name: str, value: str) -> None:
    with pytest.raises(OptionMalformed) as raised:
        Options.of({name: value})
    assert name in raised.value.zh
    assert name in raised.value.en
    assert "hidden" not in str(raised.value)


def test_the_services_are_those_that_the_tests_know() -> None:
    assert sorted(launcher.SERVICES) == sorted(SERVICES)


# -- Running ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_it_prints_addresses_that_answer(shared: LocalRun) -> None:
    for label, path in [("portal", "/portal/"), ("console", "/console/"), ("API", "/docs")]:
        assert shared.printed(label) == shared.address + path
        assert shared.request("GET", path).status == 200


@pytest.mark.slow
def test_the_printed_logins_open_sessions(shared: LocalRun) -> None:
    logins = re.findall(r"first login\s+(\S+) / (\S+)", shared.output)
    assert [login for login, _ in logins] == ["owner", "reception"]
    for login, password in logins:
        session = shared.api("POST", "sessions", {"login": login, "password": password})
        assert session["staff"]["login"] == login
    assert logins[0][1] == PASSWORD


@pytest.mark.slow
def test_the_demo_studio_can_be_booked(shared: LocalRun) -> None:
    branches = shared.api("GET", "branches")["items"]
    assert len(branches) == 2
    services = shared.api("GET", f"services?branch_id={branches[0]['id']}")["items"]
    assert {service["category"]["zh"] for service in services} == {
        "婚纱摄影",
        "儿童写真",
        "个人写真",
        "商务形象照",
        "全家福",
        "孕妇照",
    }
    soon = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 7 * 86_400))
    later = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 14 * 86_400))
    for branch in branches:
        for service in shared.api("GET", f"services?branch_id={branch['id']}")["items"]:
            assert 0 < service["deposit_cents"] <= service["price_cents"] // 5
            found = shared.api(
                "GET",
                f"availability?service_id={service['id']}&branch_id={branch['id']}"
                f"&from={soon}&to={later}",
            )
            assert found["slots"], (branch["name"], service["name"])


@pytest.mark.slow
def test_the_terminal_stays_readable_and_the_log_is_json(shared: LocalRun) -> None:
    assert "\x1b[" not in shared.output
    assert "Warning" not in shared.output
    assert "{" not in shared.output
    log = (shared.state / "logs" / "yingqi.log").read_text().splitlines()
    assert log
    assert all(line.startswith("{") for line in log)


@pytest.mark.slow
def test_a_port_that_is_taken_is_refused_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, state_folder() as state:
        run = LocalRun(state, port=taken.getsockname()[1]).launch()
        assert_refused(run, PortTaken.code)
        assert not state.exists()


@pytest.mark.slow
def test_a_second_run_over_the_same_folder_is_refused(shared: LocalRun) -> None:
    run = LocalRun(shared.state).launch()
    assert_refused(run, "local.folder_in_use")
    assert str(shared.process.pid) in run.output


@pytest.mark.slow
def test_a_server_that_cannot_be_reached_is_named_without_its_password() -> None:
    url = "postgresql://me:hidden@127.0.0.1:1/postgres"
    with local_run(DATABASE_URL=url) as run:
        assert_refused(run.launch(), "local.database_unreachable")
        assert "hidden" not in run.output + run.log_tail()


@pytest.mark.slow
def test_a_broker_that_cannot_be_reached_is_named() -> None:
    with local_run(AMQP_URI="pyamqp://me:hidden@127.0.0.1:1//") as run:
        assert_refused(run.launch(), "local.broker_unreachable")
        assert "hidden" not in run.output


@pytest.mark.slow
def test_data_of_another_postgresql_is_refused() -> None:
    with local_run() as run:
        data = run.state / "postgres" / "data"
        data.mkdir(parents=True)
        (data / "PG_VERSION").write_text("15\n")
        assert_refused(run.launch(), "local.postgres_version_mismatch")


@pytest.mark.slow
@pytest.mark.rabbitmq
def test_servers_that_are_named_are_used_instead_of_its_own(
    request: pytest.FixtureRequest, postgres: LocalPostgres
) -> None:
    node: LocalRabbit = request.getfixturevalue("rabbit")
    node.create_vhost("named")
    postgres.execute("CREATE ROLE named_admin LOGIN CREATEDB CREATEROLE PASSWORD 'named'")
    postgres.execute("GRANT CONNECT ON DATABASE postgres TO named_admin")
    database = f"postgresql://named_admin:named@127.0.0.1:{postgres.port}/postgres"
    with local_run(DATABASE_URL=database, AMQP_URI=node.uri("named")) as run:
        run.start()
        assert len(run.api("GET", "branches")["items"]) == 2
        assert not (run.state / "postgres").exists()
        queues = {queue["name"] for queue in node.manage("GET", "queues/named")}
        assert {"events.crm", "rpc-booking"} <= queues
        assert run.stop()[0] == 0


# -- Ends and later starts -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_in_order_and_soon_and_keeps_the_data(how: signal.Signals) -> None:
    with local_run() as run:
        token = run.start().sign_in()
        code, seconds = run.stop(how)
        print(f"{how.name}: stopped in {seconds:.2f} s")
        assert code == 0, run.output
        assert seconds < STOP_SECONDS
        assert not (run.state / "postgres" / "data" / "postmaster.pid").exists()
        secrets = (run.state / "secrets.json").read_text()

        run.environ["YINGQI_OWNER_PASSWORD"] = "another-password"
        run.start()
        assert run.api("GET", "sessions/current", Authorization=token)["staff"]["login"] == "owner"
        assert run.printed("first login") == f"owner / {PASSWORD}"
        assert (run.state / "secrets.json").read_text() == secrets


@pytest.mark.slow
def test_it_stops_in_the_midst_of_its_start() -> None:
    with local_run() as run:
        run.launch().wait_for("✓")
        code, seconds = run.stop()
        assert (code, seconds < STOP_SECONDS) == (0, True), run.output
        run.start()
        assert len(run.api("GET", "branches")["items"]) == 2


@pytest.mark.slow
def test_an_open_stream_does_not_keep_it_from_stopping() -> None:
    with local_run() as run:
        token = run.start().sign_in()
        with socket.create_connection(("127.0.0.1", run.port)) as stream:
            head = f"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
            stream.sendall(head.encode())
            assert b"200" in stream.recv(200)
            code, seconds = run.stop()
        print(f"with an open stream: stopped in {seconds:.2f} s")
        assert (code, seconds < STOP_SECONDS) == (0, True), run.output


@pytest.mark.slow
def test_a_second_ctrl_c_ends_at_once() -> None:
    with local_run() as run:
        run.start()
        run.process.send_signal(signal.SIGSTOP)  # so that both arrive before it can do anything
        run.process.send_signal(signal.SIGINT)
        run.process.send_signal(signal.SIGCONT)
        run.process.send_signal(signal.SIGTERM)
        assert run.wait() in {0, 130}
        run.start()  # PostgreSQL has ended too, and its data are whole


@pytest.mark.slow
def test_the_whole_run_ends_when_its_database_dies_and_cannot_be_started_again() -> None:
    with local_run() as run:
        run.start()
        data = run.state / "postgres" / "data"
        pid = int((data / "postmaster.pid").read_text().split()[0])
        data.rename(data.with_name("lost"))
        os.kill(pid, signal.SIGKILL)
        assert run.wait() == 1
        assert "PostgreSQL 意外停止" in run.output
        assert not data.exists()  # no empty database in the place of the lost one
        assert "Traceback" not in run.output
