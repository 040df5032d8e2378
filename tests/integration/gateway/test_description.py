"""The running gateway keeps to its own description: schemathesis tries every route."""

import re
from pathlib import Path

import pytest

from tests.description import faults
from tests.integration.gateway import samples
from tests.integration.gateway.conftest import StartSite


@pytest.mark.slow
def test_no_request_gets_an_answer_that_is_not_described(
    start_site: StartSite, tmp_path: Path
) -> None:
    site = start_site(LOGIN_RATE_PER_MINUTE="0")
    token = site.token("owner", None)
    assert not faults(site.address, f"Bearer {token}", tmp_path)
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
        address = re.sub(r"\{\w+\}", samples.BOOKING_ID, path.replace("{version}", "1"))
        assert site.anybody.send(method, address).status == 401
        assert site.anybody.send(method, address, headers=wrong).status == 401
