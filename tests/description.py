"""Trying every route of a running gateway against its own description, with schemathesis."""

import os
import subprocess
import sys
from pathlib import Path

# Not positive_data_acceptance: rules such as "not before today" are no part of a schema. Not
# ignored_auth: it takes an empty private link beside a valid session for a way around the session.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
)


def faults(
    address: str,
    authorization: str,
    folder: Path,
    *,
    known: dict[str, str] | None = None,
    left_out: tuple[str, ...] = (),
) -> str:
    """Return what schemathesis says is wrong; nothing when all is well.

    Shapes:  `known` gives parameters values that exist, so that the routes behind them are tried
             and not only their 404. `left_out` are paths beside the stream, which never ends.
    """
    lines = [f'{name} = "{value}"' for name, value in (known or {}).items()]
    config = folder / "schemathesis.toml"
    config.write_text("\n".join(["[parameters]", *lines, ""]))
    excluded = [
        argument for path in ("/api/v1/stream", *left_out) for argument in ("--exclude-path", path)
    ]
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(config),
        "run",
        f"{address}/api/v1/openapi.json",
        "--header",
        f"Authorization: {authorization}",
        *excluded,
        "--checks",
        ",".join(CHECKS),
        "--phases",
        "examples,coverage,fuzzing",
        "--max-examples",
        os.environ.get("YINGQI_FUZZ_EXAMPLES", "5"),
        "--continue-on-failure",
        "--no-color",
        "--seed",
        "1",
    ]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    # What failed stands before long warnings of what was tried in vain.
    failures, _, rest = found.stdout.partition(" WARNINGS ")
    return f"{failures[-8000:]}{rest[-1000:]}" if found.returncode else ""
