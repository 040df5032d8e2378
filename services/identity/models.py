"""The tables of identity."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.chassis.db import new_metadata
from services.contracts.errors import YingqiError
from services.contracts.identity import LoginTaken


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: sa.DateTime(timezone=True),
        str: sa.Text,
    }


class Staff(Base):
    """An account. `branch_ids` null means every branch.

    `resource_id` is the photographer, say, who signs in with it; scheduling knows who that is.
    """

    __tablename__ = "staff"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    branch_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(sa.UUID))
    resource_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


class StaffSession(Base):
    """A signed-in browser. Only the digest of its token is kept."""

    __tablename__ = "staff_session"

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LoginFailure(Base):
    """One wrong password, kept for the length of the locking window."""

    __tablename__ = "login_failure"
    __table_args__ = (sa.Index("login_failure_login_failed_at_idx", "login", "failed_at"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    login: Mapped[str]
    failed_at: Mapped[datetime]


CONSTRAINT_ERRORS: dict[str, type[YingqiError]] = {"staff_login_key": LoginTaken}
