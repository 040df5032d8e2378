"""The metrics that only notification has."""

from prometheus_client import Counter

MESSAGES = Counter(
    "yingqi_messages_total",
    "Attempts to deliver a message, by outcome: sent, postponed, failed",
    ("channel", "outcome"),
)
