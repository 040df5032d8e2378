"""The pure half of the agreements' pages: texts with marks, and drawn signatures; run by Node."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.booking.domain.agreements import HEIGHT, WIDTH, is_signature
from tests.unit.booking.form_twin import ROOT, Twin, tool

SOURCE = ROOT / "tests" / "vectors" / "agreements" / "models.ts"
KIT = ROOT / "gateway" / "web" / "kit"
WORDS = {"zh": "合同", "en": ""}

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    script = tmp_path_factory.mktemp("agreements") / "models.cjs"
    flags = ["--bundle", "--platform=node", "--format=cjs", "--log-level=warning"]
    subprocess.run(
        [tool("esbuild"), str(SOURCE), *flags, f"--alias:@kit={KIT}", f"--outfile={Path(script)}"],
        check=True,
    )
    twin = Twin(script)
    yield lambda what, **question: twin.ask({"ask": what, **question})
    twin.stop()


def test_a_mark_goes_where_the_cursor_is_and_replaces_what_is_selected(ask: Ask) -> None:
    asked = {"text": "甲方：某人。", "mark": "{{customer_name}}"}
    put = ask("mark", **asked, **{"from": 3, "to": 5})
    assert put == {"text": "甲方：{{customer_name}}。", "cursor": 20}
    put = ask("mark", **asked, **{"from": 6, "to": 6})
    assert put == {"text": "甲方：某人。{{customer_name}}", "cursor": 23}


def test_a_template_needs_its_words_in_chinese_only(ask: Ask) -> None:
    template = {"name": WORDS, "title": WORDS, "text": WORDS, "service_ids": [], "active": True}
    assert ask("complete", template=template) is True
    for blank in ("name", "title", "text"):
        assert ask("complete", template=template | {blank: {"zh": " ", "en": "A"}}) is False


def test_a_drawn_signature_fills_the_box_in_which_it_is_kept(ask: Ask) -> None:
    assert ask("box", strokes=[[0, 0, 600, 240], [300, 120]]) == [
        [[0, 0], [WIDTH, HEIGHT]],
        [[WIDTH // 2, HEIGHT // 2]],
    ]


def test_whatever_can_be_drawn_is_taken_as_a_signature(ask: Ask) -> None:
    assert is_signature(ask("scribble"))


def test_arrows_move_the_pen_within_the_sheet_and_other_keys_do_not(ask: Ask) -> None:
    assert ask("keys", keys=["ArrowRight", "ArrowDown"]) == [160, 130]
    assert ask("keys", keys=["ArrowUp"] * 50) == [150, 0]
    assert ask("keys", keys=["a"]) is None
