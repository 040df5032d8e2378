"""Build the web faces (console, portal) from their sources; serving them is the gateway's work.

The bundles are committed, so that running the system needs no Node. A stamp beside each bundle
holds the sha256 of the sources it was built from; it tells whether a bundle is stale.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).resolve().parent
MINIMUM_NODE = 20  # the major version both faces are built and tested with

# What tools leave behind, and what does not change a bundle.
IGNORED_FOLDERS = frozenset({"node_modules", "dist", "build", "unpackage", "tests", "__pycache__"})
KEPT_DOTFILES = frozenset({".npmrc"})


@dataclass(frozen=True)
class Face:
    """One front end: a folder of sources, the npm script that builds it into dist/<name>."""

    name: str
    script: str

    def sources(self, web: Path) -> tuple[Path, ...]:
        return (web / self.name, web / "kit")

    def bundle(self, web: Path) -> Path:
        return web / "dist" / self.name

    def stamp(self, web: Path) -> Path:
        return web / "dist" / f"{self.name}.stamp"


FACES = (Face("console", "build"), Face("portal", "build:h5"))


class BuildError(Exception):
    """Says in a sentence why a face cannot be built."""


def source_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that decide what its bundle holds, in a stable order."""
    for path in sorted(folder.rglob("*"), key=lambda found: found.as_posix()):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") and part not in KEPT_DOTFILES for part in parts)
        if path.is_file() and not hidden and IGNORED_FOLDERS.isdisjoint(parts[:-1]):
            yield path


def digest(face: Face, web: Path) -> str:
    """Compute the sha256 of a face's sources, the same on every system (line ends, order)."""
    sha = hashlib.sha256()
    for folder in face.sources(web):
        for path in source_files(folder):
            sha.update(path.relative_to(web).as_posix().encode() + b"\0")
            sha.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return sha.hexdigest()


def is_current(face: Face, web: Path) -> bool:
    stamp = face.stamp(web)
    if not (face.bundle(web) / "index.html").is_file() or not stamp.is_file():
        return False
    return stamp.read_text(encoding="ascii").strip() == digest(face, web)


def node_major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    number = answer.stdout.strip().lstrip("v").split(".")[0]
    return int(number) if number.isdigit() else 0


def find_npm() -> str:
    """Find npm beside a Node that is new enough.

    Errors:  BuildError when there is none.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise BuildError(f"Building the web faces needs Node {MINIMUM_NODE} or newer with npm.")
    if node_major(node) < MINIMUM_NODE:
        raise BuildError(f"Node {MINIMUM_NODE} or newer is needed; this is {node_major(node)}.")
    return npm


def run_npm(npm: str, arguments: Sequence[str], folder: Path) -> None:
    command = [npm, *arguments]
    print(f"{folder.name}: npm {' '.join(arguments)}", flush=True)
    done = subprocess.run(command, cwd=folder, env=dict(os.environ, CI="1"), check=False)
    if done.returncode != 0:
        raise BuildError(f"`npm {' '.join(arguments)}` failed in {folder}.")


def refuse_source_maps(face: Face, web: Path) -> None:
    maps = sorted(path.name for path in face.bundle(web).rglob("*.map"))
    if maps:
        raise BuildError(f"The {face.name} bundle holds source maps: {', '.join(maps)}.")


def build(face: Face, web: Path) -> None:
    """Install what the lock file names, build, and stamp the bundle with its sources' digest."""
    npm, folder, stamp = find_npm(), web / face.name, face.stamp(web)
    before = digest(face, web)
    stamp.unlink(
        missing_ok=True
    )  # a build that dies half-way leaves a stale bundle, not a current one
    run_npm(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    run_npm(npm, ["run", face.script], folder)
    if not (face.bundle(web) / "index.html").is_file():
        raise BuildError(f"`npm run {face.script}` left no index.html in {face.bundle(web)}.")
    refuse_source_maps(face, web)
    stamp.write_text(before + "\n", encoding="ascii")


def check(faces: Sequence[Face], web: Path) -> int:
    stale = [face.name for face in faces if not is_current(face, web)]
    for name in stale:
        print(f"The committed {name} bundle is stale: run `python -m gateway.web.build {name}`.")
    return 1 if stale else 0


def build_stale(faces: Sequence[Face], web: Path, *, force: bool) -> int:
    for face in faces:
        if not force and is_current(face, web):
            print(f"{face.name}: current")
            continue
        build(face, web)
        print(f"{face.name}: built into {face.bundle(web).relative_to(web.parent.parent)}")
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m gateway.web.build", description=__doc__)
    names = [face.name for face in FACES]
    parser.add_argument(
        "faces", nargs="*", metavar="face", help=f"{' or '.join(names)}; all if none"
    )
    parser.add_argument("--check", action="store_true", help="only say whether a bundle is stale")
    parser.add_argument("--force", action="store_true", help="build also what is current")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.faces) - set(names))
    if unknown:
        parser.error(f"no such face: {', '.join(unknown)}")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    faces = [face for face in FACES if not options.faces or face.name in options.faces]
    try:
        if options.check:
            return check(faces, WEB)
        return build_stale(faces, WEB, force=options.force)
    except BuildError as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
