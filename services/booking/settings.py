"""The settings of booking."""

from dataclasses import dataclass
from datetime import timedelta

from services.chassis.settings import ServiceSettings, SettingsError


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """`manage_secret` signs the private links; another value makes all sent links invalid.

    `sandbox_payments` offers a provider that takes no real money: never in production.
    """

    manage_secret: str
    public_url: str
    self_service_cutoff_hours: int = 24
    sandbox_payments: bool = False
    sandbox_secret: str = ""

    def __post_init__(self) -> None:
        if self.sandbox_payments and not self.sandbox_secret:
            raise SettingsError(f"{__name__}: SANDBOX_SECRET is missing")

    @property
    def self_service_cutoff(self) -> timedelta:
        return timedelta(hours=self.self_service_cutoff_hours)
