"""WeChat Pay's trade bill of a day: text with a heading, a line each, and a summary.

Every value has a backtick before it, which keeps spreadsheets from rounding long numbers, and
here tells a comma between values from one within.
"""

from collections.abc import Mapping

from services.booking.domain.reconciliation import Entry
from services.booking.payments.formats import cents, instant, rounded_cents

SUMMARY = "总交易单数"
REFUND_LOST = frozenset({"FAIL", "CHANGE"})
"""Refunds that never reached the payer."""


def read(content: bytes) -> list[Entry]:
    """Return the movements of money of a bill, in its order.

    Errors:  ValueError.
    """
    heading, *lines = content.decode("utf-8-sig").splitlines()
    names = heading.split(",")
    found: list[Entry] = []
    for line in lines:
        if line.startswith(SUMMARY):
            break
        values = line.removeprefix("`").split(",`")
        if len(values) != len(names):
            raise ValueError("a line of the bill does not fit its heading")
        entry = _entry(dict(zip(names, values, strict=True)))
        if entry is not None:
            found.append(entry)
    return found


def _entry(row: Mapping[str, str]) -> Entry | None:
    try:
        if row["交易状态"] == "SUCCESS":
            kind, number, reference = "payment", row["商户订单号"], row["微信订单号"]
            amount = row["订单金额"]
        elif row["交易状态"] == "REFUND" and row["退款状态"] not in REFUND_LOST:
            kind, number, reference = "refund", row["商户退款单号"], row["微信退款单号"]
            amount = row["申请退款金额"]
        else:
            return None
        return Entry(
            kind=kind,
            number=number,
            reference=reference,
            amount_cents=cents(amount),
            currency=row["货币种类"],
            settled_at=instant(row["交易时间"]),
            fee_cents=rounded_cents(row["手续费"]),
        )
    except KeyError as error:
        raise ValueError(f"the bill has no column {error}") from error
