"""What faces the internet and what watches: Caddy, Prometheus, the alerts, the dashboard."""

import re
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
from prometheus_client.metrics import MetricWrapperBase

from services.chassis.settings import ProcessSettings
from tests.unit.deploy.files import DEPLOY, PACKAGES, ROOT, Files

FOREIGN = re.compile(r"(rabbitmq|caddy|prometheus)_[a-z_]+|up")
FUNCTIONS_AND_LABELS = re.compile(r"\{[^}]*\}|\b(by|without|on|ignoring)\s*\([^)]*\)|\[[^\]]*\]")


@pytest.fixture(scope="module")
def files() -> Files:
    return Files.read()


def our_metrics() -> set[str]:
    """Return the names under which Prometheus finds what the code declares."""
    names: set[str] = set()
    for path in sorted((ROOT / "services").glob("*/metrics.py")):
        module = import_module(f"services.{path.parent.name}.metrics")
        for metric in vars(module).values():
            if isinstance(metric, MetricWrapperBase):
                for family in metric.describe():
                    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
                    names |= {family.name + end for end in suffixes.get(family.type, ("",))}
    return names


def expressions(files: Files) -> list[str]:
    rules = [rule["expr"] for group in files.alerts["groups"] for rule in group["rules"]]
    panels = [t["expr"] for panel in files.dashboard["panels"] for t in panel["targets"]]
    return rules + panels


def metrics_in(expression: str) -> set[str]:
    bare = FUNCTIONS_AND_LABELS.sub(" ", expression)
    return set(re.findall(r"\b(?:up|[a-z]+_[a-z_]+)\b(?!\s*\()", bare))


def every_metric_exists(files: Files) -> Iterator[str]:
    known = our_metrics()
    for expression in expressions(files):
        found = metrics_in(expression)
        if not found:
            yield f"{expression} asks for nothing"
        yield from (name for name in found if name not in known and not FOREIGN.fullmatch(name))


def every_process_is_asked(files: Files) -> Iterator[str]:
    jobs = {job["job_name"]: job for job in files.prometheus["scrape_configs"]}
    (found,) = jobs["yingqi"]["dns_sd_configs"]
    if set(found["names"]) != set(PACKAGES):
        yield "not every process is asked for its numbers"
    ports = {files.environment(process)["HEALTH_PORT"] for process in PACKAGES}
    if ports != {str(found["port"])} or found["port"] != ProcessSettings.health_port:
        yield "the port is not that of the processes"
    for name in ("rabbitmq", "caddy"):
        if name not in jobs:
            yield f"{name} is not asked"


def alerts_say_what_to_do(files: Files) -> Iterator[str]:
    runbook = (ROOT / "docs/runbook.md").read_text()
    headings = re.findall(r"^#+ (.+)$", runbook, re.M)
    anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for group in files.alerts["groups"]:
        for rule in group["rules"]:
            if rule["labels"].get("severity") not in {"page", "look"}:
                yield f"{rule['alert']}: how urgent?"
            page, _, anchor = rule["annotations"].get("runbook", "").partition("#")
            if page != "docs/runbook.md" or anchor not in anchors:
                yield f"{rule['alert']}: the runbook has no #{anchor}"


def panels_are_whole(files: Files) -> Iterator[str]:
    ids = [panel["id"] for panel in files.dashboard["panels"]]
    if len(set(ids)) != len(ids):
        yield "two panels have one id"
    source = (DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text()
    for panel in files.dashboard["panels"]:
        if f"uid: {panel['datasource']['uid']}\n" not in source:
            yield f"{panel['title']}: unknown source"
        if panel["gridPos"]["x"] + panel["gridPos"]["w"] > 24:
            yield f"{panel['title']} stands outside"


def streams_are_not_held_up(files: Files) -> Iterator[str]:
    encode = re.search(r"encode \{(.*?)\n\t\}", files.caddyfile, re.S)
    types = re.findall(r"header Content-Type (\S+)", encode[1]) if encode else []
    if not types:
        yield "everything is compressed, event streams too"
    yield from (t for t in types if re.fullmatch(t.replace("*", ".*"), "text/event-stream"))
    if re.search(r"\bwrite\s+\d|flush_interval\s+[1-9]", files.caddyfile):
        yield "streams end, or wait"


def the_way_in_is_guarded(files: Files) -> Iterator[str]:
    for needed in (
        "{$PUBLIC_URL} {",
        "max_size",
        "Strict-Transport-Security",
        "X-Content-Type-Options",
        "trusted_proxies static",
        "trusted_proxies_strict",
        "name gateway",
        "read_header",
    ):
        if needed not in files.caddyfile:
            yield f"{needed} is missing"
    _, port = files.environment("gateway")["LISTEN_ADDRESS"].split(":")
    if f"port {port}\n" not in files.caddyfile:
        yield "Caddy asks another port than the gateway's"
    used = set(re.findall(r"\{\$([A-Z_]+)", files.caddyfile))
    if used != files.environment("caddy").keys():
        yield "Caddy's environment is not what its file asks for"


Check = Callable[[Files], Iterator[str]]
Change = Callable[[Files], object]


def in_caddyfile(old: str, new: str) -> Change:
    def change(files: Files) -> None:
        assert old in files.caddyfile, "the violation itself is out of date"
        files.caddyfile = files.caddyfile.replace(old, new)

    return change


def first_rule(files: Files) -> dict[str, dict[str, str]]:
    rule: dict[str, dict[str, str]] = files.alerts["groups"][0]["rules"][0]
    return rule


VIOLATIONS: list[tuple[Check, Change]] = [
    (every_metric_exists, lambda f: f.dashboard["panels"][0]["targets"][0].update(expr="sum(a_b)")),
    (every_metric_exists, lambda f: first_rule(f).update(expr="yingqi_outbox_total > 1")),
    (
        every_process_is_asked,
        lambda f: f.prometheus["scrape_configs"][0]["dns_sd_configs"][0]["names"].remove("crm"),
    ),
    (every_process_is_asked, lambda f: f.containers["crm"]["environment"].update(HEALTH_PORT="1")),
    (alerts_say_what_to_do, lambda f: first_rule(f)["labels"].clear()),
    (
        alerts_say_what_to_do,
        lambda f: first_rule(f)["annotations"].update(runbook="docs/runbook.md#nowhere"),
    ),
    (panels_are_whole, lambda f: f.dashboard["panels"][0].update(id=2)),
    (panels_are_whole, lambda f: f.dashboard["panels"][0]["datasource"].update(uid="other")),
    (streams_are_not_held_up, in_caddyfile("text/css*", "text/*")),
    (streams_are_not_held_up, in_caddyfile("idle 5m", "idle 5m\n\t\t\twrite 30s")),
    (the_way_in_is_guarded, in_caddyfile("max_size", "min_size")),
    (the_way_in_is_guarded, in_caddyfile("port 8000", "port 8001")),
    (the_way_in_is_guarded, in_caddyfile("{$PUBLIC_URL}", "{$SITE}")),
]
CHECKS = list(dict.fromkeys(check for check, _ in VIOLATIONS))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_holds(files, check):
    assert list(check(files)) == []


@pytest.mark.parametrize(
    ("check", "change"), VIOLATIONS, ids=[check.__name__ for check, _ in VIOLATIONS]
)
def test_a_violation_is_found(files, check, change):
    changed = files.copy()
    change(changed)
    assert list(check(changed))
