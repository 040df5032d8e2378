"""How a booking is told: to who asks for it, in a list, and as a fact to everybody else."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from services.booking import terms
from services.booking.domain import ledger, lifecycle
from services.booking.domain.deposit import deposit_cents
from services.booking.domain.ledger import Money
from services.booking.domain.lifecycle import Action
from services.booking.domain.orders import order_status
from services.booking.domain.policy import Cause, Change, Decision
from services.booking.domain.schedule import Due, Event, plan, settle
from services.booking.links import Links
from services.booking.models import Booking, OrderLine, Package, Payment, Refund, Service
from services.booking.payments import Bill, Scene
from services.booking.receipts import Receipt
from services.contracts.scheduling import CrewMember

CREW = CrewMember(many=True)

DEPOSIT = {
    "earnest": {"zh": "定金", "en": "Earnest money"},
    "advance": {"zh": "订金", "en": "Advance"},
}
PAYMENT_KINDS = {
    "balance": {"zh": "尾款", "en": "Balance"},
    "extra": {"zh": "加选", "en": "Extra"},
    "product": {"zh": "商品", "en": "Product"},
}
METHODS = {
    "cash": {"zh": "现金", "en": "Cash"},
    "card": {"zh": "刷卡", "en": "Card"},
    "transfer": {"zh": "转账", "en": "Bank transfer"},
    "wechat": {"zh": "微信", "en": "WeChat"},
    "wechat_pay": {"zh": "微信支付", "en": "WeChat Pay"},
    "alipay": {"zh": "支付宝", "en": "Alipay"},
    "sandbox": {"zh": "模拟支付（测试，非真实收款）", "en": "Sandbox (test, no real money)"},
    "stored_value": {"zh": "储值", "en": "Stored value"},
    "points": {"zh": "积分", "en": "Points"},
    "other": {"zh": "其他", "en": "Other"},
}
"""How customers read what a payment was for and how it was made; a deposit by what it is in law."""

SELF_SERVICE = {Change.MOVE: Action.RESCHEDULE, Change.CANCEL: Action.CANCEL}
"""What the policy may leave to staff alone."""

PACKAGE = (
    "id",
    "version",
    "name",
    "category",
    "summary",
    "items",
    "price_cents",
    "deposit",
    "policy",
    "schedule",
    "needs_approval",
    "currency",
    "cover",
    "valid_days",
    "position",
    "active",
)


def service(service: Service) -> dict[str, Any]:
    """Return a service as the portal shows it, with the deposit at its plain price."""
    deposit = deposit_cents(terms.deposit_of(service.deposit), service.price_cents)
    return {
        "id": service.id,
        "version": service.version,
        "name": service.name,
        "category": service.category,
        "summary": service.summary,
        "content": service.content,
        "duration_minutes": service.duration_minutes,
        "price_cents": service.price_cents,
        "deposit_cents": deposit,
        "deposit": service.deposit,
        "policy": service.policy,
        "schedule": service.schedule,
        "needs_approval": service.needs_approval,
        "currency": service.currency,
        "cover": service.cover,
        "roles": service.roles,
        "branch_ids": service.branch_ids,
        "form_id": service.form_id,
        "position": service.position,
    }


def package(package: Package) -> dict[str, Any]:
    """Return a package as the portal shows it, with the deposit at its plain price."""
    deposit = deposit_cents(terms.deposit_of(package.deposit), package.price_cents)
    return {name: getattr(package, name) for name in PACKAGE} | {"deposit_cents": deposit}


def whole(
    booking: Booking,
    *,
    lines: Sequence[OrderLine],
    sessions: Sequence[dict[str, Any]],
    forms: Sequence[UUID | None],
    payments: Sequence[Payment],
    refunds: Sequence[Refund],
    money: Money,
    decisions: Mapping[Cause, Mapping[Change, Decision]],
    links: Links,
    is_staff: bool,
    now: datetime,
) -> dict[str, Any]:
    """Return all there is to know about one booking, and what the asker may do with it.

    Shapes:  `forms` as of visits.forms_asked.
    """
    first_form, *also_forms = forms
    return {
        **item(booking, money),
        **_appointment(booking),
        **_account(booking, lines, payments, refunds, money),
        "sessions": sessions,
        "form_id": first_form,
        "also": [
            {
                "id": each["id"],
                "name": each["name"],
                "form_id": form_id,
                "answers": each.get("answers", {}),
            }
            for each, form_id in zip(booking.also, also_forms, strict=True)
        ],
        "changes": [
            {"cause": cause, "move": change(of[Change.MOVE]), "cancel": change(of[Change.CANCEL])}
            for cause, of in decisions.items()
            if lifecycle.has_time(booking.status)
        ],
        "allowed_actions": _actions(booking, payments, money, decisions, is_staff, now),
        "manage_url": links.url(booking.id, booking.manage_version),
        "lookup_code": links.code(booking.id, booking.manage_version),
    }


def _appointment(booking: Booking) -> dict[str, Any]:
    return {
        "in_conflict": booking.in_conflict,
        "reason": booking.cancel_reason,
        "service": {"id": booking.service_id, "name": booking.service_name},
        "items": booking.order.items,
        "branch": {
            "id": booking.branch_id,
            "name": booking.branch_name,
            "address": booking.branch_address,
            "phone": booking.branch_phone,
            "timezone": booking.timezone,
        },
        "note": booking.note,
        "answers": booking.answers,
        "hold_expires_at": _local(booking, booking.hold_expires_at),
        "reschedule_count": booking.reschedule_count,
        "crew": [
            member
            | {"start": _local(booking, member["start"]), "end": _local(booking, member["end"])}
            for member in CREW.load(booking.crew)
        ],
        "confirmed_at": _local(booking, booking.confirmed_at),
        "cancelled_at": _local(booking, booking.cancelled_at),
    }


def _account(
    booking: Booking,
    lines: Sequence[OrderLine],
    payments: Sequence[Payment],
    refunds: Sequence[Refund],
    money: Money,
) -> dict[str, Any]:
    order = booking.order
    return {
        "order": {"id": order.id, "number": order.number},
        "deposit_cents": order.deposit_cents,
        "balance_cents": money.balance,
        "lines": [_line(line) for line in lines],
        "schedule": [_due(due) for due in schedule(booking, money)],
        "payments": [_payment(booking, payment, refunds) for payment in payments],
        "refunds": [_refund(booking, refund) for refund in refunds],
    }


def _actions(
    booking: Booking,
    payments: Sequence[Payment],
    money: Money,
    decisions: Mapping[Cause, Mapping[Change, Decision]],
    is_staff: bool,
    now: datetime,
) -> list[Action]:
    own = decisions[Cause.CUSTOMER]
    return lifecycle.allowed_actions(
        status=booking.status,
        starts_at=booking.starts_at,
        timezone=booking.timezone,
        hold_expires_at=booking.hold_expires_at,
        due_cents={
            kind: ledger.amount_due(
                kind=kind,
                charged_cents=money.charged,
                deposit_cents=booking.order.deposit_cents,
                payments=payments,
            )
            for kind in ("deposit", "balance")
        },
        refused=[action for change, action in SELF_SERVICE.items() if not own[change].allowed],
        is_staff=is_staff,
        now=now,
    )


def created(booking: Booking, total_cents: int) -> dict[str, Any]:
    """Return what is answered to a request, without the link."""
    return {
        "id": booking.id,
        "number": booking.number,
        "status": booking.status,
        "hold_expires_at": _local(booking, booking.hold_expires_at),
        "deposit_cents": 0 if booking.follows else booking.order.deposit_cents,
        "total_cents": 0 if booking.follows else total_cents,
        "currency": booking.order.currency,
    }


def item(booking: Booking, money: Money) -> dict[str, Any]:
    """Return a booking as one line of a list."""
    return {
        "id": booking.id,
        "number": booking.number,
        "status": booking.status,
        "order_status": order_status(booking.status, money.balance),
        "payment_status": _payment_status(booking, money),
        "deposit_money": booking.order.deposit_money,
        "service_name": booking.service_name,
        "branch_id": booking.branch_id,
        "start": _local(booking, booking.starts_at),
        "end": _local(booking, booking.ends_at),
        "day_part": booking.day_part,
        "contact": _contact(booking),
        "total_cents": money.total,
        "paid_cents": money.paid,
        "currency": booking.order.currency,
        "channel": booking.channel,
        "requested_at": _local(booking, booking.requested_at),
    }


def fact(booking: Booking, money: Money, part: Money, links: Links) -> dict[str, Any]:
    """Return the payload of every event about a booking: the whole of it after the change.

    `part` is what of the order's money counts with this booking.
    """
    return {
        "booking_id": booking.id,
        "order_id": booking.order_id,
        "version": booking.version,
        "number": booking.number,
        "status": booking.status,
        "payment_status": _payment_status(booking, money),
        "branch_id": booking.branch_id,
        "branch_name": booking.branch_name,
        "branch_address": booking.branch_address,
        "branch_phone": booking.branch_phone,
        "timezone": booking.timezone,
        "service_id": booking.service_id,
        "service_name": booking.service_name,
        "start": booking.starts_at,
        "end": booking.ends_at,
        "day_part": booking.day_part,
        "contact": _contact(booking),
        "channel": booking.channel,
        "total_cents": part.total,
        "deposit_cents": 0 if booking.follows else booking.order.deposit_cents,
        "paid_cents": part.paid,
        "currency": booking.order.currency,
        "requested_at": booking.requested_at,
        "manage_url": links.url(booking.id, booking.manage_version),
        "lookup_code": links.code(booking.id, booking.manage_version),
    }


def payment_fact(
    booking: Booking, payment: Payment, money: Money, part: Money, occurred_at: datetime
) -> dict[str, Any]:
    """Return the payload of every event about a payment or its refund, as `fact` does."""
    return {
        "payment_id": payment.id,
        "booking_id": booking.id,
        "order_id": booking.order_id,
        "version": booking.version,
        "payment_status": _payment_status(booking, money),
        "paid_cents": part.paid,
        "number": booking.number,
        "branch_id": booking.branch_id,
        "timezone": booking.timezone,
        "contact": _contact(booking),
        "kind": payment.kind,
        "provider": payment.provider,
        "amount_cents": payment.received_cents or payment.amount_cents,
        "currency": payment.currency,
        "occurred_at": occurred_at,
    }


def summary(booking: Booking) -> dict[str, Any]:
    """Return what the calendar shows of a booking."""
    return {
        "id": booking.id,
        "branch_id": booking.branch_id,
        "number": booking.number,
        "status": booking.status,
        "service_name": booking.service_name,
        "contact_name": booking.contact_name,
        "contact_phone": booking.contact_phone,
        "in_conflict": booking.in_conflict,
    }


def bill(booking: Booking, payment: Payment, links: Links) -> Bill:
    """Return what a provider is told of a payment."""
    return Bill(
        payment_id=payment.id,
        number=booking.number,
        title=booking.service_name,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        return_url=links.url(booking.id, booking.manage_version),
        reference=payment.provider_reference,
        scene=cast(Scene, payment.scene or "page"),
        openid=payment.openid,
        expires_at=booking.hold_expires_at,
    )


def receipt(booking: Booking, payment: Payment, balance_cents: int, links: Links) -> Receipt:
    """Return what the receipt of a payment says."""
    assert payment.paid_at is not None, "a receipt is of money that came"
    return Receipt(
        number=payment.id.hex[-12:].upper(),
        order_number=booking.order.number,
        title=booking.service_name,
        payer=booking.contact_name,
        kind=DEPOSIT[booking.order.deposit_money]
        if payment.kind == "deposit"
        else PAYMENT_KINDS[payment.kind],
        method=METHODS[payment.method or payment.provider],
        amount_cents=payment.received_cents or 0,
        balance_cents=max(balance_cents, 0),
        currency=payment.currency,
        paid_at=payment.paid_at,
        timezone=booking.timezone,
        studio=booking.branch_name["zh"],
        address=booking.branch_address["zh"],
        phone=booking.branch_phone,
        lookup_code=links.code(booking.id, booking.manage_version),
    )


def _local(booking: Booking, instant: datetime | None) -> datetime | None:
    """Return an instant with the offset that the branch's wall clock has then."""
    return instant and instant.astimezone(ZoneInfo(booking.timezone))


def _payment(booking: Booking, payment: Payment, refunds: Sequence[Refund]) -> dict[str, Any]:
    return {
        "id": payment.id,
        "kind": payment.kind,
        "provider": payment.provider,
        "method": payment.method,
        "amount_cents": payment.amount_cents,
        "received_cents": payment.received_cents,
        "refunded_cents": payment.refunded_cents,
        "currency": payment.currency,
        "state": _payment_state(payment, refunds),
        "late": payment.late,
        "created_at": _local(booking, payment.created_at),
        "paid_at": _local(booking, payment.paid_at),
    }


def _payment_state(payment: Payment, refunds: Sequence[Refund]) -> str:
    """Return the one word for a payment: money on its way back comes first."""
    own = [refund for refund in refunds if refund.payment_id == payment.id]
    if any(refund.state == "pending" for refund in own):
        return "refunding"
    back = sum(refund.amount_cents for refund in own if refund.state == "succeeded")
    return "refunded" if back and back == payment.received_cents else payment.state


def _refund(booking: Booking, refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.id,
        "payment_id": refund.payment_id,
        "amount_cents": refund.amount_cents,
        "reason": refund.reason,
        "state": refund.state,
        "requested_at": _local(booking, refund.requested_at),
        "settled_at": _local(booking, refund.settled_at),
    }


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "label": line.label,
        "quantity": line.quantity,
        "unit_cents": line.unit_cents,
    }


def schedule(booking: Booking, money: Money) -> Sequence[Due]:
    """Return what is to be paid when; the deposit comes first."""
    zone = ZoneInfo(booking.timezone)
    agreed = terms.schedule_of(booking.order.schedule) or terms.usual_schedule(
        booking.order.deposit_cents
    )
    lines = plan(
        agreed,
        max(money.charged, 0),
        booked_on=booking.requested_at.astimezone(zone).date(),
        starts_on=booking.starts_at.astimezone(zone).date(),
        events={
            event: moment.astimezone(zone).date()
            for event, moment in (
                (Event.CONFIRMED, booking.confirmed_at),
                (Event.CHECKED_IN, booking.checked_in_at),
                (Event.COMPLETED, booking.completed_at),
            )
            if moment is not None
        },
    )
    return settle(lines, money.paid)


def _due(due: Due) -> dict[str, Any]:
    return {
        "kind": due.kind,
        "amount_cents": due.cents,
        "paid_cents": due.paid_cents,
        "on": due.on,
    }


def change(decision: Decision) -> dict[str, Any]:
    """Return what a change would mean."""
    return {
        "allowed": decision.allowed,
        "fee_cents": decision.fee_cents,
        "refund_cents": decision.refund_cents,
        "forfeited_cents": decision.forfeited_cents,
        "compensation_cents": decision.compensation_cents,
        "counts_as_move": decision.counts_as_move,
        "free_moves_left": min(decision.free_moves_left, 99),
        "reason": decision.reason,
        "session": decision.session,
    }


def _contact(booking: Booking) -> dict[str, str]:
    return {"name": booking.contact_name, "phone": booking.contact_phone}


def _payment_status(booking: Booking, money: Money) -> str:
    return ledger.payment_status(deposit_cents=booking.order.deposit_cents, money=money)
