"""How often the pages of the portal were seen, by day of the studio and channel."""

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.booking.models.base import Base
from services.contracts.forms import STEPS


class PageCount(Base):
    """How many visitors saw a kind of page, or began what it is for, on one day."""

    __tablename__ = "page_count"
    __table_args__ = (sa.CheckConstraint("views >= 0 AND starts >= 0", name="counts"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    page: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    views: Mapped[int]
    starts: Mapped[int]


class PageVisitor(Base):
    """A visitor who was counted already on this day; `visitor` is a digest that names nobody."""

    __tablename__ = "page_visitor"
    __table_args__ = (sa.CheckConstraint(sa.column("step").in_(STEPS), name="step"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    page: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    visitor: Mapped[str] = mapped_column(primary_key=True)


VISITORS_KEPT = timedelta(days=2)
"""Longer than their day lasts anywhere: pruned sooner, a visitor would be counted twice."""

PRUNED = ((PageVisitor.__tablename__, "day", VISITORS_KEPT),)
