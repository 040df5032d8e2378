"""Alembic's environment of this service."""

from services.automation.models import Base
from services.chassis import migrations

migrations.run(Base.metadata)
