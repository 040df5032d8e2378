"""Having the waitlist asked when there may be more time at a branch than there was."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from services.scheduling.queries import rosters
from services.scheduling.usecases.rosters import FREED_AHEAD


def may_be_freed(session: Session, branch_ids: Iterable[UUID], now: datetime) -> None:
    """Note that hours, rosters or days of some branches have changed."""
    rosters.note_freed(session, set(branch_ids), Range(now, now + FREED_AHEAD, bounds="[)"))
