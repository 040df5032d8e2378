"""Alembic's environment of this service."""

from services.chassis import migrations
from services.booking.models import Base

migrations.run(Base.metadata)
