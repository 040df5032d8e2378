"""Forms in a real browser: filled in, sent once, embedded, with files, and beside a booking."""

import io
import os
import re
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.test_browser import (  # open_page is a fixture
    DESKTOP,
    PHONE,
    by_id,
    fill_in,
    open_page,  # noqa: F401
)

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def words(zh, en=""):
    return {"zh": zh, "en": en or zh}


def field(key, kind, label, **more):
    return {"key": key, "kind": kind, "label": words(label, key.capitalize()), **more}


def options(*values):
    return [{"value": value, "label": words(f"选项{value}", f"Option {value}")} for value in values]


CASCADE = [{**options("zj")[0], "children": options("hz", "nb")}, *options("sh")]
EVERY_KIND = [
    field("about", "section", "关于您", help=words("都会保密")),
    field("name", "text", "称呼", required=True, section="about"),
    field("wish", "paragraph", "愿望", section="about"),
    field("mobile", "phone", "手机", required=True, section="about"),
    field("email", "email", "邮箱", section="about"),
    field("guests", "number", "人数", validation={"min": 1, "max": 9}),
    field("budget", "money", "预算"),
    field("day", "date", "日期"),
    field("meet", "datetime", "见面时间"),
    field("hours", "timespan", "方便的时间"),
    field("style", "single_choice", "风格", options=options("a", "b"), other=True),
    field("extras", "multiple_choice", "加选", options=options("x", "y", "z")),
    field("size", "dropdown", "尺码", options=options("s", "m")),
    field("region", "cascade", "地区", options=CASCADE),
    field("pictures", "image", "图片", validation={"max_items": 3}),
    field("papers", "file", "文件"),
    field("place", "address", "地址"),
    field("who", "resource", "老师", source={"kind": "resources", "resource_type": "photographer"}),
    field("sign", "signature", "签名"),
    field("agree", "consent", "同意书", required=True, statement=words("照片仅供本店使用。")),
    field("total", "computed", "合计", result="money"),
    {"key": "source", "kind": "hidden"},
]
TOTAL = {"effect": "compute", "field": "total", "value": {"*": [{"var": "guests"}, 10000]}}


def published(studio, fields, rules=(), kind="booking"):
    """Design and publish a form; return its id and a link to it, which a data table has not."""
    form_id = str(uuid.uuid4())
    draft = {
        "kind": kind,
        "public": kind == "table",
        "name": words("拍摄登记", "Session details"),
        "definition": {"fields": fields, "rules": list(rules)},
    }
    saved = studio.staff("PUT", f"forms/{form_id}", draft)
    assert saved["faults"] == []
    studio.staff("POST", f"forms/{form_id}/publish", {"revision": saved["revision"]})
    if kind == "table":
        return form_id, None
    link = {"channel": "poster", "label": "海报"}
    return form_id, studio.staff("PUT", f"forms/{form_id}/links/{uuid.uuid4()}", link)


def submissions(studio, form_id):
    return studio.staff("GET", f"forms/{form_id}/submissions")["items"]


def picture(width=40):
    output = io.BytesIO()
    noise = Image.frombytes("RGB", (width, width), os.urandom(width * width * 3))
    noise.save(output, "PNG", compress_level=0)
    return {"name": "风格.png", "mimeType": "image/png", "buffer": output.getvalue()}


def eventually(page, condition, seconds=15.0):
    """Wait until a condition holds, while the page goes on; return what it returned."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "waited in vain"
        page.wait_for_timeout(50)
    return found


def write(page, key, text):
    page.locator(f"[data-testid=q-{key}]").locator("input, textarea").fill(text)


def error_of(page, key):
    return page.locator(f"[id='error-q-{key}']")


def sign(page):
    box = by_id(page, "q-sign").bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(box["x"] + 30 + step * 15, box["y"] + 40 + (step % 3) * 12)
    page.mouse.up()


def fill_everything(page):
    for key, text in (
        ("name", "林小满"),
        ("wish", "自然光\n不要浓妆"),
        ("mobile", "136 1234 5678"),
        ("email", "lin@example.com"),
        ("guests", "3"),
        ("budget", "1,299.50"),
        ("place", "西湖区 1 号"),
    ):
        write(page, key, text)
    for key, text in (
        ("day", "2031-05-04"),
        ("meet-start-day", "2031-05-04"),
        ("meet-start-clock", "10:30"),
        ("hours-start-clock", "09:00"),
        ("hours-end-clock", "12:00"),
    ):
        by_id(page, f"q-{key}").fill(text)
    by_id(page, "q-style-other").click()
    page.locator("[data-testid=q-style-own] input").fill("胶片")
    by_id(page, "q-extras-x").click()
    by_id(page, "q-extras-z").press("Space")
    by_id(page, "q-size").select_option("m")
    by_id(page, "q-region-0").select_option("zj")
    by_id(page, "q-region-1").select_option("nb")
    page.locator("[data-testid=answer-q-who] [role=radio]").first.click()
    by_id(page, "q-place-locate").click()
    by_id(page, "q-pictures-input").set_input_files(picture())
    paper = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    by_id(page, "q-papers-input").set_input_files(paper)
    sign(page)
    by_id(page, "q-agree").click()


def test_a_form_of_every_kind_of_field_arrives_as_it_was_filled_in(open_page, studio):  # noqa: F811
    form_id, link = published(studio, EVERY_KIND, [TOTAL])
    page = open_page(PHONE)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 30.25, "longitude": 120.125})
    page.goto(link["url"] + "&source=poster-7")
    by_id(page, "form-submit").wait_for()
    fill_everything(page)
    expect(by_id(page, "q-total")).to_have_text("¥300")
    expect(page.locator("[data-testid=file][data-state=ready]")).to_have_count(2, timeout=20_000)
    page.locator("[data-testid=file][data-state=ready] img").wait_for(state="attached")
    by_id(page, "answer-q-papers").locator("[data-testid=file-remove]").click()
    by_id(page, "form-submit").click()
    by_id(page, "form-sent").wait_for()

    (sent,) = submissions(studio, form_id)
    answers = sent["answers"]
    pictures, drawn = answers.pop("pictures"), answers.pop("sign")
    assert answers.pop("who")
    assert answers == {
        "name": "林小满",
        "wish": "自然光\n不要浓妆",
        "mobile": "+8613612345678",
        "email": "lin@example.com",
        "guests": 3,
        "budget": 129950,
        "day": "2031-05-04",
        "meet": "2031-05-04T10:30:00+08:00",
        "hours": {"start": "09:00", "end": "12:00"},
        "style": "胶片",
        "extras": ["x", "z"],
        "size": "m",
        "region": ["zj", "nb"],
        "place": {
            "text": "西湖区 1 号",
            "point": {"lat": 30.25, "lng": 120.125, "datum": "wgs84"},
        },
        "agree": True,
        "total": 30000,
        "source": "poster-7",
    }
    assert len(pictures) == 1
    assert len(drawn["strokes"][0]) > 10
    (day,) = studio.staff(
        "GET", f"forms/{form_id}/counts?from={studio.day(-1)}&to={studio.day(1)}"
    )["items"]
    assert (day["views"], day["starts"], day["submits"]) == (1, 1, 1)
    assert page.outside == []


def test_what_is_missing_is_told_at_its_field_and_what_was_typed_outlives_a_reload(
    open_page,  # noqa: F811
    studio,
):
    form_id, link = published(studio, EVERY_KIND[:5])
    page = open_page(DESKTOP)
    page.goto(link["short_url"])
    write(page, "mobile", "123")
    write(page, "wish", "自然光")
    by_id(page, "form-submit").click()
    expect(error_of(page, "name")).to_have_text("此项必填")
    expect(error_of(page, "mobile")).to_have_text("请填写正确的电话号码")
    expect(page.locator("[data-testid=q-name] input")).to_be_focused()
    by_id(page, "lang-switch").click()
    expect(error_of(page, "name")).to_have_text("This is needed")
    page.reload()
    expect(page.locator("[data-testid=q-wish] textarea")).to_have_value("自然光")
    expect(page.locator("[data-testid=q-mobile] input")).to_have_value("123")
    write(page, "name", "林小满")
    write(page, "mobile", "13612345678")
    by_id(page, "form-submit").click()
    by_id(page, "form-sent").wait_for()
    assert len(submissions(studio, form_id)) == 1
    page.reload()
    expect(page.locator("[data-testid=q-name] input")).to_have_value("")


def test_rules_show_need_and_compute_while_one_types(open_page, studio):  # noqa: F811
    fields = [
        field("kind", "single_choice", "类型", options=options("baby", "pair"), required=True),
        field("months", "number", "月龄"),
        field("total", "computed", "合计", result="money"),
    ]
    is_baby = {"==": [{"var": "kind"}, "baby"]}
    rules = [
        {"effect": "show", "fields": ["months"], "when": is_baby},
        {"effect": "require", "fields": ["months"], "when": is_baby},
        {
            "effect": "compute",
            "field": "total",
            "value": {"if": [is_baby, {"*": [{"var": "months"}, 100]}, 50000]},
        },
    ]
    form_id, link = published(studio, fields, rules)
    page = open_page(PHONE)
    page.goto(link["url"])
    by_id(page, "q-kind-baby").wait_for()
    assert by_id(page, "answer-q-months").count() == 0
    by_id(page, "q-kind-baby").click()
    by_id(page, "form-submit").click()
    expect(error_of(page, "months")).to_have_text("此项必填")
    write(page, "months", "12")
    expect(by_id(page, "q-total")).to_have_text("¥12")
    by_id(page, "q-kind-pair").click()
    expect(by_id(page, "answer-q-months")).to_have_count(0)
    expect(by_id(page, "q-total")).to_have_text("¥500")
    by_id(page, "form-submit").click()
    by_id(page, "form-sent").wait_for()
    assert submissions(studio, form_id)[0]["answers"] == {"kind": "pair", "total": 50000}


def test_an_upload_goes_on_after_a_broken_connection_and_after_a_reload(
    open_page,  # noqa: F811
    studio,
):
    form_id, link = published(studio, [field("pictures", "image", "图片", required=True)])
    page = open_page(PHONE)
    page.goto(link["url"])
    large = picture(1700)
    state = {"pieces": 0}

    def broken(route):
        if route.request.method == "PATCH":
            state["pieces"] += 1
            if state["pieces"] > 1:
                return route.abort()
        return route.continue_()

    page.route("**/api/v1/uploads/*", broken)
    by_id(page, "q-pictures-input").set_input_files(large)
    eventually(page, lambda: state["pieces"] > 1)
    by_id(page, "form-submit").click()
    expect(error_of(page, "pictures")).to_contain_text("文件还在上传")
    page.reload()
    page.locator("[data-testid=file][data-state=paused]").wait_for()
    page.unroute("**/api/v1/uploads/*")
    offsets = []
    page.on(
        "request",
        lambda request: (
            request.method == "PATCH" and offsets.append(int(request.headers["upload-offset"]))
        ),
    )
    by_id(page, "q-pictures-input").set_input_files(large)
    page.locator("[data-testid=file][data-state=ready]").wait_for(timeout=30_000)
    assert offsets[0] > 0, "it began anew"
    by_id(page, "form-submit").click()
    by_id(page, "form-sent").wait_for()
    assert len(submissions(studio, form_id)[0]["answers"]["pictures"]) == 1


def test_a_survey_is_answered_once_and_a_closed_form_says_so(open_page, studio):  # noqa: F811
    fields = [field("stars", "single_choice", "满意吗", options=options("1", "5"), required=True)]
    form_id, link = published(studio, fields, kind="survey")
    booking = studio.book()
    asked = studio.staff("POST", f"forms/{form_id}/surveys", {"booking_id": booking["id"]})
    page = open_page(PHONE)
    page.goto(asked["url"])
    by_id(page, "q-stars-5").click()
    by_id(page, "form-submit").click()
    by_id(page, "form-sent").wait_for()
    page.reload()
    expect(by_id(page, "form-problem")).to_have_attribute("data-code", "booking.survey_answered")

    link_id = link["id"]
    closed = {"channel": "poster", "disabled": True}
    studio.staff("PUT", f"forms/{form_id}/links/{link_id}", closed)
    page.goto("about:blank")
    page.goto(link["url"])
    expect(by_id(page, "form-problem")).to_have_attribute("data-code", "booking.form_closed")
    page.goto("about:blank")
    page.goto(link["url"].replace(link["code"], "zzzzzzzz"))
    expect(by_id(page, "form-problem")).to_have_attribute("data-code", "booking.form_link_unknown")


@pytest.fixture
def another_site():
    """Call it with a page to have its address; browsers let only real ones frame a local server."""
    served = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(served[0].encode())

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()

    def serve(html):
        served[:] = [html]
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    server.shutdown()
    server.server_close()


def test_a_form_in_another_site_fits_its_frame_and_can_be_sent(
    open_page,  # noqa: F811
    studio,
    another_site,
):
    form_id, link = published(studio, EVERY_KIND[:5])
    page = open_page(DESKTOP)
    page.goto(another_site(f"<!doctype html><body>{link['embed_html']}</body>"))
    form = page.frame_locator("iframe")
    form.locator("[data-testid=form-submit]").wait_for()
    assert form.locator(".shell-bar").count() == 0

    def height():
        """The height that the frame was given by script, in pixels; 0 before."""
        style = page.locator("iframe").get_attribute("style")
        found = re.search(r"(?<!-)height: (\d+)px", style)
        return int(found[1]) if found else 0

    before = eventually(page, height)
    assert before > 400
    form.locator("[data-testid=form-submit]").click()
    eventually(page, lambda: height() > before)
    form.locator("[data-testid=q-name] input").fill("林小满")
    form.locator("[data-testid=q-mobile] input").fill("13612345678")
    form.locator("[data-testid=form-submit]").click()
    form.locator("[data-testid=form-sent]").wait_for()
    eventually(page, lambda: height() < before)
    assert len(submissions(studio, form_id)) == 1


def test_reference_photos_are_sent_and_taken_back_by_the_private_link(
    open_page,  # noqa: F811
    studio,
):
    made = studio.confirmed()
    page = open_page(PHONE)
    page.goto(made["manage_url"])
    by_id(page, "photos-add").wait_for()
    by_id(page, "photos-input").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"not a picture"}
    )
    expect(page.get_by_text("不支持这种文件")).to_be_visible()
    by_id(page, "photos-input").set_input_files(picture())
    by_id(page, "photo").wait_for(timeout=20_000)
    expect(by_id(page, "file")).to_have_count(0)

    def photos():
        token = {"X_Manage_Token": made["manage_token"]}
        return studio.get(f"bookings/{made['id']}/uploads", **token)["items"]

    assert [photo["state"] for photo in photos()] == ["ready"]
    page.reload()
    by_id(page, "photo").wait_for()
    by_id(page, "photo-remove").click()
    expect(by_id(page, "photo")).to_have_count(0)
    assert photos() == []


def sold_with(studio, form_id, service=None):
    """Sell a service (the studio's first) under another name, with a form; return its id."""
    service = service or studio.service
    service_id = str(uuid.uuid4())
    same = ("category", "summary", "content", "price_cents", "deposit", "duration_minutes")
    sold = {name: service[name] for name in (*same, "roles", "branch_ids")}
    more = {"name": words("带问卷的套餐"), "form_id": form_id, "position": 99}
    studio.staff("PUT", f"services/{service_id}", {**sold, **more})
    return service_id


def test_the_form_of_a_service_is_answered_where_it_is_booked(open_page, studio):  # noqa: F811
    fields = [
        field("months", "number", "月龄", required=True),
        field("pictures", "image", "图片"),
    ]
    form_id, _ = published(studio, fields)
    service_id = sold_with(studio, form_id)
    page = open_page(PHONE)
    address = f"{studio.run.address}/portal/#/pages/book/book"
    page.goto(f"{address}?service={service_id}&branch={studio.branch['id']}")
    page.locator("[data-testid^=day-]:not([aria-disabled=true])").nth(2).click()
    by_id(page, "slot").first.click()
    fill_in(page, "林小满", "13612345681")
    by_id(page, "submit-booking").click()
    expect(error_of(page, "months")).to_have_text("此项必填")
    expect(page.locator("[data-testid=q-months] input")).to_be_focused()
    write(page, "months", "12")
    by_id(page, "q-pictures-input").set_input_files(picture())
    page.locator("[data-testid=file][data-state=ready]").wait_for(timeout=20_000)
    by_id(page, "submit-booking").click()
    by_id(page, "booking-status").wait_for()
    made = re.search(r"id=([0-9a-f-]{36})", page.url)[1]
    answers = studio.staff("GET", f"bookings/{made}")["answers"]
    assert (answers["months"], len(answers["pictures"])) == (12, 1)


def test_a_list_of_hundreds_is_searched_in_either_language_by_keyboard(open_page, studio):  # noqa: F811
    table_id, _ = published(studio, [field("name", "text", "款式")], kind="table")
    for number in range(300):
        row = {"answers": {"name": f"礼服 {number:03} Gown {number:03}"}, "revision": None}
        studio.staff("PUT", f"forms/{table_id}/rows/{uuid.uuid4()}", row)
    source = {"kind": "table", "table_id": table_id, "label_field": "name"}
    form_id, link = published(studio, [field("gown", "relation", "礼服", source=source)])
    page = open_page(DESKTOP)
    page.goto(link["url"])
    search = page.locator("[data-testid=q-gown-find] input")
    choices = page.locator("[role=radiogroup] [role=radio]")
    expect(choices).to_have_count(300)
    search.fill("gown29")
    expect(choices).to_have_count(10)
    search.fill("礼服 299")
    expect(choices).to_have_count(1)
    search.press("Tab")
    expect(choices).to_be_focused()
    page.keyboard.press("Space")
    expect(choices).to_have_attribute("aria-checked", "true")
    search.fill("gown 007")
    expect(choices).to_have_count(2)
    by_id(page, "form-submit").click()
    by_id(page, "form-sent").wait_for()
    (sent,) = submissions(studio, form_id)
    assert next(iter(sent["labels"].values()))["zh"] == "礼服 299 Gown 299"
