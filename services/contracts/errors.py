"""The error kinds of the whole system and the registry by which an error crosses the wire.

    YingqiError
    ├── Malformed         not JSON, wrong media type (gateway only)
    ├── Unauthenticated   who are you
    ├── Forbidden         not yours
    ├── NotFound          no such thing, or not visible to you
    ├── Conflict          state or constraint refuses now
    ├── Invalid           well-formed, breaks a rule
    ├── TooMany           rate or quota
    └── Unavailable       RPC timeout, broker or database down

A concrete error is a subclass with a stable `code` and a sentence in both languages. All its
state is one JSON-able dictionary in `args[0]`, because only class and args cross the wire.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

Sentence = Mapping[str, str]


class YingqiError(Exception):
    """Root of every anticipated error.

    Shapes:  `details` is JSON-able; its keys become members of the problem document.
             `sentence` = {"zh": …, "en": …}, shown to a person.
    """

    code: ClassVar[str] = "error"
    sentence: ClassVar[Sentence] = {"zh": "出错了", "en": "Something went wrong"}
    registry: ClassVar[dict[str, type["YingqiError"]]] = {}

    def __init__(self, details: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        super().__init__({**(details or {}), **more})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" in cls.__dict__:
            known = YingqiError.registry.setdefault(cls.code, cls)
            if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
                raise TypeError(f"error code {cls.code!r} is taken by {known.__qualname__}")

    @property
    def details(self) -> dict[str, Any]:
        """The state of this error, as given to the constructor."""
        return dict(self.args[0])

    def __str__(self) -> str:
        return f"{self.code} {self.args[0] or ''}".rstrip()


class Malformed(YingqiError):
    code = "request.malformed"
    sentence = {"zh": "请求无法解析", "en": "The request could not be read"}


class Unauthenticated(YingqiError):
    code = "identity.unauthenticated"
    sentence = {"zh": "请先登录", "en": "Please sign in"}


class Forbidden(YingqiError):
    code = "identity.forbidden"
    sentence = {"zh": "没有权限", "en": "You may not do this"}


class NotFound(YingqiError):
    code = "not_found"
    sentence = {"zh": "没有找到", "en": "Not found"}


class Conflict(YingqiError):
    code = "conflict"
    sentence = {"zh": "当前状态不允许此操作", "en": "The current state does not allow this"}


class Invalid(YingqiError):
    """Shapes:  details["errors"] = [{"pointer": "/contact/phone", "code", "message": {zh, en}}]."""

    code = "request.invalid"
    sentence = {"zh": "填写的内容有误", "en": "Some of the values are not valid"}


class TooMany(YingqiError):
    code = "rate.limited"
    sentence = {"zh": "请求过于频繁，请稍后再试", "en": "Too many requests, please try again later"}


class Unavailable(YingqiError):
    code = "service.unavailable"
    sentence = {"zh": "服务暂时不可用，请稍后重试", "en": "The service is not available right now"}


class KeyReused(Invalid):
    """The idempotency key was used before with other parameters."""

    code = "idempotency.key_reused"
    sentence = {
        "zh": "该幂等键已用于其他参数的请求",
        "en": "This idempotency key was used with other parameters",
    }


KINDS: tuple[type[YingqiError], ...] = (
    Malformed,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    Invalid,
    TooMany,
    Unavailable,
)


def kind_of(error: YingqiError) -> type[YingqiError]:
    """Return which of the eight kinds an error is."""
    return next(kind for kind in KINDS if isinstance(error, kind))


def to_wire(error: YingqiError) -> dict[str, Any]:
    """Return what a reply carries of an error."""
    return {"code": error.code, "details": error.details}


def from_wire(data: Mapping[str, Any]) -> YingqiError:
    """Return the error that a reply carries; an unknown code is `Unavailable` of a newer peer."""
    known = YingqiError.registry.get(data["code"])
    return known(data["details"]) if known else Unavailable(unknown_code=data["code"])
