"""Files of customers and of orders in a real browser: brought in, looked at, and taken back."""

import io

import pytest
from openpyxl import Workbook
from playwright.sync_api import expect

from tests.e2e.studio import eventually
from tests.e2e.test_browser import DESKTOP, by_id, open_page, sign_in  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.browser]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(name, titles, *rows):
    """An Excel file as the browser is given it."""
    book = Workbook()
    for row in (titles, *rows):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return {"name": name, "mimeType": XLSX, "buffer": content.getvalue()}


def choose(page, kind, file):
    """Say what the file holds, and choose it."""
    by_id(page, f"import-kind-{kind}").click()
    by_id(page, "import-file").set_input_files(file)
    by_id(page, "import-mapping").wait_for()


def reaches(page, state):
    expect(by_id(page, "import-state")).to_have_attribute("data-state", state, timeout=30_000)


def confirm(page):
    page.locator(".el-message-box .el-button--primary").click()


def pick(page, select, text):
    """Choose of a list that Element Plus shows on top of the page."""
    by_id(page, select).click()
    page.locator(".el-select-dropdown__item:visible", has_text=text).first.click()


def test_customers_of_an_excel_file_come_in_and_go_again(open_page, studio):  # noqa: F811
    branch = studio.branch["name"]["zh"]
    file = workbook(
        "会员.xlsx",
        ["会员姓名", "会员手机", "所属门店", "入会日期", "卡类型", "卡内余额", "剩余积分"],
        ["苏晓棠", 13755550001, branch, "2023-05-20", "金卡", 500, 120],
        ["苏小满", "137 5555 0002", branch, "2024年1月2日", "钻石", "", ""],
        ["又是苏晓棠", "+86 13755550001", branch, "", "", "", ""],
        ["无号", "12", branch, "", "", "", ""],
    )
    page = open_page(DESKTOP)
    sign_in(page, studio)
    by_id(page, "nav-customers").click()
    by_id(page, "customers-import").click()
    expect(by_id(page, "import-template")).to_be_visible()
    choose(page, "customers", file)

    # A level that this studio calls otherwise is mapped by hand.
    unknown = by_id(page, "import-meanings-level").locator(
        "[data-testid=import-value]", has_text="钻石"
    )
    unknown.locator(".el-select").click()
    page.locator(".el-select-dropdown__item:visible").first.click()
    by_id(page, "import-check").click()
    reaches(page, "checked")
    expect(by_id(page, "import-new")).to_have_text("2")
    expect(by_id(page, "import-known")).to_have_text("0")
    expect(by_id(page, "import-bad")).to_have_text("2")
    expect(by_id(page, "import-error-row")).to_have_count(2)
    expect(by_id(page, "import-error-row").first).to_contain_text("重复")
    expect(by_id(page, "import-good-row").first).to_contain_text("新客户")

    by_id(page, "import-run").click()
    reaches(page, "done")
    expect(by_id(page, "import-result")).to_contain_text("2 位客户")
    work = page.url
    by_id(page, "import-customers").click()
    page.locator("[data-testid=customer-search] input, input[data-testid=customer-search]").fill(
        "苏晓棠"
    )
    page.locator("[data-testid=customer-row]", has_text="苏晓棠").click()
    expect(page.locator("#main")).to_contain_text("期初余额")
    expect(page.locator("#main")).to_contain_text("500")

    page.goto(work)
    by_id(page, "import-undo").click()
    confirm(page)
    reaches(page, "undone")
    found = studio.staff("GET", "customers?q=13755550001")
    assert found["items"] == []
    assert page.outside == []


def test_orders_of_an_excel_file_come_in_and_go_again(open_page, studio):  # noqa: F811
    file = workbook(
        "订单.xlsx",
        ["订单号", "客户姓名", "手机号", "套餐", "拍摄日期", "订单金额", "实付"],
        [
            "OLD-1",
            "陆知远",
            "13755550011",
            studio.service["name"]["zh"],
            "2025-03-01 14:00",
            999,
            999,
        ],
        ["OLD-2", "陆知夏", "13755550012", "老套餐", "2099-01-01", 999, 999],
    )
    page = open_page(DESKTOP)
    sign_in(page, studio)
    page.goto(f"{studio.run.address}/console/imports")
    by_id(page, "import-kind").wait_for()
    # Nothing can be sent before it is known what it is.
    expect(by_id(page, "import-file")).to_have_count(0)
    choose(page, "orders", file)
    pick(page, "import-default-branch", studio.branch["name"]["zh"])
    by_id(page, "import-check").click()
    reaches(page, "checked")
    expect(by_id(page, "import-good")).to_have_text("1")
    expect(by_id(page, "import-error-row")).to_have_count(1)
    by_id(page, "import-run").click()
    reaches(page, "done")
    [customer] = studio.staff("GET", "customers?q=13755550011")["items"]
    assert customer["name"] == "陆知远"

    by_id(page, "import-undo").click()
    confirm(page)
    reaches(page, "undone")
    page.goto(f"{studio.run.address}/console/imports")
    row = page.locator("[data-testid=import-row]", has_text="订单.xlsx").first
    expect(row).to_contain_text("已撤销")
    row.press("Enter")
    reaches(page, "undone")
    # Nothing else has ever told of this customer.
    eventually(lambda: studio.staff("GET", "customers?q=13755550011")["items"] == [])


def test_the_page_of_imports_speaks_english_and_listens_to_keys(open_page, studio):  # noqa: F811
    page = open_page(DESKTOP)
    sign_in(page, studio)
    page.goto(f"{studio.run.address}/console/imports?kind=customers")
    by_id(page, "lang-switch").first.click()
    expect(by_id(page, "import-kind")).to_contain_text("Customers")
    chosen = by_id(page, "import-kind").locator("input[type=radio]:checked")
    chosen.press("ArrowRight")
    expect(page).to_have_url(f"{studio.run.address}/console/imports?kind=orders")
    with page.expect_download() as download:
        by_id(page, "import-template").click()
    assert download.value.suggested_filename == "orders.xlsx"
