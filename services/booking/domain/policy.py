"""What moving or cancelling a booking costs, by notice and by who is the cause."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from services.booking.domain.deposit import earnest_warning
from services.booking.domain.faults import Fault, fault
from services.booking.domain.shares import WHOLE, share

Text = Mapping[str, str]


class Change(StrEnum):
    MOVE = "move"
    CANCEL = "cancel"


class Cause(StrEnum):
    """Who or what makes a change necessary."""

    CUSTOMER = "customer"
    STUDIO = "studio"
    WEATHER = "weather"


@dataclass(frozen=True)
class Fee:
    """What a change costs.

    Units:   `cents` fixed, or `basis_points` of the price; at most one of them is not zero.
    """

    cents: int = 0
    basis_points: int = 0

    def of(self, price_cents: int) -> int:
        return self.cents + share(price_cents, self.basis_points)


FREE = Fee()


@dataclass(frozen=True, kw_only=True)
class Tier:
    """The terms from so many hours before the start on, until the next tier with more hours.

    `earnest_return` is the part of the earnest money that goes back on a cancellation,
    `other_return` that of everything else that was paid; what of an earnest lies above the legal
    limit is everything else.

    Units:   parts in basis points; `transfer_days` how long what is kept may be used for another
             booking, 0 for not at all.
    """

    cause: Cause
    from_hours: int = 0
    moves: bool = True
    cancels: bool = True
    free_moves: int = 0
    move_fee: Fee = FREE
    cancel_fee: Fee = FREE
    earnest_return: int = WHOLE
    other_return: int = WHOLE
    transfer_days: int = 0


Policy = Sequence[Tier]
"""The tiers of all causes, in any order."""

DEFAULT_POLICY: Policy = (
    Tier(cause=Cause.CUSTOMER, from_hours=7 * 24, free_moves=2),
    Tier(
        cause=Cause.CUSTOMER,
        from_hours=3 * 24,
        free_moves=1,
        move_fee=Fee(basis_points=500),
        earnest_return=0,
        transfer_days=180,
    ),
    Tier(
        cause=Cause.CUSTOMER,
        from_hours=24,
        move_fee=Fee(basis_points=1_000),
        cancel_fee=Fee(basis_points=1_000),
        earnest_return=0,
    ),
    Tier(
        cause=Cause.CUSTOMER,
        moves=False,
        cancels=False,
        move_fee=Fee(basis_points=2_000),
        cancel_fee=Fee(basis_points=3_000),
        earnest_return=0,
    ),
    Tier(cause=Cause.STUDIO),
    Tier(cause=Cause.WEATHER),
)
"""A week before, all goes back; three days before, earnest money is kept but may be used for
another date; a day before, the crew can hardly be sold again; later only the studio can help.
The first moves are free, as studios do it: one or two, and more with more notice."""

CAUSES: Mapping[Cause, Text] = {
    Cause.CUSTOMER: {"zh": "客户原因", "en": "the customer"},
    Cause.STUDIO: {"zh": "影楼原因", "en": "the studio"},
    Cause.WEATHER: {"zh": "天气原因", "en": "the weather"},
}

REASONS: Mapping[str, Text] = {
    "begun": {
        "zh": "预约已经开始，请联系影楼",
        "en": "The appointment has begun; please contact the studio",
    },
    "refused": {
        "zh": "距开始时间过近，不能自助办理，请联系影楼",
        "en": "It is too close to the start to do this online; please contact the studio",
    },
    "move_not_yours": {
        "zh": "因{cause}改期，免费且不计次数",
        "en": "Moved because of {cause}: free, and not counted",
    },
    "move_free": {
        "zh": "免费改期，之后还可免费改期 {left} 次",
        "en": "A free move; free moves left after it: {left}",
    },
    "move_paid": {"zh": "改期须支付改期费", "en": "A fee is charged for this move"},
    "cancel_studio": {
        "zh": "因影楼原因取消：全额退款，定金依法双倍返还",
        "en": "Cancelled by the studio: all is refunded, and earnest money is returned twice",
    },
    "cancel_whole": {"zh": "全额退款", "en": "All that was paid is refunded"},
    "cancel_part": {
        "zh": "按取消条款，部分款项不予退还",
        "en": "By the terms, part of what was paid is not refunded",
    },
    "cancel_transfer": {
        "zh": "按取消条款，未退的款项可在 {days} 天内用于新的预约",
        "en": "What is not refunded can be used for another booking within {days} days",
    },
    "session_back": {
        "zh": "取消后这一次拍摄退回套系，可另约时间",
        "en": "The session goes back into the package and can be booked again",
    },
    "session_lost": {
        "zh": "按取消条款，现在取消将扣除套系中的这一次拍摄",
        "en": "By the terms, cancelling now uses this session of the package up",
    },
}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a change would mean, to be shown before it is made.

    `allowed` says whether the customer may make it alone; staff may, at the same terms.

    Units:   integer cents. Of a cancellation, refund + forfeited + fee = paid: a fee is taken from
             what would go back. Of a move nothing goes back, and its fee is asked on top.
             `compensation_cents` is what the studio owes beyond what was paid: the second half of
             the double return of earnest money (see domain.deposit).
    Shapes:  `session` what becomes of a package's session: returned or forfeited; else None.
    """

    allowed: bool
    fee_cents: int
    refund_cents: int
    forfeited_cents: int
    compensation_cents: int
    counts_as_move: bool
    free_moves_left: int
    transfer_days: int
    reason: Text
    tier: Tier
    session: str | None = None


def decide(
    policy: Policy,
    change: Change,
    cause: Cause,
    *,
    hours_before: float,
    moves_used: int,
    price_cents: int,
    paid_cents: int,
    earnest_cents: int,
) -> Decision:
    """Return what a change of a booking would mean under a policy that `check` finds sound.

    A move for the studio's sake or the weather's never costs and never counts.

    Shapes:  `hours_before` the start, negative after it; `moves_used` those that counted;
             `earnest_cents` the part of `paid_cents` that was taken as earnest money.
    """
    tier = _tier(policy, cause, hours_before)
    free = _tier(policy, Cause.CUSTOMER, hours_before).free_moves - moves_used
    refusal = _refusal(tier, change, hours_before)
    if change is Change.MOVE:
        return _move(tier, max(free, 0), price_cents, refusal)
    earnest = earnest_warning(price_cents, min(earnest_cents, paid_cents)).allowed_cents
    return _cancel(tier, max(free, 0), price_cents, paid_cents, earnest, refusal)


def of_session(decision: Decision, *, has_earnest: bool) -> Decision:
    """Return what cancelling one appointment of a package means, by what it would mean alone.

    The package goes on, so its money stays. Where the terms keep some of who has paid, the session
    is lost, whatever was paid so far: who owes still is not better off than who does not.

    Shapes:  `has_earnest` says whether the package asks for earnest money.
    """
    tier = decision.tier
    keeps_earnest = has_earnest and tier.earnest_return < WHOLE
    lost = tier.cancel_fee != FREE or tier.other_return < WHOLE or keeps_earnest
    return replace(
        decision,
        fee_cents=0,
        refund_cents=0,
        forfeited_cents=0,
        compensation_cents=0,
        transfer_days=0,
        reason=REASONS["session_lost" if lost else "session_back"]
        if decision.allowed
        else decision.reason,
        session="forfeited" if lost else "returned",
    )


def check(policy: Policy) -> list[Fault]:
    """Return what is wrong with a policy; a sound one has an empty list.

    It has terms for every cause at any notice, lets the studio pay for its own faults, and never
    makes earlier notice dearer than later.
    """
    faults = [
        found for position, tier in enumerate(policy) for found in _check_tier(tier, f"/{position}")
    ]
    for cause in Cause:
        ladder = sorted(
            ((tier, f"/{position}") for position, tier in enumerate(policy) if tier.cause is cause),
            key=lambda each: each[0].from_hours,
        )
        if not ladder or ladder[0][0].from_hours > 0:
            faults.append(_no_terms(cause))
        for (later, _), (earlier, pointer) in pairwise(ladder):
            faults += _check_pair(later, earlier, pointer)
    return faults


def _tier(policy: Policy, cause: Cause, hours_before: float) -> Tier:
    reached = (
        tier for tier in policy if tier.cause is cause and tier.from_hours <= max(hours_before, 0)
    )
    return max(reached, key=lambda tier: tier.from_hours)


def _refusal(tier: Tier, change: Change, hours_before: float) -> Text | None:
    if tier.cause is Cause.CUSTOMER and hours_before < 0:
        return REASONS["begun"]
    offered = tier.moves if change is Change.MOVE else tier.cancels
    return None if offered else REASONS["refused"]


def _move(tier: Tier, free: int, price_cents: int, refusal: Text | None) -> Decision:
    own = tier.cause is Cause.CUSTOMER
    fee = tier.move_fee.of(price_cents) if own and not free else 0
    left = max(free - own, 0)
    key = "move_paid" if fee else "move_free" if own else "move_not_yours"
    return Decision(
        allowed=refusal is None,
        fee_cents=fee,
        refund_cents=0,
        forfeited_cents=0,
        compensation_cents=0,
        counts_as_move=own,
        free_moves_left=left,
        transfer_days=0,
        reason=refusal or _say(key, left=left, cause=CAUSES[tier.cause]),
        tier=tier,
    )


def _cancel(
    tier: Tier, free: int, price_cents: int, paid_cents: int, earnest: int, refusal: Text | None
) -> Decision:
    other = paid_cents - earnest
    earnest_kept = earnest - share(earnest, tier.earnest_return)
    other_kept = other - share(other, tier.other_return)
    # Earnest money and agreed damages are alternatives (Civil Code art. 588): the larger counts.
    forfeited = max(earnest_kept, other_kept)
    damages = other_kept + tier.cancel_fee.of(price_cents)
    kept = min(max(forfeited, damages), paid_cents)
    transfer_days = tier.transfer_days if forfeited else 0
    return Decision(
        allowed=refusal is None,
        fee_cents=kept - forfeited,
        refund_cents=paid_cents - kept,
        forfeited_cents=forfeited,
        compensation_cents=earnest if tier.cause is Cause.STUDIO else 0,
        counts_as_move=False,
        free_moves_left=free,
        transfer_days=transfer_days,
        reason=refusal or _say(_outcome(tier, kept, transfer_days), days=transfer_days),
        tier=tier,
    )


def _outcome(tier: Tier, kept: int, transfer_days: int) -> str:
    if tier.cause is Cause.STUDIO:
        return "cancel_studio"
    if not kept:
        return "cancel_whole"
    return "cancel_transfer" if transfer_days else "cancel_part"


def _say(key: str, **values: int | Text) -> Text:
    return {
        language: sentence.format(
            **{
                name: value if isinstance(value, int) else value[language]
                for name, value in values.items()
            }
        )
        for language, sentence in REASONS[key].items()
    }


def _no_terms(cause: Cause) -> Fault:
    return fault(
        "",
        zh=f"缺少自 0 小时起的条款：{CAUSES[cause]['zh']}",
        en=f"There are no terms from 0 hours on for {CAUSES[cause]['en']}",
    )


def _check_tier(tier: Tier, pointer: str) -> Iterable[Fault]:
    for name in ("from_hours", "free_moves", "transfer_days"):
        if getattr(tier, name) < 0:
            yield fault(f"{pointer}/{name}", zh="不能为负", en="This must not be negative")
    for name in ("earnest_return", "other_return"):
        if not 0 <= getattr(tier, name) <= WHOLE:
            yield fault(
                f"{pointer}/{name}", zh="比例须在 0 到 100% 之间", en="A part is from 0 to 100 %"
            )
    for name in ("move_fee", "cancel_fee"):
        if not _is_sound(getattr(tier, name)):
            yield fault(
                f"{pointer}/{name}",
                zh="费用须为固定金额或价格的 0 到 100%，二者择一",
                en="A fee is an amount or from 0 to 100 % of the price, and not both",
            )
    if tier.cause is not Cause.CUSTOMER and tier.move_fee != FREE:
        yield fault(
            f"{pointer}/move_fee",
            zh="非客户原因的改期不收费",
            en="Only a move for the customer's sake can cost",
        )
    if tier.cause is Cause.STUDIO and (
        tier.cancel_fee != FREE or min(tier.earnest_return, tier.other_return) < WHOLE
    ):
        yield fault(
            pointer,
            zh="影楼原因取消须全额退款",
            en="What the studio cancels it refunds in full",
        )


def _is_sound(fee: Fee) -> bool:
    return (
        fee.cents >= 0 and 0 <= fee.basis_points <= WHOLE and not (fee.cents and fee.basis_points)
    )


def _check_pair(later: Tier, earlier: Tier, pointer: str) -> Iterable[Fault]:
    if later.from_hours == earlier.from_hours:
        yield fault(
            f"{pointer}/from_hours",
            zh="同一原因的两档条款重叠",
            en="Two tiers of one cause begin at the same hour",
        )
    for name in ("moves", "cancels", "free_moves", "earnest_return", "other_return"):
        if getattr(earlier, name) < getattr(later, name):
            yield _dearer(f"{pointer}/{name}")
    for name in ("move_fee", "cancel_fee"):
        early, late = getattr(earlier, name), getattr(later, name)
        if early.cents > late.cents or early.basis_points > late.basis_points:
            yield _dearer(f"{pointer}/{name}")


def _dearer(pointer: str) -> Fault:
    return fault(
        pointer,
        zh="提前告知的条款不能比临近时更苛刻",
        en="Earlier notice must not have harder terms than later",
    )
