"""Contracts (合同): what their templates may name, how they are filled, signed and sealed."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

Text = Mapping[str, str]
Stroke = Sequence[Sequence[int]]
"""One line of a signature, as points (x, y) in a box of WIDTH × HEIGHT, y downwards."""


class State(StrEnum):
    """What has become of an agreement."""

    DRAFT = "draft"
    SHOWN = "shown"
    SIGNED = "signed"
    VOID = "void"


MAY_BECOME: Mapping[str, frozenset[State]] = {
    State.DRAFT: frozenset({State.SHOWN, State.VOID}),
    State.SHOWN: frozenset({State.SIGNED, State.VOID}),
    State.SIGNED: frozenset({State.VOID}),
    State.VOID: frozenset(),
}
"""Nobody signs what was not shown to them."""

PLACEHOLDERS: Mapping[str, Text] = {
    "customer_name": {"zh": "客户姓名", "en": "the customer's name"},
    "customer_phone": {"zh": "客户电话", "en": "the customer's phone"},
    "order_number": {"zh": "订单编号", "en": "the order's number"},
    "booking_number": {"zh": "预约编号", "en": "the booking's number"},
    "order_title": {"zh": "套系名称", "en": "the package, or a service sold alone"},
    "items": {"zh": "套系内容", "en": "what the package holds"},
    "service_name": {"zh": "套餐名称", "en": "the service"},
    "lines": {"zh": "订购明细", "en": "what was ordered, line by line"},
    "price": {"zh": "合同总价", "en": "the price"},
    "price_in_words": {"zh": "合同总价（大写）", "en": "the price in Chinese words"},
    "deposit": {"zh": "定金金额", "en": "the deposit"},
    "deposit_money": {"zh": "定金或订金", "en": "whether the deposit is earnest money"},
    "balance": {"zh": "尾款金额", "en": "the price without the deposit"},
    "starts_on": {"zh": "服务日期", "en": "the day of the service"},
    "starts_at": {"zh": "服务时间", "en": "the time of the service"},
    "branch_name": {"zh": "门店名称", "en": "the branch"},
    "branch_address": {"zh": "门店地址", "en": "the branch's address"},
    "branch_phone": {"zh": "门店电话", "en": "the branch's phone"},
    "drawn_up_on": {"zh": "合同日期", "en": "the day of the agreement"},
}
"""What a template may name in double braces, and what it stands for."""

MARK = re.compile(r"\{\{(.*?)\}\}|\{\{|\}\}", re.DOTALL)
"""A placeholder, or braces that have lost their other half."""

WIDTH, HEIGHT = 1_000, 400
"""The box in which a signature is drawn; whole numbers, so that its seal is the same anywhere."""

MAX_STROKES = 200
MAX_POINTS = 5_000
"""A long signature has some hundreds of points; more would make every copy of the page heavy."""

LEAST_EXTENT = 20
"""A twentieth of the box's height: less is a touch of the screen by mistake."""


def unknown_placeholders(*texts: Text) -> list[str]:
    """Return what some texts name that has no meaning, as it is written, each once."""
    marks = (mark for text in texts for words in text.values() for mark in MARK.finditer(words))
    return list(dict.fromkeys(mark[0] for mark in marks if _name(mark) not in PLACEHOLDERS))


def fill(text: Text, facts: Mapping[str, Text]) -> dict[str, str]:
    """Return a text with its placeholders replaced, in every language it has.

    What a fact itself holds is never taken for a placeholder. A placeholder without a fact stays
    to be seen as a line, for the pen.

    Shapes:  `text` only names PLACEHOLDERS; `facts` by their names.
    """

    def in_language(language: str, words: str) -> str:
        return MARK.sub(lambda mark: _fact(facts, _name(mark), language), words)

    return {language: in_language(language, words) for language, words in text.items()}


def sample() -> dict[str, Text]:
    """Return facts that show what each placeholder stands for."""
    return {
        name: {language: f"〔{words}〕" for language, words in label.items()}
        for name, label in PLACEHOLDERS.items()
    }


def is_signature(strokes: Sequence[Stroke]) -> bool:
    """Tell whether something drawn can be kept as a signature: neither a dot nor a flood."""
    points = [point for stroke in strokes for point in stroke]
    if not all(strokes) or len(strokes) > MAX_STROKES or not 0 < len(points) <= MAX_POINTS:
        return False
    if not all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points):
        return False
    return max(_extent(x for x, _ in points), _extent(y for _, y in points)) >= LEAST_EXTENT


def svg(strokes: Sequence[Stroke]) -> str:
    """Return a signature as an SVG picture."""
    lines = "".join(
        f'<polyline points="{" ".join(f"{x},{y}" for x, y in stroke)}"/>' for stroke in strokes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" fill="none"'
        f' stroke="currentColor" stroke-width="4" stroke-linecap="round">{lines}</svg>'
    )


def seal(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a record: of its JSON with sorted keys, without blanks, in UTF-8.

    Shapes:  values of JSON, without fractions; instants as text.
    """
    canonical = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _name(mark: re.Match[str]) -> str:
    return (mark[1] or "").strip()


def _fact(facts: Mapping[str, Text], name: str, language: str) -> str:
    fact = facts.get(name, {})
    return fact.get(language) or fact.get("zh") or "＿＿＿＿"


def _extent(values: Iterable[int]) -> int:
    found = list(values)
    return max(found) - min(found)
