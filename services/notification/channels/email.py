"""E-mail by SMTP."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from services.notification.channels import Channel, Letter, Undelivered
from services.notification.settings import Settings

ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+", re.ASCII)

TIMEOUT_SECONDS = 10
"""Of each step; the lease of a message is longer than all of them together."""

PERMANENT_FROM = 500
"""SMTP: 4xx asks to try again later, 5xx does not want to see this mail again."""


class Email:
    """Reaches e-mail addresses when an SMTP server is set."""

    name = "email"
    local = False

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def accepts(self, recipient: str) -> bool:
        """Tell whether the recipient is an address and there is a server to take it."""
        return bool(self.settings.smtp_host and ADDRESS.fullmatch(recipient))

    def deliver(self, letter: Letter) -> None:
        """Hand a letter to the SMTP server.

        Errors:  Undelivered.
        """
        try:
            with self._connected() as server:
                server.send_message(self._compose(letter))
        except OSError as error:  # every error of smtplib is one
            raise Undelivered(type(error).__name__, permanent=_is_permanent(error)) from None

    def _connected(self) -> smtplib.SMTP:
        own = self.settings
        if own.smtp_security == "tls":
            return self._signed_in(
                smtplib.SMTP_SSL(
                    own.smtp_host,
                    own.smtp_port,
                    timeout=TIMEOUT_SECONDS,
                    context=ssl.create_default_context(),
                )
            )
        server = smtplib.SMTP(own.smtp_host, own.smtp_port, timeout=TIMEOUT_SECONDS)
        if own.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        return self._signed_in(server)

    def _signed_in(self, server: smtplib.SMTP) -> smtplib.SMTP:
        if self.settings.smtp_user:
            server.login(self.settings.smtp_user, self.settings.smtp_password)
        return server

    def _compose(self, letter: Letter) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self.settings.smtp_from
        mail["To"] = letter.recipient
        mail["Subject"] = letter.subject
        mail["Date"] = format_datetime(letter.created_at)
        # The same for each attempt, so that a mailbox can tell a repetition.
        mail["Message-ID"] = f"<{letter.id}@{self.settings.smtp_from.rpartition('@')[2]}>"
        mail.set_content(letter.body)
        return mail


def _is_permanent(error: OSError) -> bool:
    """Tell whether the server refused this mail for good (a wrong password is ours to mend)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT_FROM for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= PERMANENT_FROM


def channel(settings: Settings) -> Channel:
    """Return the channel."""
    return Email(settings)
