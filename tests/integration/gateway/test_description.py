"""The running gateway keeps to its own description: schemathesis tries every route."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.gateway import samples
from tests.integration.gateway.conftest import StartSite

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


@pytest.mark.slow
def test_no_request_gets_an_answer_that_is_not_described(
    start_site: StartSite, tmp_path: Path
) -> None:
    site = start_site(LOGIN_RATE_PER_MINUTE="0")
    token = site.token("owner", None)
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{site.address}/api/v1/openapi.json",
        "--header",
        f"Authorization: Bearer {token}",
        "--exclude-path",
        "/api/v1/stream",  # never ends
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
    assert site.services.asked("booking.request"), "no request was good enough to be passed on"


def test_every_described_way_in_is_the_only_one(start_site: StartSite) -> None:
    site = start_site()
    document = site.anybody.get("/api/v1/openapi.json").json
    closed = [
        (path, method.upper())
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation.get("security") and {} not in operation["security"]
    ]
    assert len(closed) > 15
    wrong = {"Authorization": "Bearer wrong", "Cookie": "yingqi_session=wrong"}
    for path, method in closed:
        address = re.sub(r"\{\w+\}", samples.BOOKING_ID, path)
        assert site.anybody.send(method, address).status == 401
        assert site.anybody.send(method, address, headers=wrong).status == 401
