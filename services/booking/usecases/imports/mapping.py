"""Mapping: what a file's columns and words mean here."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.booking.domain import faults
from services.booking.domain.imports.fields import squeezed
from services.booking.domain.imports.states import MAPPABLE, State
from services.booking.models import Import
from services.booking.queries import imports
from services.booking.usecases.imports.kinds import Choices, Kind, Kinds, named
from services.booking.usecases.imports.reading import known, whole
from services.chassis.db import UnitOfWork
from services.contracts.errors import Invalid
from services.contracts.imports import ImportRefused

LISTED_TEXTS = 200
"""Different texts of one column that staff map; a column with more holds something else."""


def list_values(
    *, uow: UnitOfWork, kinds: Kinds, import_id: UUID, field: str, column: int | None
) -> dict[str, Any]:
    """Return what a field may mean, and what a column says, with what that is taken for.

    Errors:  ImportUnknown; Invalid for a field that has no choices.
    """
    kind = _kind_of(uow, kinds, import_id)
    offered = kind.offered({field})
    with uow.read() as session:
        found = known(imports.import_(session, import_id))
        choices = kind.choices(session, offered).get(field)
        texts = [] if column is None else imports.texts_of(session, import_id, column, LISTED_TEXTS)
    if choices is None:
        raise Invalid(errors=[faults.fault("/field", zh="该列无需对应", en="It has no choices")])
    mapped = (found.mapping or {}).get("values", {}).get(field, {})
    names = kind.words.get(field) or named(choices)
    return {
        "choices": [{"id": id, "label": label} for id, label in choices.items()],
        "items": [
            {"text": text, "count": count, "meaning": mapped.get(text) or names.get(squeezed(text))}
            for text, count in texts
        ],
    }


def map_import(
    *,
    uow: UnitOfWork,
    kinds: Kinds,
    import_id: UUID,
    columns: dict[str, int],
    values: dict[str, dict[str, str]],
    defaults: dict[str, str],
) -> dict[str, Any]:
    """Say what a file's columns mean; all its rows are checked anew then.

    Errors:  ImportUnknown; ImportRefused once it has been run; Invalid with a pointer at what is
             missing, or is not here.
    """
    kind = _kind_of(uow, kinds, import_id)
    offered = kind.offered(kind.fields)
    mapping = {"columns": columns, "values": values, "defaults": {**kind.defaults, **defaults}}
    with uow.begin() as tx:
        found = known(imports.lock_import(tx.session, import_id))
        if found.state not in MAPPABLE:
            raise ImportRefused(state=found.state)
        choices = kind.choices(tx.session, offered)
        if wrong := list(_faults(kind, found, mapping, choices)):
            raise Invalid(errors=wrong)
        found.mapping, found.branches, found.levels = mapping, offered.branches, offered.levels
        found.currency = imports.currency(tx.session) or found.currency
        found.good = found.bad = found.known = 0
        found.total_cents = found.paid_cents = found.points = 0
        found.state = State.CHECKING
        imports.forget_checks(tx.session, import_id)
        return whole(tx.session, kinds, found)


def _kind_of(uow: UnitOfWork, kinds: Kinds, import_id: UUID) -> Kind:
    with uow.read() as session:
        return kinds[known(imports.import_(session, import_id)).kind]


def _faults(
    kind: Kind, found: Import, mapping: dict[str, Any], choices: Choices
) -> Iterable[faults.Fault]:
    columns, defaults = mapping["columns"], mapping["defaults"]
    for name, field in kind.fields.items():
        if field.required and name not in columns:
            yield faults.fault(f"/columns/{name}", zh="请选择对应的列", en="Choose its column")
    for name, at in columns.items():
        if name not in kind.fields or at >= len(found.columns):
            yield faults.fault(f"/columns/{name}", zh="没有这一列", en="There is no such column")
    for name in kind.settled:
        if name not in columns and name not in defaults:
            yield faults.fault(
                f"/defaults/{name}", zh="请选择列或默认值", en="Choose a column or a default"
            )
    meant = [(f"/defaults/{name}", name, meaning) for name, meaning in defaults.items()]
    meant += [
        (f"/values/{name}", name, meaning)
        for name, texts in mapping["values"].items()
        for meaning in texts.values()
    ]
    for pointer, name, meaning in meant:
        if meaning not in choices.get(name, {}):
            yield faults.fault(pointer, zh="没有这个选项", en="There is no such choice")
