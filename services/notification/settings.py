"""The settings of notification."""

from dataclasses import dataclass

from services.chassis.settings import ServiceSettings, SettingsError

SMTP_SECURITY = ("starttls", "tls", "none")


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """Which channels there are, the preferred one first, and the SMTP server of e-mail.

    Without `smtp_host` no e-mail is sent and addresses are reached by the next channel.
    """

    message_channels: tuple[str, ...] = ("email", "inbox")
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_from: str = ""

    def __post_init__(self) -> None:
        if "inbox" not in self.message_channels:
            raise SettingsError("MESSAGE_CHANNELS lacks inbox, which reaches whom no other does")
        if self.smtp_security not in SMTP_SECURITY:
            raise SettingsError(f"SMTP_SECURITY is one of {', '.join(SMTP_SECURITY)}")
        if self.smtp_host and "@" not in self.smtp_from:
            raise SettingsError("SMTP_FROM is missing: an e-mail needs an address to come from")
