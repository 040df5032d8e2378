"""The API's description, the page to read it with, and the list of all error codes."""

from html import escape
from string import Template
from typing import Any

from werkzeug.wrappers import Response

from gateway import openapi, pages, problems
from gateway.http import Area, Call, route
from services.contracts.errors import NotFound, YingqiError


class Docs(Area):
    @route(
        "GET",
        "/api/v1/openapi.json",
        zh="本接口的 OpenAPI 描述",
        en="Read this API's OpenAPI description",
        tag="docs",
    )
    def read_openapi(self, call: Call) -> Any:
        service: type = type(self)
        return openapi.document(service)

    @route("GET", "/docs", listed=False)
    def show_docs(self, call: Call) -> Response:
        return _asset(call, "docs.html")

    @route("GET", "/docs/<name>", listed=False)
    def send_docs_file(self, call: Call, name: str) -> Response:
        return _asset(call, name)

    @route("GET", "/docs/errors", listed=False)
    def show_errors(self, call: Call) -> Response:
        rows = "\n".join(_row(code) for code in sorted(YingqiError.registry))
        template = Template((pages.ASSETS / "errors.html").read_text())
        return pages.page(template.substitute(rows=rows))


def _asset(call: Call, name: str) -> Response:
    file = pages.find(pages.ASSETS, name)
    if file is None:
        raise NotFound()
    return pages.send(file, call.request)


def _row(code: str) -> str:
    error = YingqiError.registry[code]
    cells = (
        f"<code>{escape(code)}</code>",
        str(problems.status_of(error())),
        escape(error.sentence["zh"]),
        escape(error.sentence["en"]),
    )
    return f'<tr id="{escape(code)}">' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
