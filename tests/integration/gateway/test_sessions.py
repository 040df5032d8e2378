"""Who gets in: sessions, cookies, permissions, and requests from other sites."""

import pytest

from services.chassis.rpc import RpcTimedOut
from services.contracts import identity
from tests.integration.gateway import samples
from tests.integration.gateway.conftest import Site, StartSite

CREDENTIALS = {"login": "owner", "password": "a long password"}
TASK = f"/api/v1/tasks/{samples.TASK_ID}/complete"
BRANCHES = "/api/v1/tasks"


def test_signing_in_sets_a_cookie_that_scripts_cannot_read(site: Site) -> None:
    answer = site.anybody.post("/api/v1/sessions", CREDENTIALS)
    assert (answer.status, answer.json["token"]) == (201, "opened-token")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("yingqi_session=opened-token; ")
    for rule in ("HttpOnly", "SameSite=Strict", "Path=/", "Expires=Thu, 24 Dec 2026 10:00:00 GMT"):
        assert rule in cookie
    assert "Secure" not in cookie


def test_the_cookie_is_secure_where_the_site_is(start_site: StartSite) -> None:
    site = start_site(PUBLIC_URL="https://book.example")
    assert "Secure" in site.anybody.post("/api/v1/sessions", CREDENTIALS).headers["set-cookie"]


def test_wrong_credentials_are_told_in_the_callers_language(site: Site) -> None:
    site.services.answers["identity.open_session"] = identity.BadCredentials()
    answer = site.anybody.post("/api/v1/sessions", CREDENTIALS, **{"Accept-Language": "en"})
    assert (answer.status, answer.json["code"]) == (401, "identity.bad_credentials")
    assert answer.json["message"] == "The login or password is not correct"


def test_a_locked_login_says_when_to_come_back(site: Site) -> None:
    site.services.answers["identity.open_session"] = identity.LoginLocked(retry_after_seconds=77)
    answer = site.anybody.post("/api/v1/sessions", CREDENTIALS)
    assert (answer.status, answer.headers["retry-after"]) == (429, "77")


def test_cookie_and_bearer_open_the_same_session(site: Site) -> None:
    expected = {"expires_at": samples.LATER, "staff": samples.staff()}
    assert site.signed_in().get("/api/v1/sessions/current").json == expected
    assert site.staff().get("/api/v1/sessions/current").json == expected
    assert len(site.services.asked("identity.check_session")) == 1  # remembered for seconds


def test_signing_out_closes_the_session_and_takes_the_cookie_back(site: Site) -> None:
    staff = site.signed_in()
    same_site = {"Sec-Fetch-Site": "same-origin"}
    answer = staff.send("DELETE", "/api/v1/sessions/current", headers=same_site)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["set-cookie"].startswith("yingqi_session=; Expires=Thu, 01 Jan 1970")
    site.services.staff.clear()
    assert staff.get("/api/v1/sessions/current").status == 401


@pytest.mark.parametrize("token", ["unknown", "x" * 5000])
def test_an_unknown_token_opens_nothing(site: Site, token: str) -> None:
    answer = site.anybody.get(BRANCHES, Authorization=f"Bearer {token}")
    assert (answer.status, answer.json["code"]) == (401, "identity.session_invalid")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_no_credentials_ask_to_sign_in(site: Site) -> None:
    for headers in ({}, {"Authorization": "Basic b3duZXI6eA=="}, {"Authorization": "Bearer"}):
        answer = site.anybody.get(BRANCHES, **headers)
        assert (answer.status, answer.json["code"]) == (401, "identity.unauthenticated")
    assert not site.services.calls


def test_a_missing_permission_is_named(site: Site) -> None:
    answer = site.staff("photographer").get("/api/v1/customers")
    assert (answer.status, answer.json["code"]) == (403, "identity.forbidden")
    assert answer.json["permission"] == "customer.read"


def test_a_stale_cookie_does_not_keep_a_customer_from_booking(site: Site) -> None:
    stale = site.anybody.with_headers({"Cookie": "yingqi_session=ended"})
    key = {"Idempotency-Key": "k"}
    assert stale.post("/api/v1/bookings", samples.NEW_BOOKING, **key).status == 201
    bearer = site.anybody.with_headers({"Authorization": "Bearer ended"})
    assert bearer.post("/api/v1/bookings", samples.NEW_BOOKING, **key).status == 401


def test_staff_are_unavailable_while_identity_is(site: Site) -> None:
    site.services.answers["identity.check_session"] = RpcTimedOut()
    assert site.staff().get(BRANCHES).status == 503
    assert site.anybody.get("/api/v1/branches").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_on_another_site_cannot_use_the_cookie(site: Site, headers: dict[str, str]) -> None:
    answer = site.signed_in().send("POST", TASK, headers=headers)
    assert (answer.status, answer.json["code"]) == (403, "request.cross_site")
    assert not site.services.asked("automation.complete_task")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
def test_our_own_pages_use_the_cookie(site: Site, headers: dict[str, str]) -> None:
    assert site.signed_in().send("POST", TASK, headers=headers).status == 200


def test_our_own_origin_and_a_bearer_token_need_no_other_sign(site: Site) -> None:
    assert site.signed_in().send("POST", TASK, headers={"Origin": site.address}).status == 200
    assert site.staff().send("POST", TASK).status == 200


def test_logins_from_one_address_are_limited(start_site: StartSite) -> None:
    site = start_site(LOGIN_RATE_PER_MINUTE="3", TRUSTED_PROXIES="127.0.0.0/8")
    statuses = [site.anybody.post("/api/v1/sessions", CREDENTIALS).status for _ in range(4)]
    assert statuses == [201, 201, 201, 429]
    refused = site.anybody.post("/api/v1/sessions", CREDENTIALS)
    assert refused.json["code"] == "rate.limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    elsewhere = site.anybody.with_headers({"X-Forwarded-For": "203.0.113.9"})
    assert elsewhere.post("/api/v1/sessions", CREDENTIALS).status == 201


def test_nobody_escapes_the_limit_by_inventing_a_proxy(start_site: StartSite) -> None:
    site = start_site(LOGIN_RATE_PER_MINUTE="1")
    assert site.anybody.post("/api/v1/sessions", CREDENTIALS).status == 201
    inventive = site.anybody.with_headers({"X-Forwarded-For": "203.0.113.9"})
    assert inventive.post("/api/v1/sessions", CREDENTIALS).status == 429
