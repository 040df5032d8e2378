"""What the engine is measured on: the measured studio, what races are about, and a whole chain."""

from typing import Any

import sqlalchemy as sa

from services.chassis.db import UnitOfWork
from tests.benchmarks import data
from tests.benchmarks.data import BRANCH, CREWS, PHASES, RESOURCES, ROSTER, SERVICE, id_of

PER_BOOKING = len(PHASES)
OWN_ALLOCATIONS = 100_000
"""As many as the measured branch has itself: some eleven years; the others are other branches'."""

DAYS = 1_000
"""Days of bookings that each other branch of the chain has."""

RACES = {
    "one line, one room": id_of("race one"),
    "four lines, two each, two of one type": id_of("race four"),
    "capacity 5": id_of("race five"),
}
PLACES = {
    "one line, one room": 1,
    "four lines, two each, two of one type": 2,
    "capacity 5": 5,
}


def define(scheduling: Any) -> None:
    """Define the measured studio and the services that are raced for, by RPC."""
    scheduling.define_branch(**BRANCH)
    for resource in RESOURCES:
        scheduling.define_resource(**resource, roster=ROSTER)
    deal = ("name", "category", "summary", "content", "price_cents", "deposit")
    scheduling.define_requirement(**{k: v for k, v in SERVICE.items() if k not in deal})
    for skill in ("lead", "plain"):
        scheduling.define_skill(id=skill, name={"zh": skill, "en": skill})
    for kind, count, skills in (
        ("vehicle", 1, {}),
        ("retoucher", 2, {"lead": 3}),
        ("retoucher", 2, {"plain": 3, "lead": 1}),
        ("location", 2, {}),
        ("garment", 2, {}),
    ):
        for number in range(count):
            scheduling.define_resource(
                id=id_of(f"race {kind} {number} {sorted(skills)}"),
                branch_id=BRANCH["id"],
                resource_type=kind,
                name={"zh": f"{kind} {number}", "en": ""},
                skills=skills,
                roster=ROSTER,
            )
    scheduling.define_resource(
        id=id_of("race prop"),
        branch_id=BRANCH["id"],
        resource_type="prop",
        name={"zh": "椅子", "en": "Chairs"},
        capacity=5,
        roster=ROSTER,
    )
    _race(scheduling, "one line, one room", [{"resource_type": "vehicle"}])
    _race(
        scheduling,
        "four lines, two each, two of one type",
        [
            {"resource_type": "retoucher", "key": "lead", "skills": {"lead": 1}},
            {"resource_type": "retoucher", "key": "plain", "skills": {"plain": 1}},
            {"resource_type": "location"},
            {"resource_type": "garment"},
        ],
    )
    _race(scheduling, "capacity 5", [{"resource_type": "prop"}])


def _race(scheduling: Any, name: str, lines: list[dict[str, Any]]) -> None:
    scheduling.define_requirement(
        service_id=RACES[name],
        branch_ids=[BRANCH["id"]],
        slot_step_minutes=60,
        horizon_days=730,
        roles=[{"length_minutes": 60, **line} for line in lines],
    )


def fill(uow: UnitOfWork, allocations: int) -> None:
    """Bring the number of allocations to what is asked: a chain's past and near future."""
    stored = _count(uow)
    own = min(allocations, OWN_ALLOCATIONS)
    with uow.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        rebuild = _without_indexes(connection)
        data.fill_schedule(
            uow.engine.url.render_as_string(hide_password=False),
            own // PER_BOOKING,
            stored // PER_BOOKING,
        )
        if allocations > own:
            _add_branches(connection, (allocations - own) // PER_BOOKING)
        for statement in rebuild:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("VACUUM ANALYZE")


def _count(uow: UnitOfWork) -> int:
    with uow.read() as session:
        return int(session.execute(sa.text("SELECT count(*) FROM allocation")).scalar_one())


def _without_indexes(connection: sa.Connection) -> list[str]:
    """Drop what slows a bulk load of allocations; return the statements that bring it back."""
    constraints = connection.exec_driver_sql(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'allocation'::regclass AND contype = 'x'"
    ).all()
    index = connection.exec_driver_sql(
        "SELECT pg_get_indexdef('allocation_window_idx'::regclass)"
    ).scalar_one()
    for name, _ in constraints:
        connection.exec_driver_sql(f"ALTER TABLE allocation DROP CONSTRAINT {name}")
    connection.exec_driver_sql("DROP INDEX allocation_window_idx")
    return [
        index,
        *(f"ALTER TABLE allocation ADD CONSTRAINT {name} {what}" for name, what in constraints),
    ]


def _add_branches(connection: sa.Connection, bookings: int) -> None:
    """Add the rest of a chain: branches with thirty resources each, and their bookings."""
    per_branch = DAYS * CREWS
    branches = -(-bookings // per_branch)
    connection.execute(
        sa.text(
            """
            INSERT INTO branch (id, name, address, phone, timezone)
            SELECT md5('branch ' || n)::uuid, '{"zh": "分店", "en": ""}', '{"zh": "", "en": ""}',
                '', 'Asia/Shanghai'
            FROM generate_series(1, :branches) AS n
            """
        ),
        {"branches": branches},
    )
    connection.execute(
        sa.text(
            """
            INSERT INTO resource (id, branch_id, resource_type, name, bookable_by_name)
            SELECT md5(n || kind || crew)::uuid, md5('branch ' || n)::uuid, kind,
                '{"zh": "某人", "en": ""}', true
            FROM generate_series(1, :branches) AS n
            CROSS JOIN unnest(CAST(:kinds AS text[])) AS kind
            CROSS JOIN generate_series(0, :crews - 1) AS crew
            """
        ),
        {"branches": branches, "kinds": list(PHASES), "crews": CREWS},
    )
    connection.execute(sa.text(HOLDS), {"bookings": bookings, "crews": CREWS, **_KEYS})
    for kind, (offset, length) in PHASES.items():
        connection.execute(
            sa.text(ALLOCATIONS), {"kind": kind, "offset": offset, "length": length, **_KEYS}
        )


_KEYS = {"service_id": SERVICE["service_id"], "branch_id": BRANCH["id"], "days": DAYS}

HOLDS = """
INSERT INTO hold (booking_id, service_id, branch_id, start_at, end_at, state, resource_ids,
    customer_key)
SELECT
    gen_random_uuid(),
    :service_id,
    md5('branch ' || 1 + n / (:days * :crews))::uuid,
    start,
    start + interval '210 minutes',
    'confirmed',
    '{}',
    'crew ' || n % :crews
FROM generate_series(0, :bookings - 1) AS n
CROSS JOIN LATERAL (
    SELECT date_trunc('day', now()) + interval '40 days' + interval '1 hour'
        - make_interval(days => n / :crews % :days) AS start
) AS at
WHERE CAST(:branch_id AS uuid) IS NOT NULL
"""
ALLOCATIONS = """
INSERT INTO allocation (id, booking_id, resource_id, resource_type, line, during, serving, state)
SELECT gen_random_uuid(), booking_id, resource.id, :kind, :kind, span, span, 'confirmed'
FROM (
    SELECT
        hold.*,
        tstzrange(
            start_at + make_interval(mins => :offset),
            start_at + make_interval(mins => :offset + :length)
        ) AS span
    FROM hold
    WHERE branch_id <> :branch_id AND customer_key LIKE 'crew %' AND :days > 0
) AS hold
JOIN (
    SELECT id, branch_id,
        'crew ' || row_number() OVER (PARTITION BY branch_id ORDER BY id) - 1 AS crew
    FROM resource
    WHERE resource_type = :kind
) AS resource
    ON resource.branch_id = hold.branch_id AND resource.crew = hold.customer_key
WHERE CAST(:service_id AS uuid) IS NOT NULL
"""
