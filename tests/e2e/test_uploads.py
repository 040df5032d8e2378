"""Killed in the midst of an upload, again and again: it goes on where it stands and is whole."""

import base64
import hashlib
import http.client
import io
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.local_run import LocalRun, local_run
from tests.e2e.studio import Studio, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TUS = {"Tus-Resumable": "1.0.0"}
SENT_AT_ONCE = 200_000  # bytes, with a pause after each: no kill is to come too late
KILLS = (0.3, 0.9, 0.5)  # seconds after a request has begun


@pytest.fixture
def run() -> Iterator[LocalRun]:
    with local_run() as made:
        yield made.start()


def ask(run: LocalRun, method: str, path: str, body: Any = None, **headers: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=30)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers={**TUS, **sent})
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


def slowly(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), SENT_AT_ONCE):
        yield data[at : at + SENT_AT_ONCE]
        time.sleep(0.05)


def files(run: LocalRun, folder: str) -> list[Path]:
    return list((run.state / "storage").glob(f"*/{folder}/*/*"))


def test_an_upload_outlives_the_process(run: LocalRun) -> None:
    output = io.BytesIO()
    Image.frombytes("RGB", (2000, 1500), os.urandom(2000 * 1500 * 3)).save(
        output, "PNG", compress_level=0
    )
    data = output.getvalue()
    booking = Studio(run).book()
    told = {"filename": "a.png", "purpose": "reference", "booking_id": booking["id"]}
    pairs = (f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in told.items())
    created = ask(
        run,
        "POST",
        "/api/v1/uploads",
        Upload_Length=str(len(data)),
        Upload_Metadata=",".join(pairs),
        X_Manage_Token=booking["manage_token"],
    )
    location = created.headers["Location"]
    offsets = [0]
    for seconds in KILLS:
        killer = threading.Timer(seconds, run.process.kill)
        killer.start()
        with pytest.raises((OSError, http.client.HTTPException)):
            rest = data[offsets[-1] :]
            chunk = {"Content_Type": "application/offset+octet-stream"}
            length = {"Upload_Offset": str(offsets[-1]), "Content_Length": str(len(rest))}
            ask(run, "PATCH", location, slowly(rest), **chunk, **length)
        killer.join()
        run.wait()
        run.start()
        offsets.append(int(ask(run, "HEAD", location).headers["Upload-Offset"]))
    assert offsets == sorted(offsets)
    assert 0 < offsets[-1] < len(data), "no kill came in the midst of it"
    rest = data[offsets[-1] :]
    last = ask(
        run,
        "PATCH",
        location,
        rest,
        Content_Type="application/offset+octet-stream",
        Upload_Offset=str(offsets[-1]),
    )
    assert last.status == 204

    def checked() -> Any:
        upload = run.request("GET", location).body
        return upload if upload["state"] != "checking" else None

    upload = eventually(checked, 60)
    assert (upload["state"], upload["width"]) == ("ready", 2000)
    assert upload["sha256"] == hashlib.sha256(data).hexdigest()
    eventually(lambda: not files(run, "pieces"))
    assert sorted(path.name for path in files(run, "uploads")) == ["large", "original", "small"]
    assert run.request("GET", upload["files"][2]["url"]).status == 200
