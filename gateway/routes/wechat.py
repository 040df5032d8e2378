"""Who pays within WeChat: its browser goes there and back, its mini program brings a code."""

import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

import orjson
from marshmallow import fields, validate
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from gateway.cookies import cookie_rules
from gateway.http import JSON, NO_STORE, Area, Call, route
from services.contracts import payers
from services.contracts.errors import Forbidden, YingqiError
from services.contracts.fields import Contract

STATE_COOKIE = "yingqi_wechat"
STATE_PATH = "/wechat"
STATE_SECONDS = 600
"""How long somebody may be away; WeChat's own code is good for five minutes."""

PAYER_COOKIE = "yingqi_payer"
PAYER_PATH = "/api/v1/bookings"

OWN_PAGE = re.compile(r"^/portal/[!-\[\]-~]*$(?!\n)")
"""A page of the portal: whoever comes back from WeChat is sent nowhere else."""


class WeChatStateInvalid(Forbidden):
    """Who comes back from WeChat did not leave from this browser a moment ago."""

    code = "wechat.state_invalid"
    sentence = {
        "zh": "这次微信授权不是从本机发起的，或已过期，请回到预约页面重试",
        "en": "This authorisation was not begun here or is over; go back to the booking page",
    }


class Journey(Contract):
    """`back` is the page of the portal to come back to; it never leaves this browser."""

    back = fields.String(
        required=True,
        validate=[validate.Length(max=1000), validate.Regexp(OWN_PAGE)],
    )


class WeChat(Area):
    @route(
        "POST",
        "/api/v1/wechat/authorizations",
        zh="开始微信网页授权（在微信内付款前）",
        en="Begin a web authorisation, before a payment within WeChat",
        tag="payments",
        body=Journey(),
        calls=(payers.AUTHORIZE_PAYER,),
        status=201,
    )
    def authorize_payer(self, call: Call) -> Response:
        state = secrets.token_hex(16)
        place = self.booking.authorize_payer(state=state)
        response = Response(orjson.dumps(place), status=201, content_type=JSON, headers=NO_STORE)
        response.set_cookie(
            STATE_COOKIE,
            f"{state}.{urlsafe_b64encode(call.body['back'].encode()).decode()}",
            max_age=STATE_SECONDS,
            **_lax(self.settings.public_url, STATE_PATH),
        )
        return response

    @route("GET", "/wechat/callback", listed=False, limit="login")
    def take_payer(self, call: Call) -> Response:
        """Send who comes back on to their page, known or not: there they may try again."""
        back = _journey(call.request.cookies.get(STATE_COOKIE, ""), call.request.args)
        response = redirect(self.settings.public_url + back, 303)
        response.headers.update(NO_STORE)
        response.delete_cookie(STATE_COOKIE, **_lax(self.settings.public_url, STATE_PATH))
        try:
            known = self.booking.identify_payer(
                within="account", code=call.request.args.get("code", "")
            )
        except YingqiError:
            return response
        response.set_cookie(
            PAYER_COOKIE,
            known["payer"],
            expires=datetime.fromisoformat(known["expires_at"]),
            **_lax(self.settings.public_url, PAYER_PATH),
        )
        return response

    @route(
        "POST",
        "/api/v1/wechat/payers",
        zh="小程序登录凭证换取付款人凭据",
        en="Exchange a mini program's code for the proof of who pays",
        tag="payments",
        body=payers.CodeBody(),
        calls=(payers.IDENTIFY_PAYER,),
        status=201,
        limit="login",
    )
    def identify_payer(self, call: Call) -> Any:
        return self.booking.identify_payer(within="mini_program", **call.body)


def _lax(public_url: str, path: str) -> dict[str, Any]:
    """Who comes back comes from WeChat's site: a strict cookie would stay away."""
    return cookie_rules(public_url, path=path, samesite="Lax")


def _journey(cookie: str, args: Any) -> str:
    """Return the page that a journey began on.

    Errors:  WeChatStateInvalid.
    """
    state, _, page = cookie.partition(".")
    if not state or not secrets.compare_digest(state.encode(), args.get("state", "").encode()):
        raise WeChatStateInvalid()
    try:
        back = urlsafe_b64decode(page).decode()
    except ValueError as error:
        raise WeChatStateInvalid() from error
    if not OWN_PAGE.match(back):
        raise WeChatStateInvalid()
    return back
