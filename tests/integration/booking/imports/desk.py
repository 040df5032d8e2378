"""Imports for tests: a file's rows, and the verbs from its arrival to its end."""

from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from services.booking.models import Booking, ImportRow, LedgerEntry, Payment, Refund
from services.booking.usecases.imports import (
    mapping,
    reading,
    receiving,
    running,
    undoing,
    working,
)
from services.booking.usecases.imports.customers import Customers
from services.booking.usecases.imports.kinds import Kinds
from services.booking.usecases.imports.orders import Orders
from services.chassis.db import OUTBOX
from tests.integration.booking.studio import BUND, SERVICE, STAFF, Studio

COLUMNS = [
    "订单号",
    "客户姓名",
    "手机号",
    "套餐",
    "拍摄日期",
    "订单金额",
    "实付",
    "状态",
    "支付方式",
]


def order(number: int = 1, **changes: str) -> list[str]:
    """The cells of a row that nothing is wrong with."""
    cells = {
        "reference": f"A-{number}",
        "name": "王小明",
        "phone": f"138 0013 {number:04}",
        "service": "复古婚纱套系",
        "start": "2025-03-01 14:00",
        "total": "3,999.00",
        "paid": "3999",
        "status": "已完成",
        "method": "微信",
    }
    return list((cells | changes).values())


class Desk:
    """The verbs of imports with what they need of the studio."""

    def __init__(self, studio: Studio, crm: Any = None) -> None:
        self.studio = studio
        self.uow = studio.uow
        self.crm = crm
        self.kinds: Kinds = {
            "orders": Orders(studio.scheduling, studio.links),
            "customers": Customers(studio.scheduling, crm),
        }

    def receive(
        self,
        *rows: list[str],
        columns: list[str] = COLUMNS,
        kind: str = "orders",
        last: bool = True,
    ) -> UUID:
        """Send a file whose rows begin on its second line."""
        import_id = uuid4()
        receiving.start_import(
            uow=self.uow,
            now=self.studio.now,
            import_id=import_id,
            name="2025.xlsx",
            columns=columns,
            kind=kind,
            staff_id=STAFF,
        )
        self.add(import_id, *rows, last=last)
        return import_id

    def add(self, import_id: UUID, *rows: list[str], last: bool = True) -> dict[str, Any]:
        lines = [{"line": at, "cells": row} for at, row in enumerate(rows, start=2)]
        return self.add_lines(import_id, lines, last=last)

    def add_lines(self, import_id: UUID, lines: list[Any], *, last: bool) -> dict[str, Any]:
        return receiving.add_rows(uow=self.uow, import_id=import_id, rows=lines, last=last)

    def map(self, import_id: UUID, **changes: Any) -> dict[str, Any]:
        """Map a file as it is guessed, unless the test says otherwise."""
        guessed = self.get(import_id)["mapping"]
        given = {name: guessed[name] for name in ("columns", "values", "defaults")} | changes
        usual = {"branch": str(BUND), "service": str(SERVICE)}
        settled = self.kinds[self.get(import_id)["kind"]].settled
        given["defaults"] = {name: usual[name] for name in settled} | given["defaults"]
        return mapping.map_import(uow=self.uow, kinds=self.kinds, import_id=import_id, **given)

    def values(self, import_id: UUID, field: str, column: int | None) -> dict[str, Any]:
        return mapping.list_values(
            uow=self.uow,
            kinds=self.kinds,
            import_id=import_id,
            field=field,
            column=column,
        )

    def work(self) -> int:
        """Do all there is to do; return how many pieces that were."""
        return len(list(iter(self.piece, False)))

    def piece(self) -> bool:
        return working.work(uow=self.uow, now=self.studio.now, kinds=self.kinds)

    def checked(self, *rows: list[str], **how: Any) -> UUID:
        """Send, map and check a file."""
        import_id = self.receive(*rows, **how)
        self.map(import_id)
        self.work()
        return import_id

    def imported(self, *rows: list[str], **how: Any) -> UUID:
        """Send a file and make orders of it."""
        import_id = self.checked(*rows, **how)
        self.run(import_id)
        self.work()
        return import_id

    def run(self, import_id: UUID) -> dict[str, Any]:
        return running.run_import(uow=self.uow, kinds=self.kinds, import_id=import_id)

    def undo(self, import_id: UUID) -> dict[str, Any]:
        return undoing.undo_import(uow=self.uow, kinds=self.kinds, import_id=import_id)

    def remove(self, import_id: UUID) -> None:
        receiving.remove_import(uow=self.uow, import_id=import_id)

    def get(self, import_id: UUID) -> dict[str, Any]:
        return reading.get_import(uow=self.uow, kinds=self.kinds, import_id=import_id)

    def rows(self, import_id: UUID, **asked: Any) -> dict[str, Any]:
        asked = {"state": None, "after": 0, "limit": 500} | asked
        return reading.list_rows(uow=self.uow, import_id=import_id, **asked)

    def errors(self, import_id: UUID) -> list[tuple[int, str, str]]:
        """What is wrong: line, field, code."""
        return [
            (row["line"], error["field"], error["code"])
            for row in self.rows(import_id, state="bad")["items"]
            for error in row["errors"]
        ]

    # --- what became of it

    def bookings(self) -> list[Booking]:
        return self._all(sa.select(Booking).order_by(Booking.number))

    def payments(self) -> list[Payment]:
        return self._all(sa.select(Payment).order_by(Payment.id))

    def refunds(self) -> list[Refund]:
        return self._all(sa.select(Refund).order_by(Refund.id))

    def ledger(self, order_id: UUID) -> list[tuple[str, int]]:
        entries = self._all(
            sa.select(LedgerEntry).where(LedgerEntry.order_id == order_id).order_by(LedgerEntry.id)
        )
        return [(entry.kind, entry.amount_cents) for entry in entries]

    def row_states(self) -> list[str]:
        return self._all(sa.select(ImportRow.state).order_by(ImportRow.line))

    def facts(self) -> list[tuple[str, dict[str, Any]]]:
        envelopes = self._all(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.id))
        return [(each["type"], each["payload"]) for each in envelopes]

    def _all(self, asked: Any) -> list[Any]:
        with self.uow.read() as session:
            return list(session.scalars(asked))
