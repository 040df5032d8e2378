"""The only place where an error kind becomes an HTTP status and an application/problem+json."""

from typing import Any

import orjson
from werkzeug import exceptions as http
from werkzeug.wrappers import Request, Response

from gateway import tus
from services.contracts.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
    YingqiError,
    kind_of,
)
from services.contracts.uploads import UploadTooLarge

MEDIA_TYPE = "application/problem+json"
LANGUAGES = ("zh", "en")

UNAVAILABLE_RETRY_SECONDS = 2
"""How soon to come back after 503: a service that restarts is there within seconds."""

TOO_MANY_RETRY_SECONDS = 60
"""How soon to come back after 429 when the error itself does not say."""


class MethodRefused(Malformed):
    """The path exists and does not know this method; `allowed` lists those it knows."""

    code = "request.method_not_allowed"
    sentence = {"zh": "该地址不支持此请求方法", "en": "This address does not know that method"}


class BodyTooLarge(Malformed):
    code = "request.too_large"
    sentence = {"zh": "请求内容过大", "en": "The request is too large"}


class MediaTypeUnsupported(Malformed):
    code = "request.media_type_unsupported"
    sentence = {"zh": "请求内容必须是 JSON", "en": "The content of the request must be JSON"}


class InternalError(YingqiError):
    """A bug: its text stands in the log, under the correlation id."""

    code = "internal.error"
    sentence = {
        "zh": "服务器出错了，请稍后重试",
        "en": "Something went wrong on our side, please try again later",
    }


KIND_STATUSES: dict[type[YingqiError], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    TooMany: 429,
    Unavailable: 503,
}
# Errors of HTTP itself, for which it has a status of its own.
PROTOCOL_STATUSES: dict[type[YingqiError], int] = {
    MethodRefused: 405,
    BodyTooLarge: 413,
    MediaTypeUnsupported: 415,
    tus.VersionRefused: 412,
    UploadTooLarge: 413,
    tus.ChunkTypeRefused: 415,
    tus.ChecksumMismatch: 460,  # the protocol's own
    InternalError: 500,
}


def status_of(error: YingqiError) -> int:
    """Return the HTTP status of an error: that of its kind, unless HTTP has one for it alone."""
    return PROTOCOL_STATUSES.get(type(error)) or KIND_STATUSES[kind_of(error)]


def anticipated(error: Exception) -> YingqiError | None:
    """Return what an exception says to the caller, or None when nobody anticipated it."""
    if isinstance(error, YingqiError):
        return error
    if isinstance(error, http.MethodNotAllowed):
        return MethodRefused(allowed=sorted(error.valid_methods or ()))
    if isinstance(error, http.RequestEntityTooLarge):
        return BodyTooLarge()
    if isinstance(error, http.NotFound):
        return NotFound()
    if isinstance(error, http.HTTPException) and (error.code or 500) < 500:
        return Malformed()
    return None


def language_of(request: Request) -> str:
    """Return the language to speak: the most wanted one of ours, else Chinese."""
    for tag, quality in request.accept_languages:
        primary = tag.replace("_", "-").partition("-")[0].lower()
        if primary in LANGUAGES and quality > 0:
            return primary
    return LANGUAGES[0]


def document(error: YingqiError, *, language: str, correlation_id: str) -> dict[str, Any]:
    """Return the problem document of an error; its details are extension members."""
    details = error.details
    if "errors" in details:
        details["errors"] = [_in_language(fault, language) for fault in details["errors"]]
    sentence = error.sentence[language]
    return {
        **details,
        "type": f"/docs/errors#{error.code}",
        "title": sentence,
        "status": status_of(error),
        "code": error.code,
        "message": sentence,
        "correlation_id": correlation_id,
    }


def answer(error: YingqiError, request: Request, correlation_id: str) -> Response:
    """Return the response that tells an error."""
    language = language_of(request)
    problem = document(error, language=language, correlation_id=correlation_id)
    response = Response(orjson.dumps(problem), status=problem["status"], content_type=MEDIA_TYPE)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    response.headers.update(_headers_for(error))
    if "Tus-Resumable" in request.headers:
        response.headers["Tus-Resumable"] = tus.VERSION
    return response


def _in_language(fault: dict[str, Any], language: str) -> dict[str, Any]:
    message = fault.get("message")
    return {**fault, "message": message[language]} if isinstance(message, dict) else fault


def _headers_for(error: YingqiError) -> dict[str, str]:
    if isinstance(error, MethodRefused):
        return {"Allow": ", ".join(error.details["allowed"])}
    if isinstance(error, tus.VersionRefused):
        return {"Tus-Version": tus.VERSION}
    if isinstance(error, BodyTooLarge):
        return {"Connection": "close"}  # the rest of the body stays unread
    if isinstance(error, Unauthenticated):
        return {"WWW-Authenticate": "Bearer"}
    if isinstance(error, TooMany):
        seconds = error.details.get("retry_after_seconds", TOO_MANY_RETRY_SECONDS)
        return {"Retry-After": str(seconds)}
    if isinstance(error, Unavailable):
        return {"Retry-After": str(UNAVAILABLE_RETRY_SECONDS)}
    return {}
