"""The OpenAPI 3.1 description, made from what the routes themselves declare."""

import inspect
import re
from functools import cache
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import fields

from gateway import auth, problems
from gateway.http import Operation, Route
from services.chassis.amqp import BrokerDown
from services.chassis.db import DatabaseBusy, DatabaseDown
from services.chassis.rpc import RpcTimedOut
from services.contracts.errors import YingqiError
from services.contracts.fields import Contract

VERSION = "1.0.0"
DESCRIPTION = "Online booking and management for photo studios.\n\n影楼在线预约与管理。"

TAGS = {
    "catalogue": {"zh": "门店与套餐", "en": "Branches and packages"},
    "bookings": {"zh": "预约", "en": "Bookings"},
    "payments": {"zh": "支付", "en": "Payments"},
    "cash": {"zh": "收银", "en": "Cash desk"},
    "agreements": {"zh": "合同", "en": "Agreements"},
    "staff": {"zh": "员工登录", "en": "Staff sessions"},
    "calendar": {"zh": "日历", "en": "Calendar"},
    "waitlist": {"zh": "候补", "en": "Waitlist"},
    "branches": {"zh": "门店与营业日", "en": "Branches and their days"},
    "resources": {"zh": "人员、场地与物品", "en": "People, rooms and things"},
    "requirements": {"zh": "服务所需与限额", "en": "What services need, and quotas"},
    "rosters": {"zh": "排班与请假", "en": "Rosters and leave"},
    "calendars": {"zh": "日历订阅", "en": "Calendar subscriptions"},
    "customers": {"zh": "客户", "en": "Customers"},
    "members": {"zh": "会员与优惠券", "en": "Members and coupons"},
    "forms": {"zh": "表单与数据表", "en": "Forms and data tables"},
    "theme": {"zh": "页面外观", "en": "Appearance of the public pages"},
    "imports": {"zh": "导入", "en": "Imports"},
    "visits": {"zh": "页面浏览", "en": "Page views"},
    "metrics": {"zh": "指标", "en": "Metrics"},
    "tasks": {"zh": "待办", "en": "Tasks"},
    "stream": {"zh": "实时变更", "en": "Live changes"},
    "uploads": {"zh": "文件上传", "en": "Uploads"},
    "sandbox": {"zh": "支付沙箱", "en": "Payment sandbox"},
    "docs": {"zh": "文档", "en": "Documentation"},
}
# Whatever a route declares, these can befall it: any of them, and those that ask a service.
ALWAYS: tuple[type[YingqiError], ...] = (problems.InternalError,)
ASKING: tuple[type[YingqiError], ...] = (RpcTimedOut, BrokerDown, DatabaseDown, DatabaseBusy)

HEADERS: dict[str, dict[str, Any]] = {
    "Accept-Language": {
        "name": "Accept-Language",
        "in": "header",
        "description": "Language of `message` in problems: zh (default) or en.",
        "schema": {"type": "string"},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "1–255 visible ASCII characters. The same key gives the same answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"},
    },
    "X-Manage-Token": {
        "name": auth.MANAGE_TOKEN_HEADER,
        "in": "header",
        "description": "The token of a private link; the query's `token` does as well.",
        "schema": {"type": "string"},
    },
    "Last-Event-ID": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The last change that was seen; what came after it is sent again.",
        "schema": {"type": "string"},
    },
}
SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "yingqi_session"},
    "manage_token": {"type": "apiKey", "in": "header", "name": auth.MANAGE_TOKEN_HEADER},
}
BY_STAFF: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]


class FieldFault(Contract):
    """One fault of the request; `pointer` is a JSON pointer into the body or names a parameter."""

    pointer = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class Problem(Contract):
    """RFC 9457; some codes carry further members, such as `alternatives`."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldFault))
    correlation_id = fields.String(required=True)


def operations_of(service: type) -> list[tuple[str, Operation]]:
    """Return every route of a service class with the name of its method, in a stable order."""
    found = [
        (name, entrypoint.operation)
        for name, method in inspect.getmembers(service, inspect.isfunction)
        for entrypoint in getattr(method, "nameko_entrypoints", ())
        if isinstance(entrypoint, Route)
    ]
    tags = list(TAGS)
    return sorted(
        (item for item in found if item[1].listed),
        key=lambda item: (tags.index(item[1].tag), item[1].template, item[1].method),
    )


@cache
def document(service: type) -> dict[str, Any]:
    """Return the description of a service's routes."""
    spec = APISpec(
        title="影期 Yingqi",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": DESCRIPTION},
        tags=[_tag(name, title) for name, title in TAGS.items()],
        servers=[{"url": "/"}],
        plugins=[MarshmallowPlugin(schema_name_resolver=_name_of)],
    )
    for name, parameter in HEADERS.items():
        spec.components.parameter(name, parameter["in"], parameter)
    for name, scheme in SECURITY_SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    spec.components.schema("Problem", schema=Problem)
    for method_name, operation in operations_of(service):
        spec.path(
            path=operation.template,
            operations={operation.method.lower(): _describe(method_name, operation)},
        )
    made: dict[str, Any] = spec.to_dict()
    for methods in made["paths"].values():
        for operation in methods.values():
            operation["parameters"] = [_without_null(one) for one in operation["parameters"]]
    return made


def _tag(name: str, title: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "description": title["en"], "x-title": title}


def _name_of(schema: Any) -> str:
    return (schema if isinstance(schema, type) else type(schema)).__name__


def _describe(name: str, operation: Operation) -> dict[str, Any]:
    about: dict[str, Any] = {
        "operationId": name,
        "summary": operation.en,
        "x-summary": {"zh": operation.zh, "en": operation.en},
        "tags": [operation.tag],
        "parameters": _parameters(operation),
        "responses": {str(operation.status): _success(operation), **_refusals(operation)},
    }
    if operation.admission.permission:
        about["x-permission"] = operation.admission.permission
    if security := _security(operation.admission):
        about["security"] = security
    if operation.body is not None:
        content = {"application/json": {"schema": operation.body}}
        required = any(known.required for known in operation.body.load_fields.values())
        about["requestBody"] = {"required": required, "content": content}
    if operation.raw_body:
        about["requestBody"] = {"content": {"*/*": {"schema": {}}}}
    return about


def _security(admission: auth.Admission) -> list[dict[str, list[str]]]:
    ways = [*BY_STAFF] if admission.by_staff else []
    if admission.by_manage_token:
        ways.insert(0, {"manage_token": []})
    if ways and not admission.required:
        ways.insert(0, {})
    return ways


def _parameters(operation: Operation) -> list[Any]:
    found: list[Any] = [_path_parameter(operation, name) for name in _names_in(operation.template)]
    if operation.query is not None:
        found.append({"in": "query", "schema": operation.query})
    if operation.admission.by_manage_token:
        found.append("X-Manage-Token")
        found.append({"name": "token", "in": "query", "schema": {"type": "string"}})
    if operation.idempotent:
        found.append("Idempotency-Key")
    if operation.media_type == "text/event-stream":
        found.append("Last-Event-ID")
    return [*found, "Accept-Language"]


def _without_null(parameter: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what a contract calls null is a parameter left out."""
    schema = dict(parameter.get("schema", {}))
    if isinstance(schema.get("type"), list):
        (schema["type"],) = (kind for kind in schema["type"] if kind != "null")
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    if schema.get("default", ...) is None:
        del schema["default"]
    return {**parameter, "schema": schema} if schema else parameter


def _names_in(template: str) -> list[str]:
    return [part[1:-1] for part in template.split("/") if part.startswith("{")]


def _path_parameter(operation: Operation, name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if f"<uuid:{name}>" in operation.path:
        schema["format"] = "uuid"
    if re.search(rf"<int[^<>]*:{name}>", operation.path):
        schema["type"] = "integer"
    if name == "day":  # a string to werkzeug: the service says what is wrong with a date
        schema["format"] = "date"
    if listed := re.search(rf"<any\(([^()]*)\):{name}>", operation.path):
        schema["enum"] = [word.strip() for word in listed[1].split(",")]
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _success(operation: Operation) -> dict[str, Any]:
    about: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.response is not None:
        about["content"] = {operation.media_type: {"schema": operation.response}}
    elif operation.status != 204:
        about["content"] = {operation.media_type: {"schema": {}}}
    return about


def _refusals(operation: Operation) -> dict[str, Any]:
    """Return one response per status, with every code that it can carry."""
    by_status: dict[int, list[type[YingqiError]]] = {}
    asking = ASKING if operation.calls or operation.admission.by_staff else ()
    for error in dict.fromkeys([*operation.errors, *asking, *ALWAYS]):
        by_status.setdefault(problems.status_of(error()), []).append(error)
    return {str(status): _refusal(by_status[status]) for status in sorted(by_status)}


def _refusal(errors: list[type[YingqiError]]) -> dict[str, Any]:
    content = {"schema": Problem, "examples": {error.code: _example(error) for error in errors}}
    return {
        "description": "; ".join(f"`{error.code}` {error.sentence['en']}" for error in errors),
        "content": {problems.MEDIA_TYPE: content},
        "x-codes": [error.code for error in errors],
    }


def _example(error: type[YingqiError]) -> dict[str, Any]:
    sample = problems.document(error(), language="en", correlation_id="0199…")
    return {"summary": error.sentence["zh"], "value": sample}
