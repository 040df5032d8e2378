"""The settings of booking."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from services.booking.certificates import CertificateFile, check_chain, check_own
from services.booking.domain.uploads import MEBIBYTE, VisitorLimits
from services.booking.keys import PrivateKey, PublicKey
from services.chassis import clock
from services.chassis.settings import ServiceSettings, SettingsError
from services.chassis.storage import StorageSettings

NO_PRIVATE_KEY, NO_PUBLIC_KEY, NO_FILE = PrivateKey(""), PublicKey(""), CertificateFile("")
ALIPAY_CERTIFICATES = (
    "alipay_app_certificate_file",
    "alipay_certificate_file",
    "alipay_root_certificate_file",
)

API_V3_KEY_BYTES = 32
"""The length of an AES-256 key; with another nothing that WeChat Pay encrypts can be read."""

NEEDED_WITH = {
    "sandbox_payments": ("sandbox_secret",),
    "wechat_pay_mchid": (
        "wechat_pay_appid",
        "wechat_pay_certificate_serial",
        "wechat_pay_private_key",
        "wechat_pay_api_v3_key",
    ),
    "wechat_pay_public_key": ("wechat_pay_public_key_id",),
    "wechat_pay_public_key_id": ("wechat_pay_public_key",),
    "wechat_secret": ("wechat_pay_mchid",),
    "wechat_mini_appid": ("wechat_mini_secret", "wechat_pay_mchid"),
    "wechat_mini_secret": ("wechat_mini_appid",),
    "alipay_app_id": ("alipay_seller_id", "alipay_private_key"),
    **dict.fromkeys(ALIPAY_CERTIFICATES, ALIPAY_CERTIFICATES),
}
"""What must be set beside a setting that switches something on."""


@dataclass(frozen=True, kw_only=True)
class Settings(StorageSettings, ServiceSettings):
    """`manage_secret` signs the private links; another value makes all sent links invalid.

    `sandbox_payments` offers a provider that takes no real money: never in production. WeChat Pay
    is offered where its merchant (`mchid`) is named, Alipay where its app is. WeChat Pay proves
    itself by a public key, or by certificates that are fetched where none is given; Alipay by a
    public key, or by certificates where their files are named. `wechat_secret` is of the official
    account that is `wechat_pay_appid`, and `wechat_mini_secret` of the mini program: with them
    WeChat says who pays.
    `visitor_file_megabytes` is the largest file that a visitor sends with a form, who has nothing
    but its address; `visitor_day_megabytes` what one client address sends so on one UTC day, in
    MiB, 0 for no limit.
    `studio_timezone` says when a day ends that belongs to no branch, as of a form's visitors.
    `payment_timeout_seconds` is for one request to a provider and stays below the RPC timeout.
    """

    manage_secret: str
    public_url: str
    studio_timezone: str = "Asia/Shanghai"
    visitor_file_megabytes: int = 100
    visitor_day_megabytes: int = 2048
    sandbox_payments: bool = False
    sandbox_secret: str = ""
    payment_timeout_seconds: float = 5.0
    wechat_pay_mchid: str = ""
    wechat_pay_appid: str = ""
    wechat_pay_certificate_serial: str = ""
    wechat_pay_private_key: PrivateKey = NO_PRIVATE_KEY
    wechat_pay_api_v3_key: str = ""
    wechat_pay_public_key_id: str = ""
    wechat_pay_public_key: PublicKey = NO_PUBLIC_KEY
    wechat_pay_url: str = "https://api.mch.weixin.qq.com"
    wechat_secret: str = field(default="", repr=False)
    wechat_mini_appid: str = ""
    wechat_mini_secret: str = field(default="", repr=False)
    wechat_url: str = "https://api.weixin.qq.com"
    wechat_authorize_url: str = "https://open.weixin.qq.com/connect/oauth2/authorize"
    alipay_app_id: str = ""
    alipay_seller_id: str = ""
    alipay_private_key: PrivateKey = NO_PRIVATE_KEY
    alipay_public_key: PublicKey = NO_PUBLIC_KEY
    alipay_app_certificate_file: CertificateFile = NO_FILE
    alipay_certificate_file: CertificateFile = NO_FILE
    alipay_root_certificate_file: CertificateFile = NO_FILE
    alipay_url: str = "https://openapi.alipay.com/gateway.do"

    def __post_init__(self) -> None:
        if self.studio_timezone not in available_timezones():
            raise SettingsError(f"{__name__}: STUDIO_TIMEZONE is malformed")
        missing = [
            f"{name.upper()} is missing"
            for switch, needed in NEEDED_WITH.items()
            if getattr(self, switch)
            for name in needed
            if not getattr(self, name)
        ]
        if self.alipay_app_id and not (self.alipay_public_key or self.alipay_certificate_file):
            missing.append("ALIPAY_PUBLIC_KEY is missing")
        if missing:
            raise SettingsError(f"{__name__}: {'; '.join(missing)}")
        if self.wechat_pay_mchid and len(self.wechat_pay_api_v3_key.encode()) != API_V3_KEY_BYTES:
            raise SettingsError(f"{__name__}: WECHAT_PAY_API_V3_KEY is malformed")
        if self.alipay_certificate_file:
            self._check_alipay_certificates(clock.now())

    def _check_alipay_certificates(self, now: datetime) -> None:
        """Refuse to start with certificates with which nobody could be paid.

        Errors:  SettingsError.
        """
        own, theirs, roots = (getattr(self, name).certificates for name in ALIPAY_CERTIFICATES)
        try:
            check_own(own[0], self.alipay_private_key, now)
        except ValueError as error:
            raise SettingsError(f"{__name__}: ALIPAY_APP_CERTIFICATE_FILE: {error}") from error
        try:
            check_chain(theirs, roots, now)
        except ValueError as error:
            raise SettingsError(f"{__name__}: ALIPAY_CERTIFICATE_FILE: {error}") from error

    @property
    def visitor_limits(self) -> VisitorLimits:
        return VisitorLimits(
            file_bytes=self.visitor_file_megabytes * MEBIBYTE,
            day_bytes=self.visitor_day_megabytes * MEBIBYTE,
        )

    @property
    def studio_zone(self) -> ZoneInfo:
        return ZoneInfo(self.studio_timezone)
