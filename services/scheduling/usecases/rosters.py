"""Who works when: drafts of rosters, and making them count."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from services.chassis.db import Transaction, UnitOfWork
from services.contracts.scheduling import BranchUnknown, ResourceUnknown
from services.scheduling.domain.rosters import check_rules
from services.scheduling.models import Branch, Resource
from services.scheduling.queries import conflicts, rosters
from services.scheduling.usecases.conflicts import tell_conflicts, told

FREED_AHEAD = timedelta(days=93)
"""As far as the calendar of a portal looks: who waits for a later day is asked when it comes near,
by whatever is freed then."""


def define_roster(
    *,
    uow: UnitOfWork,
    now: datetime,
    resource_id: UUID,
    rules: Sequence[Mapping[str, Any]],
    publish: bool,
) -> dict[str, Any]:
    """Put rules in place of a resource's draft; no rules at all are no draft.

    With `publish` they count at once, and none at all mean that nobody works any more.

    Errors:  ResourceUnknown, BranchUnknown; Invalid at the rule that is wrong.
    """
    check_rules(rules)
    with uow.begin() as tx:
        _check_known([resource_id], rosters.lock_resources(tx.session, [resource_id]))
        rosters.replace_draft(tx.session, resource_id, rules)
        if not publish:
            return {"resource_ids": [], "conflicts": []}
        rosters.lock_supply(tx.session, [resource_id])
        return publish_drafts(tx, [resource_id], now)


def get_roster(*, uow: UnitOfWork, resource_id: UUID) -> dict[str, Any]:
    """Return what counts of a resource's roster, and the draft.

    Errors:  ResourceUnknown.
    """
    with uow.read() as session:
        if session.get(Resource, resource_id) is None:
            raise ResourceUnknown(resource_id=str(resource_id))
        return {
            "resource_id": resource_id,
            "published": rosters.rules(session, resource_id, rosters.PUBLISHED),
            "draft": rosters.rules(session, resource_id, rosters.DRAFT) or None,
        }


def publish_rosters(
    *, uow: UnitOfWork, now: datetime, branch_id: UUID, resource_ids: Sequence[UUID]
) -> dict[str, Any]:
    """Make drafts count, all of them or none: those of the named, or of all at home there.

    Guests are published by name: their drafts are their own branch's affair.

    Errors:  BranchUnknown; ResourceUnknown also for who has nothing to do with the branch.
    """
    with uow.begin() as tx:
        if tx.session.get(Branch, branch_id) is None:
            raise BranchUnknown(branch_id=str(branch_id))
        touching = rosters.with_draft_touching(tx.session, branch_id)
        asked = resource_ids or rosters.at_home(tx.session, branch_id, touching)
        _check_known(asked, rosters.resources_at(tx.session, branch_id).union(touching))
        rosters.lock_supply(tx.session, asked)
        return publish_drafts(tx, rosters.with_draft(tx.session, asked), now)


def publish_drafts(
    tx: Transaction, resource_ids: Collection[UUID], now: datetime
) -> dict[str, Any]:
    """Make the drafts of some resources count, and tell everybody whom that concerns.

    The caller has their supply lock (queries.rosters.lock_supply).
    """
    before = rosters.workplaces(tx.session, resource_ids)
    rosters.publish(tx.session, resource_ids)
    after = rosters.workplaces(tx.session, resource_ids)
    torn = _send_about(tx, resource_ids, now)
    missing = tell_conflicts(tx, now=now, cause="roster", resource_ids=resource_ids)
    known = {each.allocation_id for each in missing}
    missing += told(tx, (each for each in torn if each.allocation_id not in known), "roster")
    _tell_branches(tx, before, after)
    rosters.note_freed(tx.session, after, Range(now, now + FREED_AHEAD, bounds="[)"))
    return {"resource_ids": sorted(resource_ids), "conflicts": missing}


def _send_about(
    tx: Transaction, resource_ids: Collection[UUID], now: datetime
) -> list[conflicts.Conflict]:
    """Let who now works at several branches have time for the way, also in bookings they have.

    Return the bookings between which there is not time enough.
    """
    mobile = rosters.make_mobile(tx.session, resource_ids)
    torn = rosters.place_allocations(tx.session, mobile, now)
    return conflicts.among(tx.session, torn, now)


def _tell_branches(tx: Transaction, *workplaces: Mapping[UUID, Collection[UUID]]) -> None:
    concerned: dict[UUID, set[UUID]] = defaultdict(set)
    for each in workplaces:
        for branch_id, resource_ids in each.items():
            concerned[branch_id].update(resource_ids)
    for branch_id in sorted(concerned):
        ids = sorted(concerned[branch_id])
        tx.emit("roster.published", {"branch_id": branch_id, "resource_ids": ids})


def _check_known(asked: Collection[UUID], known: Collection[UUID]) -> None:
    unknown = set(asked) - set(known)
    if unknown:
        raise ResourceUnknown(resource_id=str(min(unknown)))
