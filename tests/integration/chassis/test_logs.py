"""What a process logs of its work, set up as in production: an anticipated error is one line."""

import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from services.chassis import logs
from services.chassis.rpc import RemoteBugError
from tests.integration.chassis.conftest import Toys
from tests.integration.chassis.toy import Toy, WordRefused, eventually

Lines = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """`lines("refuse")`: what was logged of an entrypoint; of "" all of it."""
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.LEVELS}
    logs.configure("INFO", stream)

    def of(entrypoint: str) -> list[dict[str, Any]]:
        found = [orjson.loads(line) for line in stream.getvalue().splitlines()]
        return [line for line in found if entrypoint in ("", line.get("entrypoint"))]

    yield of
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def test_an_anticipated_error_is_one_line_with_its_code_and_no_traceback(
    toys: Toys, lines: Lines
) -> None:
    toy = toys.start()
    with pytest.raises(WordRefused):
        toys.caller(toy).refuse(word="no")
    (line,) = eventually(lambda: lines(""))
    assert (line["level"], line["entrypoint"]) == ("INFO", "refuse")
    assert line["outcome"] == "toy.word_refused"
    assert "traceback" not in line


def test_a_handler_that_is_tried_again_says_why_in_one_line_a_time(
    toys: Toys, lines: Lines
) -> None:
    Toy.failures["hard"] = 2
    toy = toys.start()
    toys.caller(toy).say(word="hard")
    heard = eventually(lambda: len(lines("hear")) == 3 and lines("hear"))
    assert [line["outcome"] for line in heard] == ["toy.outage", "toy.outage", "ok"]
    assert {line["level"] for line in heard} == {"INFO"}
    assert not any("traceback" in line for line in lines(""))


def test_a_bug_is_one_line_with_its_traceback(toys: Toys, lines: Lines) -> None:
    toy = toys.start()
    with pytest.raises(RemoteBugError):
        toys.caller(toy).fail(word="x")
    (line,) = eventually(lambda: lines(""))
    assert (line["level"], line["outcome"]) == ("ERROR", "bug")
    assert "the text of a bug" in line["traceback"]
