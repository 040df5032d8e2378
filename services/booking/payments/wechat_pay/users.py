"""Asking WeChat which of its users a code stands for: a request of its own, with the app's secret.

Web authorisation of an official account, and the log-in of a mini program.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

import orjson

from services.booking.payers import Payer
from services.booking.payments.http import Http
from services.booking.settings import Settings
from services.contracts.payers import WeChatCodeInvalid, WeChatUnsupported
from services.contracts.payments import ProviderRefused, ProviderUnavailable

Within = Literal["account", "mini_program"]

CALLBACK_PATH = "/wechat/callback"
"""Where the gateway takes a user who comes back from WeChat."""

SPENT = frozenset({40029, 40163, 42003})
"""WeChat's numbers for a code that is none of its app's, was used before, or is over."""

BLOCKED = 40226
"""WeChat's number for a user whom it lets into no mini program."""

PATHS = {"account": "/sns/oauth2/access_token", "mini_program": "/sns/jscode2session"}
CODE_NAMES = {"account": "code", "mini_program": "js_code"}


@dataclass(frozen=True)
class App:
    """An official account or a mini program, and what proves that we are it."""

    appid: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Users:
    """`apps` are those that are configured."""

    apps: Mapping[str, App]
    http: Http
    url: str
    authorize_url: str
    public_url: str

    def authorize(self, state: str) -> str:
        """Return the address where WeChat, without asking its user, sends them back with a code.

        Errors:  WeChatUnsupported.
        """
        values = {  # WeChat wants them in this order
            "appid": self._app("account").appid,
            "redirect_uri": self.public_url + CALLBACK_PATH,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
        return f"{self.authorize_url}?{urlencode(values)}#wechat_redirect"

    def identify(self, within: Within, code: str) -> Payer:
        """Return the user whom a code stands for; a code is good once.

        Errors:  WeChatUnsupported; WeChatCodeInvalid; ProviderRefused; ProviderUnavailable.
        """
        app = self._app(within)
        values = {
            "appid": app.appid,
            "secret": app.secret,
            CODE_NAMES[within]: code,
            "grant_type": "authorization_code",
        }
        answer = self.http.ask("GET", f"{self.url}{PATHS[within]}?{urlencode(values)}", headers={})
        return Payer(app.appid, _openid(answer.status, answer.body))

    def _app(self, within: Within) -> App:
        if within not in self.apps:
            raise WeChatUnsupported()
        return self.apps[within]


def users_of(settings: Settings) -> Users:
    """Return what asks WeChat on behalf of the apps that the settings name."""
    account = App(settings.wechat_pay_appid, settings.wechat_secret)
    mini_program = App(settings.wechat_mini_appid, settings.wechat_mini_secret)
    apps = {"account": account, "mini_program": mini_program}
    return Users(
        apps={within: app for within, app in apps.items() if app.appid and app.secret},
        http=Http(settings.payment_timeout_seconds),
        url=settings.wechat_url,
        authorize_url=settings.wechat_authorize_url,
        public_url=settings.public_url,
    )


def _openid(status: int, body: bytes) -> str:
    """Read an answer, which is 200 for refusals too; -1 and what we never heard of is unknown."""
    try:
        told: Any = orjson.loads(body)
        number = int(told.get("errcode", 0))
    except (ValueError, TypeError, AttributeError) as error:
        raise ProviderUnavailable(reason="no sense", status=status) from error
    if number in SPENT:
        raise WeChatCodeInvalid(provider_code=number)
    if number == BLOCKED or told.get("is_snapshotuser"):
        # To a page that is only a preview WeChat names a user who does not exist and cannot pay.
        raise ProviderRefused(provider_code=str(number or "is_snapshotuser"))
    if status != 200 or number or not isinstance(told.get("openid"), str):
        raise ProviderUnavailable(reason=str(number or "no sense"), status=status)
    openid: str = told["openid"]
    return openid
