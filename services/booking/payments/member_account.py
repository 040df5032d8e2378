"""Money that comes from a customer's stored value or points, which crm keeps.

Only staff take it, at the cash desk: whoever has a private link is not proved to be the customer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Never
from uuid import UUID

from services.booking.domain.reconciliation import Entry
from services.booking.payments import (
    Bill,
    Checkout,
    Outcome,
    Refund,
    RefundOutcome,
    Reply,
    Scene,
)
from services.contracts.errors import Unavailable
from services.contracts.member_accounts import (
    GET_SPEND,
    GIVE_BACK,
    SPEND,
    NothingSpent,
    ReturnExceedsSpend,
)
from services.contracts.payments import (
    PaymentUnsupported,
    ProviderUnavailable,
    SignatureInvalid,
)

NAME = "member"
ACKNOWLEDGEMENT = Reply(204, "text/plain", "")


@dataclass(frozen=True)
class MemberAccount:
    """Shapes:  `crm` is a client of crm."""

    crm: Any
    name: str = NAME
    scenes: Sequence[Scene] = ()
    acknowledgement: Reply = ACKNOWLEDGEMENT

    @property
    def title(self) -> dict[str, str]:
        return {"zh": "会员账户", "en": "Member account"}

    def create(self, bill: Bill, *, now: datetime) -> Checkout:
        raise PaymentUnsupported(reason="scene")

    def verify(self, *, headers: Mapping[str, str], body: str, now: datetime) -> Never:
        raise SignatureInvalid()

    def spend(self, bill: Bill, *, booking_id: UUID, phone: str, account: str) -> Outcome:
        """Take a bill's amount from an account; the same bill again takes nothing more.

        Errors:  BalanceTooLow; ProviderUnavailable.
        """
        try:
            told = self.crm.spend(
                payment_id=bill.payment_id,
                booking_id=booking_id,
                phone=phone,
                account=account,
                cents=bill.amount_cents,
            )
        except Unavailable as error:
            raise ProviderUnavailable() from error
        return _outcome(bill, succeeded=True, at=SPEND.response.load(told)["spent_at"])

    def query(self, bill: Bill, *, now: datetime) -> Outcome | None:
        """Nothing was taken so far: staff may still try again with the same command."""
        try:
            told = self.crm.get_spend(payment_id=bill.payment_id)
        except NothingSpent:
            return None
        except Unavailable as error:
            raise ProviderUnavailable() from error
        return _outcome(bill, succeeded=True, at=GET_SPEND.response.load(told)["spent_at"])

    def close(self, bill: Bill, *, now: datetime) -> bool:
        return self.query(bill, now=now) is None

    def refund(self, refund: Refund, *, now: datetime) -> RefundOutcome:
        try:
            told = self.crm.give_back(
                refund_id=refund.refund_id,
                payment_id=refund.bill.payment_id,
                cents=refund.amount_cents,
            )
        except (NothingSpent, ReturnExceedsSpend) as error:
            return _refunded(refund, "failed", now, reason=error.code)
        except Unavailable as error:
            raise ProviderUnavailable() from error
        return _refunded(refund, "succeeded", GIVE_BACK.response.load(told)["returned_at"])

    def query_refund(self, refund: Refund, *, now: datetime) -> RefundOutcome | None:
        return self.refund(refund, now=now)

    def statement(self, day: date, *, now: datetime) -> Sequence[Entry]:
        """Nothing: no third party has books of it."""
        return []


def refusal(bill: Bill, now: datetime) -> Outcome:
    """Return that a bill was not paid: there was too little on the account."""
    return _outcome(bill, succeeded=False, at=now)


def _outcome(bill: Bill, *, succeeded: bool, at: datetime) -> Outcome:
    return Outcome(
        payment_id=bill.payment_id,
        reference=f"{NAME}-{bill.payment_id.hex}",
        succeeded=succeeded,
        amount_cents=bill.amount_cents,
        currency=bill.currency,
        paid_at=at,
    )


def _refunded(
    refund: Refund, state: Literal["succeeded", "failed"], at: datetime, *, reason: str = ""
) -> RefundOutcome:
    return RefundOutcome(
        refund_id=refund.refund_id,
        payment_id=refund.bill.payment_id,
        state=state,
        amount_cents=refund.amount_cents,
        currency=refund.bill.currency,
        reference=f"{NAME}-{refund.refund_id.hex}",
        settled_at=at,
        reason=reason,
    )
