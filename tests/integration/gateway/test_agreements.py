"""The routes of agreements: who gets in, and what of a request becomes part of a signature."""

from typing import Any

import pytest

from tests.integration.gateway import agreement_samples, samples
from tests.integration.gateway.conftest import Site, StartSite
from tests.integration.gateway.samples import BOOKING_ID

OF_BOOKING = f"/api/v1/bookings/{BOOKING_ID}/agreements"
ONE = f"{OF_BOOKING}/{agreement_samples.AGREEMENT_ID}"
TEMPLATES = "/api/v1/agreement-templates"
LINK = {"X-Manage-Token": "secret"}
SIGNATURE = {"signer_name": " 王小明 ", "strokes": [[[10, 10], [300, 200]], [[5, 5]]]}
TEMPLATE = {"name": samples.TEXT, "title": samples.TEXT, "text": samples.TEXT}


@pytest.fixture
def site(start_site: StartSite) -> Site:
    return start_site(TRUSTED_PROXIES="127.0.0.1")


def test_a_signature_comes_from_where_the_request_does_whatever_it_says(site: Site) -> None:
    told = SIGNATURE | {"ip": "192.0.2.1", "user_agent": "nobody"}
    device = {"User-Agent": "WeChat/8.0", "X-Forwarded-For": "192.0.2.9, 203.0.113.7"}
    answer = site.anybody.post(f"{ONE}/sign", told, **LINK, **device)
    assert (answer.status, answer.json["sha256"]) == (200, agreement_samples.AGREEMENT["sha256"])
    [asked] = site.services.asked("booking.sign_agreement")
    assert (asked["ip"], asked["user_agent"]) == ("203.0.113.7", "WeChat/8.0")
    assert asked["signer_name"] == "王小明"
    assert asked["strokes"] == SIGNATURE["strokes"]


def test_staff_cannot_even_try_to_sign(site: Site) -> None:
    assert site.staff().post(f"{ONE}/sign", SIGNATURE).status == 401
    assert site.anybody.post(f"{ONE}/sign", SIGNATURE).status == 401
    assert not site.services.asked("booking.sign_agreement")


@pytest.mark.parametrize(
    "strokes", [None, "M0 0", [[1, 2]], [[[1, 2, 3]]], [[["1", 2]]], [[[1.5, 2]]], [[[1]]], [[]]]
)
def test_strokes_are_lines_of_points_of_whole_numbers(site: Site, strokes: Any) -> None:
    answer = site.anybody.post(f"{ONE}/sign", SIGNATURE | {"strokes": strokes}, **LINK)
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"].startswith("/strokes")


def test_more_than_a_request_may_hold_is_refused_before_it_is_read(site: Site) -> None:
    flood = SIGNATURE | {"strokes": [[[1, 1]] * 200_000]}
    assert site.anybody.post(f"{ONE}/sign", flood, **LINK).status == 413
    assert not site.services.calls


def test_the_paper_is_a_pdf_for_the_customer_and_for_staff(site: Site) -> None:
    for browser, query in ((site.anybody, "?token=secret"), (site.staff("receptionist"), "")):
        answer = browser.get(f"{ONE}/pdf{query}")
        assert (answer.status, answer.body) == (200, b"%PDF-1.4 \xff")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == 'inline; filename="agreement-YQ1.pdf"'
        assert answer.headers["cache-control"] == "no-store"
    assert site.anybody.get(f"{ONE}/pdf?token=forged").status == 403
    assert site.anybody.get(f"{ONE}/pdf").status == 401


def test_agreements_are_read_by_who_holds_the_link_and_by_staff(site: Site) -> None:
    assert site.anybody.get(ONE, **LINK).json["intact"] is True
    assert [item["id"] for item in site.staff().get(OF_BOOKING).json["items"]] == [
        agreement_samples.AGREEMENT_ID
    ]
    assert site.anybody.get(ONE).status == 401
    assert site.staff("photographer").get(ONE).status == 403


def test_staff_draw_agreements_up_and_void_them(site: Site) -> None:
    desk = site.staff("receptionist")
    drawn = desk.post(OF_BOOKING, {"template_id": agreement_samples.AGREEMENT["template_id"]})
    assert (drawn.status, drawn.json["id"]) == (201, agreement_samples.AGREEMENT_ID)
    assert desk.post(f"{ONE}/void", {"reason": "换套餐"}).status == 200
    assert desk.post(f"{ONE}/void", {"reason": ""}).status == 422
    for path, body in (
        (OF_BOOKING, {"template_id": agreement_samples.AGREEMENT_ID}),
        (f"{ONE}/void", {}),
    ):
        assert site.anybody.post(path, body, **LINK).status == 401


def test_templates_are_written_by_staff_of_all_branches(site: Site) -> None:
    path = f"{TEMPLATES}/{agreement_samples.AGREEMENT_ID}"
    assert site.staff().send("PUT", path, json_body=TEMPLATE).json["version"] == 1
    [asked] = site.services.asked("booking.define_agreement_template")
    assert (asked["service_ids"], asked["active"]) == ([], True)
    assert site.staff("receptionist").send("PUT", path, json_body=TEMPLATE).status == 403
    some = site.staff("manager", [samples.BRANCH_ID])
    assert some.send("PUT", path, json_body=TEMPLATE).status == 403
    assert (
        some.post(f"{TEMPLATES}/preview", {"title": samples.TEXT, "text": samples.TEXT}).status
        == 200
    )
    assert site.staff("receptionist").get(TEMPLATES).json["placeholders"][0]["name"] == "price"
