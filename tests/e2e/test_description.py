"""The running product keeps to its own description: schemathesis tries every route of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# Not positive_data_acceptance: rules such as "not before today" are no part of a schema. Not
# ignored_auth: it takes an empty private link beside a valid session for a way around the session.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)


def test_schemathesis_finds_no_fault_of_the_server_and_no_undescribed_answer(
    studio, tmp_path: Path
):
    made = studio.confirmed()
    customer = studio.staff("GET", "customers")["items"][0]["id"]
    # Ids that exist, so that the routes behind them are tried and not only their 404.
    config = tmp_path / "schemathesis.toml"
    config.write_text(
        "[parameters]\n"
        f'booking_id = "{made["id"]}"\n'
        f'customer_id = "{customer}"\n'
        f'branch_id = "{studio.branch["id"]}"\n'
        f'service_id = "{studio.service["id"]}"\n'
    )
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(config),
        "run",
        f"{studio.run.address}/api/v1/openapi.json",
        "--header",
        f"Authorization: {studio.authorization}",
        "--exclude-path",
        "/api/v1/stream",  # never ends
        "--exclude-path",
        "/api/v1/sessions/current",  # ends the session that all other requests need
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
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-8000:]
