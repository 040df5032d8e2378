"""What is kept of a cancelled booking and may be used for another: its customer's own coupon."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from services.booking.domain.policy import Decision
from services.booking.links import ALPHABET

CODE_LENGTH = 10


def credit_of(decision: Decision, now: datetime) -> dict[str, Any] | None:
    """Return what a cancellation leaves its customer for another booking, or None.

    Shapes:  contracts.booking.Credit. crm makes the coupon when it hears of the cancellation.
    """
    if not decision.transfer_days:
        return None
    return {
        "code": "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)),
        "cents": decision.fee_cents + decision.forfeited_cents,
        "valid_to": now + timedelta(days=decision.transfer_days),
    }
