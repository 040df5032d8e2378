"""The files of the deployment, read once; a test changes a copy and sees its check fail."""

import dataclasses
import json
import re
import shlex
from copy import deepcopy
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Self

import yaml

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"

SERVICES = tuple(
    sorted(
        path.parent.name
        for path in (ROOT / "services").glob("*/settings.py")
        if path.parent.name != "chassis"
    )
)
PACKAGES = {**{name: f"services.{name}" for name in SERVICES}, "gateway": "gateway"}

VARIABLE = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?P<rule>:[?-])?(?P<rest>[^}]*)\}")


@dataclass
class Files:
    compose: dict[str, Any]
    env_example: str
    dockerfile: str
    databases_script: str
    rabbitmq_conf: str
    caddyfile: str
    prometheus: dict[str, Any]
    alerts: dict[str, Any]
    dashboard: dict[str, Any]

    @classmethod
    def read(cls) -> Self:
        return cls(
            compose=yaml.safe_load((DEPLOY / "compose.yaml").read_text()),
            env_example=(DEPLOY / "env.example").read_text(),
            dockerfile=(DEPLOY / "Dockerfile").read_text(),
            databases_script=(DEPLOY / "postgres/databases.sh").read_text(),
            rabbitmq_conf=(DEPLOY / "rabbitmq/rabbitmq.conf").read_text(),
            caddyfile=(DEPLOY / "caddy/Caddyfile").read_text(),
            prometheus=yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text()),
            alerts=yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text()),
            dashboard=json.loads((DEPLOY / "grafana/dashboards/yingqi.json").read_text()),
        )

    def copy(self) -> Self:
        return deepcopy(self)

    @property
    def containers(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.compose["services"]
        return found

    @property
    def variables(self) -> list[re.Match[str]]:
        """Every place where compose.yaml takes something from the environment."""
        return list(VARIABLE.finditer(yaml.safe_dump(self.compose, width=10_000)))

    @property
    def example(self) -> dict[str, str]:
        """What env.example assigns."""
        return dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", self.env_example, re.M))

    @property
    def instructions(self) -> list[tuple[str, str]]:
        """The Dockerfile's instructions, continued lines joined, comments left out."""
        lines = [line for line in self.dockerfile.splitlines() if not line.startswith("#")]
        joined = "\n".join(lines).replace("\\\n", "")
        split = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
        return [(word, rest) for word, rest in split]

    def environment(self, container: str) -> dict[str, str]:
        """Return what a container gets when env.example is filled with `x`."""
        given = self.containers[container].get("environment", {})
        return {name: self._filled(str(value)) for name, value in given.items()}

    def _filled(self, value: str) -> str:
        def fill(match: re.Match[str]) -> str:
            own = self.example.get(match["name"], "")
            return own or (match["rest"] if match["rule"] == ":-" else "x")

        return VARIABLE.sub(fill, value)


def settings_of(process: str) -> Any:
    return import_module(f"{PACKAGES[process]}.settings").Settings


def fields_of(process: str) -> dict[str, dataclasses.Field[Any]]:
    """Return the settings of a process by their names in the environment."""
    return {field.name.upper(): field for field in dataclasses.fields(settings_of(process))}


def words(command: str) -> list[str]:
    """Return the words of an instruction in exec form, or of a shell line."""
    return json.loads(command) if command.lstrip().startswith("[") else shlex.split(command)
