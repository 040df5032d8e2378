"""Lookup codes: one a booking and version, and read however people type them."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.booking.links import ALPHABET, Links, read_code
from tests.unit.booking.form_twin import ROOT, tool

ONE, OTHER = UUID(int=1), UUID(int=2)
LINKS = Links(secret="s3cret", public_url="https://studio.test")
TYPED = (
    "01AB-C0D1",
    "01abc0d1",
    " 01ab c0d1 ",
    "０１ＡＢ－Ｃ０Ｄ１",
    "０１ａｂ\u3000ｃ０ｄ１",
    "OIAB-CoDl",
    "oLab\u2013c0di",
    "01-AB\u2014C0\u2212D1",
)
Page = Callable[[str, list[Any]], list[Any]]
NO_CODES = ("", "-", "01AB-C0D", "01AB-C0D12", "01AB-C0DU", "影期影期影期影期")


def test_a_code_can_be_read_out_and_hardly_repeats() -> None:
    codes = [LINKS.code(UUID(int=number)) for number in range(1_000)]
    assert len(set(codes)) == 1_000
    assert set("".join(codes)) == {*ALPHABET, "-"}
    assert not set(ALPHABET) & set("ILOU")
    assert {(len(code), code[4]) for code in codes} == {(9, "-")}


def test_a_code_is_of_one_booking_version_and_secret() -> None:
    code = LINKS.code(ONE)
    assert LINKS.accepts_code(code, ONE, 1)
    assert not LINKS.accepts_code(code, OTHER, 1)
    assert not LINKS.accepts_code(code, ONE, 2)
    assert not LINKS.accepts_code(Links("other", LINKS.public_url).code(ONE), ONE, 1)


def test_a_code_tells_nothing_of_the_token() -> None:
    """Another prefix is signed: whoever reads a code out gives away none of the link's bits."""
    assert read_code(LINKS.token(ONE)[-8:]) != LINKS.code(ONE)


def test_a_code_as_it_is_shown_is_read_as_it_is() -> None:
    for number in range(100):
        code = LINKS.code(UUID(int=number))
        assert read_code(code) == code


@pytest.mark.parametrize("typed", TYPED)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read_code(typed) == "01AB-C0D1"


@pytest.mark.parametrize("typed", NO_CODES)
def test_what_can_be_no_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """Calls a function of the portal's page with each of some arguments."""
    source = ROOT / "gateway/web/portal/src/lib/lookup.ts"
    script = tmp_path / "lookup.cjs"
    flags = ["--bundle", "--platform=node", "--format=cjs", "--log-level=warning"]
    subprocess.run([tool("esbuild"), str(source), *flags, f"--outfile={script}"], check=True)

    def call(name: str, arguments: list[Any]) -> list[Any]:
        page = f"require({json.dumps(str(script))})"
        asked = f"JSON.parse(process.argv[1]).map((each) => {page}.{name}(each))"
        run = ["node", "-e", f"console.log(JSON.stringify({asked}))", json.dumps(arguments)]
        told = subprocess.run(run, check=True, capture_output=True, text=True).stdout
        answers: list[Any] = json.loads(told)
        return answers

    return call


def test_the_page_reads_a_code_as_the_service_does(page: Page) -> None:
    asked = [*TYPED, *NO_CODES, *(LINKS.code(UUID(int=number)) for number in range(50))]
    assert page("readCode", asked) == [read_code(each) or "" for each in asked]


def test_the_page_says_what_is_missing_before_it_asks(page: Page) -> None:
    good = {"phone": "138 0013 8000", "code": "01ab c0d1"}
    landline = good | {"phone": "(021) 62134567"}
    wide = good | {"phone": "１３８００１３８０００"}
    short = {"phone": "138", "code": "01AB"}
    assert page("validateLookup", [good, landline, wide, {"phone": " ", "code": ""}, short]) == [
        {},
        {},
        {},
        {"phone": "valid.phone", "code": "lookup.codeMissing"},
        {"phone": "lookup.phoneBad", "code": "lookup.codeBad"},
    ]


def test_a_phone_is_counted_under_what_does_not_tell_it() -> None:
    key = LINKS.phone_key("+8613800138000")
    assert b"138" not in key
    assert key != LINKS.phone_key("+8613800138001")
    assert key != Links("other", LINKS.public_url).phone_key("+8613800138000")
