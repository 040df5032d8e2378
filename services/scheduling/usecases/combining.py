"""Several services in one booking, one after the other, as if they were one service."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from uuid import UUID

from services.contracts.scheduling import ServicesNotCombinable
from services.scheduling.domain.lines import MAX_CONTESTED
from services.scheduling.queries.offers import Terms


def check_combinable(service_ids: Sequence[UUID], terms: Sequence[Terms]) -> None:
    """Refuse services that cannot follow one another in one booking.

    Those are: a class; one that takes place elsewhere, for a booking has one place; a later one
    with a quota of its own, for a booking counts for its first service; those that may never start
    on the same day; and more than MAX_CONTESTED lines of one type together. The same service may
    come twice.

    Shapes:  the terms of each service, in their order.
    Errors:  ServicesNotCombinable with the first service for which that is so.
    """
    rivals: Counter[str] = Counter()
    for number, (service_id, each) in enumerate(zip(service_ids, terms, strict=True)):
        types = [line.resource_type for line in each.lines]
        rivals.update(types)
        own = number > 0 and any(
            quota["service_id"] is not None or quota["per"] == "service" for quota in each.quotas
        )
        if (
            own
            or each.places > 1
            or "location" in types
            or max(rivals.values(), default=0) > MAX_CONTESTED
            or _common_weekdays(terms[: number + 1]) == ()
        ):
            raise ServicesNotCombinable(service_id=str(service_id))


def combined(terms: Sequence[Terms]) -> Terms:
    """Return the terms of services that follow one another, the first of which leads.

    It lasts as long as all of them. The stricter notice, horizon and weekdays hold; the grid of
    starts and the quotas are the first's, and there are no parts of the day.
    """
    first = terms[0]
    if len(terms) == 1:
        return first
    begins = [0, *accumulate(each.duration_minutes for each in terms)]
    lines = [
        line.as_part(part, begins[part])
        for part, each in enumerate(terms[1:], start=1)
        for line in each.lines
    ]
    return replace(
        first,
        offered=all(each.offered for each in terms),
        notice_minutes=max(each.notice_minutes for each in terms),
        horizon_days=min(each.horizon_days for each in terms),
        weekdays=_common_weekdays(terms),
        duration_minutes=begins[-1],
        places=1,
        lines=(*first.lines, *lines),
        parts={},
    )


def _common_weekdays(terms: Sequence[Terms]) -> tuple[int, ...] | None:
    some = [set(each.weekdays) for each in terms if each.weekdays is not None]
    return tuple(sorted(set.intersection(*some))) if some else None
