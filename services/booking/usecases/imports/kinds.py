"""What a file may hold: what a kind of import says of itself, and how its rows come and go."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from services.booking.domain.imports.fields import Field, Words, squeezed
from services.booking.domain.imports.rows import Fault, Plan, Told
from services.booking.domain.imports.states import RowState
from services.booking.models import Import, ImportRow
from services.chassis.db import Transaction
from services.contracts.scheduling import LIST_BRANCHES

Choices = dict[str, Mapping[str, Words]]
"""Shapes:  {field of kind choice: {what it may mean: how that is called}}."""


@dataclass(frozen=True)
class Offered:
    """What other services have that a file may mean.

    Shapes:  as Import.branches and Import.levels.
    """

    branches: dict[str, Any] = field(default_factory=dict)
    levels: dict[str, Any] = field(default_factory=dict)


class Kind(Protocol):
    """One kind of file.

    Shapes:  `words` = {field: {squeezed word: what it stands for}}; `settled` names the fields that
             need a column or a default; rows in the states `taken_back` are undone.
    """

    fields: ClassVar[Mapping[str, Field]]
    defaults: ClassVar[Mapping[str, str]]
    words: ClassVar[Mapping[str, Mapping[str, str]]]
    settled: ClassVar[Collection[str]]
    taken_back: ClassVar[Collection[RowState]]

    def offered(self, fields: Collection[str]) -> Offered:
        """Ask other services for what some fields may mean; no transaction is open."""

    def choices(self, session: Session, offered: Offered) -> Choices:
        """Return what each field of kind choice may mean."""

    def plan(self, session: Session, found: Import) -> Plan:
        """Return how the rows of a mapped import are read."""

    def read(self, plan: Plan, cells: Sequence[str], now: datetime) -> Any:
        """Return what a row tells of, a Told, or the list of all that is wrong with it."""

    def written(self, told: Any) -> dict[str, Any]:
        """Return what a row tells of as JSON-able data."""

    def asking(
        self, session: Session, found: Import, rows: Sequence[ImportRow], now: datetime
    ) -> Callable[[], Mapping[Any, Any]]:
        """Return the question that another service has to answer before the rows go on.

        It is asked without a transaction, perhaps more than once; its answer goes to `here`, `run`
        or `undo`, whichever the import's state calls for.
        """

    def here(
        self, session: Session, told: Sequence[Told], answer: Mapping[Any, Any]
    ) -> Mapping[str, Any]:
        """Return the keys of what is here already, each with what `against` wants to know."""

    def against(self, told: Any, here: Any) -> list[Fault]:
        """Return why what is here already cannot come in again."""

    def run(
        self,
        tx: Transaction,
        found: Import,
        rows: Sequence[ImportRow],
        answer: Mapping[Any, Any],
        now: datetime,
    ) -> None:
        """Let good rows of a locked import take effect, or note why they cannot."""

    def touched(self, session: Session, import_id: UUID) -> int:
        """Count what has changed since and forbids to undo the import."""

    def undo(
        self,
        tx: Transaction,
        found: Import,
        rows: Sequence[ImportRow],
        answer: Mapping[Any, Any],
        now: datetime,
    ) -> None:
        """Take rows of a locked import back, or keep those of which something has happened."""


Kinds = Mapping[str, Kind]


def branches_of(scheduling: Any) -> dict[str, Any]:
    """Return what bookings keep of each branch, by its id."""
    listed = LIST_BRANCHES.response.load(scheduling.list_branches())["items"]
    kept = ("name", "address", "phone", "timezone")
    return {str(branch["id"]): {name: branch[name] for name in kept} for branch in listed}


def named(choices: Mapping[str, Words]) -> dict[str, str]:
    """Return by which names something is known; of two with one name the later is meant."""
    return {
        squeezed(name): id
        for id, label in choices.items()
        for name in (label["en"], label["zh"])
        if name
    }


def plan_of(kind: Kind, session: Session, found: Import) -> Plan:
    """Return how a kind's rows are read, as far as that is the same for all kinds."""
    assert found.mapping is not None, "only mapped imports are checked"
    choices = kind.choices(session, Offered(found.branches, found.levels))
    return Plan(
        **found.mapping,
        names={name: kind.words.get(name) or named(choices[name]) for name in choices},
        zones={id: ZoneInfo(branch["timezone"]) for id, branch in found.branches.items()},
    )
