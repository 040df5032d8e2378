"""The rules of what a studio defines: ranges of dates, weekly rosters, pools and requirements."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any
from uuid import UUID

from services.contracts.scheduling import PoolCyclic, RangeInvalid
from services.scheduling.domain.faults import invalid, pointed
from services.scheduling.domain.lines import MAX_CONTESTED, Line, default_duration

MAX_RANGE_DAYS = 731
"""Two years, a leap day included: who closes for longer does not come back."""

MAX_LOCKED_MINUTES = 16 * 24 * 60
"""What one line may lock, its buffers included; the table of allocations refuses more."""

MAX_DURATION_MINUTES = 7 * 24 * 60
"""The longest that a customer can be told a booking lasts."""

WHOLE_DAYS_MINUTES = 2 * 24 * 60 + 60
"""The most that a line grows when it locks whole local days: the rest of the first and of the
last one, and the hour by which a day is longer when summer ends."""


def check_range(first: date, last: date, pointer: str) -> None:
    """Refuse local dates, both included, that end before they begin or go on for too long.

    Errors:  RangeInvalid at the pointer.
    """
    # The day after the last one must exist too: ranges are half-open.
    if not 0 <= (last - first).days < MAX_RANGE_DAYS or last == date.max:
        raise pointed(RangeInvalid, pointer)


def weekly_rules(
    week: Iterable[Mapping[str, Any]],
) -> list[tuple[list[int], list[tuple[time, time]]]]:
    """Return the kinds of days that have the same hours together, with these hours.

    Shapes:  `week` as in WeeklyHours; [([1, 2, 3], [(09:00, 12:00), (13:00, 18:00)]), …].
    """
    hours: dict[int, set[tuple[time, time]]] = defaultdict(set)
    for each in week:
        hours[each["weekday"]].add((each["opens"], each["closes"]))
    alike: dict[frozenset[tuple[time, time]], list[int]] = defaultdict(list)
    for weekday in sorted(hours):
        alike[frozenset(hours[weekday])].append(weekday)
    return [(weekdays, sorted(spans)) for spans, weekdays in alike.items()]


# --- pools


def contained(pool_id: UUID, children: Mapping[UUID, Collection[UUID]]) -> set[UUID]:
    """Return a pool and every pool in it, at whatever depth.

    Shapes:  `children` what each pool holds itself.
    """
    found: set[UUID] = set()
    ahead = [pool_id]
    while ahead:
        each = ahead.pop()
        if each not in found:
            found.add(each)
            ahead += children.get(each, ())
    return found


def check_no_circle(
    pool_id: UUID, pool_ids: Sequence[UUID], children: Mapping[UUID, Collection[UUID]]
) -> None:
    """Refuse to put pools into one that they contain.

    Errors:  PoolCyclic at /pool_ids/n.
    """
    for n, inner in enumerate(pool_ids):
        if pool_id in contained(inner, children):
            raise pointed(PoolCyclic, f"/pool_ids/{n}")


# --- requirements


def check_lines(lines: Sequence[Line], *, places: int) -> None:
    """Refuse lines by which no service could ever be booked.

    Errors:  Invalid at /roles, /roles/n/key or /roles/n/length_minutes.
    """
    _check_keys(lines)
    _check_lengths(lines)
    required = [line for line in lines if not line.optional]
    if not required:
        raise invalid("/roles", zh="至少要有一项必选资源", en="One line at least must be required")
    if places > 1 and not any(line.shared for line in required):
        raise invalid(
            "/roles",
            zh="多人课程至少要有一项共用的必选资源",
            en="A class needs a required line that all its places share",
        )
    _, rivals = Counter(line.resource_type for line in lines).most_common(1)[0]
    if rivals > MAX_CONTESTED:
        raise invalid(
            "/roles",
            zh=f"同一类资源最多 {MAX_CONTESTED} 行",
            en=f"One type of resource may have {MAX_CONTESTED} lines at most",
        )


def _check_keys(lines: Sequence[Line]) -> None:
    known: set[str] = set()
    for n, line in enumerate(lines):
        if line.key in known:
            raise invalid(
                f"/roles/{n}/key",
                zh="标识重复，同类资源的每一行都要有自己的标识",
                en=f"There is another line {line.key!r}; give each its own key",
            )
        known.add(line.key)


def _check_lengths(lines: Sequence[Line]) -> None:
    for n, line in enumerate(lines):
        locked = line.buffer_before_minutes + line.length_minutes + line.buffer_after_minutes
        if locked + WHOLE_DAYS_MINUTES * line.whole_days > MAX_LOCKED_MINUTES:
            raise invalid(
                f"/roles/{n}/length_minutes",
                zh="单项资源连同缓冲最多占用 16 天",
                en="One line may lock 16 days at most, its buffers included",
            )


def duration(lines: Sequence[Line], told: int | None) -> int:
    """Return how long a booking lasts, in minutes: as told, or else as its lines say.

    Errors:  Invalid at /duration_minutes when the lines say too much.
    """
    minutes = told or default_duration(lines)
    if minutes > MAX_DURATION_MINUTES:
        raise invalid(
            "/duration_minutes",
            zh="各项资源的时间超过 7 天，请填写服务时长",
            en="The lines run for more than 7 days; say how long the service lasts",
        )
    return minutes


def check_parts(parts: Iterable[Mapping[str, Any]]) -> None:
    """Refuse two parts of the day by one name.

    Errors:  Invalid at /day_parts/n/part.
    """
    known: set[str] = set()
    for n, each in enumerate(parts):
        if each["part"] in known:
            raise invalid(
                f"/day_parts/{n}/part", zh="时段重复", en=f"There is another part {each['part']!r}"
            )
        known.add(each["part"])
