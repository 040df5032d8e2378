"""What holds only where each service is a process of its own."""

import subprocess
import sys

from tests.unit.deploy.files import ROOT, SERVICES

PROGRAM = """
import services.contracts.errors
from services.contracts.registry import EVENTS, RPCS
print(*{event.owner for event in EVENTS.values()} | {owner for owner, _ in RPCS})
"""


def test_a_process_that_imports_one_contract_knows_those_of_every_service():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert set(done.stdout.split()) == set(SERVICES)
