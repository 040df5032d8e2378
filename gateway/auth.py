"""Who is calling and by what right: staff sessions, private links, and what a route asks for."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from nameko.extensions import DependencyProvider
from werkzeug.wrappers import Request

from services.chassis.context import Context
from services.chassis.rpc import Client
from services.contracts import identity
from services.contracts.errors import Forbidden, Invalid, Unauthenticated, YingqiError

SESSION_TTL_SECONDS = 5.0
"""How long a checked session is believed; a sign-out elsewhere takes effect within it."""

REMEMBERED_SESSIONS = 5_000
"""Sessions kept at once; beyond it the oldest is asked for again."""

MANAGE_TOKEN_HEADER = "X-Manage-Token"  # noqa: S105  (a name)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CrossSiteRefused(Forbidden):
    """A write that carries the cookie and no sign of coming from one of our own pages."""

    code = "request.cross_site"
    sentence = {
        "zh": "拒绝来自其他网站的请求",
        "en": "A request from another site was refused",
    }


@dataclass(frozen=True)
class Staff:
    """A member of staff; `branch_ids` None means every branch.

    Shapes:  `resource_id` is whom they are on the calendar, if they are on it.
    """

    id: str
    permissions: frozenset[str]
    branch_ids: tuple[str, ...] | None
    token: str
    session: dict[str, Any]
    resource_id: str | None = None

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def works_at(self, branch_id: str | None) -> bool:
        return self.branch_ids is None or branch_id in self.branch_ids

    def require(self, permission: str | None, branch_id: str | None = None) -> None:
        """Errors:  Forbidden when the permission is missing or the branch is another's."""
        if permission is not None and not self.may(permission):
            raise Forbidden(permission=permission)
        if branch_id is not None and not self.works_at(branch_id):
            raise Forbidden(branch_id=branch_id)

    def require_everywhere(self) -> None:
        """Errors:  Forbidden for staff of some branches: what all of them share is not theirs."""
        if self.branch_ids is not None:
            raise Forbidden(all_branches=True)


@dataclass(frozen=True)
class Visitor:
    """Whoever makes a request: staff, the holder of a private link, or anybody."""

    staff: Staff | None = None
    manage_token: str | None = None


@dataclass(frozen=True)
class Admission:
    """What a route asks for.

    Shapes:  `by_staff` a session is looked at; `by_manage_token` a private link is enough;
             `required` nobody else gets in; `permission` what staff need.
    """

    by_staff: bool = False
    by_manage_token: bool = False
    required: bool = False
    permission: str | None = None

    @property
    def errors(self) -> tuple[type[YingqiError], ...]:
        """The errors with which this admission refuses."""
        if not self.by_staff:
            return (Unauthenticated,) if self.required else ()
        refusals: tuple[type[YingqiError], ...] = (identity.SessionInvalid, CrossSiteRefused)
        return (Unauthenticated, *refusals, Forbidden) if self.required else refusals


PUBLIC = Admission()
STAFF = Admission(by_staff=True, required=True)
PUBLIC_OR_STAFF = Admission(by_staff=True)


HOLDER = Admission(by_manage_token=True, required=True)


def staff_with(permission: str) -> Admission:
    """Admit staff who have a permission."""
    return Admission(by_staff=True, required=True, permission=permission)


def holder_or_staff_with(permission: str) -> Admission:
    """Admit who holds the booking's private link, and staff who have a permission."""
    return Admission(by_staff=True, by_manage_token=True, required=True, permission=permission)


class Sessions(DependencyProvider):
    """Whose session a token opens: asked of identity, remembered for a few seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, Staff]] = OrderedDict()

    def get_dependency(self, worker_ctx: Any) -> "Sessions":
        return self

    def staff_of(self, token: str, context: Context) -> Staff:
        """Errors:  SessionInvalid; Unavailable when identity does not answer."""
        until, staff = self._known.get(token, (0.0, None))
        if staff is not None and self._clock() < until:
            return staff
        staff = _staff_in(self._session(token, context), token)
        self._known[token] = (self._clock() + SESSION_TTL_SECONDS, staff)
        while len(self._known) > REMEMBERED_SESSIONS:
            self._known.popitem(last=False)
        return staff

    def forget(self, token: str) -> None:
        """Ask again next time: the session was closed."""
        self._known.pop(token, None)

    def _session(self, token: str, context: Context) -> Any:
        try:
            return self._identity(context).check_session(token=token)
        except Invalid as error:  # not the form of a token: nobody's session either
            raise identity.SessionInvalid() from error

    def _identity(self, context: Context) -> Any:
        """Requests are admitted before they get a worker, so no client is injected here."""
        client = next(
            provider
            for provider in self.container.dependencies
            if isinstance(provider, Client) and provider.target == identity.OWNER
        )
        return client.caller(context)


def _staff_in(session: dict[str, Any], token: str) -> Staff:
    about = session["staff"]
    branch_ids = about["branch_ids"]
    return Staff(
        id=about["id"],
        permissions=frozenset(about["permissions"]),
        branch_ids=None if branch_ids is None else tuple(branch_ids),
        token=token,
        session=session,
        resource_id=about.get("resource_id"),
    )


def admit(
    request: Request, admission: Admission, staff_of: Callable[[str], Staff], cookie_name: str
) -> Visitor:
    """Return who makes a request.

    A private link outranks a session: staff who open a customer's link see what the customer sees.
    Where a session is not required a stale cookie counts as none; a stale bearer token never does.

    Errors:  Unauthenticated, Forbidden, CrossSiteRefused; what `staff_of` raises.
    """
    if admission.by_manage_token and (token := _manage_token(request)):
        return Visitor(manage_token=token)
    if not admission.by_staff:
        if admission.required:
            raise Unauthenticated()
        return Visitor()
    bearer, cookie = _bearer(request), request.cookies.get(cookie_name)
    if not (bearer or cookie):
        if admission.required:
            raise Unauthenticated()
        return Visitor()
    try:
        staff = staff_of(bearer or cookie or "")
    except Unauthenticated:
        if bearer or admission.required:
            raise
        return Visitor()
    if not bearer:
        _refuse_cross_site(request)
    staff.require(admission.permission)
    return Visitor(staff=staff)


def _manage_token(request: Request) -> str | None:
    return request.headers.get(MANAGE_TOKEN_HEADER) or request.args.get("token") or None


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _refuse_cross_site(request: Request) -> None:
    """A browser sends the cookie by itself; a form on another site can send none of these signs."""
    if request.method in SAFE_METHODS or request.mimetype == "application/json":
        return
    if "X-Requested-With" in request.headers:
        return
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return
    origin = request.headers.get("Origin")
    if origin is None or urlsplit(origin).netloc != request.host:
        raise CrossSiteRefused()
