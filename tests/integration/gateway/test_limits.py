"""What one client address may ask so often, and what costs it more."""

import pytest

from gateway.settings import Settings
from services.contracts.members import CouponExpired, CouponUnknown
from services.contracts.uploads import VisitorLimitReached
from tests.integration.gateway import samples
from tests.integration.gateway.conftest import Site, StartSite

QUOTES = "/api/v1/quotes"
KEY = {"Idempotency-Key": "k-1"}
GUESS = {
    "service_id": samples.SERVICE_ID,
    "branch_id": samples.BRANCH_ID,
    "start": "2026-12-05T10:00:00+08:00",
    "coupon_code": "SPRING",
}


def test_every_limit_is_on_by_default() -> None:
    settings = Settings(amqp_uri="", storage_url="")
    rates = [getattr(settings, name) for name in vars(settings) if name.endswith("_per_minute")]
    assert len(rates) == 6
    assert all(rates)


@pytest.mark.parametrize(
    ("path", "body", "rpc"),
    [
        (QUOTES, GUESS, "booking.quote"),
        ("/api/v1/bookings", samples.NEW_BOOKING | {"coupon_code": "SPRING"}, "booking.request"),
    ],
)
def test_a_wrong_code_costs_as_much_as_ten_right_ones(
    start_site: StartSite, path: str, body: dict[str, object], rpc: str
) -> None:
    site = start_site(COUPON_RATE_PER_MINUTE="20")
    site.services.answers[rpc] = CouponUnknown()
    answers = [site.anybody.post(path, body, **KEY) for _ in range(3)]
    assert [answer.status for answer in answers[:2]] == [404, 404]
    assert (answers[2].status, answers[2].json["code"]) == (429, "rate.limited")
    assert 1 <= int(answers[2].headers["retry-after"]) <= 3
    without = {**body, "coupon_code": None}
    assert site.anybody.post(path, without, **KEY).status == 404, "braked only with a code"


def test_a_right_code_costs_one(start_site: StartSite) -> None:
    site = start_site(COUPON_RATE_PER_MINUTE="4")
    site.services.answers["booking.quote"] = CouponExpired()
    statuses = [site.anybody.post(QUOTES, GUESS).status for _ in range(5)]
    assert statuses[3:] == [statuses[0], 429]


def test_quotes_without_a_code_are_not_counted(start_site: StartSite) -> None:
    site = start_site(COUPON_RATE_PER_MINUTE="1")
    asked = {**GUESS, "coupon_code": None}
    assert {site.anybody.post(QUOTES, asked).status for _ in range(4)} == {200}


def test_visitors_begin_so_many_files_and_are_known_by_their_address(start_site: StartSite) -> None:
    site = start_site(UPLOAD_RATE_PER_MINUTE="2")
    permit = {"X-Upload-Permit": "p" * 40}
    path = "/api/v1/uploads?purpose=form_image&name=a.jpg"
    visitor = site.anybody.with_headers(permit)
    statuses = [visitor.send("POST", path, body=b"\xff\xd8").status for _ in range(3)]
    assert statuses == [201, 201, 429]
    told = {asked["client"] for asked in site.services.asked("booking.start_upload")}
    assert told == {"127.0.0.1"}
    attachment = f"/api/v1/uploads?purpose=attachment&name=a.pdf&booking_id={samples.BOOKING_ID}"
    assert site.staff().send("POST", attachment, body=b"%PDF").status == 201


def test_a_spent_day_says_when_it_ends(site: Site) -> None:
    refusal = VisitorLimitReached(retry_after_seconds=3600)
    site.services.answers["booking.start_upload"] = refusal
    visitor = site.anybody.with_headers({"X-Upload-Permit": "p" * 40})
    answer = visitor.send("POST", "/api/v1/uploads?purpose=form_image&name=a.jpg", body=b"\xff")
    assert (answer.status, answer.json["code"]) == (429, "booking.visitor_upload_limit")
    assert answer.headers["retry-after"] == "3600"
