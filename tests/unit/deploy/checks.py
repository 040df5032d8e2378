"""What must hold of compose.yaml and env.example; every check returns its faults."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa

from services.chassis import settings
from tests.unit.deploy.files import DEPLOY, PACKAGES, SERVICES, Files, fields_of, settings_of

Check = Callable[[Files], Iterator[str]]

SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY$")
PRIVATE_NETWORKS = {"edge", "inner", "data", "watch"}


def is_migration(container: str) -> bool:
    return container.endswith("-migrations")


def every_process_has_a_container(files: Files) -> Iterator[str]:
    for process, package in PACKAGES.items():
        built = files.containers.get(process, {}).get("build", {})
        if built.get("args", {}).get("SERVICE") != package:
            yield f"{process} is not built"


def environments_fit_the_settings(files: Files) -> Iterator[str]:
    for process in PACKAGES:
        given = files.containers[process]["environment"]
        for name in given.keys() - fields_of(process).keys():
            yield f"{process}: {name} is no setting"
        for name, field in fields_of(process).items():
            if field.default is dataclasses.MISSING and not given.get(name):
                yield f"{process}: {name} is required"
        try:
            settings.load(settings_of(process), files.environment(process))
        except settings.SettingsError as error:
            yield f"{process}: {error}"


def env_example_names_every_setting(files: Files) -> Iterator[str]:
    fixed = set(re.findall(r"^# ([A-Z0-9_]+)$", files.env_example, re.M))
    named = files.example.keys() | fixed
    for process in PACKAGES:
        for name in fields_of(process).keys() - named:
            yield f"{process}: {name} is not in env.example"
    for name in fixed:
        if not any(name in files.containers[process]["environment"] for process in PACKAGES):
            yield f"{name} is said to be set by compose.yaml"


def env_example_and_compose_name_the_same_variables(files: Files) -> Iterator[str]:
    used = {match["name"] for match in files.variables}
    yield from (f"{name} is not in env.example" for name in used - files.example.keys())
    yield from (f"{name} has no effect" for name in files.example.keys() - used)


def every_line_of_env_example_is_explained_in_both_languages(files: Files) -> Iterator[str]:
    explained = ""
    for line in files.env_example.splitlines():
        if line.startswith("# ") and not re.fullmatch(r"# [A-Z0-9_]+", line):
            explained += line
        elif line.strip() and not (
            re.search(r"[\u4e00-\u9fff]", explained) and re.search(r"[a-z]{3}", explained)
        ):
            yield f"{line} is not explained"
        elif not line.strip():
            explained = ""


def no_secret_has_a_value(files: Files) -> Iterator[str]:
    for name, value in files.example.items():
        if SECRET.search(name) and value:
            yield f"{name} has a value in env.example"
    for match in files.variables:
        if SECRET.search(match["name"]) and match["rule"] == ":-" and match["rest"]:
            yield f"{match['name']} has a default"
    for container, definition in files.containers.items():
        for name, value in definition.get("environment", {}).items():
            if SECRET.search(name) and not str(value).startswith("${"):
                yield f"{container}: {name} is written out"


def what_is_required_says_so(files: Files) -> Iterator[str]:
    rules: dict[str, set[str | None]] = {}
    for match in files.variables:
        rules.setdefault(match["name"], set()).add(match["rule"])
    for name, found in rules.items():
        if found == {None}:
            yield f"{name} has neither a default nor a message"


def every_service_has_its_own_database(files: Files) -> Iterator[str]:
    listed = re.search(r"^services=\((.*)\)$", files.databases_script, re.M)
    made = listed[1].split() if listed else []
    for service in SERVICES:
        url = sa.make_url(files.environment(service).get("DATABASE_URL", "none://"))
        if (url.username, url.database, url.host) != (service, service, "postgres"):
            yield f"{service} does not use its own database"
        password = files.containers[service]["environment"].get("DATABASE_URL", "")
        if f"${{{service.upper()}_DATABASE_PASSWORD" not in password:
            yield f"{service} does not use its own password"
        if service not in made:
            yield f"databases.sh does not make {service}"
        if (
            f"{service.upper()}_DATABASE_PASSWORD"
            not in files.containers["postgres"]["environment"]
        ):
            yield f"postgres does not know the password of {service}"


def every_database_is_migrated_before_its_service_starts(files: Files) -> Iterator[str]:
    for service in SERVICES:
        name = f"{service}-migrations"
        migration = files.containers.get(name, {})
        command = [*migration.get("entrypoint", []), *migration.get("command", [])]
        if command != ["python", "-m", "services.chassis.migrations", f"services.{service}"]:
            yield f"{name} does not migrate"
            continue
        if migration["environment"] != {
            "DATABASE_URL": files.containers[service]["environment"].get("DATABASE_URL")
        }:
            yield f"{name} migrates another database"
        if migration["image"].split(":")[0] != files.containers[service]["image"].split(":")[0]:
            yield f"{name} runs another image"
        if migration["restart"] != "no":
            yield f"{name} is started again when it is done"
        condition = files.containers[service]["depends_on"].get(name, {}).get("condition")
        if condition != "service_completed_successfully":
            yield f"{service} does not wait for its migrations"


def nobody_waits_for_what_is_not_there(files: Files) -> Iterator[str]:
    for container, definition in files.containers.items():
        for other, rule in definition.get("depends_on", {}).items():
            if other not in files.containers:
                yield f"{container} waits for {other}, which does not exist"
            expected = (
                "service_completed_successfully" if is_migration(other) else "service_healthy"
            )
            if rule["condition"] != expected:
                yield f"{container} does not wait until {other} is ready"
    for process in PACKAGES:
        if "rabbitmq" not in files.containers[process]["depends_on"]:
            yield f"{process} does not wait for the broker"


def images_are_pinned(files: Files) -> Iterator[str]:
    for container, definition in files.containers.items():
        name, _, tag = definition.get("image", "").partition(":")
        if name.startswith("yingqi-"):
            if not tag.startswith("${YINGQI_VERSION"):
                yield f"{container}: the release does not choose {name}"
        elif not re.match(r"v?\d+(\.\d+)*", tag):
            yield f"{container}: {name} has no version"


def every_container_is_watched_and_bounded(files: Files) -> Iterator[str]:
    built = any(word == "HEALTHCHECK" for word, _ in files.instructions)
    for container, definition in files.containers.items():
        if not is_migration(container):
            if "healthcheck" not in definition and not ("build" in definition and built):
                yield f"{container} has no health check"
            if definition.get("restart") != "unless-stopped":
                yield f"{container} is not started again"
        limits = definition.get("deploy", {}).get("resources", {}).get("limits", {})
        if not {"cpus", "memory"} <= limits.keys():
            yield f"{container} has no limits"
        if definition.get("read_only") is not True:
            yield f"{container} can write to its own files"
        if definition.get("security_opt") != ["no-new-privileges:true"]:
            yield f"{container} may gain privileges"


def only_caddy_is_published(files: Files) -> Iterator[str]:
    for container, definition in files.containers.items():
        if container != "caddy" and definition.get("ports"):
            yield f"{container} is published"
    for port in files.containers["caddy"]["ports"]:
        if not port.startswith(("80:80", "443:443", "127.0.0.1:")):
            yield f"{port} is open to everybody"


def networks_keep_their_distance(files: Files) -> Iterator[str]:
    for name in PRIVATE_NETWORKS:
        if not files.compose["networks"].get(name, {}).get("internal"):
            yield f"{name} reaches the internet"
    for container, definition in files.containers.items():
        on = set(definition.get("networks", []))
        if not on or not on <= files.compose["networks"].keys():
            yield f"{container} is on no network"
        expected = container == "postgres" or container in SERVICES or is_migration(container)
        if ("data" in on) != expected:
            yield f"{container}: PostgreSQL is {'in' if 'data' in on else 'out of'} reach"
    if set(files.containers["postgres"]["networks"]) != {"data"}:
        yield "postgres is on more than its own network"


def mounts_exist(files: Files) -> Iterator[str]:
    for container, definition in files.containers.items():
        for volume in definition.get("volumes", []):
            source, *_, mode = volume.split(":")
            if not source.startswith("."):
                if source not in files.compose["volumes"]:
                    yield f"{container}: the volume {source} is not declared"
            elif not (DEPLOY / source).exists():
                yield f"{container}: {source} does not exist"
            elif mode != "ro":
                yield f"{container} may write to {Path(source).name}"


def databases_know_chinese_letters(files: Files) -> Iterator[str]:
    arguments = files.containers["postgres"]["environment"].get("POSTGRES_INITDB_ARGS", "")
    if "--encoding=UTF8" not in arguments or "--lc-ctype=C.UTF-8" not in arguments:
        yield "pg_trgm would ignore Chinese"


def connections_suffice_for_two_replicas_of_each_service(files: Files) -> Iterator[str]:
    found = re.search(r"max_connections=(\d+)", " ".join(files.containers["postgres"]["command"]))
    each = settings.ServiceSettings.max_workers + 2
    if int(found[1] if found else 100) < 2 * each * len(SERVICES) + 10:
        yield "PostgreSQL has too few connections"


def the_broker_stops_taking_messages_before_it_is_ended(files: Files) -> Iterator[str]:
    units = {"M": 2**20, "G": 2**30}
    watermark = re.search(
        r"^vm_memory_high_watermark.absolute = (\d+)MB$", files.rabbitmq_conf, re.M
    )
    limit = files.containers["rabbitmq"]["deploy"]["resources"]["limits"]["memory"]
    allowed = int(limit[:-1]) * units[limit[-1]]
    if watermark is None or int(watermark[1]) * 10**6 > 0.7 * allowed:
        yield "RabbitMQ's watermark is too near the limit of its container"


def files_lie_on_one_volume_that_their_processes_may_write(files: Files) -> Iterator[str]:
    kept = {p: fields_of(p) for p in PACKAGES if "STORAGE_URL" in fields_of(p)}
    mounts = set()
    for process in kept:
        folder = files.environment(process).get("STORAGE_URL", "").removeprefix("file://")
        volumes = [v.split(":") for v in files.containers[process].get("volumes", [])]
        held = [(v[0], v[1]) for v in volumes if folder.startswith(v[1] + "/") and len(v) == 2]
        if not held:
            yield f"{process}: its files do not outlive the container"
        mounts.update(held)
    if len(mounts) > 1:
        yield "what one process keeps another does not find"
    made = " ".join(rest for word, rest in files.instructions if word == "RUN")
    for _, path in mounts:
        if not re.search(rf"install -d -o 10001 .*{re.escape(path)}(\s|$)", made):
            yield f"{path} belongs to root"


ALL: tuple[Check, ...] = (
    every_process_has_a_container,
    environments_fit_the_settings,
    env_example_names_every_setting,
    env_example_and_compose_name_the_same_variables,
    every_line_of_env_example_is_explained_in_both_languages,
    no_secret_has_a_value,
    what_is_required_says_so,
    every_service_has_its_own_database,
    every_database_is_migrated_before_its_service_starts,
    nobody_waits_for_what_is_not_there,
    images_are_pinned,
    every_container_is_watched_and_bounded,
    only_caddy_is_published,
    networks_keep_their_distance,
    mounts_exist,
    databases_know_chinese_letters,
    connections_suffice_for_two_replicas_of_each_service,
    the_broker_stops_taking_messages_before_it_is_ended,
    files_lie_on_one_volume_that_their_processes_may_write,
)
