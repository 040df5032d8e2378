"""What quotas leave: the periods in which they are used up.

A quota counts bookings by their start, in the branch's local day, week (from Monday) or month. The
pieces here need `asked`, `day` and the parameters quotas, customer_key, ignored and now.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.scheduling.queries.prepared import Prepared, as_json, as_uuids

LIVE_HOLD = """(
            hold.state = 'confirmed'
            OR (hold.state = 'held' AND hold.expires_at > CAST(:now AS timestamptz))
        ) AND hold.booking_id IS DISTINCT FROM CAST(:ignored AS uuid)"""

# What quotas count of a resource: bookings, or sessions of a class, with the minutes of each line.
# A line that locks whole days counts for the time that it is asked for; `1.dress` is the line dress
# of the first of the services that follow.
SERVED = """
                coalesce(allocation.session, hold.booking_id) AS visit,
                allocation.line,
                allocation.serving,
                CASE
                    WHEN line.whole_days THEN line.length_minutes
                    ELSE extract(epoch FROM upper(allocation.serving) - lower(allocation.serving))
                        / 60
                END AS minutes
            FROM allocation
            JOIN hold ON hold.booking_id = allocation.booking_id
            LEFT JOIN requirement_line AS line
                ON line.service_id = coalesce(
                    hold.also[CAST(substring(allocation.line FROM '^([0-9]+)[.]') AS integer)],
                    hold.service_id
                )
                AND line.key = regexp_replace(allocation.line, '^[0-9]+[.]', '')"""

# Each quota with each of its periods that starts could fall in.
QUOTA = """
quota AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(CAST(:quotas AS jsonb)) AS quota (
        id uuid, per text, unit text, period text, maximum integer, weekdays smallint[],
        resource_id uuid, resource_type text, service_id uuid, branch_id uuid
    )
),
quota_period AS MATERIALIZED (
    SELECT
        quota.*,
        tstzrange(
            each AT TIME ZONE asked.zone,
            (each + CAST('1 ' || quota.period AS interval)) AT TIME ZONE asked.zone
        ) AS during
    FROM asked
    CROSS JOIN quota
    CROSS JOIN generate_series(
        date_trunc(quota.period, asked.earliest AT TIME ZONE asked.zone),
        greatest(asked.latest, asked.earliest) AT TIME ZONE asked.zone,
        CAST('1 ' || quota.period AS interval)
    ) AS each
    WHERE quota.weekdays IS NULL
        OR EXISTS (
            SELECT FROM day
            WHERE day.day = CAST(each AS date)
                AND (day.weekday = ANY(quota.weekdays) OR day.special = ANY(quota.weekdays))
        )
)"""

# How many bookings more the service, the branch or the customer may have in each period, and the
# periods in which that is none.
USED_UP = f"""
used_period AS MATERIALIZED (
    SELECT
        quota_period.*,
        used.bookings,
        used.minutes,
        CAST(
            CASE quota_period.unit
                WHEN 'count' THEN quota_period.maximum - used.bookings
                ELSE floor(
                    (quota_period.maximum - used.minutes)
                    / (extract(epoch FROM asked.duration) / 60)
                )
            END AS integer
        ) AS remaining
    FROM asked
    CROSS JOIN quota_period
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS bookings,
            coalesce(sum(extract(epoch FROM hold.end_at - hold.start_at) / 60), 0) AS minutes
        FROM hold
        WHERE hold.start_at >= lower(quota_period.during)
            AND hold.start_at < upper(quota_period.during)
            AND hold.state IN ('held', 'confirmed')
            AND {LIVE_HOLD}
            AND CASE quota_period.per
                WHEN 'service' THEN hold.service_id = asked.service_id
                WHEN 'branch' THEN hold.branch_id = asked.branch_id
                ELSE hold.customer_key = CAST(:customer_key AS text)
            END
            AND hold.service_id = coalesce(quota_period.service_id, hold.service_id)
            AND hold.branch_id = coalesce(quota_period.branch_id, hold.branch_id)
    ) AS used
    WHERE quota_period.per <> 'resource'
),
full_period AS MATERIALIZED (SELECT * FROM used_period WHERE used_period.remaining < 1),
used_up AS MATERIALIZED (
    SELECT coalesce(range_agg(full_period.during), '{{}}') AS spans FROM full_period
)"""  # noqa: S608  (constants only)

# Periods in which a resource may not serve a line any more. However many units of it serve a line,
# their time counts once; but one booking may want units of it for several lines, which count
# together: it serves as many of them as the quota lets through, the shortest first. Whoever takes
# several turns needs what the turns before take, too.
SPENT = f"""
served_period AS MATERIALIZED (
    SELECT
        server.resource_id,
        server.capacity,
        quota_period.id,
        quota_period.during,
        quota_period.unit,
        quota_period.maximum
            - CASE quota_period.unit WHEN 'count' THEN used.bookings ELSE used.minutes END
            AS remaining
    FROM quota_period
    JOIN (SELECT DISTINCT resource_id, resource_type, capacity FROM eligible) AS server
        ON quota_period.per = 'resource'
        AND server.resource_id = coalesce(quota_period.resource_id, server.resource_id)
        AND server.resource_type = coalesce(quota_period.resource_type, server.resource_type)
    CROSS JOIN LATERAL (
        SELECT
            count(DISTINCT served.visit) AS bookings,
            coalesce(sum(served.minutes), 0) AS minutes
        FROM (
            SELECT DISTINCT{SERVED}
            WHERE allocation.resource_id = server.resource_id
                AND allocation.state <> 'released'
                AND hold.start_at >= lower(quota_period.during)
                AND hold.start_at < upper(quota_period.during)
                AND lower(allocation.during) > lower(quota_period.during) - interval '31 days'
                AND lower(allocation.during) < upper(quota_period.during) + interval '31 days'
                AND {LIVE_HOLD}
                AND hold.service_id = coalesce(quota_period.service_id, hold.service_id)
                AND hold.branch_id = coalesce(quota_period.branch_id, hold.branch_id)
        ) AS served
    ) AS used
),
served_line AS MATERIALIZED (
    SELECT
        served_period.*,
        eligible.key,
        CASE
            WHEN served_period.unit = 'count' THEN 1
            WHEN served_period.capacity = 1 THEN eligible.minutes + coalesce(
                sum(eligible.minutes) OVER (
                    PARTITION BY served_period.resource_id, served_period.id, served_period.during
                    ORDER BY eligible.turn
                    GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                ),
                0
            )
            ELSE sum(eligible.minutes) OVER (
                PARTITION BY served_period.resource_id, served_period.id, served_period.during
                ORDER BY eligible.minutes, eligible.key
            )
        END AS wants
    FROM served_period
    JOIN eligible ON eligible.resource_id = served_period.resource_id
),
spent AS MATERIALIZED (
    SELECT served_line.key, served_line.resource_id, range_agg(served_line.during) AS spans
    FROM served_line
    WHERE served_line.wants > served_line.remaining
    GROUP BY served_line.key, served_line.resource_id
)"""  # noqa: S608  (constants only)

# How many bookings that begin at once the units of a counted thing may serve.
ALLOWANCE = """
allowance AS MATERIALIZED (
    SELECT
        served_line.resource_id,
        served_line.during,
        CAST(floor(min(served_line.remaining) / max(served_line.wants)) AS bigint) AS bookings
    FROM served_line
    WHERE served_line.capacity > 1 AND served_line.wants <= served_line.remaining
    GROUP BY served_line.resource_id, served_line.id, served_line.during
)"""

QUOTAS = ",".join([QUOTA, USED_UP, SPENT])

# What has been written, counted as it stands: each quota that a booking breaks.
BROKEN = f"""
SELECT quota.id, quota.per, quota.unit, quota.period, quota.maximum
FROM jsonb_to_recordset(CAST(:quotas AS jsonb)) AS quota (
    id uuid, per text, unit text, period text, maximum integer, weekdays smallint[],
    resource_id uuid, resource_type text, service_id uuid, branch_id uuid
)
CROSS JOIN LATERAL (
    SELECT tstzrange(
        date_trunc(quota.period, local.start) AT TIME ZONE CAST(:zone AS text),
        (date_trunc(quota.period, local.start) + CAST('1 ' || quota.period AS interval))
            AT TIME ZONE CAST(:zone AS text)
    ) AS during
    FROM (SELECT CAST(:start AS timestamptz) AT TIME ZONE CAST(:zone AS text) AS start) AS local
) AS period
CROSS JOIN LATERAL (
    SELECT
        count(*) AS bookings,
        sum(extract(epoch FROM hold.end_at - hold.start_at) / 60) AS minutes
    FROM hold
    WHERE quota.per <> 'resource'
        AND hold.start_at >= lower(period.during) AND hold.start_at < upper(period.during)
        AND hold.state IN ('held', 'confirmed')
        AND {LIVE_HOLD}
        AND CASE quota.per
            WHEN 'service' THEN hold.service_id = CAST(:service_id AS uuid)
            WHEN 'branch' THEN hold.branch_id = CAST(:branch_id AS uuid)
            ELSE hold.customer_key = CAST(:customer_key AS text)
        END
        AND hold.service_id = coalesce(quota.service_id, hold.service_id)
        AND hold.branch_id = coalesce(quota.branch_id, hold.branch_id)
    UNION ALL
    SELECT
        count(DISTINCT served.visit),
        sum(served.minutes)
    FROM (
        SELECT DISTINCT
            allocation.resource_id,{SERVED}
        WHERE quota.per = 'resource'
            AND allocation.resource_id = ANY(CAST(:resource_ids AS uuid[]))
            AND allocation.resource_id = coalesce(quota.resource_id, allocation.resource_id)
            AND allocation.resource_type = coalesce(quota.resource_type, allocation.resource_type)
            AND allocation.state <> 'released'
            AND hold.start_at >= lower(period.during) AND hold.start_at < upper(period.during)
            AND lower(allocation.during) > lower(period.during) - interval '31 days'
            AND lower(allocation.during) < upper(period.during) + interval '31 days'
            AND {LIVE_HOLD}
            AND hold.service_id = coalesce(quota.service_id, hold.service_id)
            AND hold.branch_id = coalesce(quota.branch_id, hold.branch_id)
    ) AS served
    GROUP BY served.resource_id
) AS used
WHERE CASE quota.unit WHEN 'count' THEN used.bookings ELSE coalesce(used.minutes, 0) END
    > quota.maximum
ORDER BY quota.id
LIMIT 1
"""  # noqa: S608  (constants only)


def broken(
    session: Session,
    *,
    quotas: Sequence[Mapping[str, Any]],
    service_id: UUID,
    branch_id: UUID,
    zone: str,
    customer_key: str | None,
    resource_ids: Collection[UUID],
    start: datetime,
    now: datetime,
) -> dict[str, Any] | None:
    """Return one of the quotas that the bookings on record break in a start's periods, or None.

    Shapes:  `quotas` those that apply on the day of the start.
    """
    row = _BROKEN.run(
        session,
        {
            "quotas": as_json(list(quotas)),
            "service_id": str(service_id),
            "branch_id": str(branch_id),
            "zone": zone,
            "customer_key": customer_key,
            "resource_ids": as_uuids(resource_ids),
            "start": start,
            "ignored": None,
            "now": now,
        },
    ).one_or_none()
    return None if row is None else dict(row._mapping)


_BROKEN = Prepared("broken_quotas", BROKEN)
