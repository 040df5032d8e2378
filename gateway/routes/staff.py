"""Staff sign in, see who they are, and sign out."""

from datetime import datetime
from typing import Any

import orjson
from werkzeug.wrappers import Response

from gateway.auth import STAFF
from gateway.cookies import cookie_rules
from gateway.http import JSON, NO_STORE, Area, Call, route
from services.contracts import identity


class StaffSessions(Area):
    @route(
        "POST",
        "/api/v1/sessions",
        zh="员工登录",
        en="Sign in",
        tag="staff",
        body=identity.Credentials(),
        calls=(identity.OPEN_SESSION,),
        status=201,
        limit="login",
    )
    def open_session(self, call: Call) -> Response:
        opened = self.identity.open_session(**call.body)
        response = Response(orjson.dumps(opened), status=201, content_type=JSON, headers=NO_STORE)
        response.set_cookie(
            self.settings.session_cookie,
            opened["token"],
            expires=datetime.fromisoformat(opened["expires_at"]),
            **cookie_rules(self.settings.public_url),
        )
        return response

    @route(
        "GET",
        "/api/v1/sessions/current",
        zh="当前登录信息",
        en="Read the current session",
        tag="staff",
        calls=(identity.CHECK_SESSION,),
        admission=STAFF,
    )
    def read_session(self, call: Call) -> Any:
        return call.staff.session

    @route(
        "DELETE",
        "/api/v1/sessions/current",
        zh="退出登录",
        en="Sign out",
        tag="staff",
        calls=(identity.CLOSE_SESSION,),
        status=204,
        admission=STAFF,
    )
    def close_session(self, call: Call) -> Response:
        self.identity.close_session(token=call.staff.token)
        self.sessions.forget(call.staff.token)
        response = Response(status=204, headers=NO_STORE)
        response.delete_cookie(
            self.settings.session_cookie, **cookie_rules(self.settings.public_url)
        )
        return response
