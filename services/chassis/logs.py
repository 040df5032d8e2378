"""JSON logs: one line per record, with service, entrypoint and correlation id, without persons."""

import logging
import re
import sys
from datetime import UTC, datetime

import orjson

from services.chassis.context import current

# Only these extras reach the log: a record cannot carry a name, a phone or a payload by accident.
EXTRAS = (
    "service",
    "entrypoint",
    "code",
    "outcome",
    "duration_ms",
    "event_type",
    "message_id",
    "attempt",
    "method",
    "path",
    "status",
    "migration",
)
# A run of seven or more digits, a plus in front or not, as phone numbers are written.
PHONE = re.compile(r"\+?\d[\d\- ]{5,}\d")
UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")


def redact(text: str) -> str:
    """Mask what looks like a phone number; ids stay readable."""
    parts: list[str] = []
    at = 0
    for match in UUID.finditer(text):
        parts += [PHONE.sub("***", text[at : match.start()]), match.group()]
        at = match.end()
    return "".join([*parts, PHONE.sub("***", text[at:])])


LEVELS = {
    # These speak at INFO for every connection and request; our own lines say more in fewer words.
    "amqp": "WARNING",
    "kombu": "WARNING",
    "nameko": "WARNING",
    "alembic": "WARNING",
    "eventlet": "WARNING",
    # Tells every refused request with a traceback; telemetry says it once, in one line.
    "nameko.containers": "CRITICAL",
}


class JsonFormatter(logging.Formatter):
    """Format a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        context = current.get()
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
            "correlation_id": context.correlation_id if context else None,
        }
        entry |= {name: getattr(record, name) for name in EXTRAS if hasattr(record, name)}
        if record.exc_info:
            entry["traceback"] = redact(self.formatException(record.exc_info))
        return orjson.dumps(entry, default=str).decode()


def configure(level: str, stream: object = None) -> None:
    """Send every logger of the process to one JSON stream (default: standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)  # type: ignore[arg-type]
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in LEVELS.items():
        logging.getLogger(name).setLevel(least)
