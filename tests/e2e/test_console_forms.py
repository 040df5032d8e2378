"""Forms in the console: made from a template, published, and what a customer sends is seen."""

import uuid

import pytest
from playwright.sync_api import expect

from tests.e2e.test_browser import DESKTOP, by_id, open_page, sign_in  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ANSWERS = {
    "name": "沈静姝",
    "phone": "13712345678",
    "shoot": "wedding",
    "wedding_date": "2027-05-01",
    "consent": True,
}


def send(studio, code, answers, version=1):
    """Send answers as the portal does."""
    return studio.run.api(
        "POST",
        f"form-links/{code}/submissions",
        {"version": version, "answers": answers},
        Idempotency_Key=str(uuid.uuid4()),
    )


def write(page, test_id, text):
    page.locator(f"input[data-testid={test_id}], [data-testid={test_id}] input").first.fill(text)


def make_from_template(page, template, name):
    by_id(page, "nav-forms").click()
    by_id(page, "new-form").first.click()
    by_id(page, f"template-{template}").check(force=True)
    write(page, "words-zh", name)
    by_id(page, "create-form").click()
    by_id(page, "field").first.wait_for()


def code_of(page):
    by_id(page, "tab-share").click()
    by_id(page, "qr").wait_for()
    return by_id(page, "short-url").locator("input").input_value().rpartition("/")[2]


def test_a_form_from_a_template_is_published_and_answered(open_page, studio):  # noqa: F811
    page = open_page(DESKTOP)
    sign_in(page, studio)
    make_from_template(page, "customer", "春季婚纱预约")
    expect(by_id(page, "field")).to_have_count(8)
    by_id(page, "publish-form").click()
    expect(by_id(page, "publish-form")).to_be_disabled()
    code = code_of(page)
    loaded = page.evaluate(
        "async () => { const qr = document.querySelector('[data-testid=qr]');"
        " await qr.decode(); return qr.naturalWidth }"
    )
    assert loaded > 0

    by_id(page, "tab-submissions").click()
    by_id(page, "empty-state").wait_for()
    send(studio, code, ANSWERS)
    row = by_id(page, "submission-row")
    expect(row).to_contain_text("沈静姝", timeout=5_000)
    row.press("Enter")
    expect(by_id(page, "answer-wedding_date")).to_contain_text("2027-05-01")
    expect(by_id(page, "answer-shoot")).to_contain_text("婚纱照")
    by_id(page, "mark-handled").click()
    expect(row).to_contain_text("已处理")

    with page.expect_download() as waiting:
        page.keyboard.press("Escape")
        by_id(page, "export-csv").click()
    assert waiting.value.suggested_filename == "春季婚纱预约.csv"
    assert "沈静姝" in waiting.value.path().read_text(encoding="utf-8-sig")
    by_id(page, "nav-forms").click()
    expect(by_id(page, "form-row").filter(has_text="春季婚纱预约")).to_contain_text("1")
    assert page.outside == []


def test_a_draft_that_is_wrong_says_where_and_is_not_published(open_page, studio):  # noqa: F811
    page = open_page(DESKTOP, locale="en-GB")
    sign_in(page, studio)
    make_from_template(page, "fitting", "试纱登记二")
    rules = '[{"effect": "show", "fields": ["nobody"], "when": {"==": [1, 1]}}]'
    page.locator("textarea[data-testid=rules], [data-testid=rules] textarea").fill(rules)
    by_id(page, "publish-form").click()
    expect(by_id(page, "fault").first).to_contain_text("/rules/0/fields/0")
    page.locator("textarea[data-testid=rules], [data-testid=rules] textarea").fill("")
    by_id(page, "publish-form").click()
    expect(by_id(page, "fault")).to_have_count(0)
    expect(by_id(page, "publish-form")).to_be_disabled()


def test_a_table_of_the_studios_own_has_rows(open_page, studio):  # noqa: F811
    page = open_page(DESKTOP)
    sign_in(page, studio)
    by_id(page, "nav-forms").click()
    by_id(page, "sub-tables").click()
    by_id(page, "new-table").first.click()
    write(page, "words-zh", "合作花店")
    by_id(page, "create-form").click()
    by_id(page, "publish-form").click()
    expect(by_id(page, "publish-form")).to_be_disabled()
    by_id(page, "tab-rows").click()
    for name in ("小满花艺", "南山花房"):
        by_id(page, "add-row").click()
        page.locator("[data-testid=answer-name] input").fill(name)
        by_id(page, "save-row").click()
        expect(by_id(page, "row").filter(has_text=name)).to_be_visible()
    write(page, "row-search", "南山")
    expect(by_id(page, "row")).to_have_count(1)
    by_id(page, "remove-row").click()
    expect(by_id(page, "row")).to_have_count(0)
