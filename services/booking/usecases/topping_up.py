"""Topping up: the cash desk takes money for stored value, and crm credits it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import uuid6

from services.booking.models import TopUp
from services.booking.queries import cash
from services.chassis import idempotency
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.member_accounts import CREDIT, GET_ACCOUNT
from services.contracts.scheduling import LIST_BRANCHES, BranchUnknown


def top_up(
    *,
    uow: UnitOfWork,
    now: datetime,
    scheduling: Any,
    crm: Any,
    customer_id: UUID,
    branch_ids: list[UUID] | None,
    branch_id: UUID,
    method: str,
    amount_cents: int,
    gift_cents: int,
    note: str,
    staff_id: UUID,
    idempotency_key: str,
) -> dict[str, Any]:
    """Take money for a customer's stored value, and return the account.

    The money counts from the moment the desk has it; crm credits it right after, and once more by
    `stored_value.topped_up` in case it could not.

    Errors:  CustomerUnknown; BranchUnknown; KeyReused; Unavailable.
    """
    known = GET_ACCOUNT.response.load(
        crm.get_account(customer_id=customer_id, branch_ids=branch_ids)
    )
    received = {
        "customer_id": customer_id,
        "branch_id": branch_id,
        "timezone": _timezone(scheduling, branch_id),
        "method": method,
        "amount_cents": amount_cents,
        "gift_cents": gift_cents,
        "currency": known["currency"],
    }

    def effect(tx: Transaction) -> dict[str, str]:
        top_up_id = uuid6.uuid7()
        row = TopUp(id=top_up_id, note=note, taken_by=staff_id, received_at=now, **received)
        tx.session.add(row)
        tx.session.flush()
        cash.note(tx.session, "top_up", top_up_id)
        told = {"top_up_id": top_up_id, "received_at": now, **received}
        tx.emit("stored_value.topped_up", told)
        return {"top_up_id": str(top_up_id)}

    taken = idempotency.once(
        uow,
        key=f"top_up:{idempotency_key}",
        fingerprint=idempotency.fingerprint(received),
        effect=effect,
    )
    credited = crm.credit(
        top_up_id=taken["top_up_id"],
        customer_id=customer_id,
        amount_cents=amount_cents,
        gift_cents=gift_cents,
    )
    account: dict[str, Any] = CREDIT.response.load(credited)
    return account


def _timezone(scheduling: Any, branch_id: UUID) -> str:
    branches = LIST_BRANCHES.response.load(scheduling.list_branches())["items"]
    zone: str | None = next((b["timezone"] for b in branches if b["id"] == branch_id), None)
    if zone is None:
        raise BranchUnknown(branch_id=str(branch_id))
    return zone
