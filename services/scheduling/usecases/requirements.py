"""How services may be booked: where, when, and whom they need."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.chassis.db import UnitOfWork
from services.contracts.scheduling import ServiceUnknown
from services.scheduling.domain import studio
from services.scheduling.domain.lines import Line
from services.scheduling.models import DayPart, Requirement, RequirementBranch, RequirementLine
from services.scheduling.queries import requirements
from services.scheduling.usecases.rows import replace, upsert


def define_requirement(
    *,
    uow: UnitOfWork,
    service_id: UUID,
    branch_ids: Iterable[UUID],
    duration_minutes: int | None,
    places: int,
    weekdays: Iterable[int] | None,
    day_parts: Sequence[Mapping[str, Any]],
    roles: Iterable[Mapping[str, Any]],
    **rules: Any,
) -> dict[str, Any]:
    """Say how a service may be booked, where, and whom it needs.

    Errors:  Invalid at /roles, /roles/n/…, /duration_minutes or /day_parts/n/part;
             BranchUnknown, ResourceTypeUnknown, PoolUnknown.
    """
    lines = [_line(role) for role in roles]
    studio.check_lines(lines, places=places)
    studio.check_parts(day_parts)
    own = {"service_id": service_id}
    values = {
        **rules,
        "duration_minutes": studio.duration(lines, duration_minutes),
        "places": places,
        "weekdays": None if weekdays is None else sorted(set(weekdays)),
    }
    rows = [{**_columns(line), "position": n} for n, line in enumerate(lines, start=1)]
    with uow.begin() as tx:
        upsert(tx.session, Requirement, own, values)
        replace(tx.session, RequirementLine, own, rows)
        replace(tx.session, RequirementBranch, own, [{"branch_id": id} for id in branch_ids])
        replace(tx.session, DayPart, own, day_parts)
    return {**values, **own, "branch_ids": branch_ids, "roles": lines, "day_parts": day_parts}


def get_requirement(*, uow: UnitOfWork, service_id: UUID) -> dict[str, Any]:
    """Return what a service needs.

    Errors:  ServiceUnknown.
    """
    with uow.read() as session:
        found = requirements.requirement(session, service_id)
    if found is None:
        raise ServiceUnknown(service_id=str(service_id))
    return found


def _columns(line: Line) -> dict[str, Any]:
    """Return a line as its table has it, where it is the only service of a booking."""
    return {name: value for name, value in asdict(line).items() if name != "part"}


def _line(role: Mapping[str, Any]) -> Line:
    return Line(**{**role, "key": role["key"] or role["resource_type"]})
