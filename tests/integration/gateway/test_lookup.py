"""Finding a booking by phone and code over HTTP."""

import logging

import pytest

from services.contracts.lookup import NotFoundByCode, TooManyLookups
from tests.integration.gateway import samples
from tests.integration.gateway.conftest import Site, StartSite

LOOKUP = "/api/v1/bookings/lookup"
WISH = {"phone": "138 0013 8000", "code": "7k3m9qxd"}


def test_anybody_finds_a_booking_by_phone_and_code(site: Site) -> None:
    answer = site.anybody.post(LOOKUP, WISH)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json == {"id": samples.BOOKING_ID, "manage_token": "private"}
    (asked,) = site.services.asked("booking.find_booking")
    assert asked == WISH


def test_what_is_missing_is_told_at_its_field(site: Site) -> None:
    answer = site.anybody.post(LOOKUP, {"phone": ""})
    assert answer.status == 422
    assert {each["pointer"] for each in answer.json["errors"]} == {"/phone", "/code"}
    assert site.services.asked("booking.find_booking") == []


def test_who_tried_too_often_is_told_how_long_to_wait(site: Site) -> None:
    site.services.answers["booking.find_booking"] = TooManyLookups(retry_after_seconds=600)
    answer = site.anybody.post(LOOKUP, WISH)
    assert (answer.status, answer.json["code"]) == (429, "booking.too_many_lookups")
    assert answer.headers["retry-after"] == "600"


def test_one_address_asks_only_so_often(start_site: StartSite) -> None:
    site = start_site(LOGIN_RATE_PER_MINUTE="2")
    assert [site.anybody.post(LOOKUP, WISH).status for _ in range(3)] == [200, 200, 429]


def test_neither_phone_nor_code_gets_into_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="gateway")
    caplog.set_level(logging.DEBUG, logger="services")
    site.services.answers["booking.find_booking"] = NotFoundByCode()
    assert site.anybody.post(LOOKUP, WISH).status == 404
    everything = "".join(str(vars(record)) for record in caplog.records)
    assert "request" in everything
    assert "138 0013" not in everything
    assert "7k3m9qxd" not in everything
