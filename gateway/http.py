"""The `route` decorator: one declaration that reads, admits, answers and describes a request."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

import orjson
from eventlet.event import Event
from marshmallow import Schema, ValidationError, fields
from nameko.exceptions import ContainerBeingKilled
from nameko.web.handlers import HttpRequestHandler
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from gateway import auth, problems
from gateway.changes import Hub
from gateway.ratelimit import TokenBuckets
from gateway.server import BODY_BYTES, Server
from services.chassis import settings
from services.chassis.context import Context
from services.chassis.storage import Store
from services.contracts.errors import (
    Invalid,
    Malformed,
    NotFound,
    TooMany,
    Unavailable,
    YingqiError,
)
from services.contracts.fields import faults
from services.contracts.registry import Rpc

Method = TypeVar("Method", bound=Callable[..., Any])

JSON = "application/json"
NO_STORE = {"Cache-Control": "no-store"}

IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
# PostgreSQL stores no U+0000 in any text; an escape whose backslash is escaped itself is harmless.
NUL_IN_JSON = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class KeyMissing(Malformed):
    """A command that must not happen twice came without a usable Idempotency-Key."""

    code = "idempotency.key_missing"
    sentence = {
        "zh": "缺少幂等键（Idempotency-Key）",
        "en": "The header Idempotency-Key is missing or malformed",
    }


@dataclass(frozen=True, kw_only=True)
class Operation:
    """All that is known of one route.

    Shapes:  `path` as werkzeug writes it; `calls` the RPCs behind it, of which the first gives the
             answer's schema unless `answer` does; `limit` names a rate limit; `raw_body` marks a
             body that the method reads itself; `listed` false keeps the route out of the API's
             description.
    """

    method: str
    path: str
    zh: str = ""
    en: str = ""
    tag: str = "pages"
    query: Schema | None = None
    body: Schema | None = None
    calls: tuple[Rpc, ...] = ()
    answer: Schema | None = None
    media_type: str = JSON
    status: int = 200
    extra_errors: tuple[type[YingqiError], ...] = ()
    admission: auth.Admission = auth.PUBLIC
    actor: str = "customer"
    idempotent: bool = False
    raw_body: bool = False
    limit: str | None = None
    listed: bool = True

    @cached_property
    def template(self) -> str:
        """The path as OpenAPI and the metrics write it: /bookings/{booking_id}."""
        return re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", self.path)

    @property
    def response(self) -> Schema | None:
        if self.answer is not None or not self.calls or self.status == 204:
            return self.answer
        return self.calls[0].response

    @property
    def errors(self) -> tuple[type[YingqiError], ...]:
        """The errors of the calls behind it, and those of reading and admitting it."""
        found = [error for call in self.calls for error in call.errors] + [*self.extra_errors]
        if self.body is not None or self.raw_body:
            found += [Malformed, problems.BodyTooLarge]
        if self.body is not None:
            found += [problems.MediaTypeUnsupported, Invalid]
        if self.query is not None:
            found += [Malformed, Invalid]
        if self.idempotent:
            found += [KeyMissing]
        if "<" in self.path:
            found += [NotFound]
        if self.limit:
            found += [TooMany]
        return tuple(dict.fromkeys([*found, *self.admission.errors]))


@dataclass(frozen=True)
class Call:
    """One admitted and validated request.

    Shapes:  `query` and `body` are the schema's wire form: ids, dates and instants as strings.
             `client` is whom it is counted for in `limits`, by their names.
    """

    request: Request
    visitor: auth.Visitor
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str = ""
    client: str = ""
    limits: Mapping[str, TokenBuckets] = field(default_factory=dict)

    @property
    def staff(self) -> auth.Staff:
        """The member of staff who calls; only routes that require one may ask."""
        assert self.visitor.staff is not None, "the route admits only staff"
        return self.visitor.staff

    @property
    def branch_ids(self) -> list[str] | None:
        """The branches that the calling staff see; None means all."""
        seen = self.staff.branch_ids
        return None if seen is None else list(seen)

    @property
    def access(self) -> dict[str, Any]:
        """By what right the caller asks for one booking, in booking's words."""
        if self.visitor.manage_token:
            return {"manage_token": self.visitor.manage_token}
        return {"staff_id": self.staff.id, "branch_ids": self.branch_ids}


class Route(HttpRequestHandler):
    """The entrypoint of a route; its method takes a `Call` and the values of the path.

    What the method returns becomes the JSON of the answer; a `Response` is sent as it is.
    """

    server = Server()

    def __init__(self, method: str, path: str, **about: Any) -> None:
        self.operation = Operation(method=method, path=path, **about)
        super().__init__(method, path)

    def get_url_rule(self) -> Rule:
        return Rule(self.operation.path, methods=[self.operation.method])

    def answer(self, request: Request, values: Mapping[str, Any], context: Context) -> Response:
        """Answer one request.

        Errors:  any YingqiError, those of werkzeug; a bug of the method arrives as InternalError.
        """
        operation = self.operation
        client = self.server.client_of(request)
        if operation.limit:
            self.server.limits[operation.limit].take(client)
        visitor = self._admit(request, context)
        call = Call(
            request=request,
            visitor=visitor,
            query=read_query(operation.query, request.args) if operation.query else {},
            body=read_body(operation.body, request) if operation.body else {},
            idempotency_key=read_key(request) if operation.idempotent else "",
            client=client,
            limits=self.server.limits,
        )
        path = {name: str(value) for name, value in values.items()}
        if any("\x00" in value for value in path.values()):
            raise NotFound()
        return self._respond(self._work(call, path, context))

    def _admit(self, request: Request, context: Context) -> auth.Visitor:
        own = settings.of(self.container.service_name)
        sessions = next(d for d in self.container.dependencies if isinstance(d, auth.Sessions))
        staff_of = partial(sessions.staff_of, context=context)
        return auth.admit(request, self.operation.admission, staff_of, own.session_cookie)

    def _work(self, call: Call, path: dict[str, str], context: Context) -> Any:
        staff = call.visitor.staff
        actor = (
            {"kind": "staff", "id": staff.id}
            if staff
            else {"kind": self.operation.actor, "id": None}
        )
        done = Event()
        try:
            self.container.spawn_worker(
                self,
                (call,),
                path,
                context_data={"correlation_id": context.correlation_id, "actor": actor},
                handle_result=partial(self.handle_result, done),
            )
        except ContainerBeingKilled as killed:
            raise Unavailable() from killed
        result, error = done.wait()
        if error is not None:
            raise error
        return result

    def handle_result(
        self, done: Event, worker_ctx: Any, result: Any, exc_info: Any
    ) -> tuple[Any, Any]:
        error = exc_info[1] if exc_info else None
        if error is not None and problems.anticipated(error) is None:
            error = problems.InternalError()  # telemetry has logged what it really was
        done.send((result, error))
        return result, exc_info

    def _respond(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        status = self.operation.status
        if status == 204:
            return Response(status=status, headers=NO_STORE)
        body = orjson.dumps(result)
        return Response(body, status=status, content_type=JSON, headers=NO_STORE)


def route(method: str, path: str, **about: Any) -> Callable[[Method], Method]:
    """Declare a route; `about` are the fields of `Operation`."""
    declare: Callable[[Method], Method] = Route.decorator(method, path, **about)
    return declare


class Area:
    """What the methods of every area of routes find on the service they belong to."""

    settings: Any
    sessions: auth.Sessions
    changes: Hub
    store: Store
    analytics: Any
    automation: Any
    booking: Any
    crm: Any
    identity: Any
    notification: Any
    scheduling: Any


def read_query(schema: Schema, given: MultiDict[str, str]) -> dict[str, Any]:
    """Return the query in wire form; keys the schema does not know are ignored.

    Errors:  Invalid with one pointer per fault; Malformed when a value holds U+0000.
    """
    found: dict[str, Any] = {}
    for name, known in schema.load_fields.items():
        key = known.data_key or name
        if key in given:
            found[key] = given.getlist(key) if isinstance(known, fields.List) else given[key]
    if any("\x00" in value for values in given.listvalues() for value in values):
        raise Malformed()
    return _loaded(schema, found)


def read_body(schema: Schema, request: Request) -> dict[str, Any]:
    """Return the JSON body in wire form; no body at all counts as an empty object.

    Errors:  MediaTypeUnsupported, Malformed, BodyTooLarge; Invalid with one pointer per fault.
    """
    data = read_bytes(request)
    if not data:
        return _loaded(schema, {})
    if request.mimetype != JSON:
        raise problems.MediaTypeUnsupported()
    if NUL_IN_JSON.search(data):
        raise Malformed()
    try:
        given = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Malformed() from error
    return _loaded(schema, given)


def read_bytes(request: Request) -> bytes:
    """Return the body as it came.

    Errors:  BodyTooLarge. werkzeug refuses a declared length; a chunked body it only cuts off.
    """
    data = request.get_data(cache=False)
    if len(data) >= BODY_BYTES:
        raise problems.BodyTooLarge()
    return data


def read_key(request: Request) -> str:
    """Return the idempotency key of a request.

    Errors:  KeyMissing when it is absent or not 1–255 visible ASCII characters.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not IDEMPOTENCY_KEY.fullmatch(key):
        raise KeyMissing()
    return key


def _loaded(schema: Schema, given: Any) -> dict[str, Any]:
    try:
        wire: dict[str, Any] = schema.dump(schema.load(given))
    except ValidationError as error:
        raise Invalid(errors=faults(error)) from error
    return wire
