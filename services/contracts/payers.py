"""Booking's words on the wire: who pays within WeChat."""

from marshmallow import fields, validate

from services.contracts.booking import OWNER
from services.contracts.errors import Conflict, Invalid
from services.contracts.fields import Contract, Instant
from services.contracts.payments import ProviderRefused, ProviderUnavailable
from services.contracts.registry import Rpc

WITHIN = ["account", "mini_program"]
"""In WeChat's browser, where the official account asks, or in the studio's mini program."""

# --- errors


class WeChatUnsupported(Conflict):
    code = "booking.wechat_unsupported"
    sentence = {
        "zh": "本店没有开通在微信内付款，请用浏览器打开此页",
        "en": "This studio does not take payments within WeChat; open this page in a browser",
    }


class WeChatCodeInvalid(Invalid):
    """Shapes:  details["provider_code"] is WeChat's own number for why."""

    code = "booking.wechat_code_invalid"
    sentence = {
        "zh": "微信授权已使用或已过期，请重试",
        "en": "WeChat's authorisation is used or over; please try again",
    }


# --- shapes


class Authorization(Contract):
    """What WeChat gives back beside its code: letters and digits, 128 at most."""

    state = fields.String(required=True, validate=validate.Regexp(r"[a-zA-Z0-9]{16,128}\Z"))


class AuthorizationPlace(Contract):
    """Where WeChat asks its user."""

    url = fields.String(required=True)


class CodeBody(Contract):
    """What WeChat gave its user to prove who they are; good for five minutes, and once."""

    code = fields.String(required=True, validate=validate.Length(min=1, max=512))


class Code(CodeBody):
    within = fields.String(required=True, validate=validate.OneOf(WITHIN))


class PayerProof(Contract):
    """What proves to booking which user of WeChat pays; it is signed and says nothing else."""

    payer = fields.String(required=True)
    expires_at = Instant(required=True)


# --- RPCs

AUTHORIZE_PAYER = Rpc(
    OWNER, "authorize_payer", Authorization(), AuthorizationPlace(), (WeChatUnsupported,)
)
IDENTIFY_PAYER = Rpc(
    OWNER,
    "identify_payer",
    Code(),
    PayerProof(),
    (WeChatUnsupported, WeChatCodeInvalid, ProviderRefused, ProviderUnavailable),
)
