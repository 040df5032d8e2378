"""The receipt (收据) of a payment."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.booking.domain.amounts import figures, in_words
from services.booking.pdf import Document, Paragraph, Table

TITLE = "收 据 RECEIPT"

NOT_AN_INVOICE = (
    "本收据仅作收款凭证，不是发票。\n"
    "This paper confirms that the money was received; it is not a tax invoice."
)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a receipt says.

    Shapes:  `kind` and `method` as customers read them, in both languages; `paid_at` aware,
             shown by the branch's wall clock.
    Units:   integer cents, `amount_cents` > 0; `balance_cents` what is still owed after it.
    """

    number: str
    order_number: str
    title: dict[str, str]
    payer: str
    kind: dict[str, str]
    method: dict[str, str]
    amount_cents: int
    balance_cents: int
    currency: str
    paid_at: datetime
    timezone: str
    studio: str
    address: str
    phone: str
    lookup_code: str


def receipt(facts: Receipt) -> Document:
    """Return the page of a receipt; an amount of renminbi stands there in words too."""
    paid_at = facts.paid_at.astimezone(ZoneInfo(facts.timezone))
    rows = [
        ("收据编号 No.", facts.number),
        ("订单编号 Order", facts.order_number),
        ("项目 For", _both(facts.title)),
        ("付款人 Received from", facts.payer),
        ("款项 Kind", _both(facts.kind)),
        ("金额 Amount", figures(facts.amount_cents, facts.currency)),
        ("付款方式 Method", _both(facts.method)),
        ("付款时间 Paid at", f"{paid_at:%Y-%m-%d %H:%M} ({facts.timezone})"),
        ("尚欠 Still owed", figures(facts.balance_cents, facts.currency)),
        ("收款单位 Received by", "\n".join((facts.studio, facts.address, facts.phone))),
        ("查询码 Lookup code", facts.lookup_code),
    ]
    if facts.currency == "CNY":
        rows.insert(6, ("大写 In words", in_words(facts.amount_cents)))
    return Document(
        TITLE,
        (Table(rows, (1, 2.4)), Paragraph(NOT_AN_INVOICE, small=True)),
        footer=f"{facts.studio} · {facts.number}",
    )


def _both(text: dict[str, str]) -> str:
    return " ".join(filter(None, (text["zh"], text.get("en"))))
