"""A provider's side of HTTP: a server in this process that can be told to misbehave."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import eventlet
import eventlet.wsgi
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.wrappers import Request, Response

FOREVER_SECONDS = 20
"""Longer than any test waits for an answer."""


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


class Protocol(eventlet.wsgi.HttpProtocol):  # type: ignore[misc]
    """Closes everything also when the client has gone, which eventlet's own does not."""

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            for file in (self.wfile, self.rfile):
                with suppress(OSError):
                    file.close()


@dataclass
class Server:
    """Answers with what `answer(request)` returns, unless there is trouble.

    `trouble` is None or: silent (no answer, nothing done), lost (done, but no answer comes),
    slow (an answer of a byte now and then), broken (half an answer), garbage, down (502).
    """

    answer: Callable[[Request], Response]
    trouble: str | None = None
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def running(self) -> Iterator["Server"]:
        socket = eventlet.listen(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{socket.getsockname()[1]}"
        serving = eventlet.spawn(
            eventlet.wsgi.server,
            socket,
            self._app,
            protocol=Protocol,
            log_output=False,
            debug=False,
        )
        try:
            yield self
        finally:
            serving.kill()
            socket.close()

    def _app(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(f"{request.method} {request.path}")
        return self._troubled(request)(environ, start_response)

    def _troubled(self, request: Request) -> Response:
        if self.trouble == "silent":
            eventlet.sleep(FOREVER_SECONDS)
            return Response(status=500)
        if self.trouble == "down":
            return Response("<html>502 Bad Gateway</html>", status=502)
        response = self.answer(request)
        if self.trouble == "lost":
            eventlet.sleep(FOREVER_SECONDS)
        if self.trouble == "garbage":
            return Response("<html>welcome to the hotel's network</html>")
        if self.trouble == "slow":
            return Response(trickle(response.get_data()), response.status_code)
        if self.trouble == "broken":
            content = response.get_data()
            broken = Response(content[: len(content) // 2], response.status_code)
            broken.headers["Content-Length"] = str(len(content))
            broken.automatically_set_content_length = False
            return broken
        return response


def trickle(content: bytes) -> Iterator[bytes]:
    for at in range(len(content)):
        eventlet.sleep(0.05)
        yield content[at : at + 1]
