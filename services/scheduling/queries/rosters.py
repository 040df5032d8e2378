"""Reading, writing and publishing rosters, and what follows for those who work by them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, Range, insert
from sqlalchemy.orm import Session

from services.chassis.context import new_id
from services.scheduling.models import FreedTime, Resource, RosterRule, RosterSpan
from services.scheduling.models.rosters import CYCLE_ORIGIN
from services.scheduling.queries import locks

ONE_DAY = timedelta(days=1)

DRAFT = "draft"
PUBLISHED = "published"


def lock_resources(session: Session, resource_ids: Collection[UUID]) -> set[UUID]:
    """Let nobody else change some resources or their rosters until the end; return which exist.

    The lock is the weak one: who books a resource, and so refers to its row, does not wait.
    """
    rows = sa.select(Resource.id).where(Resource.id.in_(resource_ids)).order_by(Resource.id)
    return set(session.scalars(rows.with_for_update(key_share=True)))


def lock_supply(session: Session, resource_ids: Collection[UUID]) -> set[UUID]:
    """Do as `lock_resources`, and let nobody take time where the resources have rules or a home.

    Everybody locks in this order: first resources, then branches.
    """
    found = lock_resources(session, resource_ids)
    homes = sa.select(Resource.branch_id).where(Resource.id.in_(resource_ids))
    ruled = sa.select(RosterRule.branch_id).where(RosterRule.resource_id.in_(resource_ids))
    locks.change_supply(session, session.scalars(homes.union(ruled)).all())
    return found


def rules(session: Session, resource_id: UUID, state: str) -> list[dict[str, Any]]:
    """Return a resource's rules as the contract shows them, in the order they were given."""
    found = session.scalars(
        sa.select(RosterRule)
        .where(RosterRule.resource_id == resource_id, RosterRule.state == state)
        .order_by(RosterRule.id)
    ).all()
    spans = session.scalars(
        sa.select(RosterSpan)
        .where(RosterSpan.rule_id.in_([rule.id for rule in found]))
        .order_by(RosterSpan.opens)
    )
    hours: dict[tuple[UUID, str], list[RosterSpan]] = defaultdict(list)
    for span in spans:
        hours[span.rule_id, span.kind].append(span)
    return [_shown(rule, hours[rule.id, "work"], hours[rule.id, "break"]) for rule in found]


def _shown(
    rule: RosterRule, work: Sequence[RosterSpan], breaks: Sequence[RosterSpan]
) -> dict[str, Any]:
    return {
        "branch_id": rule.branch_id,
        "priority": rule.priority,
        "extra": rule.extra,
        "weekdays": rule.weekdays,
        "first_day": rule.days.lower,
        "last_day": None if rule.days.upper is None else rule.days.upper - ONE_DAY,
        "cycle_weeks": rule.cycle_weeks,
        "cycle_week": rule.cycle_week,
        "cycle_from": rule.cycle_from,
        "hours": work,
        "breaks": breaks,
    }


def replace_draft(session: Session, resource_id: UUID, wanted: Iterable[Mapping[str, Any]]) -> None:
    """Put rules in place of a resource's draft."""
    session.execute(_delete([resource_id], DRAFT))
    identified = [(UUID(new_id()), rule) for rule in wanted]
    if not identified:
        return
    session.execute(insert(RosterRule), [_rule(id, resource_id, rule) for id, rule in identified])
    spans = [
        {"rule_id": id, "kind": kind, "opens": each["opens"], "closes": each["closes"]}
        for id, rule in identified
        for kind, field in (("work", "hours"), ("break", "breaks"))
        for each in rule[field]
    ]
    if spans:
        session.execute(insert(RosterSpan), spans)


def _rule(id: UUID, resource_id: UUID, rule: Mapping[str, Any]) -> dict[str, Any]:
    last = rule["last_day"]
    return {
        "id": id,
        "resource_id": resource_id,
        "branch_id": rule["branch_id"],
        "state": DRAFT,
        "priority": rule["priority"],
        "extra": rule["extra"],
        "weekdays": sorted(set(rule["weekdays"])),
        "days": Range(rule["first_day"], None if last is None else last + ONE_DAY, bounds="[)"),
        "cycle_weeks": rule["cycle_weeks"],
        "cycle_week": rule["cycle_week"],
        "cycle_from": rule["cycle_from"] or date.fromisoformat(CYCLE_ORIGIN),
    }


def with_draft(session: Session, resource_ids: Collection[UUID]) -> list[UUID]:
    """Return those of some resources that have a draft."""
    drafts = sa.select(RosterRule.resource_id).where(
        RosterRule.resource_id.in_(resource_ids), RosterRule.state == DRAFT
    )
    return list(session.scalars(drafts.distinct()))


def with_draft_touching(session: Session, branch_id: UUID) -> list[UUID]:
    """Return everybody who works at a branch and has a draft, or who would after it counts."""
    here = sa.select(RosterRule.resource_id).where(RosterRule.branch_id == branch_id)
    drafts = sa.select(RosterRule.resource_id).where(RosterRule.state == DRAFT)
    return list(session.scalars(here.intersect(drafts)))


def at_home(session: Session, branch_id: UUID, resource_ids: Collection[UUID]) -> list[UUID]:
    """Return those of some resources whose home a branch is."""
    return list(
        session.scalars(
            sa.select(Resource.id).where(
                Resource.id.in_(resource_ids), Resource.branch_id == branch_id
            )
        )
    )


def publish(session: Session, resource_ids: Collection[UUID]) -> None:
    """Put the drafts of some resources in place of what counted until now."""
    session.execute(_delete(resource_ids, PUBLISHED))
    session.execute(
        sa.update(RosterRule)
        .where(RosterRule.resource_id.in_(resource_ids), RosterRule.state == DRAFT)
        .values(state=PUBLISHED)
        .execution_options(synchronize_session=False)
    )


def _delete(resource_ids: Collection[UUID], state: str) -> sa.Delete:
    return sa.delete(RosterRule).where(
        RosterRule.resource_id.in_(resource_ids), RosterRule.state == state
    )


def workplaces(session: Session, resource_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Return the branches at which some resources have rules that count, and who works there."""
    rows = session.execute(
        sa.select(RosterRule.branch_id, RosterRule.resource_id)
        .where(RosterRule.resource_id.in_(resource_ids), RosterRule.state == PUBLISHED)
        .distinct()
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        found[row.branch_id].add(row.resource_id)
    return found


def resources_at(session: Session, branch_id: UUID) -> set[UUID]:
    """Return everybody and everything that can be booked at a branch."""
    home = sa.select(Resource.id).where(Resource.branch_id == branch_id)
    rostered = sa.select(RosterRule.resource_id).where(
        RosterRule.branch_id == branch_id, RosterRule.state == PUBLISHED
    )
    return set(session.scalars(home.union(rostered)))


def note_freed(session: Session, branch_ids: Iterable[UUID], during: Range[datetime]) -> None:
    """Have the waitlist asked about some time at some branches."""
    rows = [{"branch_id": id, "during": during} for id in sorted(branch_ids)]
    if rows:
        session.execute(insert(FreedTime), rows)


def make_mobile(session: Session, resource_ids: Collection[UUID]) -> list[UUID]:
    """Mark the people who now work at more than one branch; return whom that is new for."""
    return list(session.scalars(_MAKE_MOBILE, {"ids": list(resource_ids)}))


def place_allocations(
    session: Session, resource_ids: Collection[UUID], now: datetime
) -> list[UUID]:
    """Write down where people serve the bookings they have, and their way there and back.

    Return the allocations between whose places there is no time to get from one to the other:
    they stay without a place, for the database would refuse it.
    """
    rows = session.execute(_PLACE, {"ids": list(resource_ids), "now": now}).all()
    return [row.id for row in rows if row.torn]


_IDS = sa.bindparam("ids", type_=ARRAY(sa.Uuid))

_MAKE_MOBILE = sa.text(
    """
    UPDATE resource
    SET mobile = true
    FROM resource_type
    WHERE resource.id = ANY(:ids)
        AND NOT resource.mobile
        AND resource_type.id = resource.resource_type
        AND resource_type.kind = 'person'
        AND (
            SELECT count(DISTINCT roster_rule.branch_id)
            FROM roster_rule
            WHERE roster_rule.resource_id = resource.id AND roster_rule.state = 'published'
        ) > 1
    RETURNING resource.id
    """
).bindparams(_IDS)

# A booking takes place at its location, if it has one, else at its branch. Twelve hours back: the
# longest way that somebody can still be on after serving (travel_minutes).
_PLACE = sa.text(
    f"""
    WITH {locks.locked("allocation.resource_id = ANY(:ids) AND upper(allocation.during) > :now")},
    booked AS MATERIALIZED (
        SELECT
            allocation.id,
            allocation.resource_id,
            allocation.forced,
            upper(allocation.during) > :now AS ahead,
            coalesce(location.id, branch.id) AS place_id,
            tstzrange(
                lower(allocation.during) - way.length, upper(allocation.during) + way.length
            ) AS reach
        FROM allocation
        JOIN hold ON hold.booking_id = allocation.booking_id
        JOIN branch ON branch.id = hold.branch_id
        LEFT JOIN LATERAL (
            SELECT resource.id, resource.travel_minutes
            FROM allocation AS place
            JOIN resource ON resource.id = place.resource_id
            WHERE place.booking_id = hold.booking_id
                AND place.resource_type = 'location'
                AND place.state <> 'released'
            ORDER BY resource.id
            LIMIT 1
        ) AS location ON true
        CROSS JOIN LATERAL (
            SELECT make_interval(
                mins => coalesce(location.travel_minutes, branch.travel_minutes)
            ) AS length
        ) AS way
        WHERE allocation.resource_id = ANY(:ids)
            AND allocation.state IN ('held', 'confirmed')
            AND upper(allocation.during) > :now - interval '12 hours'
    ),
    judged AS MATERIALIZED (
        SELECT booked.*, NOT booked.forced AND EXISTS (
            SELECT
            FROM booked AS other
            WHERE other.resource_id = booked.resource_id
                AND other.place_id <> booked.place_id
                AND other.reach && booked.reach
                AND NOT other.forced
        ) AS torn
        FROM booked
    ),
    placed AS (
        UPDATE allocation
        SET place_id = judged.place_id, reach = judged.reach
        FROM locked
        JOIN judged ON judged.id = locked.id
        WHERE allocation.id = locked.id AND judged.ahead AND NOT judged.torn
    )
    SELECT judged.id, judged.torn FROM judged WHERE judged.ahead
    """  # noqa: S608  (constants only)
).bindparams(_IDS)
