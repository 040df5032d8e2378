"""What the tables share: their base and the types of their columns."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

from services.chassis.db import new_metadata

Json = dict[str, Any]
Cents = Annotated[int, mapped_column(sa.BigInteger)]


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: sa.DateTime(timezone=True),
        str: sa.Text,
        Json: JSONB,
        list[Json]: JSONB,
        list[UUID]: ARRAY(sa.Uuid),
        list[str]: ARRAY(sa.Text),
    }
