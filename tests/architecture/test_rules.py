"""The style guide's rules hold, and each is proved by a deliberate violation."""

import pytest

from tests.architecture.rules import RULES
from tests.harness import ROOT

VIOLATIONS = {
    "the chassis stays small": ("services/chassis/clock.py", '"""d."""\n' + "x = 1\n" * 2601),
    "files stay short": ("services/crm/domain.py", '"""d."""\n' + "x = 1\n" * 501),
    "functions stay short": (
        "services/crm/domain.py",
        '"""d."""\ndef f():\n' + "    x = 1\n" * 61,
    ),
    "nothing is called utils": ("services/crm/utils.py", '"""d."""\n'),
    "the chassis knows no business": (
        "services/chassis/outbox.py",
        '"""d."""\ndef publish_booking(): ...\n',
    ),
    "errors are not swallowed": (
        "services/crm/usecases.py",
        '"""d."""\ntry:\n    pass\nexcept Exception:\n    pass\n',
    ),
    "there is one clock": (
        "services/crm/domain.py",
        '"""d."""\nfrom datetime import datetime\nx = datetime.now()\n',
    ),
    "modules say what they hold": ("services/crm/domain.py", "x = 1\n"),
}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_the_rule_holds(rule):
    assert RULES[rule](ROOT) == []


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_deliberate_violation_is_found(rule, tmp_path):
    name, text = VIOLATIONS[rule]
    for folder in ("services/chassis", "services/crm", "gateway", "deploy"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / name).write_text(text, "utf-8")
    assert RULES[rule](tmp_path) != []
