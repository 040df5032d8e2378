"""What a customer and the staff do, over HTTP, with defaults for what does not matter."""

import itertools
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.e2e.local_run import LocalRun, Reply

ZONE = ZoneInfo("Asia/Shanghai")
_phones = itertools.count(13_800_000_000)


class Studio:
    """One running system and its demo studio."""

    def __init__(self, run: LocalRun) -> None:
        self.run = run
        self.branch = self.get("branches")["items"][0]
        self.service = self.get(f"services?branch_id={self.branch['id']}")["items"][0]
        self.authorization = run.sign_in()

    # -- Asking ------------------------------------------------------------------------------

    def get(self, path: str, **headers: str) -> Any:
        return self.run.api("GET", path, **headers)

    def staff(self, method: str, path: str, body: Any = None) -> Any:
        return self.run.api(method, path, body, Authorization=self.authorization)

    def day(self, ahead: int) -> str:
        """Return a local date so many days from today."""
        return str((datetime.now(ZONE) + timedelta(days=ahead)).date())

    def slots(self, first: int = 3, last: int = 20, **more: str) -> list[dict[str, Any]]:
        query = "".join(f"&{name}={value}" for name, value in more.items())
        return self.get(
            f"availability?service_id={self.service['id']}&branch_id={self.branch['id']}"
            f"&from={self.day(first)}&to={self.day(last)}{query}"
        )["slots"]

    # -- Doing -------------------------------------------------------------------------------

    def request_booking(
        self, start: str, *, key: str | None = None, phone: str | None = None, **more: Any
    ) -> Reply:
        body = {
            "service_id": self.service["id"],
            "branch_id": self.branch["id"],
            "start": start,
            "contact": {"name": "王小丽", "phone": phone or str(next(_phones))},
            **more,
        }
        return self.run.request(
            "POST", "/api/v1/bookings", body, Idempotency_Key=key or str(uuid.uuid4())
        )

    def book(self, start: str | None = None, **more: Any) -> dict[str, Any]:
        """Hold a time that is free; return the answer."""
        reply = self.request_booking(start or self.slots()[-1]["start"], **more)
        assert reply.status == 201, reply
        return reply.body

    def booking(self, made: dict[str, Any]) -> dict[str, Any]:
        return self.get(f"bookings/{made['id']}", X_Manage_Token=made["manage_token"])

    def act(self, made: dict[str, Any], action: str, body: Any = None) -> Reply:
        return self.run.request(
            "POST",
            f"/api/v1/bookings/{made['id']}/{action}",
            body or {},
            X_Manage_Token=made["manage_token"],
        )

    def start_payment(self, made: dict[str, Any], kind: str = "deposit") -> str:
        """Start paying; return the cashier's path."""
        reply = self.act(made, "payments", {"kind": kind, "provider": "sandbox"})
        assert reply.status == 201, reply
        return reply.body["pay_url"].removeprefix(self.run.address)

    def pay(self, made: dict[str, Any], outcome: str = "succeed", kind: str = "deposit") -> None:
        """Pay at the sandbox cashier."""
        reply = self.run.request("POST", f"{self.start_payment(made, kind)}/{outcome}", {})
        assert reply.status == 200, reply

    def confirmed(self) -> dict[str, Any]:
        """Return a booking whose deposit is paid."""
        made = self.book()
        self.pay(made)
        assert self.booking(made)["status"] == "confirmed"
        return made


def eventually(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until a condition holds; return what it returned."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)
    return found
