"""The settings of crm."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings, SettingsError


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """`point_cents` is what a point is worth when it is spent."""

    point_cents: int = 1

    def __post_init__(self) -> None:
        if self.point_cents < 1:
            raise SettingsError(f"{__name__}: POINT_CENTS must be at least 1")
