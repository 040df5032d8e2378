"""The settings of the gateway."""

from dataclasses import dataclass

from services.chassis.storage import StorageSettings


@dataclass(frozen=True, kw_only=True)
class Settings(StorageSettings):
    """Shapes:  `listen_address` host:port. `public_url` is the origin that
             browsers see; https makes the session cookie Secure. `internal_url` is where this
             gateway reaches itself, by default where it listens. `trusted_proxies` are addresses or
             networks whose X-Forwarded-For is believed.
    Units:   rates are requests per minute and client address; 0 means no limit. `login` counts
             lookups too; `booking` bookings and answers to forms; `coupon` wishes with a coupon, of
             which a wrong one counts as ten; `form` opened forms, each of which comes with permits
             to upload; `upload` files that visitors begin by such permits; `visit` counted visits.
    """

    max_workers: int = 128
    listen_address: str = "127.0.0.1:8000"
    public_url: str = "http://127.0.0.1:8000"
    internal_url: str = ""
    trusted_proxies: tuple[str, ...] = ()
    session_cookie: str = "yingqi_session"
    login_rate_per_minute: int = 60
    booking_rate_per_minute: int = 30
    coupon_rate_per_minute: int = 30
    form_rate_per_minute: int = 120
    upload_rate_per_minute: int = 120
    visit_rate_per_minute: int = 120

    @property
    def own_url(self) -> str:
        """The address at which this gateway reaches itself."""
        host, _, port = self.listen_address.rpartition(":")
        reachable = "127.0.0.1" if host in {"", "0.0.0.0"} else host  # noqa: S104  (compared only)
        return self.internal_url.rstrip("/") or f"http://{reachable}:{port}"
