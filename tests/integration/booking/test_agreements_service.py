"""Agreements over the wire: the service's own methods, its settings and its PDF off the hub."""

import base64
import io
from collections.abc import Callable

import pypdf
import pytest

from services.booking.links import Links
from services.contracts.agreements import PlaceholderUnknown
from tests.harness import SETTINGS, Running
from tests.integration.booking.studio import STAFF, Studio

TEMPLATE = "00000000-0000-4000-8000-000000000901"
WORDS = {
    "name": {"zh": "合同"},
    "title": {"zh": "摄影合同"},
    "text": {"zh": "甲方：{{customer_name}}"},
}


def test_an_agreement_is_drawn_up_signed_and_printed_over_the_wire(
    running: Callable[..., Running],
) -> None:
    system = running("booking")
    studio = Studio(system.uow("booking"))
    studio.define()
    booking_id = studio.request()["id"]
    booking = system.call("booking")
    links = Links(secret=SETTINGS["MANAGE_SECRET"], public_url="")
    of = {"booking_id": str(booking_id)}
    staff = of | {"access": {"staff_id": str(STAFF)}}
    customer = of | {"access": {"manage_token": links.token(booking_id)}}

    booking.define_agreement_template(template_id=TEMPLATE, **WORDS)
    assert booking.list_agreement_templates()["items"][0]["text"]["en"] == ""
    one = {"agreement_id": booking.draw_up_agreement(**staff, template_id=TEMPLATE)["id"]}
    assert booking.read_agreement(**customer, **one)["state"] == "shown"
    signed = booking.sign_agreement(
        **customer,
        **one,
        signer_name="李娜",
        strokes=[[[0, 0], [500, 300]]],
        ip="203.0.113.7",
        user_agent="",
    )
    assert (signed["state"], signed["intact"]) == ("signed", True)
    assert booking.list_agreements(**customer)["items"][0]["state"] == "signed"
    paper = booking.print_agreement(**customer, **one)
    [page] = pypdf.PdfReader(io.BytesIO(base64.b64decode(paper["content"]))).pages
    assert "甲方：李娜" in page.extract_text()
    assert booking.void_agreement(**staff, **one, reason="测试")["state"] == "void"


def test_a_preview_over_the_wire_says_what_it_does_not_know(
    running: Callable[..., Running],
) -> None:
    booking = running("booking").call("booking")
    shown = booking.preview_agreement(title=WORDS["title"], text=WORDS["text"])
    assert shown["text"]["zh"] == "甲方：〔客户姓名〕"
    with pytest.raises(PlaceholderUnknown) as refused:
        booking.preview_agreement(title=WORDS["title"], text={"zh": "{{name}}"})
    assert refused.value.details["placeholders"] == ["{{name}}"]
