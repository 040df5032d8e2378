"""Importing: many customers come in at once with what they had elsewhere, and go again.

A row has an id of its caller's: the same row takes effect once, and once it was taken back never.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.chassis.context import new_id
from services.chassis.db import Transaction, UnitOfWork
from services.crm import queries
from services.crm.domain import OPENING
from services.crm.models import AccountEntry, Customer, CustomerBranch, ImportedCustomer
from services.crm.usecases.accounts import BALANCES

UNDONE = "导入已撤销 · import undone"

Row = dict[str, Any]
"""A contracts.customer_imports.CustomerRow; its balances are called as the customer's columns."""


def match_customers(*, uow: UnitOfWork, phones: list[str]) -> dict[str, Any]:
    """Return which of some customers are here, and which of their accounts ever moved."""
    with uow.read() as session:
        here = queries.here_with(session, phones)
        moved = queries.moved_accounts(session, here)
    return {
        "items": [{"phone": phone, "accounts": moved.get(id, [])} for id, phone in here.items()]
    }


def import_customers(
    *, uow: UnitOfWork, now: datetime, rows: list[Row], currency: str, staff_id: UUID
) -> dict[str, Any]:
    """Make the customers who are not here yet, and fill in what the others lack.

    A row that would open an account which has moved already does nothing at all.

    Errors:  LevelUnknown.
    """
    with uow.begin() as tx:
        queries.lock_imports(tx.session)
        known = queries.imported_rows(tx.session, [row["row_id"] for row in rows])
        fresh = [row for row in rows if row["row_id"] not in known]
        customers = _meet(tx.session, fresh, currency, now)
        moved = queries.moved_accounts(tx.session, [each.id for each in customers.values()])
        refused = {row["row_id"]: _twice(row, customers, moved) for row in fresh}
        taken = [row for row in fresh if not refused[row["row_id"]]]
        known |= _take_in(tx, taken, customers, now, staff_id)
    return {
        "items": [
            _outcome(row["row_id"], known.get(row["row_id"]), refused.get(row["row_id"], []))
            for row in rows
        ]
    }


def retract_customers(*, uow: UnitOfWork, now: datetime, row_ids: list[UUID]) -> dict[str, Any]:
    """Take back what some rows did, unless something has happened to their customers since.

    Rows that have not come yet never will.
    """
    with uow.begin() as tx:
        queries.lock_imports(tx.session)
        known = queries.imported_rows(tx.session, row_ids)
        here = [row for row in known.values() if row.state == "here"]
        customers = queries.lock_customers(tx.session, Customer.id.in_(_customers_of(here)))
        touched = queries.touched_rows(tx.session, [row.row_id for row in here])
        for row in here:
            row.state = "kept" if row.row_id in touched else "undone"
        _take_back(tx, [row for row in here if row.state == "undone"], customers, now)
        absent = [row_id for row_id in row_ids if row_id not in known]
        tx.session.add_all(
            ImportedCustomer(row_id=row_id, state="undone", imported_at=now) for row_id in absent
        )
        tx.session.flush()
    return {"items": [_outcome(row_id, known.get(row_id), []) for row_id in row_ids]}


def _meet(session: Session, rows: list[Row], currency: str, now: datetime) -> dict[str, Customer]:
    """Return the customers of some rows by phone, locked; those who are new are still removed."""
    strangers = [
        {
            "id": UUID(new_id()),
            "phone": row["phone"],
            "name": row["name"],
            "currency": currency,
            "created_at": now,
            "removed": True,
        }
        for row in sorted(rows, key=lambda row: str(row["phone"]))
    ]
    if strangers:
        session.execute(
            insert(Customer)
            .values(strangers)
            .on_conflict_do_nothing(constraint="customer_phone_key")
        )
    phones = [row["phone"] for row in rows]
    found = queries.lock_customers(session, Customer.phone.in_(phones))
    return {customer.phone: customer for customer in found.values()}


def _twice(row: Row, customers: dict[str, Customer], moved: dict[UUID, list[str]]) -> list[str]:
    """Return the accounts that a row would open, and that have moved already."""
    accounts = moved.get(customers[row["phone"]].id, [])
    return [account for account in accounts if row[BALANCES[account]]]


def _take_in(
    tx: Transaction,
    rows: list[Row],
    customers: dict[str, Customer],
    now: datetime,
    staff_id: UUID,
) -> dict[UUID, ImportedCustomer]:
    """Let rows take effect on their locked customers."""
    pairs = [(customers[row["phone"]].id, row["branch_id"]) for row in rows]
    seen = _see(tx.session, pairs)
    imported = {}
    for row, pair in zip(rows, pairs, strict=True):
        customer = customers[row["phone"]]
        imported[row["row_id"]] = ImportedCustomer(
            row_id=row["row_id"],
            customer_id=customer.id,
            state="here",
            made=customer.removed,
            branch_id=row["branch_id"],
            timezone=row["timezone"],
            seen=pair in seen,
            level_id=row["level_id"] if customer.level_id is None else None,
            imported_at=now,
        )
        _fill(customer, row, now)
        tx.session.add_all(_openings(customer, row, now, staff_id))
    tx.session.add_all(imported.values())
    tx.session.flush()
    by_id = {customer.id: customer for customer in customers.values()}
    for each in imported.values():
        made = "customer.created" if each.made else "customer.updated"
        _tell(tx, made, by_id[_whose(each)], each)
    return imported


def _see(session: Session, pairs: list[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Note at which branches customers were seen; return what was not known of that."""
    if not pairs:
        return set()
    noted = insert(CustomerBranch).values(
        [{"customer_id": customer_id, "branch_id": branch_id} for customer_id, branch_id in pairs]
    )
    returned = noted.on_conflict_do_nothing().returning(
        CustomerBranch.customer_id, CustomerBranch.branch_id
    )
    return {(row[0], row[1]) for row in session.execute(returned)}


def _fill(customer: Customer, row: Row, now: datetime) -> None:
    """Say of a customer what the row knows and nobody has said before."""
    if customer.removed:
        customer.removed = False
        customer.name = row["name"]
        customer.created_at = row["since"] or now
    customer.name = customer.name or row["name"]
    customer.level_id = customer.level_id or row["level_id"]
    customer.version += 1


def _openings(
    customer: Customer, row: Row, now: datetime, staff_id: UUID
) -> Iterable[AccountEntry]:
    """Open the accounts of a locked customer with what the row says."""
    for account, column in BALANCES.items():
        if row[column]:
            setattr(customer, column, getattr(customer, column) + row[column])
            yield AccountEntry(
                id=UUID(new_id()),
                customer_id=customer.id,
                account=account,
                kind=OPENING,
                amount=row[column],
                key=_key(row["row_id"], account),
                staff_id=staff_id,
                entered_at=now,
            )


def _take_back(
    tx: Transaction,
    rows: list[ImportedCustomer],
    customers: dict[UUID, Customer],
    now: datetime,
) -> None:
    """Undo what rows did to their locked customers; who is known by nothing else is removed."""
    keys = [_key(row.row_id, account) for row in rows for account in BALANCES]
    for entry in queries.entries_with(tx.session, keys):
        tx.session.add(_reversal(customers[entry.customer_id], entry, now))
    for row in rows:
        customer = customers[_whose(row)]
        if customer.level_id == row.level_id:
            customer.level_id = None
    tx.session.flush()
    queries.forget_branches(tx.session, [row.row_id for row in rows])
    known = {_whose(row): row for row in rows}
    for customer in queries.recount_removed(tx.session, known):
        told = "customer.retracted" if customer.removed else "customer.updated"
        _tell(tx, told, customer, known[customer.id])


def _reversal(customer: Customer, entry: AccountEntry, now: datetime) -> AccountEntry:
    column = BALANCES[entry.account]
    setattr(customer, column, getattr(customer, column) - entry.amount)
    return AccountEntry(
        id=UUID(new_id()),
        customer_id=customer.id,
        account=entry.account,
        kind=OPENING,
        amount=-entry.amount,
        key=f"undo:{entry.key}",
        note=UNDONE,
        entered_at=now,
    )


def _key(row_id: UUID, account: str) -> str:
    return f"opening:{row_id}:{account}"


def _whose(row: ImportedCustomer) -> UUID:
    assert row.customer_id is not None, "a row that came has a customer"
    return row.customer_id


def _customers_of(rows: Iterable[ImportedCustomer]) -> list[UUID]:
    return [_whose(row) for row in rows]


def _tell(tx: Transaction, event_type: str, customer: Customer, row: ImportedCustomer) -> None:
    tx.emit(
        event_type,
        {
            "customer_id": customer.id,
            "branch_id": row.branch_id,
            "timezone": row.timezone,
            "created_at": customer.created_at,
        },
    )


def _outcome(row_id: UUID, row: ImportedCustomer | None, accounts: list[str]) -> dict[str, Any]:
    if row is None or row.customer_id is None:
        told = "refused" if accounts else "absent"
    elif row.state == "here":
        told = "created" if row.made else "filled"
    else:
        told = row.state
    return {
        "row_id": row_id,
        "outcome": told,
        "customer_id": row.customer_id if row else None,
        "accounts": accounts,
    }
