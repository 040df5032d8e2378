"""Documents as PDF, with a font of their own; what they say is the business of others.

The same document always gives the same bytes.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import eventlet.tpool
from eventlet.semaphore import Semaphore
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.platypus import Flowable, LongTable, SimpleDocTemplate
from reportlab.platypus import Paragraph as Words

from services.booking.domain.agreements import HEIGHT, WIDTH, Stroke

FONT = "NotoSansSC"
MARGIN = 20 * mm
INK, PALE, LINE = HexColor("#1f1f1f"), HexColor("#6b6b6b"), HexColor("#c8c8c8")

TITLE = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=27, alignment=1, spaceAfter=12)
HEADING = ParagraphStyle("heading", fontName=FONT, fontSize=12, leading=18, spaceBefore=10)
BODY = ParagraphStyle("body", fontName=FONT, fontSize=10, leading=16, spaceAfter=5, textColor=INK)
NOTE = ParagraphStyle("note", BODY, fontSize=8, leading=12, textColor=PALE)
CELL = ParagraphStyle("cell", BODY, spaceAfter=0)

SIGNATURE_WIDTH = 60 * mm

CELLS = [
    ("GRID", (0, 0), (-1, -1), 0.5, LINE),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ("TOPPADDING", (0, 0), (-1, -1), 4),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
]

AT_ONCE = Semaphore(1)
"""The library keeps state that threads share, and its work is computing: more gain nothing."""


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A text; its line breaks are kept. `small` is for what only has to be there."""

    text: str
    small: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of texts.

    Shapes:  every row as long as `shares`, the parts of the width that the columns take.
    """

    rows: Sequence[Sequence[str]]
    shares: Sequence[float]


@dataclass(frozen=True)
class Signature:
    """A drawn signature."""

    strokes: Sequence[Stroke]


Block = Heading | Paragraph | Table | Signature


@dataclass(frozen=True)
class Document:
    """What is on the pages; the footer stands on each of them, beside its number."""

    title: str
    blocks: Sequence[Block]
    footer: str = ""


def render(document: Document) -> bytes:
    """Return a document as PDF, made off the hub: it takes some tens of milliseconds."""
    with AT_ONCE:
        made: bytes = eventlet.tpool.execute(_render, document)
    return made


def legible(text: str) -> str:
    """Return a text as it can be printed: what the font lacks is written as its code point."""
    return "".join(
        each if each == "\n" or ord(each) in _GLYPHS else f"〔U+{ord(each):04X}〕"
        for each in text.replace("\r\n", "\n").replace("\t", " ")
    )


def _render(document: Document) -> bytes:
    # The number of pages is known once they are laid out.
    _, pages = _lay_out(document, None)
    made, _ = _lay_out(document, pages)
    return made


def _lay_out(document: Document, pages: int | None) -> tuple[bytes, int]:
    target = io.BytesIO()
    layout = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=document.title,
        lang="zh-CN",
        invariant=1,
    )

    def finish(canvas: Any, _: Any) -> None:
        canvas.setFont(FONT, NOTE.fontSize)
        canvas.setFillColor(PALE)
        canvas.drawString(MARGIN, MARGIN / 2, legible(document.footer))
        number = f"{canvas.getPageNumber()} / {pages}"
        canvas.drawRightString(A4[0] - MARGIN, MARGIN / 2, number)

    flow = [_words(document.title, TITLE), *(_flowable(each) for each in document.blocks)]
    layout.build(flow, onFirstPage=finish, onLaterPages=finish)
    return target.getvalue(), layout.page


def _flowable(block: Block) -> Flowable:
    match block:
        case Heading(text):
            return _words(text, HEADING)
        case Paragraph(text, small):
            return _words(text, NOTE if small else BODY)
        case Signature(strokes):
            return _Drawn(strokes)
        case Table(rows, shares):
            width = (A4[0] - 2 * MARGIN) / sum(shares)
            return LongTable(
                [[_words(cell, CELL) for cell in row] for row in rows],
                colWidths=[share * width for share in shares],
                style=CELLS,
                spaceBefore=6,
                spaceAfter=6,
            )


def _words(text: str, style: ParagraphStyle) -> Words:
    # Chinese has no blanks at which lines could end; among Latin words the blanks still count.
    chinese = ParagraphStyle(style.name, style, wordWrap="CJK")
    return Words(escape(legible(text)).replace("\n", "<br/>"), chinese)


class _Drawn(Flowable):
    """The strokes of a signature as lines: sharp at any size, and no picture to decode."""

    def __init__(self, strokes: Sequence[Stroke]) -> None:
        super().__init__()
        self.strokes = strokes
        self.width = SIGNATURE_WIDTH
        self.height = SIGNATURE_WIDTH * HEIGHT / WIDTH

    def draw(self) -> None:
        scale = self.width / WIDTH
        self.canv.setStrokeColor(INK)
        self.canv.setLineWidth(1.2)
        self.canv.setLineCap(1)
        for stroke in self.strokes:
            path = self.canv.beginPath()
            path.moveTo(stroke[0][0] * scale, self.height - stroke[0][1] * scale)
            for x, y in stroke[1:]:
                path.lineTo(x * scale, self.height - y * scale)
            self.canv.drawPath(path)


_write_codes = ttfonts.makeToUnicodeCMap


def _to_unicode(name: str, subset: Sequence[int]) -> str:
    """Say in UTF-16 which characters a font's glyphs are, as PDF wants it.

    reportlab writes characters outside of the basic plane as one odd number, and readers then
    understand none of the document's text.
    """
    codes: str = _write_codes(name, subset)
    return re.sub(
        r"<([0-9A-F]{5,6})>",
        lambda code: f"<{chr(int(code[1], 16)).encode('utf-16-be').hex().upper()}>",
        codes,
    )


ttfonts.makeToUnicodeCMap = _to_unicode
_font = ttfonts.TTFont(FONT, str(Path(__file__).parent / "fonts" / "NotoSansSC.ttf"))
pdfmetrics.registerFont(_font)
_GLYPHS = _font.face.charToGlyph
