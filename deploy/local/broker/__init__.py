"""An AMQP 0-9-1 broker for one process; it knows neither kombu nor sockets.

What a real RabbitMQ does with a message happens here under one lock: routing, prefetch, acks,
requeueing, expiry, dead-lettering and delivery limits. Nothing survives the process.
"""

from deploy.local.broker.core import Broker, Published, QueueStatus
from deploy.local.broker.errors import BrokerError
from deploy.local.broker.exchanges import ExchangeSpec
from deploy.local.broker.messages import Message, Properties
from deploy.local.broker.queues import QueueSpec
from deploy.local.broker.sessions import Delivery, Session, Verdict

__all__ = [
    "Broker",
    "BrokerError",
    "Delivery",
    "ExchangeSpec",
    "Message",
    "Properties",
    "Published",
    "QueueSpec",
    "QueueStatus",
    "Session",
    "Verdict",
]
