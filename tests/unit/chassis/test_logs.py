"""Logs are JSON, carry the correlation id, and never a person."""

import io
import logging

import orjson
import pytest

from services.chassis.context import Context, current
from services.chassis.logs import JsonFormatter, redact


@pytest.fixture
def log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    return logger, lambda: [orjson.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_is_one_line_of_json_with_its_context(log):
    logger, lines = log
    token = current.set(Context(correlation_id="c-1"))
    logger.info("done", extra={"code": "booking.unknown", "duration_ms": 2.5})
    current.reset(token)
    (line,) = lines()
    assert line["message"] == "done"
    assert line["correlation_id"] == "c-1"
    assert line["code"] == "booking.unknown"
    assert line["duration_ms"] == 2.5


def test_extras_that_nobody_allowed_stay_out(log):
    logger, lines = log
    logger.info("done", extra={"phone": "13800001111", "contact_name": "王小丽"})
    assert "王小丽" not in str(lines())
    assert "13800001111" not in str(lines())


@pytest.mark.parametrize(
    "phone", ["13800001111", "+86 138 0000 1111", "010-12345678", "+491701234567"]
)
def test_phones_in_messages_and_tracebacks_are_masked(log, phone):
    logger, lines = log
    try:
        raise ValueError(f"cannot reach {phone}")
    except ValueError:
        logger.exception("failed for %s", phone)
    assert phone not in str(lines())
    assert "***" in lines()[0]["message"]


def test_ids_stay_readable():
    text = "booking 01939d2c-1234-7000-8000-000000000001 moved"
    assert redact(text) == text
