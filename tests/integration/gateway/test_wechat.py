"""Who pays within WeChat: there and back in one browser, to a page of ours and no other."""

import http.client
from http.cookies import SimpleCookie

import pytest

from services.contracts.payers import WeChatCodeInvalid, WeChatUnsupported
from tests.integration.gateway import samples
from tests.integration.gateway.browser import Answer
from tests.integration.gateway.conftest import Site, StartSite

BACK = f"/portal/#/pages/booking/booking?id={samples.BOOKING_ID}&token=private"
PAYMENTS = f"/api/v1/bookings/{samples.BOOKING_ID}/payments"
WISH = {"kind": "deposit", "provider": "wechat_pay", "scene": "jsapi"}
HOLDER = {"X-Manage-Token": "secret"}


def cookie_of(answer: Answer) -> SimpleCookie:
    return SimpleCookie(answer.headers.get("set-cookie", ""))


def begin(site: Site, back: str = BACK) -> tuple[str, str]:
    """Leave for WeChat; return the state that it gives back, and the cookie of this browser."""
    answer = site.anybody.post("/api/v1/wechat/authorizations", {"back": back})
    assert answer.status == 201, answer.text
    state = site.services.asked("booking.authorize_payer")[-1]["state"]
    return state, cookie_of(answer)["yingqi_wechat"].value


def come_back(site: Site, state: str, cookie: str, code: str = "code-1") -> Answer:
    path = f"/wechat/callback?code={code}&state={state}"
    return site.anybody.get(path, Cookie=f'yingqi_wechat="{cookie}"')


def test_the_way_to_wechat_tells_it_nothing_of_the_page(site: Site) -> None:
    answer = site.anybody.post("/api/v1/wechat/authorizations", {"back": BACK})
    assert answer.json["url"].startswith("https://open.weixin.qq.com/")
    (asked,) = site.services.asked("booking.authorize_payer")
    assert set(asked) == {"state"}
    assert asked["state"].isalnum()
    morsel = cookie_of(answer)["yingqi_wechat"]
    assert (morsel["httponly"], morsel["samesite"], morsel["max-age"]) == (True, "Lax", "600")
    assert morsel["path"] == "/wechat"


def test_who_comes_back_is_known_and_on_their_page(start_site: StartSite) -> None:
    site = start_site(PUBLIC_URL="https://studio.test")
    state, cookie = begin(site)
    answer = come_back(site, state, cookie)
    assert (answer.status, answer.headers["location"]) == (303, f"https://studio.test{BACK}")
    assert site.services.asked("booking.identify_payer") == [
        {"within": "account", "code": "code-1"}
    ]
    assert "proof" in answer.headers["set-cookie"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_proof_is_a_cookie_that_no_script_reads(start_site: StartSite) -> None:
    site = start_site(PUBLIC_URL="https://studio.test")
    sent = _cookies(site, *begin(site))
    assert sent["yingqi_wechat"]["max-age"] == "0"  # used once
    proof = sent["yingqi_payer"]
    assert (proof.value, proof["path"]) == ("proof", "/api/v1/bookings")
    assert (proof["httponly"], proof["secure"], proof["samesite"]) == (True, True, "Lax")


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.test/portal/",
        "//evil.test/portal/",
        "/portal",
        "/portal.evil.test/",
        "/console/",
        "/portal/\\evil",
        "/portal/\r\nSet-Cookie: a=b",
        "/portal/\n",
        "",
    ],
)
def test_nobody_is_sent_to_a_page_of_somebody_elses(site: Site, back: str) -> None:
    answer = site.anybody.post("/api/v1/wechat/authorizations", {"back": back})
    assert answer.status == 422
    assert not site.services.asked("booking.authorize_payer")


def test_who_did_not_leave_from_here_does_not_come_back_here(site: Site) -> None:
    state, cookie = begin(site)
    own, _, page = cookie.partition(".")
    elsewhere = "aHR0cHM6Ly9ldmlsLnRlc3Qv"  # https://evil.test/
    for given, sent in (
        ("", cookie),
        ("b" * 32, cookie),
        (state, ""),
        ("", ""),
        (state, f"{own}.{elsewhere}"),
        (state, f"{own}.é"),
        (state, f"{'b' * 32}.{page}"),
    ):
        answer = come_back(site, given, sent.encode().decode("latin-1"))
        assert (answer.status, answer.json["code"]) == (403, "wechat.state_invalid")
    assert not site.services.asked("booking.identify_payer")


def test_whom_wechat_does_not_name_comes_back_all_the_same(site: Site) -> None:
    site.services.answers["booking.identify_payer"] = WeChatCodeInvalid(provider_code=40163)
    answer = come_back(site, *begin(site))
    assert answer.status == 303
    assert answer.headers["location"].endswith(BACK)
    assert "yingqi_payer" not in answer.headers["set-cookie"]


def test_a_studio_without_an_official_account_says_so(site: Site) -> None:
    site.services.answers["booking.authorize_payer"] = WeChatUnsupported()
    answer = site.anybody.post("/api/v1/wechat/authorizations", {"back": BACK})
    assert (answer.status, answer.json["code"]) == (409, "booking.wechat_unsupported")
    assert "set-cookie" not in answer.headers


def test_a_mini_program_gets_its_proof_in_the_answer(site: Site) -> None:
    answer = site.anybody.post("/api/v1/wechat/payers", {"code": "code-2"})
    assert (answer.status, answer.json["payer"]) == (201, "proof")
    assert site.services.asked("booking.identify_payer") == [
        {"within": "mini_program", "code": "code-2"}
    ]
    site.services.answers["booking.identify_payer"] = WeChatCodeInvalid(provider_code=40029)
    answer = site.anybody.post("/api/v1/wechat/payers", {"code": "code-2"})
    assert (answer.status, answer.json["code"]) == (422, "booking.wechat_code_invalid")
    assert answer.json["provider_code"] == 40029


def test_a_payment_is_started_with_the_proof_of_the_cookie_or_the_body(site: Site) -> None:
    browser = site.anybody.with_headers(HOLDER)
    browser.post(PAYMENTS, WISH)
    browser.post(PAYMENTS, WISH, Cookie="yingqi_payer=cookie")
    browser.post(PAYMENTS, WISH | {"payer": "body"}, Cookie="yingqi_payer=cookie")
    asked = site.services.asked("booking.start_payment")
    assert [one["payer"] for one in asked] == [None, "cookie", "body"]


def test_a_bare_openid_is_no_proof(site: Site) -> None:
    answer = site.anybody.post(PAYMENTS, WISH | {"openid": "oUpF8uMuAJO"}, **HOLDER)
    assert answer.status == 201
    (asked,) = site.services.asked("booking.start_payment")
    assert "openid" not in asked
    assert asked["payer"] is None


def _cookies(site: Site, state: str, cookie: str) -> SimpleCookie:
    """All that is set on the way back; the small client of these tests keeps one of a name."""
    connection = http.client.HTTPConnection(site.anybody.netloc, timeout=15)
    path = f"/wechat/callback?code=code-1&state={state}"
    connection.request("GET", path, headers={"Cookie": f'yingqi_wechat="{cookie}"'})
    headers = connection.getresponse().getheaders()
    connection.close()
    jar = SimpleCookie()
    for name, value in headers:
        if name.lower() == "set-cookie":
            jar.load(value)
    return jar
