"""Visits: what several services in one appointment ask of the customer."""

from collections.abc import Iterable
from uuid import UUID


def forms_asked(form_ids: Iterable[UUID | None]) -> list[UUID | None]:
    """Return the form that each service of a visit asks: one that several share the first asks.

    Shapes:  one entry for each service, in their order; None where nothing is asked.
    """
    asked: list[UUID | None] = []
    for form_id in form_ids:
        asked.append(None if form_id in asked else form_id)
    return asked
