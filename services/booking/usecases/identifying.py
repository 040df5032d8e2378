"""Identifying: who pays within WeChat. Nothing is stored; the payer's device keeps the proof."""

from datetime import datetime
from typing import Any

from services.booking.payers import LIFE, PayerProofs
from services.booking.payments.wechat_pay.users import Users, Within


def authorize_payer(*, users: Users, state: str) -> dict[str, Any]:
    """Return where WeChat says who its user is.

    Errors:  WeChatUnsupported.
    """
    return {"url": users.authorize(state)}


def identify_payer(
    *, now: datetime, users: Users, proofs: PayerProofs, within: Within, code: str
) -> dict[str, Any]:
    """Return the proof of who pays, for a code that WeChat gave its user.

    Errors:  WeChatUnsupported; WeChatCodeInvalid; ProviderRefused, ProviderUnavailable.
    """
    payer = users.identify(within, code)
    expires_at = now + LIFE
    return {"payer": proofs.proof(payer, expires_at), "expires_at": expires_at}
