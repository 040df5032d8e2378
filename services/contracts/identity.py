"""Identity's words on the wire: staff, roles, sessions."""

from marshmallow import fields, validate

from services.contracts.errors import Conflict, TooMany, Unauthenticated
from services.contracts.fields import Contract, Instant
from services.contracts.registry import Event, Rpc

OWNER = "identity"

PERMISSIONS = (
    "booking.read",
    "booking.write",
    "calendar.read",
    "calendar.write",
    "calendar.force",
    "resource.write",
    "leave.request",
    "customer.read",
    "customer.write",
    "metric.read",
    "task.read",
    "task.write",
    "catalogue.write",
    "cash.write",
    "form.read",
    "form.write",
    "import.write",
    "theme.write",
    "staff.write",
)
ROLES: dict[str, tuple[str, ...]] = {
    "owner": PERMISSIONS,
    "manager": tuple(p for p in PERMISSIONS if p != "staff.write"),
    "receptionist": (
        "booking.read",
        "booking.write",
        "calendar.read",
        "calendar.write",
        "leave.request",
        "customer.read",
        "customer.write",
        "form.read",
        "task.read",
        "task.write",
    ),
    "photographer": ("calendar.read", "leave.request", "task.read"),
}


class BadCredentials(Unauthenticated):
    code = "identity.bad_credentials"
    sentence = {"zh": "账号或密码不正确", "en": "The login or password is not correct"}


class SessionInvalid(Unauthenticated):
    code = "identity.session_invalid"
    sentence = {
        "zh": "登录已失效，请重新登录",
        "en": "Your session has ended, please sign in again",
    }


class LoginTaken(Conflict):
    code = "identity.login_taken"
    sentence = {"zh": "该账号已存在", "en": "That login is taken"}


class LoginLocked(TooMany):
    """Shapes:  details["retry_after_seconds"]."""

    code = "identity.login_locked"
    sentence = {
        "zh": "尝试次数过多，请稍后再试",
        "en": "Too many attempts, please try again later",
    }


class Credentials(Contract):
    login = fields.String(required=True, validate=validate.Length(min=1, max=80))
    password = fields.String(required=True, validate=validate.Length(min=1, max=200))


class Staff(Contract):
    """`branch_ids` null means every branch; `resource_id` is who they are on the calendar."""

    id = fields.UUID(required=True)
    login = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(tuple(ROLES)))
    permissions = fields.List(fields.String(), required=True)
    branch_ids = fields.List(fields.UUID(), required=True, allow_none=True)
    resource_id = fields.UUID(load_default=None, allow_none=True)


class Session(Contract):
    expires_at = Instant(required=True)
    staff = fields.Nested(Staff, required=True)


class SessionOpened(Session):
    token = fields.String(required=True)


class SessionToken(Contract):
    token = fields.String(required=True, validate=validate.Length(min=1, max=400))


class Closed(Contract):
    closed = fields.Boolean(required=True)


class DefineStaff(Contract):
    """Create or change an account; an absent password keeps the present one."""

    id = fields.UUID(required=True)
    login = fields.String(required=True, validate=validate.Length(min=1, max=80))
    name = fields.String(required=True, validate=validate.Length(min=1, max=80))
    role = fields.String(required=True, validate=validate.OneOf(tuple(ROLES)))
    password = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(min=8, max=200)
    )
    branch_ids = fields.List(fields.UUID(), load_default=None, allow_none=True)
    resource_id = fields.UUID(load_default=None, allow_none=True)


DEFINE_STAFF = Rpc(OWNER, "define_staff", DefineStaff(), Staff(), (LoginTaken,))
OPEN_SESSION = Rpc(
    OWNER, "open_session", Credentials(), SessionOpened(), (BadCredentials, LoginLocked)
)
CHECK_SESSION = Rpc(OWNER, "check_session", SessionToken(), Session(), (SessionInvalid,))
CLOSE_SESSION = Rpc(OWNER, "close_session", SessionToken(), Closed())


class SessionFact(Contract):
    staff_id = fields.UUID(required=True)
    login = fields.String(required=True)


SESSION_OPENED = Event("session.opened", OWNER, SessionFact(), "staff_id")
