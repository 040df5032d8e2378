"""Every error kind has its status, its document and its headers, in both languages."""

import importlib
import pkgutil

import pytest
from werkzeug import exceptions
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

import services.contracts
from gateway import problems, tus
from gateway.entrypoints import Service
from gateway.openapi import ALWAYS, ASKING, operations_of
from services.contracts import errors
from services.contracts.errors import YingqiError
from services.contracts.uploads import UploadTooLarge

for module in pkgutil.iter_modules(services.contracts.__path__):
    importlib.import_module(f"services.contracts.{module.name}")

STATUSES = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    problems.MethodRefused: 405,
    problems.BodyTooLarge: 413,
    problems.MediaTypeUnsupported: 415,
    tus.VersionRefused: 412,
    tus.ChunkTypeRefused: 415,
    tus.ChecksumMismatch: 460,
    UploadTooLarge: 413,
    problems.InternalError: 500,
}


def request(language: str = "") -> Request:
    headers = {"Accept-Language": language} if language else {}
    return Request(EnvironBuilder(headers=headers).get_environ())


@pytest.mark.parametrize(("kind", "status"), STATUSES.items())
def test_every_kind_has_its_status(kind: type[YingqiError], status: int) -> None:
    details = {"allowed": ["GET"]} if kind is problems.MethodRefused else {}
    answer = problems.answer(kind(details), request(), "c-1")
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == status
    assert answer.json["type"] == f"/docs/errors#{kind.code}"
    assert answer.json["correlation_id"] == "c-1"


def test_a_subclass_has_the_status_of_its_kind() -> None:
    for error in YingqiError.registry.values():
        assert problems.status_of(error()) in STATUSES.values()


@pytest.mark.parametrize("error", sorted(YingqiError.registry.values(), key=lambda e: e.code))
def test_every_code_speaks_both_languages(error: type[YingqiError]) -> None:
    spoken = {
        language: problems.document(error(), language=language, correlation_id="c")["message"]
        for language in ("zh", "en")
    }
    assert spoken["zh"]
    assert spoken["en"].isascii()
    assert spoken["zh"] != spoken["en"]


def test_every_declared_error_of_a_route_is_registered() -> None:
    for _, operation in operations_of(Service):
        for error in (*operation.errors, *ALWAYS, *ASKING):
            assert YingqiError.registry[error.code] is error


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("fr", "zh"),
        ("*", "zh"),
        ("en", "en"),
        ("EN-us", "en"),
        ("en-US,zh;q=0.5", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.5", "zh"),
        ("zh;q=0.2,en;q=0.8", "en"),
        ("fr-FR,en;q=0.3,zh;q=0.2", "en"),
        ("en;q=0,zh-Hant", "zh"),
        ("en;q=0", "zh"),
        (";;;q=x", "zh"),
    ],
)
def test_the_most_wanted_language_is_spoken(header: str, language: str) -> None:
    assert problems.language_of(request(header)) == language


def test_details_become_members_and_never_replace_the_standard_ones() -> None:
    error = errors.Conflict(alternatives=[1], status=200, code="x", correlation_id="y")
    told = problems.document(error, language="en", correlation_id="c")
    assert told["alternatives"] == [1]
    assert (told["status"], told["code"], told["correlation_id"]) == (409, "conflict", "c")


def test_who_is_refused_for_now_learns_when_to_return() -> None:
    def retry_after(error: YingqiError) -> str:
        return problems.answer(error, request(), "c").headers["Retry-After"]

    assert retry_after(errors.Unavailable()) == "2"
    assert retry_after(errors.TooMany()) == "60"
    assert retry_after(errors.TooMany(retry_after_seconds=7)) == "7"


def test_what_http_refuses_is_a_problem_and_a_bug_is_not_anticipated() -> None:
    def code_of(error: Exception) -> str | None:
        told = problems.anticipated(error)
        return told.code if told else None

    assert code_of(exceptions.NotFound()) == "not_found"
    assert code_of(exceptions.MethodNotAllowed(["GET"])) == "request.method_not_allowed"
    assert code_of(exceptions.RequestEntityTooLarge()) == "request.too_large"
    assert code_of(exceptions.ClientDisconnected()) == "request.malformed"
    assert code_of(exceptions.InternalServerError()) is None
    assert code_of(KeyError("x")) is None
