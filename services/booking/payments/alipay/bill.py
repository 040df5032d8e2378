"""Alipay's trade bill of a day: a ZIP with a list of the trades and a summary, in GB 18030."""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping

from services.booking.domain.reconciliation import Entry
from services.booking.payments.formats import cents, instant, rounded_cents
from services.booking.payments.http import MAX_BYTES

COLUMNS = "支付宝交易号,商户订单号,业务类型"
"""How the heading of the list begins; the summary's begins otherwise."""

KINDS = {"交易": "payment", "退款": "refund"}


def read(content: bytes) -> list[Entry]:
    """Return the movements of money of a bill, in its order.

    Errors:  ValueError.
    """
    for text in _files(content):
        lines = text.splitlines()
        heading = next((i for i, line in enumerate(lines) if line.startswith(COLUMNS)), None)
        if heading is not None:
            return _entries(lines[heading:])
    raise ValueError("the bill has no list of trades")


def _files(content: bytes) -> Iterator[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as files:
            for info in files.infolist():
                if info.file_size > MAX_BYTES:
                    raise ValueError("the bill is too large")
                yield files.read(info).decode("gb18030")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise ValueError("the bill is damaged") from error


def _entries(lines: list[str]) -> list[Entry]:
    names = [name.strip().replace("（", "(").replace("）", ")") for name in lines[0].split(",")]
    end = next((i for i, line in enumerate(lines) if line.startswith("#")), None)
    if end is None:
        raise ValueError("the bill has no end")
    found = []
    for values in csv.reader(lines[1:end]):
        if len(values) != len(names):
            raise ValueError("a line of the bill does not fit its heading")
        found.append(_entry(dict(zip(names, map(str.strip, values), strict=True))))
    return [entry for entry in found if entry is not None]


def _entry(row: Mapping[str, str]) -> Entry | None:
    try:
        kind = KINDS.get(row["业务类型"])
        if kind is None:
            return None
        return Entry(
            kind=kind,
            number=row["商户订单号" if kind == "payment" else "退款批次号/请求号"],
            reference=row["支付宝交易号"],
            amount_cents=abs(cents(row["订单金额(元)"])),  # a refund's is negative
            currency="CNY",
            settled_at=instant(row["完成时间"]),
            fee_cents=-rounded_cents(row["服务费(元)"]),
        )
    except KeyError as error:
        raise ValueError(f"the bill has no column {error}") from error
