"""The kind of import whose rows are customers: booking has the file, crm the customers.

crm is asked in batches, without a transaction. Each row has an id that follows from the file, by
which crm lets it take effect once: a batch whose answer was lost is sent again.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from services.booking import phones
from services.booking.domain.imports import customer_fields, customer_rows
from services.booking.domain.imports.customer_rows import Customer, restored
from services.booking.domain.imports.fields import Field
from services.booking.domain.imports.rows import Fault, Plan
from services.booking.domain.imports.states import RowState, State
from services.booking.models import Import, ImportRow
from services.booking.usecases.imports.kinds import Choices, Offered, branches_of, plan_of
from services.booking.usecases.imports.noting import spoil
from services.chassis.db import Transaction
from services.contracts.customer_imports import (
    IMPORT_CUSTOMERS,
    MATCH_CUSTOMERS,
    RETRACT_CUSTOMERS,
)
from services.contracts.members import LIST_LEVELS

Answer = Mapping[Any, Any]


@dataclass(frozen=True)
class Customers:
    """Customers, with what they had elsewhere."""

    scheduling: Any
    crm: Any

    fields: ClassVar[Mapping[str, Field]] = customer_fields.FIELDS
    defaults: ClassVar[Mapping[str, str]] = customer_fields.DEFAULTS
    words: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    settled: ClassVar[Collection[str]] = ("branch",)
    # A good row may be with crm already while its answer is on the way.
    taken_back: ClassVar[Collection[RowState]] = (RowState.GOOD, RowState.DONE)

    def offered(self, fields: Collection[str]) -> Offered:
        return Offered(
            branches_of(self.scheduling) if "branch" in fields else {},
            self._levels() if "level" in fields else {},
        )

    def choices(self, session: Session, offered: Offered) -> Choices:
        return {
            "branch": {id: branch["name"] for id, branch in offered.branches.items()},
            "level": offered.levels,
        }

    def plan(self, session: Session, found: Import) -> Plan:
        return plan_of(self, session, found)

    def read(self, plan: Plan, cells: Sequence[str], now: datetime) -> Customer | list[Fault]:
        return customer_rows.read_row(plan, cells, phone_of=phones.known, now=now)

    def written(self, told: Customer) -> dict[str, Any]:
        return customer_rows.written(told)

    def asking(
        self, session: Session, found: Import, rows: Sequence[ImportRow], now: datetime
    ) -> Callable[[], Answer]:
        if not rows:
            return dict
        if found.state == State.CHECKING:
            plan = self.plan(session, found)
            read = [self.read(plan, row.cells, now) for row in rows]
            return partial(self._match, {each.phone for each in read if not isinstance(each, list)})
        if found.state == State.RUNNING:
            return partial(self._import, found, [_sent(found, row) for row in rows])
        return partial(self._retract, [str(_row_id(row)) for row in rows])

    def here(self, session: Session, told: Sequence[Any], answer: Answer) -> Answer:
        return answer

    def against(self, told: Customer, here: Any) -> list[Fault]:
        return _faults(account for account in here if told.opens(account))

    def run(
        self,
        tx: Transaction,
        found: Import,
        rows: Sequence[ImportRow],
        answer: Answer,
        now: datetime,
    ) -> None:
        for row in rows:
            told = answer[_row_id(row)]
            if told["outcome"] == "refused":
                spoil(found, row, restored(row.parsed or {}), _faults(told["accounts"]))
            else:
                was, row.known = row.known, told["outcome"] == "filled"
                found.known += row.known - was
                row.state, row.customer_id = RowState.DONE, told["customer_id"]

    def touched(self, session: Session, import_id: UUID) -> int:
        return 0  # crm keeps those to whom something has happened, and takes the others back

    def undo(
        self,
        tx: Transaction,
        found: Import,
        rows: Sequence[ImportRow],
        answer: Answer,
        now: datetime,
    ) -> None:
        for row in rows:
            told = answer[_row_id(row)]
            if row.state == RowState.GOOD and told["customer_id"]:
                found.done += 1
            row.state = RowState.KEPT if told["outcome"] == "kept" else RowState.UNDONE
            row.customer_id = told["customer_id"]

    def _levels(self) -> dict[str, Any]:
        """Return the names of the member levels, those that are still given last."""
        levels = LIST_LEVELS.response.load(self.crm.list_levels())["items"]
        return {str(level["id"]): level["name"] for level in reversed(levels)}

    def _match(self, phones: set[str]) -> Answer:
        told = self.crm.match_customers(phones=sorted(phones))
        items = MATCH_CUSTOMERS.response.load(told)["items"]
        return {each["phone"]: each["accounts"] for each in items}

    def _import(self, found: Import, rows: list[dict[str, Any]]) -> Answer:
        told = self.crm.import_customers(
            rows=rows, currency=found.currency, staff_id=str(found.created_by)
        )
        return {each["row_id"]: each for each in IMPORT_CUSTOMERS.response.load(told)["items"]}

    def _retract(self, row_ids: list[str]) -> Answer:
        told = self.crm.retract_customers(row_ids=row_ids)
        return {each["row_id"]: each for each in RETRACT_CUSTOMERS.response.load(told)["items"]}


def _sent(found: Import, row: ImportRow) -> dict[str, Any]:
    """Return a good row as crm is sent it."""
    told = restored(row.parsed or {})
    return {
        "row_id": str(_row_id(row)),
        "name": told.name,
        "phone": told.phone,
        "branch_id": told.branch_id,
        "timezone": found.branches[told.branch_id]["timezone"],
        "since": told.since and told.since.isoformat(),
        "level_id": told.level_id or None,
        "stored_value_cents": told.stored_value_cents,
        "points": told.points,
    }


def _row_id(row: ImportRow) -> UUID:
    return uuid5(row.import_id, str(row.line))


def _faults(accounts: Any) -> list[Fault]:
    return [Fault(account, "import.has_balance") for account in accounts]
