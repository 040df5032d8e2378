"""RPC with contracts: an entrypoint that decodes and encodes, a client with a deadline.

The wire is cheap on purpose: requests and replies are transient and unconfirmed, nothing is
re-declared per call, and a request expires in its queue when its caller has given up. A lost
message shows as a timeout, which the caller has to handle anyway.
"""

import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import eventlet
import nameko.rpc
from nameko import config
from nameko.extensions import DependencyProvider
from nameko.messaging import encode_to_headers

from services.chassis import amqp, settings
from services.chassis.context import Context, new_id
from services.chassis.db import assert_no_transaction
from services.contracts.errors import Unavailable, YingqiError, from_wire, to_wire
from services.contracts.registry import RPCS, Rpc

logger = logging.getLogger(__name__)

Method = TypeVar("Method", bound=Callable[..., Any])


EXCHANGE = nameko.rpc.get_rpc_exchange()


class RpcTimedOut(Unavailable):
    code = "rpc.timed_out"
    sentence = {
        "zh": "服务响应超时，请稍后重试",
        "en": "The service did not answer in time, please try again",
    }


class RemoteBugError(Exception):
    """The other service failed with an error that nobody anticipated; its log has the text."""


class Consumer(nameko.rpc.RpcConsumer):
    """The queue of requests of one service."""

    consumer_cls = amqp.DrainingConsumer

    def setup(self) -> None:
        # More than the workers can take would only wait here instead of in the queue, where
        # another replica could take it.
        own = settings.of(self.container.service_name)
        self.consumer_options["prefetch_count"] = own.max_workers
        super().setup()

    def handle_result(self, message: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        reply = {"result": result, "error": _error_of(exc_info)}
        try:
            self._reply(message, reply)
        except TypeError:  # the answer is not JSON: a bug of this service, told as such
            logger.exception("an answer could not be serialised")
            self._reply(message, {"result": None, "error": {"bug": "unserialisable answer"}})
        except amqp.BrokerDown as error:
            logger.warning("a reply could not be sent, the caller will time out: %r", error)
        self.consumer.ack_message(message)
        return result, exc_info

    def _reply(self, message: Any, reply: dict[str, Any]) -> None:
        amqp.publish(
            self.amqp_uri,
            reply,
            confirms=False,
            exchange=EXCHANGE,
            routing_key=message.properties["reply_to"],
            correlation_id=message.properties.get("correlation_id"),
            delivery_mode=amqp.TRANSIENT,
        )


def _error_of(exc_info: Any) -> dict[str, Any] | None:
    if exc_info is None:
        return None
    error = exc_info[1]
    return to_wire(error) if isinstance(error, YingqiError) else {"bug": type(error).__name__}


class Entrypoint(nameko.rpc.Rpc):
    """Answer the contract of the method's own name: loaded arguments in, dumped answers out."""

    rpc_consumer = Consumer()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(expected_exceptions=(YingqiError,), **kwargs)
        self.contract: Rpc

    def setup(self) -> None:
        self.contract = RPCS[self.container.service_name, self.method_name]
        super().setup()

    def handle_message(self, body: Any, message: Any) -> None:
        arguments = self.contract.decode(body["kwargs"])
        super().handle_message({"args": (), "kwargs": arguments}, message)

    def check_signature(self, args: Any, kwargs: Any) -> None:
        """Trust the contract, which has loaded the arguments: inspecting them again is slow."""

    def handle_result(
        self, message: Any, worker_ctx: Any, result: Any, exc_info: Any
    ) -> tuple[Any, Any]:
        if exc_info is None:
            try:
                result = self.contract.encode(result)
            except Exception:  # a bug of this service must reach its caller as one
                logger.exception("an answer breaks its contract")
                result, exc_info = None, sys.exc_info()
        super().handle_result(message, worker_ctx, result, exc_info)
        return result, exc_info


def rpc(method: Method) -> Method:
    """Mark the method that answers the RPC of its own name."""
    Entrypoint.decorator(method)
    return method


class ReplyListener(nameko.rpc.ReplyListener):
    """Hears replies; one that was lost while the broker was away times out at its caller."""

    class ReplyConsumer(nameko.rpc.ReplyListener.ReplyConsumer):
        def stop(self) -> None:
            """Keep listening while workers drain; the container ends the thread at last."""

    consumer_cls = ReplyConsumer

    def check_for_lost_replies(self) -> None:
        """Stock nameko ends the container here; a deadline per call is enough."""


class Client(DependencyProvider):
    """Give a service a client of another one: `scheduling = Client("scheduling")`.

    A call takes keyword arguments as the contract names them and returns JSON-able data. Of one
    that its caller can do without, `patience` says how long to wait at most: the caller's own
    caller waits too.

    Units:   `patience` in seconds; None is the setting's.
    """

    reply_listener = ReplyListener()

    def __init__(self, target: str, patience: float | None = None) -> None:
        self.target = target
        self.patience = patience

    def setup(self) -> None:
        allowed: float = settings.of(self.container.service_name).rpc_timeout_seconds
        self.timeout_seconds = min(allowed, self.patience or allowed)

    def get_dependency(self, worker_ctx: Any) -> "Caller":
        return self.caller(Context.of_worker(worker_ctx.data))

    def caller(self, context: Context) -> "Caller":
        """Return a client outside any worker."""
        return Caller(self.target, self.reply_listener, context, self.timeout_seconds)


class Caller:
    """The methods of one remote service, by their wire names."""

    def __init__(
        self, target: str, listener: Any, context: Context, timeout_seconds: float
    ) -> None:
        self._target = target
        self._listener = listener
        self._context = context
        self._timeout_seconds = timeout_seconds

    def __getattr__(self, method: str) -> Any:
        if (self._target, method) not in RPCS:
            raise AttributeError(f"{self._target} declares no rpc {method!r}")
        return partial(self._call, method)

    def _call(self, _method: str, /, **arguments: Any) -> Any:
        """Errors: those of the contract; RpcTimedOut, BrokerDown; RemoteBugError for a bug."""
        assert_no_transaction(f"rpc {self._target}.{_method}")
        correlation_id = new_id()
        wait = self._listener.register_for_reply(correlation_id)
        try:
            with eventlet.Timeout(self._timeout_seconds, RpcTimedOut()):
                self._send(_method, arguments, correlation_id)
                reply = wait()
        finally:
            # A call that is left in the table would be taken for a lost reply for ever.
            self._listener.pending.pop(correlation_id, None)
        error = reply["error"]
        if error is None:
            return reply["result"]
        if "bug" in error:
            raise RemoteBugError(f"{self._target}.{_method}: {error['bug']}")
        raise from_wire(error)

    def _send(self, method: str, arguments: dict[str, Any], correlation_id: str) -> None:
        amqp.publish(
            config["AMQP_URI"],
            {"args": (), "kwargs": arguments},
            confirms=False,
            exchange=EXCHANGE,
            routing_key=f"{self._target}.{method}",
            reply_to=self._listener.routing_key,
            correlation_id=correlation_id,
            headers=encode_to_headers(self._context.headers()),
            delivery_mode=amqp.TRANSIENT,
            expiration=self._timeout_seconds,
        )
