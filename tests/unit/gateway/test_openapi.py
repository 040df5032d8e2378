"""The description is valid OpenAPI 3.1 and leaves no route, parameter or error code out."""

import inspect
import re
import warnings
from typing import Any

import jsonschema_rs
import pytest
from schemathesis.specs.openapi import definitions

from gateway import openapi, problems
from gateway.entrypoints import Service
from gateway.http import Route


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # two schemas of one name
        return openapi.document(Service)


def routes() -> list[Route]:
    return [
        entrypoint
        for _, method in inspect.getmembers(Service, inspect.isfunction)
        for entrypoint in getattr(method, "nameko_entrypoints", ())
        if isinstance(entrypoint, Route)
    ]


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validator = jsonschema_rs.Draft202012Validator(definitions.OPENAPI_31)
    assert [error.message for error in validator.iter_errors(document)] == []


def test_every_schema_is_a_valid_json_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({**schema, "components": document["components"]})


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(re.findall(r"'\$ref': '#/([^']+)'", str(document))):
        found: Any = document
        for key in reference.split("/"):
            found = found[key]


def test_every_listed_route_is_described(document: dict[str, Any]) -> None:
    listed = {
        (r.operation.template, r.operation.method.lower()) for r in routes() if r.operation.listed
    }
    assert listed == {(path, method) for path, method, _ in operations(document)}
    unlisted = {r.operation.template for r in routes() if not r.operation.listed}
    assert not any(path.startswith("/api/") for path in unlisted)


def test_every_operation_has_a_name_of_its_own_and_both_summaries(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for _, _, operation in operations(document):
        assert operation["x-summary"]["zh"]
        assert operation["x-summary"]["en"].isascii()


def test_every_refusal_names_its_codes(document: dict[str, Any]) -> None:
    taken = document["paths"]["/api/v1/bookings"]["post"]["responses"]
    assert "scheduling.slot_taken" in taken["409"]["x-codes"]
    assert "idempotency.key_missing" in taken["400"]["x-codes"]
    assert {"422", "429", "500", "503"} <= taken.keys()
    for _, _, operation in operations(document):
        for response in operation["responses"].values():
            for media_type, content in response.get("content", {}).items():
                if media_type == problems.MEDIA_TYPE:
                    assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
                    assert set(content["examples"]) == set(response["x-codes"])


def test_headers_and_ways_to_get_in_are_described(document: dict[str, Any]) -> None:
    headers = document["components"]["parameters"]
    assert {"Idempotency-Key", "X-Manage-Token", "Accept-Language"} <= headers.keys()
    assert {"bearer", "cookie"} <= document["components"]["securitySchemes"].keys()
    booking = document["paths"]["/api/v1/bookings/{booking_id}"]["get"]
    assert booking["security"] == [{"manage_token": []}, {"bearer": []}, {"cookie": []}]
    assert document["paths"]["/api/v1/bookings"]["post"]["security"][0] == {}
    assert "security" not in document["paths"]["/api/v1/branches"]["get"]
    place = document["paths"]["/api/v1/waitlist/mine"]["get"]
    assert place["security"] == [{"manage_token": []}]


def test_words_dates_and_choices_in_an_address_are_described(document: dict[str, Any]) -> None:
    day = document["paths"]["/api/v1/special-days/{calendar}/{day}"]["put"]["parameters"]
    assert [one["schema"] for one in day[:2]] == [
        {"type": "string"},
        {"type": "string", "format": "date"},
    ]


def test_a_query_knows_no_null(document: dict[str, Any]) -> None:
    for _, _, operation in operations(document):
        for parameter in operation["parameters"]:
            schema = parameter.get("schema", {})
            assert not isinstance(schema.get("type"), list)
            assert None not in schema.get("enum", ())
