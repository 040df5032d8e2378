"""The kind of import whose rows are orders of the past; all of it happens in booking."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.orm import Session

from services.booking import phones
from services.booking.domain.imports import order_fields, order_rows
from services.booking.domain.imports.fields import Field, Words
from services.booking.domain.imports.order_rows import Order
from services.booking.domain.imports.rows import Fault, Plan
from services.booking.domain.imports.states import RowState
from services.booking.links import Links
from services.booking.models import Import, ImportRow
from services.booking.queries import imports
from services.booking.usecases.imports import making, retracting
from services.booking.usecases.imports.kinds import Choices, Offered, branches_of, plan_of
from services.chassis.db import Transaction

FIXED: dict[str, Mapping[str, Words]] = {
    "status": {code: label for code, (label, _) in order_fields.STATUSES.items()},
    "method": {code: label for code, (label, _) in order_fields.METHODS.items()},
    "paid": order_fields.PAID,
}


@dataclass(frozen=True)
class Orders:
    """Orders and history."""

    scheduling: Any
    links: Links

    fields: ClassVar[Mapping[str, Field]] = order_fields.FIELDS
    defaults: ClassVar[Mapping[str, str]] = order_fields.DEFAULTS
    words: ClassVar[Mapping[str, Mapping[str, str]]] = order_fields.KNOWN_WORDS
    settled: ClassVar[Collection[str]] = ("service", "branch")
    taken_back: ClassVar[Collection[RowState]] = (RowState.DONE,)

    def offered(self, fields: Collection[str]) -> Offered:
        return Offered(branches_of(self.scheduling) if "branch" in fields else {})

    def choices(self, session: Session, offered: Offered) -> Choices:
        return FIXED | {
            "service": {str(service.id): service.name for service in imports.services(session)},
            "branch": {id: branch["name"] for id, branch in offered.branches.items()},
        }

    def plan(self, session: Session, found: Import) -> Plan:
        minutes = {
            str(service.id): service.duration_minutes for service in imports.services(session)
        }
        return replace(plan_of(self, session, found), minutes=minutes)

    def read(self, plan: Plan, cells: Sequence[str], now: datetime) -> Order | list[Fault]:
        return order_rows.read_row(plan, cells, phone_of=phones.known, now=now)

    def written(self, told: Order) -> dict[str, Any]:
        return order_rows.written(told)

    def asking(
        self, session: Session, found: Import, rows: Sequence[ImportRow], now: datetime
    ) -> Callable[[], Mapping[Any, Any]]:
        return dict

    def here(
        self, session: Session, told: Sequence[Any], answer: Mapping[Any, Any]
    ) -> Mapping[str, Any]:
        return dict.fromkeys(imports.known_keys(session, {each.key for each in told}))

    def against(self, told: Order, here: Any) -> list[Fault]:
        return [Fault(told.key_field, "import.exists")]

    def run(
        self,
        tx: Transaction,
        found: Import,
        rows: Sequence[ImportRow],
        answer: Mapping[Any, Any],
        now: datetime,
    ) -> None:
        making.make(tx, found, rows, now, self.links)

    def touched(self, session: Session, import_id: UUID) -> int:
        return imports.touched(session, import_id, making.UNTOUCHED)

    def undo(
        self,
        tx: Transaction,
        found: Import,
        rows: Sequence[ImportRow],
        answer: Mapping[Any, Any],
        now: datetime,
    ) -> None:
        retracting.retract(tx, rows, now, self.links)
