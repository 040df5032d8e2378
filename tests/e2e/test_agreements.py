"""Agreements in a real browser: written, drawn up, signed on a phone, and told to the file."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.e2e.studio import eventually
from tests.e2e.test_browser import (  # open_page is a fixture
    DESKTOP,
    PHONE,
    by_id,
    open_page,  # noqa: F401
    sign_in,
)

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PATIENT = 15_000
"""Milliseconds: what the server does first takes its time on a busy machine."""


def words(zh, en=""):
    return {"zh": zh, "en": en}


def template_in_use(studio, name, **texts):
    template = {
        "name": words(name),
        "title": words("摄影服务合同", "Photography agreement"),
        "text": words("甲方：{{customer_name}}。", "Between {{customer_name}} and the studio."),
    }
    return studio.staff("PUT", f"agreement-templates/{uuid.uuid4()}", template | texts)


def drawn_up(studio, made, template):
    body = {"template_id": template["id"]}
    return studio.staff("POST", f"bookings/{made['id']}/agreements", body)


def timeline_of(studio, made):
    phone = studio.booking(made)["contact"]["phone"]
    [customer] = studio.staff("GET", f"customers?q={phone.removeprefix('+86')}")["items"]
    return studio.staff("GET", f"customers/{customer['id']}")["timeline"]


def draw(page):
    """Draw one line over the sheet, as a finger would."""
    box = by_id(page, "signature").bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 30 + 30 * step, box["y"] + 40 + 20 * (step % 3))
    page.mouse.up()


def opened_by(studio, page, button):
    """Ask for what a button opens in a window of its own, which shows no PDF without a screen."""
    page.evaluate("() => { window.open = (address) => { window.opened = address } }")
    button.click()
    return studio.run.request("GET", page.evaluate("() => window.opened"))


def write_a_template(page):
    by_id(page, "nav-money").click()
    by_id(page, "sub-agreements").click()
    page.get_by_role("button", name="新建合同模板").click()
    page.fill("[data-testid=template-name] input >> nth=0", "婚纱合同")
    page.fill("[data-testid=template-title] input >> nth=0", "婚纱摄影服务合同")
    text = page.locator("textarea[data-testid=template-text], [data-testid=template-text] textarea")
    text.fill("甲方：\n乙方应按约提供服务。")
    text.evaluate("area => area.setSelectionRange(3, 3)")
    by_id(page, "put-customer_name").click()
    expect(text).to_have_value("甲方：{{customer_name}}\n乙方应按约提供服务。")
    by_id(page, "template-show").click()
    expect(by_id(page, "template-preview")).to_contain_text("甲方：〔客户姓名〕")
    by_id(page, "template-save").click()
    row = by_id(page, "template-row").filter(has_text="婚纱合同")
    expect(by_id(row, "template-version")).to_have_text("第 1 版")


def test_an_agreement_is_drawn_up_signed_on_a_phone_and_told_to_the_customers_file(
    open_page,  # noqa: F811
    studio,
):
    console = open_page(DESKTOP)
    sign_in(console, studio)
    write_a_template(console)
    made = studio.confirmed()
    console.goto(f"{studio.run.address}/console/bookings?booking={made['id']}")
    by_id(console, "draw-up").click()
    by_id(console, "draw-up-from").filter(has_text="婚纱合同").click()
    drawn = by_id(console, "agreement-dialog")
    expect(drawn).to_contain_text("甲方：王小丽")
    expect(by_id(drawn, "agreement-link").locator("input")).to_have_value(made["manage_url"])

    portal = open_page(PHONE)
    portal.goto(made["manage_url"])
    by_id(portal, "agreement-waiting").wait_for()
    by_id(portal, "open-agreement").click()
    expect(by_id(portal, "agreement-text")).to_contain_text("甲方：王小丽")
    by_id(portal, "sign").click()
    expect(portal.get_by_text("请在签名框中签名")).to_be_visible()
    expect(portal.get_by_text("请勾选同意后再签署")).to_be_visible()
    draw(portal)
    by_id(portal, "signing-consent").click()
    by_id(portal, "sign").click()
    by_id(portal, "agreement-done").wait_for()
    proof = by_id(portal, "agreement-proof")
    sha256 = re.search(r"[0-9a-f]{64}", proof.text_content())[0]
    paper = opened_by(studio, portal, by_id(portal, "agreement-pdf"))
    assert (paper.status, paper.body[:5]) == (200, "%PDF-")

    expect(by_id(drawn, "agreement-state")).to_have_text("已签署", timeout=PATIENT)
    expect(by_id(drawn, "agreement-proof")).to_contain_text(sha256)
    with console.expect_download() as saved:
        by_id(drawn, "agreement-pdf").click()
    assert saved.value.path().read_bytes()[:5] == b"%PDF-"
    by_id(drawn, "void-agreement").click()
    asked = console.get_by_role("dialog", name="作废")
    asked.get_by_role("button", name="作废").click()
    expect(asked).to_contain_text("请填写作废原因")
    asked.locator("input").fill("改签新合同")
    asked.get_by_role("button", name="作废").click()
    expect(by_id(drawn, "agreement-state")).to_have_text("已作废")
    expect(drawn).to_contain_text("改签新合同")
    told = eventually(
        lambda: [e for e in timeline_of(studio, made) if e["type"] == "agreement.signed"]
    )
    assert [entry["title"]["zh"] for entry in told] == ["合同已签署"]
    assert portal.outside == []
    assert console.outside == []


def test_what_was_signed_stays_to_be_read_and_what_is_void_says_why(open_page, studio):  # noqa: F811
    made = studio.confirmed()
    agreement = drawn_up(studio, made, template_in_use(studio, "英文合同"))
    portal = open_page(PHONE, locale="en-GB")
    portal.goto(f"{studio.run.address}/portal/")
    portal.evaluate("() => localStorage.setItem('yingqi.locale', 'en')")
    portal.goto(made["manage_url"])
    portal.reload()
    by_id(portal, "open-agreement").click()
    expect(by_id(portal, "agreement-text")).to_have_text("Between 王小丽 and the studio.")
    by_id(portal, "agreement-language").click()
    expect(by_id(portal, "agreement-text")).to_have_text("甲方：王小丽。")
    sheet = by_id(portal, "signature")
    sheet.focus()
    for key in ("Space", *["ArrowRight"] * 6, *["ArrowDown"] * 4, "Space"):
        portal.keyboard.press(key)
    by_id(portal, "signing-consent").press("Enter")
    by_id(portal, "sign").press("Enter")
    by_id(portal, "agreement-done").wait_for()

    path = f"bookings/{made['id']}/agreements/{agreement['id']}"
    studio.staff("POST", f"{path}/void", {"reason": "改签新合同"})
    portal.reload()
    row = by_id(portal, "agreement")
    expect(row).to_have_attribute("data-state", "void")
    by_id(portal, "open-agreement").click()
    expect(by_id(portal, "agreement-dialog")).to_contain_text("改签新合同")
    expect(by_id(portal, "agreement-proof")).to_be_visible()


def test_what_was_withdrawn_while_it_was_read_is_said_and_cannot_be_signed(
    open_page,  # noqa: F811
    studio,
):
    made = studio.confirmed()
    agreement = drawn_up(studio, made, template_in_use(studio, "撤回的合同"))
    portal = open_page(PHONE)
    portal.goto(made["manage_url"])
    by_id(portal, "open-agreement").click()
    draw(portal)
    by_id(portal, "signing-consent").click()
    path = f"bookings/{made['id']}/agreements/{agreement['id']}"
    studio.staff("POST", f"{path}/void", {"reason": "填错了"})
    by_id(portal, "sign").click()
    expect(by_id(portal, "agreement-withdrawn")).to_be_visible()
    by_id(portal, "agreement-withdrawn").get_by_role("button").click()
    expect(by_id(portal, "agreement")).to_have_count(0)
