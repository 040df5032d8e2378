"""docs/benchmarks.md: a head, and a section for each thing that is measured."""

import os
import platform
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`; clients, system and PostgreSQL share the machine, and the system, with its
gateway and all seven services, is one Python process.

The floor is measured in the same run: for availability the bare SQL statement through one
connection per caller; for a booking the bare rows that it must leave in two databases (hold, four
allocations under the exclusion constraint, key, two events) with their two commits; for RPC a
request and reply through bare kombu on the same broker. Ratios carry over to other machines,
absolute figures do not. "Ours" includes HTTP, JSON, validation, all RPC hops and, for a booking by
a new customer, everything that its events set off in seven services meanwhile.
"""


def machine() -> str:
    """Describe the machine and how busy others kept it before the run."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},"
        f" load {os.getloadavg()[0]:.1f} before"
    )


def replace(name: str, section: str) -> None:
    """Write one section into the page, and keep the others."""
    text = PAGE.read_text("utf-8") if PAGE.exists() else HEAD
    sections = {
        each.partition("\n")[0]: each.rstrip("\n") + "\n" for each in text.split("\n## ")[1:]
    }
    sections[name] = section
    PAGE.write_text(HEAD + "".join(f"\n## {sections[each]}" for each in sorted(sections)), "utf-8")
