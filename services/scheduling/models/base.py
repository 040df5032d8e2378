"""What all tables of scheduling share: their metadata, their types and the shape of a range."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, DATERANGE, INT4RANGE, JSONB, TSTZRANGE, Range
from sqlalchemy.orm import DeclarativeBase

from services.chassis.db import new_metadata


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = {
        datetime: sa.DateTime(timezone=True),
        str: sa.Text,
        dict[str, Any]: JSONB,
        dict[str, int]: JSONB,
        dict[str, str]: JSONB,
        Range[datetime]: TSTZRANGE,
        Range[date]: DATERANGE,
        Range[int]: INT4RANGE,
        list[UUID]: ARRAY(sa.Uuid),
        list[int]: ARRAY(sa.SmallInteger),
        list[str]: ARRAY(sa.Text),
    }


def half_open(column: str) -> str:
    """Return the condition that a range is [start, end), bounded and not empty."""
    return (
        f"NOT isempty({column}) AND lower_inc({column}) AND NOT upper_inc({column})"
        f" AND NOT lower_inf({column}) AND NOT upper_inf({column})"
    )


DAY_CODES = "ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9]::smallint[]"
"""ISO weekdays, 8 for a public holiday and 9 for a day off that has to be worked (调休)."""
