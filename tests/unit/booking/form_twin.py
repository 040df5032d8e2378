"""The browser's half of the forms, compiled from its sources and run by Node."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
CONSOLE = ROOT / "gateway" / "web" / "console"
SOURCE = ROOT / "tests" / "vectors" / "forms" / "twin.ts"


class Twin:
    """A process that is asked one question a line."""

    def __init__(self, script: Path) -> None:
        self.process = subprocess.Popen(
            ["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, question: dict[str, Any]) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def tool(name: str) -> str:
    """Return a tool of the console's; skip without it, fail where Node is required."""
    path = CONSOLE / "node_modules" / ".bin" / name
    if shutil.which("node") and path.exists():
        return str(path)
    reason = f"Node or {path.relative_to(ROOT)} is missing; `make web` installs it"
    if os.environ.get("YINGQI_REQUIRE_NODE"):
        pytest.fail(reason)
    pytest.skip(reason)


def start(folder: Path) -> Twin:
    script = folder / "twin.cjs"
    flags = ["--bundle", "--platform=node", "--format=cjs", "--log-level=warning"]
    subprocess.run([tool("esbuild"), str(SOURCE), *flags, f"--outfile={script}"], check=True)
    return Twin(script)
