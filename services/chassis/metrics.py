"""The metric names that every service exposes; the same names everywhere, told apart by labels."""

from prometheus_client import Counter, Gauge, Histogram

WORK_SECONDS = Histogram(
    "yingqi_work_seconds",
    "Time one worker took, in seconds",
    ("service", "entrypoint", "outcome"),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
EVENTS_PUBLISHED = Counter(
    "yingqi_events_published_total", "Events the relay published", ("service", "type")
)
EVENTS_HANDLED = Counter(
    "yingqi_events_handled_total",
    "Events handled, by outcome: done, repeated, retried, dead",
    ("service", "type", "outcome"),
)
OUTBOX_PENDING = Gauge(
    "yingqi_outbox_pending", "Events written and not yet published", ("service",)
)
OUTBOX_OLDEST_SECONDS = Gauge(
    "yingqi_outbox_oldest_seconds", "How long the oldest of them has waited", ("service",)
)
HTTP_SECONDS = Histogram(
    "yingqi_http_seconds",
    "Time to answer one HTTP request, in seconds",
    ("route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
