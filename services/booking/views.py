"""How a booking is told: to who asks for it, in a list, and as a fact to everybody else."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.domain import ledger, lifecycle
from services.booking.domain.ledger import Money
from services.booking.links import Links
from services.booking.models import Booking, Payment, Service
from services.booking.payments import Bill
from services.contracts.scheduling import CrewMember

CREW = CrewMember(many=True)


def package(service: Service) -> dict[str, Any]:
    """Return a package as the portal shows it."""
    return {
        "id": service.id,
        "name": service.name,
        "category": service.category,
        "summary": service.summary,
        "content": service.content,
        "duration_minutes": service.duration_minutes,
        "price_cents": service.price_cents,
        "deposit_cents": service.deposit_cents,
        "currency": service.currency,
        "cover": service.cover,
        "roles": service.roles,
    }


def whole(
    booking: Booking,
    payments: list[Payment],
    money: Money,
    *,
    links: Links,
    is_staff: bool,
    now: datetime,
    cutoff: timedelta,
) -> dict[str, Any]:
    """Return all there is to know about one booking, and what the asker may do with it."""
    prices = {"price_cents": booking.price_cents, "deposit_cents": booking.deposit_cents}
    return item(booking, money) | {
        "service": {"id": booking.service_id, "name": booking.service_name},
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
        "deposit_cents": booking.deposit_cents,
        "balance_cents": money.balance,
        "reschedule_count": booking.reschedule_count,
        "crew": [
            member
            | {"start": _local(booking, member["start"]), "end": _local(booking, member["end"])}
            for member in CREW.load(booking.crew)
        ],
        "payments": [_payment(booking, payment) for payment in payments],
        "allowed_actions": lifecycle.allowed_actions(
            status=booking.status,
            starts_at=booking.starts_at,
            timezone=booking.timezone,
            hold_expires_at=booking.hold_expires_at,
            due_cents={
                kind: ledger.amount_due(kind=kind, payments=payments, **prices)
                for kind in ("deposit", "balance")
            },
            is_staff=is_staff,
            now=now,
            cutoff=cutoff,
        ),
        "manage_url": links.url(booking.id, booking.manage_version),
        "confirmed_at": _local(booking, booking.confirmed_at),
        "cancelled_at": _local(booking, booking.cancelled_at),
    }


def created(booking: Booking) -> dict[str, Any]:
    """Return what is answered to a request, without the link."""
    return {
        "id": booking.id,
        "number": booking.number,
        "status": booking.status,
        "hold_expires_at": _local(booking, booking.hold_expires_at),
        "deposit_cents": booking.deposit_cents,
        "total_cents": booking.price_cents,
        "currency": booking.currency,
    }


def item(booking: Booking, money: Money) -> dict[str, Any]:
    """Return a booking as one line of a list."""
    return {
        "id": booking.id,
        "number": booking.number,
        "status": booking.status,
        "payment_status": _payment_status(booking, money),
        "service_name": booking.service_name,
        "branch_id": booking.branch_id,
        "start": _local(booking, booking.starts_at),
        "end": _local(booking, booking.ends_at),
        "day_part": booking.day_part,
        "contact": _contact(booking),
        "total_cents": booking.price_cents,
        "paid_cents": money.paid,
        "currency": booking.currency,
        "channel": booking.channel,
        "requested_at": _local(booking, booking.requested_at),
    }


def fact(booking: Booking, money: Money, links: Links) -> dict[str, Any]:
    """Return the payload of every event about a booking: the whole of it after the change."""
    return {
        "booking_id": booking.id,
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
        "total_cents": booking.price_cents,
        "deposit_cents": booking.deposit_cents,
        "paid_cents": money.paid,
        "currency": booking.currency,
        "requested_at": booking.requested_at,
        "manage_url": links.url(booking.id, booking.manage_version),
    }


def payment_fact(
    booking: Booking, payment: Payment, money: Money, occurred_at: datetime
) -> dict[str, Any]:
    """Return the payload of every event about a payment or its refund."""
    return {
        "payment_id": payment.id,
        "booking_id": booking.id,
        "version": booking.version,
        "payment_status": _payment_status(booking, money),
        "paid_cents": money.paid,
        "number": booking.number,
        "branch_id": booking.branch_id,
        "timezone": booking.timezone,
        "contact": _contact(booking),
        "kind": payment.kind,
        "provider": payment.provider,
        "amount_cents": payment.amount_cents,
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
    )


def _local(booking: Booking, instant: datetime | None) -> datetime | None:
    """Return an instant with the offset that the branch's wall clock has then."""
    return instant and instant.astimezone(ZoneInfo(booking.timezone))


def _payment(booking: Booking, payment: Payment) -> dict[str, Any]:
    return {
        "id": payment.id,
        "kind": payment.kind,
        "provider": payment.provider,
        "amount_cents": payment.amount_cents,
        "currency": payment.currency,
        "state": payment.state,
        "late": payment.late,
        "created_at": _local(booking, payment.created_at),
        "paid_at": _local(booking, payment.paid_at),
    }


def _contact(booking: Booking) -> dict[str, str]:
    return {"name": booking.contact_name, "phone": booking.contact_phone}


def _payment_status(booking: Booking, money: Money) -> str:
    return ledger.payment_status(
        price_cents=booking.price_cents, deposit_cents=booking.deposit_cents, money=money
    )
