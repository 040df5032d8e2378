"""Each area's routes: what reaches the services and what comes back."""

import time

import pytest

from services.chassis.rpc import RpcTimedOut
from services.contracts import payments, scheduling
from services.contracts.errors import Invalid
from tests.integration.gateway import samples
from tests.integration.gateway.conftest import Site, StartSite
from tests.integration.gateway.samples import BOOKING_ID, BRANCH_ID, OTHER_BRANCH_ID, SERVICE_ID

BOOKING = f"/api/v1/bookings/{BOOKING_ID}"
KEY = {"Idempotency-Key": "k-1"}


def test_branches_are_listed_as_scheduling_tells_them(site: Site) -> None:
    answer = site.anybody.get("/api/v1/branches")
    assert (answer.status, answer.json) == (200, {"items": [samples.BRANCH]})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert "date" in answer.headers


def test_availability_takes_its_resources_as_a_repeated_parameter(site: Site) -> None:
    path = f"/api/v1/availability?service_id={SERVICE_ID}&branch_id={BRANCH_ID}"
    wished = f"&resource_id={samples.RESOURCE_ID}&resource_id={samples.STAFF_ID}"
    wished += "&option=album&option=video"
    wished += f"&also={OTHER_BRANCH_ID}&also={SERVICE_ID}"
    answer = site.anybody.get(f"{path}&from=2026-11-25&to=2026-11-30{wished}&unknown=1")
    assert (answer.status, answer.json) == (200, samples.AVAILABILITY)
    (asked,) = site.services.asked("scheduling.find_slots")
    assert [str(each) for each in asked["resource_ids"]] == [samples.RESOURCE_ID, samples.STAFF_ID]
    assert asked["options"] == ["album", "video"]
    assert [str(each) for each in asked["also"]] == [OTHER_BRANCH_ID, SERVICE_ID]
    assert asked["from_"].isoformat() == "2026-11-25"


def test_a_booking_needs_an_idempotency_key(site: Site) -> None:
    for key in ({}, {"Idempotency-Key": "two words"}, {"Idempotency-Key": "x" * 256}):
        answer = site.anybody.post("/api/v1/bookings", samples.NEW_BOOKING, **key)
        assert (answer.status, answer.json["code"]) == (400, "idempotency.key_missing")
    assert not site.services.calls


def test_a_customer_books_with_a_key(site: Site) -> None:
    answer = site.anybody.post("/api/v1/bookings", samples.NEW_BOOKING, **KEY)
    assert (answer.status, answer.json) == (201, samples.BOOKING_CREATED)
    (asked,) = site.services.asked("booking.request")
    assert asked["idempotency_key"] == "k-1"
    assert asked["start"].isoformat() == samples.START
    assert site.services.actors("booking.request")[0]["actor"] == {"kind": "customer", "id": None}


def test_staff_book_by_phone_and_are_the_actor(site: Site) -> None:
    wanted = samples.NEW_BOOKING | {"channel": "phone"}
    assert site.staff().post("/api/v1/bookings", wanted, **KEY).status == 201
    actor = site.services.actors("booking.request")[0]["actor"]
    assert actor == {"kind": "staff", "id": samples.STAFF_ID}


def test_only_staff_of_the_branch_book_by_phone(site: Site) -> None:
    wanted = samples.NEW_BOOKING | {"channel": "walk_in"}
    refused = site.anybody.post("/api/v1/bookings", wanted, **KEY)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/channel")
    elsewhere = site.staff("receptionist", [OTHER_BRANCH_ID])
    assert elsewhere.post("/api/v1/bookings", wanted, **KEY).status == 403
    photographer = site.staff("photographer")
    assert photographer.post("/api/v1/bookings", wanted, **KEY).status == 403


def test_booking_is_told_where_the_asker_may_write_bookings(site: Site) -> None:
    wanted = samples.NEW_BOOKING | {"session_id": samples.SOME_ID, "branch_ids": None}
    for browser in (
        site.anybody,
        site.staff("photographer"),
        site.staff("receptionist", [OTHER_BRANCH_ID]),
        site.staff(),
    ):
        assert browser.post("/api/v1/bookings", wanted, **KEY).status == 201
    told = [asked["branch_ids"] for asked in site.services.asked("booking.request")]
    assert [each and [str(id) for id in each] for each in told] == [[], [], [OTHER_BRANCH_ID], None]


def test_only_staff_who_write_bookings_name_a_draft(site: Site) -> None:
    wanted = samples.NEW_BOOKING | {"draft_id": samples.SOME_ID}
    refused = site.anybody.post("/api/v1/bookings", wanted, **KEY)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/draft_id")
    assert site.staff("photographer").post("/api/v1/bookings", wanted, **KEY).status == 403
    assert site.staff("receptionist").post("/api/v1/bookings", wanted, **KEY).status == 201


def test_a_taken_slot_comes_with_its_alternatives(site: Site) -> None:
    site.services.answers["booking.request"] = scheduling.SlotTaken(alternatives=[samples.SLOT])
    answer = site.anybody.post("/api/v1/bookings", samples.NEW_BOOKING, **KEY)
    assert (answer.status, answer.json["code"]) == (409, "scheduling.slot_taken")
    assert answer.json["alternatives"] == [samples.SLOT]


@pytest.mark.parametrize("proof", ["header", "query"])
def test_the_private_link_opens_a_booking(site: Site, proof: str) -> None:
    headers = {"X-Manage-Token": "secret"} if proof == "header" else {}
    answer = site.anybody.get(BOOKING + ("" if headers else "?token=secret"), **headers)
    assert (answer.status, answer.json["id"]) == (200, BOOKING_ID)
    assert answer.json["messages"] == [samples.MESSAGE]
    (asked,) = site.services.asked("booking.get_booking")
    assert asked["access"] == {"manage_token": "secret", "staff_id": None, "branch_ids": None}


def test_staff_open_a_booking_within_their_branches(site: Site) -> None:
    assert site.staff("receptionist", [BRANCH_ID]).get(BOOKING).status == 200
    (asked,) = site.services.asked("booking.get_booking")
    assert str(asked["access"]["staff_id"]) == samples.STAFF_ID
    assert [str(each) for each in asked["access"]["branch_ids"]] == [BRANCH_ID]


def test_a_booking_is_nothing_to_whoever_proves_nothing(site: Site) -> None:
    assert site.anybody.get(BOOKING).status == 401
    assert site.anybody.post(f"{BOOKING}/cancel", {}).status == 401
    assert site.anybody.get(BOOKING, **{"X-Manage-Token": "wrong"}).status == 403


@pytest.mark.parametrize("failure", [RpcTimedOut(), ValueError("a bug")])
def test_a_booking_shows_while_notification_is_away(site: Site, failure: Exception) -> None:
    site.services.answers["notification.list_messages"] = failure
    answer = site.anybody.get(BOOKING, **{"X-Manage-Token": "secret"})
    assert (answer.status, answer.json["messages"]) == (200, [])


def test_customers_move_and_cancel_their_booking(site: Site) -> None:
    customer = site.anybody.with_headers({"X-Manage-Token": "secret"})
    moved = customer.post(f"{BOOKING}/reschedule", {"start": samples.END})
    assert (moved.status, moved.json["messages"]) == (200, [samples.MESSAGE])
    asked = customer.get(f"{BOOKING}/move?start=2026-12-05T01:00:00Z")
    assert (asked.status, asked.json["difference_cents"]) == (200, 100_000)
    (told,) = site.services.asked("booking.preview_move")
    assert (told["cause"], told["access"]["manage_token"]) == ("customer", "secret")
    assert customer.get(f"{BOOKING}/move").status == 422
    assert customer.post(f"{BOOKING}/cancel").status == 200
    assert customer.post(f"{BOOKING}/cancel", {"reason": "下雨"}).status == 200
    reasons = [asked["reason"] for asked in site.services.asked("booking.cancel")]
    assert reasons == ["", "下雨"]


@pytest.mark.parametrize(
    ("path", "method"),
    [("check-in", "check_in"), ("complete", "complete"), ("no-show", "no_show")],
)
def test_staff_work_on_bookings(site: Site, path: str, method: str) -> None:
    assert site.anybody.post(f"{BOOKING}/{path}", **{"X-Manage-Token": "secret"}).status == 401
    assert site.staff("photographer").post(f"{BOOKING}/{path}").status == 403
    assert site.staff("receptionist").post(f"{BOOKING}/{path}").json["id"] == BOOKING_ID
    assert len(site.services.asked(f"booking.{method}")) == 1


def test_the_list_of_bookings_keeps_to_the_branches_of_the_staff(site: Site) -> None:
    reception = site.staff("receptionist", [BRANCH_ID])
    answer = reception.get("/api/v1/bookings?status=confirmed&from=2026-11-25&q=%E6%9E%97&limit=5")
    assert answer.json == {"items": [samples.BOOKING_ITEM], "next_cursor": None}
    (asked,) = site.services.asked("booking.list_bookings")
    assert [str(each) for each in asked["branch_ids"]] == [BRANCH_ID]
    assert (asked["q"], asked["limit"], asked["status"]) == ("林", 5, "confirmed")


def test_a_payment_is_started_by_the_holder_of_the_link(site: Site) -> None:
    wanted = {"kind": "deposit", "provider": "sandbox"}
    answer = site.anybody.post(f"{BOOKING}/payments", wanted, **{"X-Manage-Token": "secret"})
    assert (answer.status, answer.json) == (201, samples.PAYMENT_STARTED)
    assert site.anybody.get("/api/v1/payments/providers").json["items"][0]["name"] == "sandbox"


def test_a_callback_reaches_booking_as_it_came(site: Site) -> None:
    sent = {"X-Signature": "s", "Content-Type": "text/weird", "Cookie": "a=b"}
    answer = site.anybody.send(
        "POST", "/api/v1/payments/some/notify", body='{"到":1}'.encode(), headers=sent
    )
    assert (answer.status, answer.text) == (200, "success")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    (asked,) = site.services.asked("booking.take_notification")
    assert (asked["provider"], asked["body"]) == ("some", '{"到":1}')
    assert asked["headers"]["x-signature"] == "s"
    assert "cookie" not in asked["headers"]
    assert site.services.actors("booking.take_notification")[0]["actor"]["kind"] == "provider"


def test_a_callback_that_is_no_text_is_malformed(site: Site) -> None:
    answer = site.anybody.send("POST", "/api/v1/payments/some/notify", body=b"\xff\xfe")
    assert (answer.status, answer.json["code"]) == (400, "request.malformed")


def test_the_calendar_shows_each_entry_with_its_booking(site: Site) -> None:
    path = f"/api/v1/calendar?branch_id={BRANCH_ID}&from=2026-11-25&to=2026-11-30"
    answer = site.staff().get(path)
    booked, blocked = answer.json["entries"]
    hidden = ("id", "branch_id")
    assert booked["booking"] == {k: v for k, v in samples.SUMMARY.items() if k not in hidden}
    assert blocked["booking"] is None
    assert len(site.services.calls) == 3  # the session, the calendar, the bookings


def test_the_calendar_keeps_customers_from_who_may_not_read_bookings(site: Site) -> None:
    path = f"/api/v1/calendar?branch_id={BRANCH_ID}&from=2026-11-25&to=2026-11-30"
    shown = site.staff("photographer").get(path).json["entries"][0]["booking"]
    assert (shown["contact_name"], shown["contact_phone"]) == ("", "")
    assert shown["number"] == samples.SUMMARY["number"]


def test_the_calendar_keeps_customers_of_other_branches_from_who_does_not_work_there(
    site: Site,
) -> None:
    path = f"/api/v1/calendar?branch_id={BRANCH_ID}&from=2026-11-25&to=2026-11-30"
    elsewhere = samples.SUMMARY | {"branch_id": OTHER_BRANCH_ID}
    site.services.answers["booking.summarise"] = {"items": [elsewhere]}
    shown = [
        browser.get(path).json["entries"][0]["booking"]["contact_phone"]
        for browser in (site.staff("receptionist", [BRANCH_ID]), site.staff("receptionist"))
    ]
    assert shown == ["", samples.SUMMARY["contact_phone"]]


def test_the_calendar_of_another_branch_is_closed(site: Site) -> None:
    path = f"/api/v1/calendar?branch_id={BRANCH_ID}&from=2026-11-25&to=2026-11-30"
    assert site.staff("photographer", [OTHER_BRANCH_ID]).get(path).status == 403
    assert not site.services.asked("scheduling.calendar")


def test_customers_metrics_and_tasks_keep_to_the_branches_of_the_staff(site: Site) -> None:
    manager = site.staff("manager", [BRANCH_ID])
    paths = {
        "crm.list_customers": "/api/v1/customers?q=138",
        "crm.get_customer": f"/api/v1/customers/{samples.CUSTOMER_ID}",
        "analytics.measure": "/api/v1/metrics/new_customers?from=2026-11-01&to=2026-11-30&by=day",
        "automation.list_tasks": "/api/v1/tasks?state=open",
    }
    for method, path in paths.items():
        assert manager.get(path).status == 200
        assert [str(each) for each in site.services.asked(method)[0]["branch_ids"]] == [BRANCH_ID]
    assert manager.get("/api/v1/metrics").json["items"] == [samples.METRIC]
    assert site.staff("photographer").get("/api/v1/metrics").status == 403


def test_a_task_names_its_subject_and_is_completed_by_the_caller(site: Site) -> None:
    (task,) = site.staff().get("/api/v1/tasks").json["items"]
    assert task["subject"] == BOOKING_ID
    done = site.staff().post(f"/api/v1/tasks/{samples.TASK_ID}/complete")
    assert done.json["subject"] == BOOKING_ID
    assert str(site.services.asked("automation.complete_task")[0]["staff_id"]) == samples.STAFF_ID


def test_the_cashier_shows_what_is_paid_in_both_languages(site: Site) -> None:
    path = f"/sandbox/cashier/{samples.PAYMENT_ID}"
    chinese = site.anybody.get(path)
    assert chinese.headers["content-type"].startswith("text/html")
    assert "¥12,345.50" in chinese.text
    assert "定金 &lt;b&gt;" in chinese.text
    assert f'action="{path}/late"' in chinese.text
    assert "Deposit" in site.anybody.get(path, **{"Accept-Language": "en-GB"}).text
    assert "Deposit" in site.anybody.get(f"{path}?lang=en").text


def test_a_decision_at_the_cashier_arrives_as_a_real_callback(site: Site) -> None:
    path = f"/sandbox/cashier/{samples.PAYMENT_ID}/succeed"
    answer = site.anybody.post(path)
    assert (answer.status, answer.json) == (200, {"delivered": True, "status": 200})
    (taken,) = site.services.asked("booking.take_notification")
    assert (taken["provider"], taken["body"]) == ("sandbox", "{}")
    assert taken["headers"]["x-sandbox-signature"] == "signed"
    browsing = site.anybody.post(path, Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (browsing.status, browsing.headers["location"]) == (303, "/portal/#/booking")


def test_the_cashier_is_not_found_while_the_sandbox_is_off(site: Site) -> None:
    off = payments.ProviderUnknown()
    site.services.answers |= {"booking.sandbox_checkout": off, "booking.sandbox_decide": off}
    path = f"/sandbox/cashier/{samples.PAYMENT_ID}"
    assert site.anybody.get(path).status == 404
    assert site.anybody.post(f"{path}/fail").status == 404
    assert site.anybody.post(f"{path}/other").status == 404


def test_a_service_that_hangs_is_unavailable_in_time(start_site: StartSite) -> None:
    site = start_site(RPC_TIMEOUT_SECONDS="0.3")
    site.services.answers["scheduling.list_branches"] = lambda: time.sleep(1)
    answer = site.anybody.get("/api/v1/branches")
    assert (answer.status, answer.json["code"]) == (503, "rpc.timed_out")
    assert answer.headers["retry-after"] == "2"


def test_a_bug_of_a_service_is_told_as_a_fixed_sentence(site: Site) -> None:
    site.services.answers["scheduling.list_branches"] = ValueError("secret text")
    answer = site.anybody.get("/api/v1/branches", **{"X-Request-Id": "given-by-caller"})
    assert (answer.status, answer.json["code"]) == (500, "internal.error")
    assert answer.json["correlation_id"] == "given-by-caller" == answer.headers["x-request-id"]
    assert "secret" not in answer.text


def test_the_faults_of_a_service_are_told_in_the_callers_language(site: Site) -> None:
    fault = {"pointer": "/contact/phone", "code": "x", "message": {"zh": "无效", "en": "Bad"}}
    site.services.answers["booking.request"] = Invalid(errors=[fault])
    for language, message in (("zh-CN,en;q=0.8", "无效"), ("fr, en-US;q=0.7, zh;q=0.2", "Bad")):
        headers = {**KEY, "Accept-Language": language}
        answer = site.anybody.post("/api/v1/bookings", samples.NEW_BOOKING, **headers)
        assert answer.json["errors"] == [fault | {"message": message}]


def test_the_request_id_reaches_the_services(site: Site) -> None:
    answer = site.anybody.get("/api/v1/branches", **{"X-Request-Id": "0190-abcdef"})
    assert answer.headers["x-request-id"] == "0190-abcdef"
    assert site.services.actors("scheduling.list_branches")[0]["correlation_id"] == "0190-abcdef"
    strange = site.anybody.get("/api/v1/branches", **{"X-Request-Id": "<script>"})
    assert strange.headers["x-request-id"] != "<script>"
