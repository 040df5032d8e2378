"""How an agreement is told: to who asks for it, as a page to print, and as what is sealed."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.booking.domain.agreements import State, seal, svg
from services.booking.domain.amounts import MOST_CENTS, figures, in_words
from services.booking.domain.ledger import Money
from services.booking.models import Agreement, Booking, OrderLine
from services.booking.pdf import Block, Document, Heading, Paragraph, Signature, Table

Facts = dict[str, dict[str, str]]

DEPOSIT_MONEY = {
    "earnest": {"zh": "定金", "en": "earnest money"},
    "advance": {"zh": "订金", "en": "advance"},
}

HOUR_OPEN = {"zh": "具体时间另行约定", "en": "hour to be agreed"}

STATE_WORDS = {
    State.DRAFT: "尚未签署 Not signed",
    State.SHOWN: "尚未签署 Not signed",
    State.SIGNED: "已签署 Signed",
    State.VOID: "已作废 Void",
}

SEALED = (
    "以上 SHA-256 校验值由本合同全文、填写内容与签名信息计算得出，任何改动都会使其不符。\n"
    "The SHA-256 above is that of the text, of what was filled in and of the signature:"
    " any change would give another."
)


def facts(booking: Booking, lines: list[OrderLine], money: Money, now: datetime) -> Facts:
    """Return what the placeholders of a template stand for in one booking."""
    order = booking.order
    zone = ZoneInfo(booking.timezone)
    start = booking.starts_at.astimezone(zone)

    def amount(cents: int) -> str:
        return figures(cents, order.currency)

    values: dict[str, str | dict[str, str]] = {
        "customer_name": booking.contact_name,
        "customer_phone": booking.contact_phone,
        "order_number": order.number,
        "booking_number": booking.number,
        "order_title": order.title,
        "items": {language: _items(order.items, language) for language in ("zh", "en")},
        "service_name": booking.service_name,
        "lines": {language: _list(lines, language, order.currency) for language in ("zh", "en")},
        "price": amount(money.total),
        "deposit": amount(order.deposit_cents),
        "deposit_money": DEPOSIT_MONEY[order.deposit_money],
        "balance": amount(money.total - order.deposit_cents),
        "starts_on": _day(start),
        "starts_at": HOUR_OPEN if booking.day_part else f"{start:%H:%M}",
        "branch_name": booking.branch_name,
        "branch_address": booking.branch_address,
        "branch_phone": booking.branch_phone,
        "drawn_up_on": _day(now.astimezone(zone)),
    }
    if order.currency == "CNY" and 0 <= money.total <= MOST_CENTS:
        values["price_in_words"] = in_words(money.total)
    return {
        name: {"zh": value, "en": value} if isinstance(value, str) else value
        for name, value in values.items()
    }


def is_outdated(agreement: Agreement, told: Facts) -> bool:
    """Tell whether what was filled in is no longer what the booking says, its own day aside.

    Shapes:  `told` as `facts` returns them now. What older agreements do not hold is not asked.
    """
    return any(
        told.get(name) != value for name, value in agreement.facts.items() if name != "drawn_up_on"
    )


def item(agreement: Agreement) -> dict[str, Any]:
    """Return an agreement as one line of a list."""
    return {
        "id": agreement.id,
        "booking_id": agreement.booking_id,
        "order_id": agreement.order_id,
        "template_id": agreement.template_id,
        "template_version": agreement.template_version,
        "title": agreement.title,
        "state": agreement.state,
        "created_at": agreement.created_at,
        "shown_at": agreement.shown_at,
        "signed_at": agreement.signed_at,
        "voided_at": agreement.voided_at,
        "void_reason": agreement.void_reason,
    }


def whole(agreement: Agreement) -> dict[str, Any]:
    """Return an agreement with its text, and whether it is still what was signed."""
    signed = agreement.signed_at is not None
    return item(agreement) | {
        "text": agreement.text,
        "signer_name": agreement.signer_name,
        "signature_svg": svg(agreement.strokes) if agreement.strokes else None,
        "sha256": agreement.sha256,
        "intact": seal_of(agreement) == agreement.sha256 if signed else None,
    }


def fact(agreement: Agreement, booking: Booking) -> dict[str, Any]:
    """Return the payload of the event about a signed agreement."""
    return {
        "agreement_id": agreement.id,
        "booking_id": booking.id,
        "order_id": booking.order_id,
        "number": booking.number,
        "branch_id": booking.branch_id,
        "contact": {"name": booking.contact_name, "phone": booking.contact_phone},
        "title": agreement.title,
        "sha256": agreement.sha256,
        "signed_at": agreement.signed_at,
    }


def seal_of(agreement: Agreement) -> str:
    """Return the SHA-256 of all that a signature stands for."""
    assert agreement.signed_at is not None, "only what is signed is sealed"
    record = {
        name: getattr(agreement, name)
        for name in (
            "template_version",
            "title",
            "text",
            "facts",
            "signer_name",
            "ip",
            "user_agent",
            "strokes",
        )
    }
    record |= {
        name: str(getattr(agreement, name))
        for name in ("id", "booking_id", "order_id", "template_id")
    }
    record["signed_at"] = agreement.signed_at.astimezone(UTC).isoformat(timespec="microseconds")
    return seal(record)


def paper(agreement: Agreement, booking: Booking) -> Document:
    """Return the pages of an agreement: the text, then English, then the signature and its proof.

    The record is the agreement; its pages are made from it whenever they are asked for.
    """
    blocks: list[Block] = [Paragraph(agreement.text["zh"])]
    if agreement.text["en"]:
        blocks += [Heading(agreement.title["en"] or "English"), Paragraph(agreement.text["en"])]
    if agreement.strokes:
        blocks += [Heading("客户签名 Signature"), Signature(agreement.strokes)]
    blocks.append(Table(_proof(agreement, booking), (1, 2.6)))
    if agreement.sha256:
        blocks.append(Paragraph(SEALED, small=True))
    mark = agreement.sha256 or STATE_WORDS[State(agreement.state)]
    return Document(agreement.title["zh"], blocks, footer=f"{booking.number} · {mark}")


def _proof(agreement: Agreement, booking: Booking) -> list[tuple[str, str]]:
    rows = [
        ("状态 State", STATE_WORDS[State(agreement.state)]),
        ("合同编号 No.", str(agreement.id)),
        ("预约编号 Booking", booking.number),
    ]
    if agreement.signed_at is not None:
        zone = ZoneInfo(booking.timezone)
        rows += [
            ("签署人 Signed by", agreement.signer_name or ""),
            (
                "签署时间 Signed at",
                f"{agreement.signed_at.astimezone(zone):%Y-%m-%d %H:%M:%S} ({booking.timezone})",
            ),
            ("网络地址 Address", agreement.ip or ""),
            ("设备 Device", agreement.user_agent or ""),
            ("SHA-256", agreement.sha256 or ""),
        ]
    if agreement.void_reason:
        rows.append(("作废原因 Void because", agreement.void_reason))
    return rows


def _list(lines: list[OrderLine], language: str, currency: str) -> str:
    return "\n".join(
        f"{line.label.get(language) or line.label['zh']} × {line.quantity}"
        f"  {figures(line.quantity * line.unit_cents, currency)}"
        for line in lines
    )


def _items(items: list[dict[str, Any]], language: str) -> str:
    return "\n".join(
        f"{item['label'].get(language) or item['label']['zh']} × {item['quantity']}"
        for item in items
    )


def _day(local: datetime) -> dict[str, str]:
    return {"zh": f"{local.year}年{local.month}月{local.day}日", "en": f"{local:%Y-%m-%d}"}
