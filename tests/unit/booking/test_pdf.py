"""Documents as PDF: legible anywhere, in Chinese, and nothing is left out."""

import io
from datetime import UTC, datetime
from typing import Any

import eventlet
import pypdf
import pytest

from services.booking.pdf import (
    Block,
    Document,
    Heading,
    Paragraph,
    Signature,
    Table,
    legible,
    render,
)
from services.booking.receipts import Receipt, receipt


def pages(document: Document) -> list[pypdf.PageObject]:
    return list(pypdf.PdfReader(io.BytesIO(render(document))).pages)


def text_of(*blocks: Block, title: str = "合同") -> str:
    found = pages(Document(title, blocks))
    return "\n".join(page.extract_text() for page in found)


def joined(text: str) -> str:
    return "".join(text.split())


def test_chinese_text_can_be_read_back_from_the_pages() -> None:
    said = "甲方（客户）：王小明，乙方（影楼）：影期摄影。总价人民币伍仟玖佰玖拾玖元整。"
    text = text_of(
        Heading("第一条 服务内容"), Paragraph(said), Table([("数量", "精修 30 张")], (1, 2))
    )
    assert said in joined(text)
    for words in ("合同", "第一条 服务内容", "精修 30 张"):
        assert words in text


def test_rare_names_in_the_standard_table_are_in_the_font() -> None:
    names = "喆玥赟堃珺翀犇淼𬭊𬳵"
    assert legible(names) == names
    assert names in joined(text_of(Paragraph(f"张{names}")))


def test_a_character_outside_of_the_font_is_written_as_its_code_point() -> None:
    assert legible("王\U0001f600") == "王〔U+1F600〕"
    assert legible("龘\x07") == "〔U+9F98〕〔U+0007〕"
    assert "〔U+1F600〕" in text_of(Paragraph("谢谢\U0001f600"))


def test_what_looks_like_markup_is_only_text() -> None:
    assert '<b>&amp;<font size="99">' in text_of(Paragraph('<b>&amp;<font size="99">'))


def test_the_font_is_embedded_so_that_any_reader_shows_it() -> None:
    [page] = pages(Document("合同", (Paragraph("定金"),)))
    fonts = page["/Resources"]["/Font"].get_object().values()
    embedded = [
        font.get_object()["/FontDescriptor"]["/FontFile2"]
        for font in fonts
        if font.get_object()["/Subtype"] == "/TrueType"
    ]
    assert embedded and all(len(each.get_data()) > 500 for each in embedded)


def test_every_page_has_its_number_and_the_footer() -> None:
    found = pages(Document("合同", (Paragraph("条款\n" * 120),), footer="SHA-256 0a1b"))
    assert len(found) > 1
    for number, page in enumerate(found, start=1):
        text = page.extract_text()
        assert f"{number} / {len(found)}" in text
        assert "SHA-256 0a1b" in text


def test_the_same_document_always_gives_the_same_bytes() -> None:
    document = Document("合同", (Paragraph("定金"), Signature([[(0, 0), (50, 60)]])))
    assert render(document) == render(document)
    assert render(document) != render(Document("合同", (Paragraph("订金"),)))


def test_others_are_served_while_pages_are_made_and_each_gets_its_own() -> None:
    ticks = 0

    def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            eventlet.sleep(0.001)

    ticking = eventlet.spawn(tick)
    documents = [Document(f"合同{number}", (Paragraph("条款\n" * 200),)) for number in range(4)]
    made = [thread.wait() for thread in [eventlet.spawn(render, each) for each in documents]]
    ticking.kill()
    assert ticks > 20
    assert made == [render(each) for each in documents]


def test_a_signature_is_drawn_as_lines() -> None:
    [page] = pages(Document("合同", (Signature([[(0, 0), (500, 200), (1000, 400)]]),)))
    drawn = page.get_contents().get_data()
    assert drawn.count(b" l ") + drawn.count(b" l\n") >= 2


# --- receipts


def paid(**changes: Any) -> Receipt:
    facts: dict[str, Any] = {
        "number": "R2611-000001",
        "order_number": "YQ2611-000001",
        "title": {"zh": "森系婚纱照", "en": "Forest wedding"},
        "payer": "王小明",
        "kind": {"zh": "定金", "en": "Earnest money"},
        "method": {"zh": "微信支付", "en": "WeChat Pay"},
        "amount_cents": 119_980,
        "balance_cents": 479_920,
        "currency": "CNY",
        "paid_at": datetime(2026, 11, 2, 4, 30, tzinfo=UTC),
        "timezone": "Asia/Shanghai",
        "studio": "影期旗舰店",
        "address": "上海市黄浦区南京东路 1 号",
        "phone": "021-12345678",
        "lookup_code": "7K3M-9QXD",
        **changes,
    }
    return Receipt(**facts)


def receipt_text(**changes: Any) -> str:
    return pages(receipt(paid(**changes)))[0].extract_text()


def test_a_receipt_says_who_paid_what_for_what_and_when_on_the_branchs_clock() -> None:
    text = receipt_text()
    for words in (
        "收 据",
        "王小明",
        "森系婚纱照 Forest wedding",
        "定金 Earnest money",
        "¥1,199.80",
        "人民币壹仟壹佰玖拾玖元捌角整",
        "2026-11-02 12:30 (Asia/Shanghai)",
        "¥4,799.20",
        "7K3M-9QXD",
        "不是发票",
    ):
        assert words in text


def test_only_renminbi_has_capital_words() -> None:
    assert "大写" not in receipt_text(currency="HKD")


@pytest.mark.parametrize("name", ["", "A" * 300, "王" * 300, "<para>"])
def test_any_payer_fits_on_a_receipt(name: str) -> None:
    assert name in joined(receipt_text(payer=name))
