"""Imports go one way; each rule is proved by breaking it on a copy of the tree."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import ROOT

VIOLATIONS = {
    "rooms of a service": (
        "services/crm/domain.py",
        "import services.crm.usecases",
    ),
    "services and gateway meet only": (
        "services/crm/queries.py",
        "import services.booking.domain",
    ),
    "the floors carry no service": (
        "services/chassis/clock.py",
        "import services.crm.domain",
    ),
    "contracts stand on marshmallow": (
        "services/contracts/fields.py",
        "import sqlalchemy",
    ),
    "domain is pure": (
        "services/crm/domain.py",
        "import sqlalchemy",
    ),
    "only deploy knows": (
        "gateway/settings.py",
        "import deploy.local",
    ),
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "PYTHONPATH": str(folder)},
    )


@pytest.fixture
def tree(tmp_path):
    for name in ("services", "gateway", "deploy"):
        shutil.copytree(
            ROOT / name,
            tmp_path / name,
            ignore=shutil.ignore_patterns("web", "__pycache__", "node_modules"),
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_go_one_way():
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("rule", sorted(VIOLATIONS))
def test_a_deliberate_violation_is_found(tree, rule):
    name, line = VIOLATIONS[rule]
    path = tree / name
    path.write_text(path.read_text("utf-8") + f"\n{line}\n", "utf-8")
    result = lint(tree)
    assert result.returncode == 1, result.stdout
    broken = [row for row in result.stdout.splitlines() if "BROKEN" in row]
    assert any(rule in row for row in broken), result.stdout
