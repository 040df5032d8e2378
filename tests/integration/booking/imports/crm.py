"""CRM as booking calls it, without a broker: its use cases on their own database, by contract."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from services.chassis.rpc import RpcTimedOut
from services.contracts.registry import RPCS
from services.crm.models import Customer
from services.crm.usecases import importing, levels

GOLD, SILVER = UUID(int=70), UUID(int=71)


class DirectCrm:
    """Shapes:  `called` names each call; `lost` says how many answers are lost on their way."""

    def __init__(self, uow: UnitOfWork, now: datetime) -> None:
        self.uow = uow
        self.now = now
        self.called: list[str] = []
        self.lost = 0
        self.meanwhile: Callable[[], Any] = lambda: None
        for level_id, name in ((GOLD, "金卡"), (SILVER, "银卡")):
            self.define_level(level_id, name)

    def define_level(self, level_id: UUID, name: str) -> None:
        terms = {"discount_basis_points": 0, "points_per_hundred": 0, "active": True}
        levels.define_level(uow=self.uow, id=level_id, name={"zh": name, "en": ""}, **terms)

    def list_levels(self) -> Any:
        return self._answer("list_levels", levels.list_levels(uow=self.uow))

    def match_customers(self, **question: Any) -> Any:
        asked = RPCS["crm", "match_customers"].decode(question)
        return self._answer("match_customers", importing.match_customers(uow=self.uow, **asked))

    def import_customers(self, **command: Any) -> Any:
        told = RPCS["crm", "import_customers"].decode(command)
        done = importing.import_customers(uow=self.uow, now=self.now, **told)
        return self._answer("import_customers", done)

    def retract_customers(self, **command: Any) -> Any:
        told = RPCS["crm", "retract_customers"].decode(command)
        done = importing.retract_customers(uow=self.uow, now=self.now, **told)
        return self._answer("retract_customers", done)

    def _answer(self, name: str, answer: Any) -> Any:
        self.called.append(name)
        self.meanwhile()
        if self.lost:
            self.lost -= 1
            raise RpcTimedOut()
        return RPCS["crm", name].encode(answer)

    def customers(self) -> dict[str, Customer]:
        """The customers who can be seen, by their phones."""
        with self.uow.read() as session:
            found = session.scalars(sa.select(Customer).where(~Customer.removed))
            return {customer.phone: customer for customer in found}
