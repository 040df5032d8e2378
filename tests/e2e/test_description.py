"""The running product keeps to its own description: schemathesis tries every route of it."""

import pytest

from tests.description import faults
from tests.e2e.local_run import local_run
from tests.e2e.studio import Studio

pytestmark = pytest.mark.slow


@pytest.fixture
def studio(new_broker):
    """A studio of its own: whoever tries every route also closes branches and ends rosters."""
    with local_run(**new_broker()) as started:
        yield Studio(started.start())


def test_no_request_gets_a_fault_of_the_server_or_an_answer_that_is_not_described(studio, tmp_path):
    known = {
        "booking_id": studio.confirmed()["id"],
        "customer_id": studio.staff("GET", "customers")["items"][0]["id"],
        "branch_id": studio.branch["id"],
        "service_id": studio.service["id"],
    }
    # Left out: it ends the session that all other requests need.
    left_out = ("/api/v1/sessions/current",)
    found = faults(
        studio.run.address, studio.authorization, tmp_path, known=known, left_out=left_out
    )
    if found:
        pytest.fail(found, pytrace=False)  # an assertion would show its middle left out
