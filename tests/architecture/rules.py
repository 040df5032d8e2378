"""The rules of the style guide that read source text: each returns the places that break it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
MAX_CHASSIS_LINES = 2_600
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "manager", "util", "helper"}
BUSINESS_NOUNS = re.compile(
    r"\b(booking|customer|photographer|studio|payment|deposit|slot|allocation|branch)s?\b",
    re.IGNORECASE,
)


def sources(root: Path) -> Iterator[Path]:
    """Yield the Python files of the product, without the pages' sources."""
    for top in ("services", "gateway", "deploy"):
        for path in sorted((root / top).rglob("*.py")):
            if "node_modules" not in path.parts and "versions" not in path.parts:
                yield path


def long_files(root: Path) -> list[str]:
    return [
        f"{path}: {count} lines"
        for path in sources(root)
        if (count := len(path.read_text("utf-8").splitlines())) > MAX_FILE_LINES
    ]


def long_functions(root: Path) -> list[str]:
    found = []
    for path in sources(root):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > MAX_FUNCTION_LINES:
                    found.append(f"{path}:{node.lineno} {node.name}: {length} lines")
    return found


def vague_names(root: Path) -> list[str]:
    return [str(path) for path in sources(root) if path.stem in FORBIDDEN_NAMES]


def business_in_chassis(root: Path) -> list[str]:
    found = []
    for path in sorted((root / "services" / "chassis").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {
            node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        words = {word for name in names for word in re.split(r"_|(?<=[a-z])(?=[A-Z])", name)}
        found += [f"{path}: {word}" for word in sorted(words) if BUSINESS_NOUNS.fullmatch(word)]
    return found


def swallowed_errors(root: Path) -> list[str]:
    """`except Exception` belongs to the chassis, the gateway and the launcher."""
    found = []
    for path in sources(root):
        parts = path.relative_to(root).parts
        if parts[0] in {"gateway", "deploy"} or parts[1] == "chassis":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler) and _catches_everything(node):
                found.append(f"{path}:{node.lineno}")
    return found


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or (
        isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"}
    )


def other_clocks(root: Path) -> list[str]:
    """Only the chassis' clock asks what time it is."""
    asks = re.compile(r"\bdatetime\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.time\(")
    return [
        f"{path}:{number}"
        for path in sources(root)
        if path.relative_to(root).parts[0] == "services"
        and path.name not in {"clock.py", "logs.py"}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if asks.search(line)
    ]


def missing_docstrings(root: Path) -> list[str]:
    """Every module says in a sentence what lives there."""
    return [
        str(path)
        for path in sources(root)
        if ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None
    ]


def large_chassis(root: Path) -> list[str]:
    files = sorted((root / "services" / "chassis").glob("*.py"))
    total = sum(len(path.read_text("utf-8").splitlines()) for path in files)
    return [f"{total} lines"] if total > MAX_CHASSIS_LINES else []


RULES = {
    "the chassis stays small": large_chassis,
    "files stay short": long_files,
    "functions stay short": long_functions,
    "nothing is called utils": vague_names,
    "the chassis knows no business": business_in_chassis,
    "errors are not swallowed": swallowed_errors,
    "there is one clock": other_clocks,
    "modules say what they hold": missing_docstrings,
}
