"""The studio that is measured, and years of bookings of it, written straight into the tables."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
from psycopg2.extras import execute_values

ZONE = ZoneInfo("Asia/Shanghai")
NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def id_of(name: str) -> str:
    """Return the same id for the same name in every run."""
    return str(uuid.uuid5(NAMESPACE, name))


ROSTER = [{"weekday": day, "opens": "09:00", "closes": "21:00"} for day in range(1, 8)]
BRANCH: dict[str, Any] = {
    "id": id_of("branch"),
    "name": {"zh": "静安店", "en": "Jing'an"},
    "address": {"zh": "上海", "en": "Shanghai"},
    "phone": "+862112345678",
    "timezone": "Asia/Shanghai",
    "hours": ROSTER,
}
TYPES = {"photographer": 8, "makeup_artist": 8, "studio_room": 8, "assistant": 6}
RESOURCES: list[dict[str, Any]] = [
    {
        "id": id_of(f"{kind} {number}"),
        "branch_id": BRANCH["id"],
        "resource_type": kind,
        "name": {"zh": f"{kind} {number}", "en": ""},
    }
    for kind, count in TYPES.items()
    for number in range(count)
]
PHASES = {
    "makeup_artist": (0, 90),
    "photographer": (90, 120),
    "studio_room": (60, 150),
    "assistant": (90, 120),
}
SERVICE: dict[str, Any] = {
    "service_id": id_of("service"),
    "branch_ids": [BRANCH["id"]],
    "slot_step_minutes": 30,
    "minimum_notice_minutes": 0,
    "horizon_days": 730,
    "roles": [
        {"resource_type": kind, "offset_minutes": offset, "length_minutes": length}
        for kind, (offset, length) in PHASES.items()
    ],
    "name": {"zh": "经典婚纱照", "en": "Classic wedding"},
    "category": {"zh": "婚纱摄影", "en": "Wedding"},
    "summary": {"zh": "一天", "en": "One day"},
    "content": [{"zh": "精修 30 张", "en": "30 retouched"}],
    "price_cents": 399_900,
    "deposit": {"kind": "fixed", "value": 80_000},
}
CREWS = min(TYPES.values())
STARTS = (time(9), time(13, 30))
PER_DAY = CREWS * len(STARTS) // 2
"""Half of what fits: a busy studio that still has time to offer."""
LAST_DAY_AHEAD = 45
LENGTH = timedelta(minutes=210)


def fill(urls: dict[str, str], wanted: int, existing: int) -> None:
    """Bring the number of bookings from `existing` to `wanted`, the newest days first."""
    fill_schedule(urls["scheduling"], wanted, existing)
    bookings = [
        _booking_row(id_of(f"booking {number}"), number, start, start + LENGTH)
        for number, start, _ in _stored(wanted, existing)
    ]
    orders = [
        _order_row(id_of(f"booking {number}"), number) for number, *_ in _stored(wanted, existing)
    ]
    _insert(urls["booking"], [(ORDER_INSERT, orders, None), (BOOKING_INSERT, bookings, None)])


def fill_schedule(url: str, wanted: int, existing: int) -> None:
    """Do so for holds and allocations only."""
    holds, allocations = [], []
    for number, start, crew in _stored(wanted, existing):
        booking = id_of(f"booking {number}")
        holds.append(
            (
                booking,
                SERVICE["service_id"],
                BRANCH["id"],
                start,
                start + LENGTH,
                "confirmed",
                None,
                [],
            )
        )
        for kind, (offset, length) in PHASES.items():
            begins = start + timedelta(minutes=offset)
            span = f"[{begins.isoformat()},{(begins + timedelta(minutes=length)).isoformat()})"
            resource = id_of(f"{kind} {crew}")
            allocations.append(
                (id_of(f"{booking} {kind}"), booking, resource, kind, kind, span, span, "confirmed")
            )
    _insert(
        url,
        [
            (
                "INSERT INTO hold (booking_id, service_id, branch_id, start_at, end_at, state,"
                " expires_at, resource_ids) VALUES %s",
                holds,
                "(%s, %s, %s, %s, %s, %s, %s, %s::uuid[])",
            ),
            (
                "INSERT INTO allocation (id, booking_id, resource_id, resource_type, line, during,"
                " serving, state) VALUES %s",
                allocations,
                None,
            ),
        ],
    )


def _stored(wanted: int, existing: int) -> Iterator[tuple[int, datetime, int]]:
    """Yield the number, start and crew of each booking between two counts."""
    today = datetime.now(ZONE).date()
    for number in range(existing, wanted):
        day = today + timedelta(days=LAST_DAY_AHEAD - number // PER_DAY)
        crew, shift = divmod(number % PER_DAY, len(STARTS))
        yield number, datetime.combine(day, STARTS[shift], ZONE).astimezone(UTC), crew


ORDER_INSERT = (
    'INSERT INTO "order" (id, number, branch_id, timezone, title, contact_name, contact_phone,'
    " currency, deposit_cents, deposit_money, policy, schedule, created_at) VALUES %s"
)
BOOKING_INSERT = (
    "INSERT INTO booking (id, order_id, number, version, status, needs_approval, in_conflict,"
    " service_id, service_name, service_version, branch_id, branch_name, branch_address,"
    " branch_phone, timezone, starts_at, ends_at, schedule_revision, crew, contact_name,"
    " contact_phone, search_text, search_terms, note, answers, channel, requested_at, confirmed_at,"
    " cancel_reason, reschedule_count, moves_used, manage_version) VALUES %s"
)


def _order_row(order: str, number: int) -> tuple[Any, ...]:
    return (
        order,
        f"BENCH-{number:07d}",
        BRANCH["id"],
        "Asia/Shanghai",
        '{"zh": "经典婚纱照", "en": "Classic wedding"}',
        f"客户{number}",
        f"+86138{number:08d}",
        "CNY",
        80_000,
        "advance",
        "[]",
        "[]",
        datetime.now(UTC),
    )


def _booking_row(booking: str, number: int, start: datetime, end: datetime) -> tuple[Any, ...]:
    phone = f"+86138{number:08d}"
    return (
        booking,
        booking,
        f"BENCH-{number:07d}",
        2,
        "confirmed",
        False,
        False,
        SERVICE["service_id"],
        '{"zh": "经典婚纱照", "en": "Classic wedding"}',
        1,
        BRANCH["id"],
        '{"zh": "静安店", "en": ""}',
        '{"zh": "上海", "en": ""}',
        BRANCH["phone"],
        "Asia/Shanghai",
        start,
        end,
        0,
        "[]",
        f"客户{number}",
        phone,
        f"bench-{number:07d} 客户{number} {phone}",
        [phone],
        "",
        "{}",
        "web",
        start - timedelta(days=20),
        start - timedelta(days=20),
        "",
        0,
        0,
        1,
    )


def _insert(url: str, statements: list[tuple[str, list[Any], str | None]]) -> None:
    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    with connection, connection.cursor() as cursor:
        for statement, rows, template in statements:
            execute_values(cursor, statement, rows, template=template, page_size=2_000)
    with connection, connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()
