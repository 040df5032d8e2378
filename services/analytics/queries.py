"""Every SELECT of analytics, one named function each."""

from collections.abc import Sequence
from datetime import date
from functools import singledispatch
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.analytics.domain import Count, Metric, Range, Share, Sum, Tally
from services.analytics.models import FACTS


def tallies(
    session: Session,
    metric: Metric,
    *,
    within: Range,
    branch_id: UUID | None,
    branch_ids: Sequence[UUID] | None,
) -> dict[date, Tally]:
    """Return what a metric counted on each local day on which there was anything."""
    fact = FACTS[metric.fact]
    on = getattr(fact, metric.on)
    asked = (
        sa.select(on, _numerator(metric.measure, fact), sa.func.count())
        .where(on.between(within.first, within.last))
        .group_by(on)
    )
    if branch_id is not None:
        asked = asked.where(fact.branch_id == branch_id)
    if branch_ids is not None:
        asked = asked.where(fact.branch_id.in_(branch_ids))
    return {
        day: Tally(numerator=int(numerator), denominator=denominator)
        for day, numerator, denominator in session.execute(asked)
    }


@singledispatch
def _numerator(measure: Any, _fact: Any) -> sa.ColumnElement[Any]:
    raise NotImplementedError(f"no SQL for {measure!r}")


@_numerator.register
def _(_measure: Count, _fact: Any) -> sa.ColumnElement[Any]:
    return sa.func.count()


@_numerator.register
def _(measure: Sum, fact: Any) -> sa.ColumnElement[Any]:
    return sa.func.sum(getattr(fact, measure.column))


@_numerator.register
def _(measure: Share, fact: Any) -> sa.ColumnElement[Any]:
    return sa.func.count(getattr(fact, measure.column))
