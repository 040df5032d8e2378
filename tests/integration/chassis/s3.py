"""A local server that speaks the protocol of S3, as a child process of the test."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import boto3
import eventlet

from tests.harness import free_port

ACCOUNT = ("test-key", "test-secret")
START_SECONDS = 30


class S3Server:
    """Runs from `start` to `stop`; everything in it is in memory."""

    def __init__(self) -> None:
        self.port = free_port()
        self.log = Path(tempfile.mkdtemp(prefix="yingqi-s3-")) / "log"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "S3Server":
        code = "from moto.server import main; main()"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code, "-H", "127.0.0.1", "-p", str(self.port)],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONWARNINGS": "ignore"},
            )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < until, self.log.read_text()
            assert self.process.poll() is None, self.log.read_text()
            eventlet.sleep(0.1)
        return self

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.unlink()
        self.log.parent.rmdir()

    def client(self):
        """Return a client of its own for looking at what is there."""
        key, secret = ACCOUNT
        return boto3.client(
            "s3",
            endpoint_url=self.address,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        )

    def url(self, bucket: str) -> str:
        """Return the setting that names a bucket of it."""
        return f"s3://{bucket}?endpoint={self.address}&region=us-east-1&addressing=path"

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.address}/moto-api/", timeout=2).close()
        except OSError:
            return False
        return True
