"""WeChat's side of saying who its user is: codes for official accounts and mini programs.

Written from its public description; what it refuses it refuses with 200 and a number.
"""

import json
import secrets
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.providers.server import Server

ACCOUNT, ACCOUNT_SECRET = "wx0000000000000001", "secret-of-the-official-account"
MINI, MINI_SECRET = "wx00000000000000aa", "secret-of-the-mini-program"
SECRETS = {ACCOUNT: ACCOUNT_SECRET, MINI: MINI_SECRET}
PATHS = {"/sns/oauth2/access_token": ("code", ACCOUNT), "/sns/jscode2session": ("js_code", MINI)}


class WeChatServer(Server):
    """`codes` are those that were given out: whose they are, None once they were used."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.codes: dict[str, tuple[str, str] | None] = {}
        self.refusal: tuple[int, str] | None = None
        self.more: dict[str, Any] = {}

    def code(self, openid: str, appid: str = ACCOUNT) -> str:
        """A user lets an app know who they are."""
        code = secrets.token_hex(16)
        self.codes[code] = (appid, openid)
        return code

    def _answer(self, request: Request) -> Response:
        name, appid = PATHS[request.path]
        asked = request.args
        assert request.method == "GET"
        assert set(asked) == {"appid", "secret", name, "grant_type"}
        assert asked["grant_type"] == "authorization_code"
        if self.refusal:
            return refused(*self.refusal)
        if asked["appid"] != appid:
            return refused(40013, "invalid appid")
        if asked["secret"] != SECRETS[appid]:
            return refused(40125, "invalid appsecret")
        known = self.codes.get(asked[name], ("", ""))
        if known is None:
            return refused(40163, "code been used")
        if known[0] != appid:
            return refused(40029, "invalid code")
        self.codes[asked[name]] = None
        told: dict[str, Any] = {"openid": known[1], "session_key": "tiihtNczf5v6AKRyjwEUhQ=="}
        if appid == ACCOUNT:
            told = {
                "access_token": "ACCESS_TOKEN",
                "expires_in": 7200,
                "refresh_token": "REFRESH_TOKEN",
                "openid": known[1],
                "scope": "snsapi_base",
            }
        return answer({**told, **self.more})


def answer(told: dict[str, Any]) -> Response:
    return Response(json.dumps(told), content_type="text/plain")


def refused(number: int, message: str) -> Response:
    return answer({"errcode": number, "errmsg": f"{message}, rid: 64343c80-6120b833"})
