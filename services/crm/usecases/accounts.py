"""Accounts: a customer's level, stored value and points, and all that moves them.

An entry and the balance are written in one transaction under the customer's lock. Every entry has
a key that names what made it, so that a command that comes again changes nothing.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.context import new_id
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.crm import CustomerUnknown
from services.contracts.errors import KeyReused
from services.contracts.member_accounts import BalanceTooLow, NothingSpent, ReturnExceedsSpend
from services.crm import domain, queries
from services.crm.models import AccountEntry, Customer, CustomerBooking

BALANCES = {"stored_value": "stored_value_cents", "points": "points"}
"""The column of the customer that is the sum of an account's entries."""


def get_account(
    *, uow: UnitOfWork, point_cents: int, customer_id: UUID, branch_ids: list[UUID] | None
) -> dict[str, Any]:
    """Return a customer's level and balances.

    Errors:  CustomerUnknown, also for one who was never seen at these branches.
    """
    with uow.read() as session:
        return _describe(session, _seen(session, customer_id, branch_ids), point_cents)


def list_entries(
    *,
    uow: UnitOfWork,
    customer_id: UUID,
    branch_ids: list[UUID] | None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return one page of what moved a customer's account, the newest first.

    Errors:  CustomerUnknown; Invalid for a cursor that is none.
    """
    with uow.read() as session:
        _seen(session, customer_id, branch_ids)
        page, next_cursor = queries.entries(session, customer_id, cursor=cursor, limit=limit)
    return {"items": page, "next_cursor": next_cursor}


def set_level(
    *,
    uow: UnitOfWork,
    point_cents: int,
    customer_id: UUID,
    branch_ids: list[UUID] | None,
    level_id: UUID | None,
) -> dict[str, Any]:
    """Give a customer a level, or take it away.

    Errors:  CustomerUnknown; LevelUnknown.
    """
    with uow.begin() as tx:
        customer = _seen_and_locked(tx, customer_id, branch_ids)
        customer.level_id = level_id
        tx.session.flush()
        return _describe(tx.session, customer, point_cents)


def enter_by_hand(
    *,
    uow: UnitOfWork,
    now: datetime,
    point_cents: int,
    kind: str,
    customer_id: UUID,
    branch_ids: list[UUID] | None,
    account: str,
    amount: int,
    note: str,
    staff_id: UUID,
    idempotency_key: str,
) -> dict[str, Any]:
    """Write what staff give (`gift`) or correct (`adjust`).

    Errors:  CustomerUnknown; BalanceTooLow; KeyReused.
    """
    with uow.begin() as tx:
        customer = _seen_and_locked(tx, customer_id, branch_ids)
        _enter(
            tx.session,
            customer,
            account=account,
            kind=kind,
            amount=amount,
            key=f"{kind}:{idempotency_key}",
            at=now,
            staff_id=staff_id,
            note=note,
        )
        return _describe(tx.session, customer, point_cents)


def credit(
    *,
    uow: UnitOfWork,
    now: datetime,
    point_cents: int,
    top_up_id: UUID,
    customer_id: UUID,
    amount_cents: int,
    gift_cents: int,
) -> dict[str, Any]:
    """Write a top-up that was paid for at the cash desk, once.

    Errors:  CustomerUnknown.
    """
    with uow.begin() as tx:
        # Also of one who was removed meanwhile: the money was taken.
        customer = queries.lock_customer(tx.session, customer_id)
        if customer is None:
            raise CustomerUnknown()
        enter_top_up(tx.session, customer, top_up_id, amount_cents, gift_cents, now)
        return _describe(tx.session, customer, point_cents)


def spend(
    *,
    uow: UnitOfWork,
    now: datetime,
    point_cents: int,
    payment_id: UUID,
    booking_id: UUID,
    phone: str,
    account: str,
    cents: int,
) -> dict[str, Any]:
    """Pay with stored value or points, once a payment.

    Errors:  BalanceTooLow, also for a phone without a customer; KeyReused.
    """
    amount = domain.points_for(cents, point_cents) if account == "points" else cents
    with uow.begin() as tx:
        customer = queries.lock_customer_with(tx.session, phone)
        if customer is None:
            raise BalanceTooLow(balance=0)
        spent = _enter(
            tx.session,
            customer,
            account=account,
            kind="spend",
            amount=-amount,
            key=f"spend:{payment_id}",
            at=now,
            cents=cents,
            payment_id=payment_id,
            booking_id=booking_id,
        )
        return _spent(spent)


def get_spend(*, uow: UnitOfWork, payment_id: UUID) -> dict[str, Any]:
    """Return what a payment took from an account.

    Errors:  NothingSpent.
    """
    with uow.read() as session:
        return _spent(_spend_of(session, payment_id))


def give_back(
    *, uow: UnitOfWork, now: datetime, refund_id: UUID, payment_id: UUID, cents: int
) -> dict[str, Any]:
    """Put a part of a payment back on the account it came from, once a refund.

    Of points as many come back as the part is of the payment; with the last part all are back.

    Errors:  NothingSpent; ReturnExceedsSpend; KeyReused.
    """
    key = f"return:{refund_id}"
    with uow.begin() as tx:
        spent = _spend_of(tx.session, payment_id)
        customer = queries.lock_customer(tx.session, spent.customer_id)
        assert customer is not None, "customers are never deleted"
        back = queries.entry(tx.session, key)
        if back is None:
            back = _enter(
                tx.session,
                customer,
                account=spent.account,
                kind="return",
                amount=_amount_back(tx.session, spent, cents),
                key=key,
                at=now,
                cents=cents,
                payment_id=payment_id,
                booking_id=spent.booking_id,
            )
        if (back.payment_id, back.cents) != (payment_id, cents):
            raise KeyReused()
        return {"refund_id": refund_id, "cents": cents, "returned_at": back.entered_at}


# --- inside the transaction of another verb


def enter_top_up(
    session: Session,
    customer: Customer,
    top_up_id: UUID,
    amount_cents: int,
    gift_cents: int,
    at: datetime,
) -> None:
    """Write a top-up and the gift on top of it for a locked customer, once."""
    parts = {"top_up": amount_cents, "gift": gift_cents}
    for kind, amount in parts.items():
        if amount:
            _enter(
                session,
                customer,
                account="stored_value",
                kind=kind,
                amount=amount,
                key=f"top_up:{top_up_id}:{kind}",
                at=at,
            )


def settle_points(session: Session, booking: CustomerBooking, *, key: str, at: datetime) -> None:
    """Make the points of a completed booking those of what was paid for it until now.

    Paid later they come later, and with a refund they go; what is spent already is not asked back.
    What was paid in points earns none. The level is that of the day.
    """
    level = queries.level_of(session, booking.customer_id)
    if level is None or not level.active:
        return
    money = booking.paid_cents - queries.paid_in_points(session, booking.booking_id)
    earned = queries.points_earned(session, booking.booking_id)
    due = domain.points_earned(money, level.points_per_hundred) - earned
    customer = queries.lock_customer(session, booking.customer_id)
    assert customer is not None, "customers are never deleted"
    due = max(due, -customer.points)
    if not due:
        return
    _enter(
        session,
        customer,
        account="points",
        kind="earn" if due > 0 else "adjust",
        amount=due,
        key=key,
        at=at,
        booking_id=booking.booking_id,
    )


def _enter(
    session: Session,
    customer: Customer,
    *,
    account: str,
    kind: str,
    amount: int,
    key: str,
    at: datetime,
    **about: Any,
) -> AccountEntry:
    """Write an entry and the balance of a locked customer, or return what the key has written.

    Errors:  BalanceTooLow; KeyReused when the key has written something else.
    """
    stated = {"customer_id": customer.id, "account": account, "amount": amount}
    known = queries.entry(session, key)
    if known is not None:
        if any(getattr(known, name) != value for name, value in stated.items()):
            raise KeyReused()
        return known
    column = BALANCES[account]
    balance = getattr(customer, column)
    if amount < 0 and balance + amount < 0:
        raise BalanceTooLow(balance=balance)
    entry = AccountEntry(id=UUID(new_id()), kind=kind, key=key, entered_at=at, **stated, **about)
    session.add(entry)
    setattr(customer, column, balance + amount)
    session.flush()
    return entry


def _amount_back(session: Session, spent: AccountEntry, cents: int) -> int:
    """Return what comes back to the account with so many more cents of a payment."""
    assert spent.payment_id is not None, "a spend is of a payment"
    assert spent.cents is not None, "a spend has its worth"
    amount, worth = queries.returned(session, spent.payment_id)
    if worth + cents > spent.cents:
        raise ReturnExceedsSpend(left_cents=spent.cents - worth)
    whole = domain.returned_amount(
        spent=-spent.amount, spent_cents=spent.cents, returned_cents=worth + cents
    )
    return whole - amount


def _spend_of(session: Session, payment_id: UUID) -> AccountEntry:
    spent = queries.spend(session, payment_id)
    if spent is None:
        raise NothingSpent()
    return spent


def _spent(entry: AccountEntry) -> dict[str, Any]:
    return {
        "payment_id": entry.payment_id,
        "cents": entry.cents,
        "spent_at": entry.entered_at,
    }


def _seen(session: Session, customer_id: UUID, branch_ids: list[UUID] | None) -> Customer:
    customer = queries.customer(session, customer_id, branch_ids)
    if customer is None:
        raise CustomerUnknown()
    return customer


def _seen_and_locked(tx: Transaction, customer_id: UUID, branch_ids: list[UUID] | None) -> Customer:
    _seen(tx.session, customer_id, branch_ids)
    customer = queries.lock_customer(tx.session, customer_id)
    assert customer is not None, "customers are never deleted"
    return customer


def _describe(session: Session, customer: Customer, point_cents: int) -> dict[str, Any]:
    return {
        "customer_id": customer.id,
        "level": queries.level_of(session, customer.id),
        "stored_value_cents": customer.stored_value_cents,
        "points": customer.points,
        "point_cents": point_cents,
        "currency": customer.currency,
    }
