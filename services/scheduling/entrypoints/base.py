"""What every part of the service has: its database, its clock and its settings."""

from services.chassis.clock import Clock
from services.chassis.db import Database
from services.chassis.outbox import Relay
from services.chassis.settings import Settings
from services.chassis.telemetry import Telemetry
from services.scheduling.links import Links
from services.scheduling.models import CONSTRAINT_ERRORS


class Parts:
    """The dependencies of scheduling's RPCs."""

    telemetry = Telemetry()
    now = Clock()
    settings = Settings()
    uow = Database(constraint_errors=CONSTRAINT_ERRORS)
    relay = Relay()

    @property
    def links(self) -> Links:
        """What signs the secret addresses of calendars and of places on the waitlist."""
        return Links(secret=self.settings.link_secret, public_url=self.settings.public_url)
