"""The metrics that only automation has."""

from prometheus_client import Counter

RUNS = Counter(
    "yingqi_runs_total",
    "Attempts to do what a rule says, by outcome: done, postponed, failed",
    ("action", "outcome"),
)
