"""Alembic's environment of this service."""

from services.booking.models import Base
from services.chassis import migrations

migrations.run(Base.metadata)
