"""What a branch offers of a service: read and checked once, for every verb that needs it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.contracts.errors import Invalid
from services.contracts.scheduling import (
    BranchUnknown,
    ResourceUnknown,
    ResourceUnsuitable,
    ServiceUnknown,
    StartNotOffered,
    StartPast,
)
from services.scheduling import domain
from services.scheduling.models import Branch, Hold
from services.scheduling.queries import availability, branches


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One service at one branch, for a customer who wishes for these resources."""

    branch: Branch
    service_id: UUID
    roles: Sequence[domain.Role]
    wished: frozenset[UUID]

    def question(
        self, first_day: date, last_day: date, wished: Collection[UUID] | None = None
    ) -> availability.Question:
        """Return the question after free time on these local dates."""
        return availability.Question(
            service_id=self.service_id,
            branch_id=self.branch.id,
            zone=self.branch.timezone,
            first_day=first_day,
            last_day=last_day,
            wished=self.wished if wished is None else wished,
        )

    def question_at(self, start: datetime) -> availability.Question:
        """Return the question after free time on the local date of a start."""
        day = domain.local_date(start, self.branch.timezone)
        return self.question(day, day)


def of_request(
    session: Session, *, service_id: UUID, branch_id: UUID, resource_ids: Collection[UUID]
) -> Offer:
    """Return the offer that a customer asks about.

    Errors:  BranchUnknown, ServiceUnknown, ResourceUnknown, ResourceUnsuitable.
    """
    branch, offered, roles = branches.offer(session, service_id=service_id, branch_id=branch_id)
    if branch is None:
        raise BranchUnknown(branch_id=str(branch_id))
    if not offered:
        raise ServiceUnknown(service_id=str(service_id))
    _check_wishes(session, branch, roles, resource_ids)
    return Offer(branch=branch, service_id=service_id, roles=roles, wished=frozenset(resource_ids))


def of_hold(session: Session, hold: Hold) -> Offer:
    """Return the offer that a hold was made from, whatever has become of the wishes since."""
    branch, _, roles = branches.offer(session, service_id=hold.service_id, branch_id=hold.branch_id)
    assert branch is not None, "a foreign key says so"
    return Offer(
        branch=branch,
        service_id=hold.service_id,
        roles=roles,
        wished=frozenset(hold.resource_ids),
    )


def check_start(start: datetime, now: datetime) -> None:
    """Refuse a start that no branch can offer; acquire sees to what this one offers.

    Errors:  StartPast, StartNotOffered.
    """
    if start < now:
        raise at_start(StartPast)
    if start - now > domain.MAX_HORIZON:
        raise at_start(StartNotOffered)


def at_start(error: type[Invalid]) -> Invalid:
    """Return an error that points at the start."""
    return pointed(error, "/start")


def _check_wishes(
    session: Session,
    branch: Branch,
    roles: Sequence[domain.Role],
    resource_ids: Collection[UUID],
) -> None:
    if not resource_ids:
        return
    known = {resource.id: resource for resource in branches.resources(session, resource_ids)}
    room = {role.resource_type: role.quantity for role in roles}
    for position, resource_id in enumerate(dict.fromkeys(resource_ids)):
        resource = known.get(resource_id)
        if resource is None:
            raise ResourceUnknown(resource_id=str(resource_id))
        room[resource.resource_type] = room.get(resource.resource_type, 0) - 1
        if (
            resource.branch_id != branch.id
            or not resource.bookable_by_name
            or room[resource.resource_type] < 0
        ):
            raise pointed(ResourceUnsuitable, f"/resource_ids/{position}")


def pointed(error: type[Invalid], pointer: str) -> Invalid:
    """Return an error that points at one field of the request."""
    message = dict(error.sentence)
    return error(errors=[{"pointer": pointer, "code": error.code, "message": message}])
