"""The appearance in a real browser: edited and published by staff, seen by whoever comes."""

import re

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
from tests.unit.booking.pictures import picture

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PATIENT = 15_000
"""Milliseconds: what the server does first takes its time on a busy machine."""

SEEN = """state => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
"""Switches to another tab, and back."""

INDIGO = "#2d3a8c"
INDIGO_SHOWN = "rgb(45, 58, 140)"


@pytest.fixture
def kept_theme(studio):
    """Leave the theme as it was: other tests look at the same studio."""
    before = studio.staff("GET", "theme/draft")
    yield before
    revision = studio.staff("GET", "theme/draft")["revision"]
    studio.staff("POST", f"theme/versions/{before['version']}/restore", {"revision": revision})


def open_editor(page, studio):
    sign_in(page, studio)
    by_id(page, "nav-resources").click()
    by_id(page, "sub-appearance").click()
    by_id(page, "theme-name").wait_for()


def words(page, name, language="zh"):
    return by_id(page, name).locator(
        f"input[data-testid=words-{language}], [data-testid=words-{language}] input"
    )


def colour(page, name):
    return page.locator(f"input[data-testid=colour-{name}], [data-testid=colour-{name}] input")


def visit(page, studio):
    page.goto(f"{studio.run.address}/portal/")
    by_id(page, "package-card").first.wait_for()
    return page


def style_of(found, name):
    return found.evaluate(f"element => getComputedStyle(element).{name}")


def edit(page):
    """Give the studio another name, colour, logo, layout and order."""
    words(page, "theme-name").fill("光影映画")
    words(page, "theme-notice").fill("国庆期间照常营业")
    by_id(page, "logo-file").set_input_files(
        {
            "name": "logo.png",
            "mimeType": "image/png",
            "buffer": picture("PNG", mode="RGBA", colour=(45, 58, 140, 255)),
        }
    )
    by_id(page, "logo-shown").wait_for()
    colour(page, "brand").fill(INDIGO)
    colour(page, "brand").blur()
    by_id(page, "layout-list").click()
    first = page.locator("[data-testid=section][data-name=branches]")
    first.focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(by_id(page, "section").nth(1)).to_have_attribute("data-name", "branches")


def test_what_is_edited_shows_in_the_preview_and_once_published_to_everybody(
    open_page,  # noqa: F811
    studio,
    kept_theme,
):
    visitor = visit(open_page(PHONE), studio)
    before = visitor.locator(".shell-name").inner_text()
    console = open_page(DESKTOP)
    open_editor(console, studio)
    edit(console)
    preview = console.frame_locator("[data-testid=theme-preview]")
    expect(preview.locator(".shell-name")).to_have_text("光影映画", timeout=PATIENT)
    expect(preview.locator("[data-testid=theme-notice]")).to_have_text("国庆期间照常营业")
    expect(by_id(console, "theme-state")).to_have_text("有未保存的修改")
    assert visit(visitor, studio).locator(".shell-name").inner_text() == before

    by_id(console, "theme-publish").click()
    expect(by_id(console, "theme-state")).to_contain_text("与线上一致", timeout=PATIENT)
    visit(visitor, studio)
    expect(visitor.locator(".shell-name")).to_have_text("光影映画")
    button = by_id(visitor, "package-book").first
    assert style_of(button, "backgroundColor") == INDIGO_SHOWN
    assert style_of(button, "color") == "rgb(255, 255, 255)"
    assert "home-as-list" in by_id(visitor, "catalogue").get_attribute("class")
    shown = by_id(visitor, "home-part").evaluate_all("all => all.map(one => one.dataset.name)")
    assert shown == ["notice", "branches", "hero", "catalogue"]
    logo = by_id(visitor, "theme-logo").locator("div")
    expect(logo).to_have_css("background-image", re.compile(r"/files/"), timeout=PATIENT)
    expect(visitor).to_have_title("光影映画 · 摄影预约")
    assert visitor.outside == []

    by_id(console, "theme-versions").click()
    earlier = by_id(console, "theme-version").filter(has_text=f"第 {kept_theme['version']} 版 ·")
    by_id(earlier, "theme-restore").click()
    console.locator(".el-message-box__btns .el-button--primary").click()
    expect(words(console, "theme-name")).to_have_value(
        kept_theme["draft"]["name"]["zh"], timeout=PATIENT
    )
    visit(visitor, studio)
    expect(visitor.locator(".shell-name")).to_have_text(before)
    assert style_of(by_id(visitor, "package-book").first, "backgroundColor") != INDIGO_SHOWN


def test_a_colour_that_cannot_be_read_is_told_before_it_can_be_saved(
    open_page,  # noqa: F811
    studio,
):
    console = open_page(DESKTOP)
    open_editor(console, studio)
    colour(console, "text").fill("#bbbbbb")
    colour(console, "text").blur()
    expect(by_id(console, "contrast-text").first).to_contain_text("至少需要 4.5:1")
    expect(by_id(console, "theme-publish")).to_be_disabled()


def test_whoever_leaves_with_unsaved_changes_is_asked(open_page, studio):  # noqa: F811
    console = open_page(DESKTOP)
    open_editor(console, studio)
    words(console, "theme-slogan").fill("没有保存的话")
    by_id(console, "sub-days").click()
    console.locator(".el-message-box").wait_for()
    console.locator(".el-message-box__btns .el-button:not(.el-button--primary)").click()
    expect(by_id(console, "theme-slogan")).to_have_count(0)


def test_a_visitor_who_comes_again_is_greeted_in_the_theme_at_once(open_page, studio):  # noqa: F811
    visitor = visit(open_page(PHONE), studio)
    visitor.route("**/api/v1/theme", lambda route: route.abort())
    visit(visitor, studio)
    name = studio.get("theme")["name"]["zh"]
    expect(visitor.locator(".shell-name")).to_have_text(name)


def test_an_open_page_follows_when_it_is_returned_to(open_page, studio, kept_theme):  # noqa: F811
    visitor = visit(open_page(PHONE), studio)
    content = {**kept_theme["draft"], "name": {"zh": "另一个名字", "en": ""}}
    del content["logo_url"], content["hero_url"]
    saved = studio.staff(
        "PUT", "theme/draft", {"revision": kept_theme["revision"], "content": content}
    )
    studio.staff("POST", "theme/publish", {"revision": saved["revision"]})
    eventually(lambda: studio.get("theme")["name"]["zh"] == "另一个名字")
    for state in ("hidden", "visible"):
        visitor.evaluate(SEEN, state)
    expect(visitor.locator(".shell-name")).to_have_text("另一个名字")
