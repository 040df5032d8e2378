"""Every SELECT of analytics, one named function each."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.analytics.domain import Count, Metric, Quotient, Share, Sum, Tally
from services.analytics.models import FACTS


def tallies(
    session: Session,
    metric: Metric,
    *,
    first: date,
    last: date,
    branch_id: UUID | None,
    branch_ids: Sequence[UUID] | None,
) -> dict[date, Tally]:
    """Return what a metric counted on each local day on which there was anything."""
    fact = FACTS[metric.fact]
    on = getattr(fact, metric.on)
    asked = (
        sa.select(on, _numerator(metric, fact), _denominator(metric, fact))
        .where(on.between(first, last))
        .group_by(on)
    )
    if metric.only is not None:
        asked = asked.where(getattr(fact, metric.only))
    if branch_id is not None:
        asked = asked.where(fact.branch_id == branch_id)
    if branch_ids is not None:
        asked = asked.where(fact.branch_id.in_(branch_ids))
    return {
        day: Tally(numerator=int(numerator), denominator=denominator)
        for day, numerator, denominator in session.execute(asked)
    }


def _numerator(metric: Metric, fact: Any) -> sa.ColumnElement[Any]:
    match metric.measure:
        case Count():
            return sa.func.count()
        case Sum(column) | Quotient(column, _):
            return sa.func.sum(getattr(fact, column))
        case Share(column):
            return sa.func.count(getattr(fact, column))


def _denominator(metric: Metric, fact: Any) -> sa.ColumnElement[Any]:
    match metric.measure:
        case Quotient(_, by):
            return sa.func.sum(getattr(fact, by))
        case _:
            return sa.func.count()
