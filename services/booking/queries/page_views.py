"""Counting the views of pages, each visitor once a day."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.booking.models import PageCount, PageVisitor

COUNTED_AS = {"view": PageCount.views.key, "start": PageCount.starts.key}

Place = tuple[str, str]
"""A page and a channel."""


def channels(session: Session, day: date) -> set[str]:
    """Return the channels by which anybody came on a day."""
    asked = sa.select(PageCount.channel).where(PageCount.day == day).distinct()
    return set(session.scalars(asked))


def note_visitors(
    session: Session, day: date, visits: Iterable[tuple[str, str, str, str]]
) -> Counter[tuple[str, str, str]]:
    """Remember who came on a day; return how many were new, by page, channel and step.

    Shapes:  `visits` are different ones of (page, channel, step, digest of the visitor).
    """
    names = ("page", "channel", "step", "visitor")
    # In one order everywhere: two batches that insert the same would else wait for each other.
    rows = [{"day": day, **dict(zip(names, each, strict=True))} for each in sorted(visits)]
    noted = insert(PageVisitor).values(rows).on_conflict_do_nothing()
    new = session.execute(noted.returning(PageVisitor.page, PageVisitor.channel, PageVisitor.step))
    return Counter((row.page, row.channel, row.step) for row in new)


def count(session: Session, day: date, new: Counter[tuple[str, str, str]]) -> None:
    """Add to what was counted on a day."""
    sums: dict[Place, dict[str, int]] = {}
    for (page, channel, step), visitors in new.items():
        zero = {"views": 0, "starts": 0}
        sums.setdefault((page, channel), zero)[COUNTED_AS[step]] += visitors
    for (page, channel), more in sorted(sums.items()):
        first = insert(PageCount).values(day=day, page=page, channel=channel, **more)
        counted = first.on_conflict_do_update(
            index_elements=[PageCount.day, PageCount.page, PageCount.channel],
            set_={
                "views": PageCount.views + more["views"],
                "starts": PageCount.starts + more["starts"],
            },
        )
        session.execute(counted)


def counts(session: Session, from_: date, to: date) -> list[dict[str, Any]]:
    """Return what was counted on some days, oldest first."""
    found = session.execute(
        sa.select(PageCount.__table__)
        .where(PageCount.day.between(from_, to))
        .order_by(PageCount.day, PageCount.page, PageCount.channel)
    ).mappings()
    return [dict(row) for row in found]
