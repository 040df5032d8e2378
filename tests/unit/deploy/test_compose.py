"""compose.yaml and env.example fit the settings of every process; each check can fail."""

from collections.abc import Callable

import pytest

from tests.unit.deploy import checks
from tests.unit.deploy.checks import Check
from tests.unit.deploy.files import Files

Change = Callable[[Files], object]


@pytest.fixture(scope="module")
def files() -> Files:
    return Files.read()


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_it_holds(files, check):
    assert list(check(files)) == []


def environment(container: str) -> Callable[[Files], dict[str, str]]:
    return lambda files: files.containers[container]["environment"]


def setting(container: str, **values: str) -> Change:
    return lambda files: environment(container)(files).update(values)


def without_setting(container: str, name: str) -> Change:
    return lambda files: environment(container)(files).pop(name)


def part(container: str, **values: object) -> Change:
    return lambda files: files.containers[container].update(values)


def without(container: str, name: str) -> Change:
    return lambda files: files.containers[container].pop(name)


def replaced(field: str, old: str, new: str) -> Change:
    def change(files: Files) -> None:
        text = getattr(files, field)
        assert old in text, "the violation itself is out of date"
        setattr(files, field, text.replace(old, new))

    return change


VIOLATIONS: list[tuple[Check, Change]] = [
    (checks.every_process_has_a_container, lambda files: files.containers.pop("crm")),
    (checks.every_process_has_a_container, without("gateway", "build")),
    (checks.environments_fit_the_settings, without_setting("booking", "MANAGE_SECRET")),
    (checks.environments_fit_the_settings, setting("crm", HOLD_TTL_SECONDS="900")),
    (checks.environments_fit_the_settings, setting("scheduling", HOLD_TTL_SECONDS="long")),
    (checks.environments_fit_the_settings, setting("booking", SANDBOX_PAYMENTS="true")),
    (
        checks.env_example_names_every_setting,
        replaced("env_example", "\nHOLD_TTL_SECONDS=", "\nHOLD_TTL="),
    ),
    (checks.env_example_names_every_setting, without_setting("gateway", "LISTEN_ADDRESS")),
    (
        checks.env_example_and_compose_name_the_same_variables,
        replaced("env_example", "\nCDN_RANGES=", "\n"),
    ),
    (
        checks.env_example_and_compose_name_the_same_variables,
        replaced("env_example", "\nCDN_RANGES=", "\nCDN_RANGES=\nFORGOTTEN="),
    ),
    (
        checks.every_line_of_env_example_is_explained_in_both_languages,
        replaced("env_example", "# 端口，默认 587。 Its port, 587.\nSMTP", "\nSMTP"),
    ),
    (checks.no_secret_has_a_value, replaced("env_example", "_SECRET=", "_SECRET=hunter2")),
    (checks.no_secret_has_a_value, setting("booking", MANAGE_SECRET="${MANAGE_SECRET:-secret}")),
    (checks.no_secret_has_a_value, setting("grafana", GF_SECURITY_ADMIN_PASSWORD="admin")),
    (
        checks.what_is_required_says_so,
        setting("booking", MANAGE_SECRET="${MANAGE_SECRET}"),
    ),
    (
        checks.every_service_has_its_own_database,
        lambda files: setting("crm", DATABASE_URL=environment("booking")(files)["DATABASE_URL"])(
            files
        ),
    ),
    (checks.every_service_has_its_own_database, replaced("databases_script", " crm ", " ")),
    (
        checks.every_service_has_its_own_database,
        without_setting("postgres", "CRM_DATABASE_PASSWORD"),
    ),
    (
        checks.every_database_is_migrated_before_its_service_starts,
        lambda files: files.containers.pop("crm-migrations"),
    ),
    (
        checks.every_database_is_migrated_before_its_service_starts,
        part("crm-migrations", command=["services.booking"]),
    ),
    (
        checks.every_database_is_migrated_before_its_service_starts,
        setting("crm-migrations", DATABASE_URL="postgresql://elsewhere/crm"),
    ),
    (
        checks.every_database_is_migrated_before_its_service_starts,
        part("crm-migrations", restart="always"),
    ),
    (
        checks.every_database_is_migrated_before_its_service_starts,
        lambda files: files.containers["crm"]["depends_on"].pop("crm-migrations"),
    ),
    (
        checks.nobody_waits_for_what_is_not_there,
        part("caddy", depends_on={"nginx": {"condition": "service_healthy"}}),
    ),
    (
        checks.nobody_waits_for_what_is_not_there,
        part("caddy", depends_on={"gateway": {"condition": "service_started"}}),
    ),
    (
        checks.nobody_waits_for_what_is_not_there,
        lambda files: files.containers["crm"]["depends_on"].pop("rabbitmq"),
    ),
    (checks.images_are_pinned, part("caddy", image="caddy:latest")),
    (checks.images_are_pinned, part("caddy", image="caddy")),
    (checks.images_are_pinned, part("crm", image="yingqi-crm:1.0")),
    (checks.every_container_is_watched_and_bounded, without("rabbitmq", "healthcheck")),
    (
        checks.every_container_is_watched_and_bounded,
        replaced("dockerfile", "HEALTHCHECK", "LABEL"),
    ),
    (checks.every_container_is_watched_and_bounded, without("postgres", "restart")),
    (checks.every_container_is_watched_and_bounded, without("grafana", "deploy")),
    (checks.every_container_is_watched_and_bounded, part("crm", read_only=False)),
    (checks.every_container_is_watched_and_bounded, without("caddy", "security_opt")),
    (checks.only_caddy_is_published, part("postgres", ports=["5432:5432"])),
    (checks.only_caddy_is_published, part("caddy", ports=["80:80", "3000:3000"])),
    (checks.networks_keep_their_distance, part("gateway", networks=["edge", "inner", "data"])),
    (checks.networks_keep_their_distance, part("postgres", networks=["data", "outside"])),
    (checks.networks_keep_their_distance, part("crm", networks=["inner"])),
    (checks.networks_keep_their_distance, without("grafana", "networks")),
    (
        checks.networks_keep_their_distance,
        lambda files: files.compose["networks"]["data"].clear(),
    ),
    (checks.mounts_exist, part("caddy", volumes=["./caddy/Caddyfile.old:/etc/caddy:ro"])),
    (checks.mounts_exist, part("caddy", volumes=["./caddy/Caddyfile:/etc/caddy/Caddyfile"])),
    (checks.mounts_exist, part("caddy", volumes=["elsewhere:/data"])),
    (
        checks.databases_know_chinese_letters,
        setting("postgres", POSTGRES_INITDB_ARGS="--encoding=UTF8 --locale=C"),
    ),
    (
        checks.connections_suffice_for_two_replicas_of_each_service,
        part("postgres", command=["postgres", "-c", "max_connections=100"]),
    ),
    (
        checks.the_broker_stops_taking_messages_before_it_is_ended,
        replaced("rabbitmq_conf", "absolute = 600MB", "absolute = 900MB"),
    ),
    (checks.files_lie_on_one_volume_that_their_processes_may_write, without("booking", "volumes")),
    (
        checks.files_lie_on_one_volume_that_their_processes_may_write,
        part("gateway", volumes=["caddy-data:/var/lib/yingqi"]),
    ),
    (
        checks.files_lie_on_one_volume_that_their_processes_may_write,
        replaced("dockerfile", "install -d -o 10001", "install -d"),
    ),
]


@pytest.mark.parametrize(
    ("check", "change"), VIOLATIONS, ids=[check.__name__ for check, _ in VIOLATIONS]
)
def test_a_violation_is_found(files, check, change):
    changed = files.copy()
    change(changed)
    assert list(check(changed))


def test_every_check_is_proved_by_a_violation():
    assert {check for check, _ in VIOLATIONS} == set(checks.ALL)
