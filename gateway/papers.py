"""PDFs as an answer: what a service made, for the browser to show or keep."""

import base64
from typing import Any

from werkzeug.wrappers import Response

from gateway.http import NO_STORE

PDF = "application/pdf"


def pdf_response(paper: dict[str, Any]) -> Response:
    """Return a PDF as a response.

    Shapes:  {"filename", "content": base64}.
    """
    name = f'inline; filename="{paper["filename"]}"'
    return Response(
        base64.b64decode(paper["content"]),
        content_type=PDF,
        headers={**NO_STORE, "Content-Disposition": name},
    )
