"""The public port: connections, request ids, the last word on every answer, the access log."""

import logging
import re
import socket
import time
from typing import Any

import eventlet
import eventlet.wsgi
from nameko.web.server import HttpOnlyProtocol, WebServer, parse_address
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Request, Response

from gateway import problems
from gateway.ratelimit import TokenBuckets, client_address, counted_as, networks
from services.chassis import metrics, settings
from services.chassis.context import Context, current, new_id
from services.contracts.errors import Unavailable

logger = logging.getLogger(__name__)

BODY_BYTES = 1024 * 1024
"""Largest body of a request; the largest legal one, a booking with its answers, is far below."""

KEEPALIVE_SECONDS = 75
"""How long an idle connection stays open; above the 60 s after which proxies drop theirs."""

SOCKET_SECONDS = 30
"""How long a client may stall while it sends a request or takes an answer."""

URL_BYTES = 16 * 1024
"""Longest request line; longer ones are refused with 414 before anything is parsed."""

LAST_ANSWERS_SECONDS = 2
"""How long answers that are ready may take to leave when the process stops."""

BACKLOG = 1024
"""Connections that may wait to be accepted; the kernel caps it at net.core.somaxconn."""

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
UNMATCHED = "unmatched"  # in logs and metrics: unknown paths must not make new labels

LIMITS = ("login", "booking", "coupon", "form", "upload", "visit")
"""What is limited per client address; each has its `<name>_rate_per_minute` in the settings."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Server(WebServer):
    """Listens where the settings say, and outlives whatever a client does to its connection."""

    def setup(self) -> None:
        own = settings.of(self.container.service_name)
        self.is_draining = False
        self.trusted_proxies = networks(own.trusted_proxies)
        self.limits = {
            name: TokenBuckets(getattr(own, f"{name}_rate_per_minute")) for name in LIMITS
        }

    @property
    def bind_addr(self) -> Any:
        return parse_address(settings.of(self.container.service_name).listen_address)

    def client_of(self, request: Request) -> str:
        """Return whom a request is counted for."""
        return counted_as(client_address(request, self.trusted_proxies))

    def get_wsgi_app(self) -> "Application":
        return Application(self, self.make_url_map())

    def get_wsgi_server(self, sock: Any, wsgi_app: Any, **_: Any) -> Any:
        return eventlet.wsgi.Server(
            sock,
            sock.getsockname(),
            wsgi_app,
            protocol=HttpOnlyProtocol,
            debug=False,
            # Its access log would hold query strings, and with them the tokens of private links.
            log=logger,
            log_output=False,
            keepalive=KEEPALIVE_SECONDS,
            socket_timeout=SOCKET_SECONDS,
            url_length_limit=URL_BYTES,
        )

    def start(self) -> None:
        super().start()
        self._sock.listen(BACKLOG)  # eventlet's own 50 makes a burst wait a second and more

    def unregister_provider(self, provider: Any) -> None:
        """Take no more work once the container stops; what was begun is answered."""
        if not self.is_draining:
            self.is_draining = True
            self._is_accepting = False
            self._gt.kill()
            self._sock.close()
        super().unregister_provider(provider)

    def stop(self) -> None:
        """Let the last answers leave before the container ends the connections."""
        until = time.monotonic() + LAST_ANSWERS_SECONDS
        while self._serv.outstanding_requests and time.monotonic() < until:
            eventlet.sleep(0.01)

    def run(self) -> None:
        while self._is_accepting:
            try:
                sock, address = self._sock.accept()
            except OSError as error:  # too many open files, or the client left already
                logger.warning("a connection could not be accepted: %r", error)
                eventlet.sleep(0.05)
                continue
            sock.settimeout(self._serv.socket_timeout)
            # Head and body leave apart; the client may sit on its ACK of the first for 40 ms.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.container.spawn_managed_thread(
                lambda sock=sock, address=address: self.process_request(sock, address),
                identifier="connection",
            )

    def process_request(self, sock: Any, address: Any) -> None:
        try:
            super().process_request(sock, address)
        except OSError:
            logger.debug("a client went away")
        except Exception:  # raised here it would end the whole container
            logger.exception("a connection failed")


class Application:
    """The WSGI application: finds the route, and answers whatever the route raises."""

    def __init__(self, server: Server, url_map: Any) -> None:
        self.server = server
        self.url_map = url_map

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        started = time.perf_counter()
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ["wsgi.input_terminated"] = True  # eventlet ends it and does not say so
        request = Request(environ)
        request.max_content_length = BODY_BYTES
        context = Context(correlation_id=_request_id(request))
        current.set(context)
        route, response, code = self._respond(request, context)
        response.headers["X-Request-Id"] = context.correlation_id
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        seconds = time.perf_counter() - started
        metrics.HTTP_SECONDS.labels(route, str(response.status_code)).observe(seconds)
        logger.info(
            "request",
            extra={
                "method": request.method,
                "path": route,  # the template: what was asked for may hold a token
                "status": response.status_code,
                "code": code,
                "duration_ms": round(seconds * 1000, 1),
            },
        )
        return response(environ, start_response)

    def _respond(self, request: Request, context: Context) -> tuple[str, Response, str | None]:
        """Return the route's template, the answer, and the code of the problem if it is one."""
        route = UNMATCHED
        try:
            if self.server.is_draining:
                raise Unavailable()  # a connection that was kept open asks the next process
            entrypoint, values = self.url_map.bind_to_environ(request.environ).match()
            route = entrypoint.operation.template
            return route, entrypoint.answer(request, values, context), None
        except RequestRedirect as redirect:
            return route, redirect.get_response(request.environ), None
        except MethodNotAllowed as error:
            if request.method == "OPTIONS":
                return route, _allowing(error), None
            return route, *_refuse(error, request, context)
        except Exception as error:
            return route, *_refuse(error, request, context)


def _allowing(error: MethodNotAllowed) -> Response:
    allowed = sorted({*(error.valid_methods or ()), "OPTIONS"})
    return Response(status=204, headers={"Allow": ", ".join(allowed)})


def _refuse(error: Exception, request: Request, context: Context) -> tuple[Response, str]:
    told = problems.anticipated(error)
    if told is None:
        logger.exception("a request failed")
        told = problems.InternalError()
    return problems.answer(told, request, context.correlation_id), told.code


def _request_id(request: Request) -> str:
    given = request.headers.get("X-Request-Id", "")
    return given if REQUEST_ID.fullmatch(given) else new_id()
