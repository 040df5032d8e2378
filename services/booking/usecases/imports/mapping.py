"""Mapping: what a file's columns and words mean here."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.booking.domain import faults
from services.booking.domain.imports.fields import (
    DEFAULTS,
    FIELDS,
    KNOWN_WORDS,
    METHODS,
    PAID,
    REQUIRED,
    STATUSES,
    Words,
    squeezed,
)
from services.booking.domain.imports.rows import Plan
from services.booking.domain.imports.states import MAPPABLE, State
from services.booking.models import Import, Service
from services.booking.queries import imports
from services.booking.usecases.imports.reading import known, whole
from services.chassis.db import UnitOfWork
from services.contracts.errors import Invalid
from services.contracts.imports import ImportRefused
from services.contracts.scheduling import LIST_BRANCHES

LISTED_TEXTS = 200
"""Different texts of one column that staff map; a column with more holds something else."""

OURS = ("service", "branch")
"""Fields whose meanings the studio has made itself."""

FIXED: dict[str, dict[str, Words]] = {
    "status": {code: label for code, (label, _) in STATUSES.items()},
    "method": {code: label for code, (label, _) in METHODS.items()},
    "paid": PAID,
}


def list_values(
    *, uow: UnitOfWork, scheduling: Any, import_id: UUID, field: str, column: int | None
) -> dict[str, Any]:
    """Return what a field may mean, and what a column says, with what that is taken for.

    Errors:  ImportUnknown; Invalid for a field that has no choices.
    """
    branches = _branches(scheduling) if field == "branch" else {}
    with uow.read() as session:
        found = known(imports.import_(session, import_id))
        choices = _choices(imports.services(session), branches).get(field)
        texts = [] if column is None else imports.texts_of(session, import_id, column, LISTED_TEXTS)
    if choices is None:
        raise Invalid(errors=[faults.fault("/field", zh="该列无需对应", en="It has no choices")])
    mapped = (found.mapping or {}).get("values", {}).get(field, {})
    names = KNOWN_WORDS.get(field) or _names(choices)
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
    scheduling: Any,
    import_id: UUID,
    columns: dict[str, int],
    values: dict[str, dict[str, str]],
    defaults: dict[str, str],
) -> dict[str, Any]:
    """Say what a file's columns mean; all its rows are checked anew then.

    Errors:  ImportUnknown; ImportRefused once it has been run; Invalid with a pointer at what is
             missing, or is not here.
    """
    branches = _branches(scheduling)
    mapping = {"columns": columns, "values": values, "defaults": DEFAULTS | defaults}
    with uow.begin() as tx:
        found = known(imports.lock_import(tx.session, import_id))
        if found.state not in MAPPABLE:
            raise ImportRefused(state=found.state)
        choices = _choices(imports.services(tx.session), branches)
        if wrong := list(_faults(found, mapping, choices)):
            raise Invalid(errors=wrong)
        found.mapping, found.branches = mapping, branches
        found.good = found.bad = found.total_cents = found.paid_cents = 0
        found.state = State.CHECKING
        imports.forget_checks(tx.session, import_id)
        return whole(tx.session, found)


def plan_of(found: Import, services: Iterable[Service]) -> Plan:
    """Return how the rows of a mapped import are read."""
    assert found.mapping is not None, "only mapped imports are checked"
    services = list(services)
    choices = _choices(services, found.branches)
    return Plan(
        **found.mapping,
        names=KNOWN_WORDS | {name: _names(choices[name]) for name in OURS},
        zones={id: ZoneInfo(branch["timezone"]) for id, branch in found.branches.items()},
        minutes={str(service.id): service.duration_minutes for service in services},
    )


def _branches(scheduling: Any) -> dict[str, Any]:
    """Return what bookings keep of each branch, by its id."""
    listed = LIST_BRANCHES.response.load(scheduling.list_branches())["items"]
    kept = ("name", "address", "phone", "timezone")
    return {str(branch["id"]): {name: branch[name] for name in kept} for branch in listed}


def _choices(
    services: Iterable[Service], branches: Mapping[str, Any]
) -> dict[str, Mapping[str, Words]]:
    return FIXED | {
        "service": {str(service.id): service.name for service in services},
        "branch": {id: branch["name"] for id, branch in branches.items()},
    }


def _names(choices: Mapping[str, Words]) -> dict[str, str]:
    """Return by which names something is known; of two with one name the later is meant."""
    return {
        squeezed(name): id
        for id, label in choices.items()
        for name in (label["en"], label["zh"])
        if name
    }


def _faults(
    found: Import, mapping: dict[str, Any], choices: Mapping[str, Mapping[str, Words]]
) -> Iterable[faults.Fault]:
    columns, defaults = mapping["columns"], mapping["defaults"]
    for name in REQUIRED:
        if name not in columns:
            yield faults.fault(f"/columns/{name}", zh="请选择对应的列", en="Choose its column")
    for name, at in columns.items():
        if name not in FIELDS or at >= len(found.columns):
            yield faults.fault(f"/columns/{name}", zh="没有这一列", en="There is no such column")
    for name in OURS:
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
