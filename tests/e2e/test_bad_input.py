"""Bad input gets a problem document with a code of its own, and changes nothing."""

import json
import urllib.error
import urllib.request
import uuid

import pytest

from tests.e2e.studio import eventually

pytestmark = pytest.mark.slow

NOBODY = str(uuid.uuid4())


def rows(studio):
    counts = [
        studio.run.sql("booking", f"SELECT count(*) FROM {table}")[0][0]
        for table in ("booking", "payment", "ledger_entry", "idempotency_key")
    ]
    taken = "SELECT count(*) FROM {} WHERE state <> 'released'"
    return counts + [
        studio.run.sql("scheduling", taken.format(table))[0][0] for table in ("hold", "allocation")
    ]


def book(studio, **changes):
    slot = studio.slots()[-1]
    contact = {"name": "王小丽", "phone": "13800001111"}
    body = {
        "service_id": studio.service["id"],
        "branch_id": studio.branch["id"],
        "start": slot["start"],
        "contact": contact,
        **changes,
    }
    return studio.run.request("POST", "/api/v1/bookings", body, Idempotency_Key=str(uuid.uuid4()))


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"service_id": NOBODY}, 404, "booking.service_unknown"),
        ({"branch_id": NOBODY}, 404, "scheduling.branch_unknown"),
        ({"resource_ids": [NOBODY]}, 404, "scheduling.resource_unknown"),
        ({"start": "2020-01-06T10:00:00+08:00"}, 422, "scheduling.start_past"),
        ({"start": "2027-01-04T10:07:00+08:00"}, 422, "scheduling.start_not_offered"),
        ({"start": "2027-01-04T03:00:00+08:00"}, 422, "scheduling.start_not_offered"),
        ({"start": "2026-12-20T10:00:00"}, 422, "request.invalid"),
        ({"start": "soon"}, 422, "request.invalid"),
        ({"contact": {"name": "王", "phone": "12"}}, 422, "booking.phone_invalid"),
        ({"contact": {"name": "王", "phone": ""}}, 422, "booking.phone_invalid"),
        ({"contact": {"name": "王", "phone": "123456"}}, 422, "booking.phone_invalid"),
        ({"contact": {"name": "", "phone": "13800001111"}}, 422, "request.invalid"),
        ({"contact": {"name": "   ", "phone": "13800001111"}}, 422, "request.invalid"),
        ({"contact": None}, 422, "request.invalid"),
        ({"channel": "pigeon"}, 422, "request.invalid"),
    ],
)
def test_a_booking_that_cannot_be_is_refused_by_name(studio, changes, status, code):
    before = rows(studio)
    reply = book(studio, **changes)
    assert reply.status == status, reply
    assert reply.headers["content-type"].startswith("application/problem+json")
    assert reply.body["code"] == code
    assert reply.body["message"]
    assert reply.body["correlation_id"]
    if status == 422 and code == "request.invalid":
        assert reply.body["errors"][0]["pointer"].startswith("/")
    assert rows(studio) == before


def raw(studio, path, data, headers):
    request = urllib.request.Request(
        f"{studio.run.address}{path}", data=data, method="POST", headers=headers
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_what_is_not_json_is_malformed(studio):
    headers = {"Content-Type": "application/json", "Idempotency-Key": "x"}
    status, body = raw(studio, "/api/v1/bookings", b"{not json", headers)
    assert (status, body["code"]) == (400, "request.malformed")


def test_a_booking_without_a_key_is_refused(studio):
    body = json.dumps(
        {
            "service_id": studio.service["id"],
            "branch_id": studio.branch["id"],
            "start": studio.slots()[-1]["start"],
            "contact": {"name": "王小丽", "phone": "13800001111"},
        }
    ).encode()
    status, body = raw(studio, "/api/v1/bookings", body, {"Content-Type": "application/json"})
    assert (status, body["code"]) == (400, "idempotency.key_missing")


def test_a_forged_private_link_shows_and_changes_nothing(studio):
    made, other = studio.book(), studio.book()
    for token in ("x", other["manage_token"], made["manage_token"][:-2] + "zz"):
        for method, path, body in (
            ("GET", "", None),
            ("POST", "/cancel", {}),
            ("POST", "/payments", {"kind": "deposit", "provider": "sandbox"}),
        ):
            reply = studio.run.request(
                method, f"/api/v1/bookings/{made['id']}{path}", body, X_Manage_Token=token
            )
            assert (reply.status, reply.body["code"]) == (403, "booking.manage_token_invalid")
    assert studio.booking(made)["status"] == "held"


def test_an_unknown_booking_and_no_right_at_all(studio):
    made = studio.book()
    unknown = studio.run.request(
        "GET", f"/api/v1/bookings/{NOBODY}", X_Manage_Token=made["manage_token"]
    )
    assert unknown.status in (403, 404)
    assert studio.run.request("GET", f"/api/v1/bookings/{made['id']}").status == 401
    assert studio.run.request("GET", "/api/v1/customers").body["code"] == "identity.unauthenticated"


def test_a_callback_with_a_wrong_signature_changes_nothing(studio):
    made = studio.book()
    payment = studio.start_payment(made).rsplit("/", 1)[-1]
    before = rows(studio)
    body = json.dumps({"payment_id": payment, "outcome": "succeeded"}).encode()
    for headers in ({}, {"X-Sandbox-Signature": "0" * 64, "X-Sandbox-Timestamp": "1"}):
        status, problem = raw(
            studio,
            "/api/v1/payments/sandbox/notify",
            body,
            {"Content-Type": "application/json", **headers},
        )
        assert (status, problem["code"]) == (403, "booking.signature_invalid")
    assert rows(studio) == before
    assert studio.booking(made)["status"] == "held"


def test_an_unknown_provider_is_refused(studio):
    made = studio.book()
    reply = studio.act(made, "payments", {"kind": "deposit", "provider": "gold"})
    assert (reply.status, reply.body["code"]) == (422, "booking.provider_unknown")


def test_paying_for_an_expired_hold_is_refused(studio):
    made = studio.book()
    for table in ("hold", "allocation"):
        studio.run.sql(
            "scheduling",
            f"UPDATE {table} SET expires_at = now() - interval '1 s'"
            f" WHERE booking_id = '{made['id']}'",
        )
    eventually(lambda: studio.booking(made)["status"] == "expired")
    reply = studio.act(made, "payments", {"kind": "deposit", "provider": "sandbox"})
    assert (reply.status, reply.body["code"]) == (409, "booking.hold_expired")


def test_the_language_is_that_which_was_asked_for(studio):
    chinese = book(studio, service_id=NOBODY)
    reply = studio.run.request("GET", f"/api/v1/bookings/{NOBODY}", Accept_Language="en")
    assert "没有" in chinese.body["message"]
    assert reply.body["message"].isascii()


def test_the_wrong_password_is_refused_and_then_the_login_is_locked(studio):
    codes = [
        studio.run.request(
            "POST", "/api/v1/sessions", {"login": "nobody-there", "password": "wrong"}
        ).body["code"]
        for _ in range(12)
    ]
    assert codes[0] == "identity.bad_credentials"
    assert codes[-1] in {"identity.login_locked", "rate.limited"}
