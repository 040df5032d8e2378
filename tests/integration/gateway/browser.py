"""A small HTTP client for tests: one request, one answer, and server-sent events."""

import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Browser:
    """Speaks to one address; `headers` go with every request."""

    def __init__(self, address: str, **headers: str) -> None:
        self.netloc = urlsplit(address).netloc
        self.headers = headers

    def with_headers(self, headers: dict[str, str]) -> "Browser":
        return Browser(f"http://{self.netloc}", **{**self.headers, **headers})

    def send(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = {**self.headers, **(headers or {})}
        if json_body is not None:
            body = json.dumps(json_body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(self.netloc, timeout=15)
        try:
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, headers=headers)

    def post(self, path: str, json_body: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, json_body=json_body, headers=headers)

    def stream(self, path: str, **headers: str) -> "EventStream":
        return EventStream(self.netloc, path, {**self.headers, **headers})


class EventStream:
    """An open stream; `next()` returns the next block of lines, comments included."""

    def __init__(self, netloc: str, path: str, headers: dict[str, str]) -> None:
        self.connection = http.client.HTTPConnection(netloc, timeout=15)
        self.connection.request("GET", path, headers=headers)
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.headers = {name.lower(): value for name, value in self.response.getheaders()}

    def next(self) -> dict[str, str]:
        """Return the fields of the next block; a comment has the field ""."""
        block: dict[str, str] = {}
        while line := self.response.readline().decode().rstrip("\n"):
            name, _, value = line.partition(":")
            block[name] = value.strip()
        return block

    def changes(self) -> Iterator[dict[str, Any]]:
        """Yield what each change says; ends when the stream does."""
        while block := self.next():
            if block.get("event") == "change":
                yield json.loads(block["data"])

    def close(self) -> None:
        # the response holds the socket; closing the connection alone would leave it open
        if self.connection.sock is not None:
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.response.close()
        self.connection.close()
