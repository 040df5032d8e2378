"""Asking a provider over HTTP: one request, one deadline for all of it, and the answer's bytes.

Nothing is tried again here: only the caller knows what may be asked twice. Sockets are the
cooperative ones, so that a slow provider holds up one worker and not the process.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import eventlet
import urllib3

from services.chassis.db import assert_no_transaction
from services.contracts.payments import ProviderUnavailable

MAX_BYTES = 32 * 1024 * 1024
"""Of an answer; a daily bill of a hundred thousand lines. It is read into memory whole."""

KEPT_CONNECTIONS = 4
"""Open connections to one host between requests; a further one is opened and dropped."""

# In detail it logs whole addresses, and some hold a secret: WeChat wants the app's in one.
logging.getLogger("urllib3").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Answer:
    """Shapes:  the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Http:
    """Connections to a provider's hosts; TLS certificates are checked against the system's."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._pools = urllib3.PoolManager(maxsize=KEPT_CONNECTIONS, retries=False)

    def ask(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        """Return the answer, whatever its status; a redirect is an answer too.

        Errors:  ProviderUnavailable when none came whole within the time.
        """
        assert_no_transaction("http")
        try:
            # A socket's own timeout starts anew with every byte that a slow server sends.
            with eventlet.Timeout(self._timeout_seconds, ProviderUnavailable(reason="timeout")):
                return self._answer(method, url, headers, body)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ProviderUnavailable(reason=type(error).__name__) from error

    def _answer(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        response = self._pools.request(
            method,
            url,
            body=body,
            headers={"User-Agent": "Yingqi", **headers},
            timeout=self._timeout_seconds,
            redirect=False,
            preload_content=False,
        )
        finished = False
        try:
            content = response.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                raise ProviderUnavailable(reason="too large")
            finished = True
        finally:
            # A connection with half an answer in it must not serve the next request.
            response.release_conn() if finished else response.close()
        names = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, names, content)
