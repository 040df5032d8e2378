"""What tests of every provider ask with: bills and refunds with defaults, and a clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.booking.payments import Bill, Refund
from tests.harness import SETTINGS

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in China
IMPATIENT = {"PAYMENT_TIMEOUT_SECONDS": "0.4"}
"""For a provider that is in trouble; others are as patient as a busy machine needs."""

ENVIRON = {
    **SETTINGS,
    "AMQP_URI": "amqp://broker",
    "DATABASE_URL": "postgresql://db",
    "PUBLIC_URL": "https://studio.test",
    "PAYMENT_TIMEOUT_SECONDS": "5",
}


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


def bill(**changes: Any) -> Bill:
    values: dict[str, Any] = {
        "payment_id": uuid4(),
        "number": "YQ261122-0001",
        "title": {"zh": "复古婚纱套系", "en": "Vintage wedding"},
        "amount_cents": 50_000,
        "currency": "CNY",
        "return_url": "https://studio.test/portal/#/booking?id=1&token=t",
        "client_ip": "203.0.113.7",
        "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "expires_at": NOW + timedelta(minutes=15),
    }
    return Bill(**values | changes)


def refund(of: Bill, amount_cents: int = 20_000, refund_id: UUID | None = None) -> Refund:
    return Refund(refund_id or uuid4(), of, amount_cents, "客户取消")
