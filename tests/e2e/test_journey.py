"""The journey of one booking over HTTP, as a customer and the staff see it."""

import pytest

from tests.e2e.studio import eventually

pytestmark = pytest.mark.slow


def starts(slots):
    return {slot["start"]: slot["remaining"] for slot in slots}


def test_a_booking_that_is_paid_is_confirmed_locked_shown_and_counted(studio):
    phone = "13911112222"
    day = studio.day(0)
    before = studio.staff("GET", f"metrics/bookings_confirmed?from={day}&to={day}")["value"]
    slot = studio.slots(5, 5)[0]

    made = studio.book(slot["start"], phone=phone)
    assert made["status"] == "held"
    assert starts(studio.slots(5, 5)).get(slot["start"], 0) == slot["remaining"] - 1

    studio.pay(made)
    booking = studio.booking(made)
    assert booking["status"] == "confirmed"
    assert booking["payment_status"] == "deposit_paid"
    assert {member["resource_type"] for member in booking["crew"]} == {
        role["resource_type"] for role in studio.service["roles"]
    }

    day_of = slot["start"][:10]
    calendar = studio.staff(
        "GET", f"calendar?branch_id={studio.branch['id']}&from={day_of}&to={day_of}"
    )
    entries = [e for e in calendar["entries"] if e["booking_id"] == made["id"]]
    assert len(entries) == len(booking["crew"])
    assert {entry["state"] for entry in entries} == {"confirmed"}
    assert entries[0]["booking"]["contact_name"] == "王小丽"

    found = eventually(lambda: studio.staff("GET", f"customers?q={phone}")["items"], seconds=3)
    types = eventually(
        lambda: _has(
            [e["type"] for e in studio.staff("GET", f"customers/{found[0]['id']}")["timeline"]],
            {"booking.requested", "payment.succeeded", "booking.confirmed"},
        ),
        seconds=3,
    )
    assert types.count("booking.confirmed") == 1
    eventually(lambda: studio.booking(made)["messages"], seconds=5)
    eventually(
        lambda: (
            studio.staff("GET", f"metrics/bookings_confirmed?from={day}&to={day}")["value"] > before
        )
    )


def _has(found, wanted):
    return found if wanted <= set(found) else None


def test_the_same_key_gives_the_same_booking_and_other_parameters_are_refused(studio):
    start = studio.slots()[-1]["start"]
    first = studio.request_booking(start, key="journey-key", phone="13700001111")
    again = studio.request_booking(start, key="journey-key", phone="13700001111")
    other = studio.request_booking(start, key="journey-key", phone="13700002222")
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert other.status == 422
    assert other.body["code"] == "idempotency.key_reused"


def test_a_cancelled_time_can_be_booked_again_at_once_and_the_money_goes_back(studio):
    made = studio.confirmed()
    start = studio.booking(made)["start"]
    before = starts(studio.slots()).get(start, 0)
    reply = studio.act(made, "cancel", {"reason": "日期有变"})
    assert reply.status == 200, reply
    assert reply.body["status"] == "cancelled"
    assert starts(studio.slots())[start] == before + 1
    eventually(lambda: studio.booking(made)["payment_status"] == "refunded")


def test_a_booking_moves_in_one_step_and_keeps_its_old_time_when_the_new_one_fails(studio):
    made = studio.confirmed()
    old = studio.booking(made)["start"]
    new = next(slot["start"] for slot in studio.slots() if slot["start"] != old)
    moved = studio.act(made, "reschedule", {"start": new})
    assert moved.status == 200, moved
    assert (moved.body["start"], moved.body["reschedule_count"]) == (new, 1)
    assert old in starts(studio.slots())

    refused = studio.act(made, "reschedule", {"start": new[:14] + "07:00+08:00"})
    assert refused.status == 422
    assert studio.booking(made)["start"] == new


@pytest.mark.parametrize(
    ("outcome", "status", "payment"),
    [("fail", "held", "failed"), ("late", "confirmed", "succeeded")],
)
def test_the_cashiers_other_outcomes(studio, outcome, status, payment):
    made = studio.book()
    studio.pay(made, outcome)
    booking = studio.booking(made)
    assert booking["status"] == status
    assert [p["state"] for p in booking["payments"]] == [payment]
    assert booking["payments"][0]["late"] is (outcome == "late")


def test_money_that_comes_when_the_time_is_gone_is_paid_back_and_raises_a_task(studio):
    slot = next(s for s in studio.slots() if s["remaining"] == 1)
    late = studio.book(slot["start"])
    path = studio.start_payment(late)
    studio.run.sql(
        "scheduling",
        f"UPDATE hold SET expires_at = now() - interval '1 s' WHERE booking_id = '{late['id']}';"
        "UPDATE allocation SET expires_at = now() - interval '1 s'"
        f" WHERE booking_id = '{late['id']}'",
    )
    eventually(lambda: studio.booking(late)["status"] == "expired")
    winner = studio.book(slot["start"])
    studio.pay(winner)
    assert studio.run.request("POST", f"{path}/succeed", {}).status == 200

    eventually(lambda: studio.booking(late)["payment_status"] == "refunded")
    assert studio.booking(winner)["status"] == "confirmed"
    eventually(
        lambda: [
            t
            for t in studio.staff("GET", "tasks?state=open")["items"]
            if late["id"] in (t["subject_id"], t["details"].get("booking_id"))
        ]
    )


def test_a_named_photographer_serves_and_is_then_not_offered_again(studio):
    people = studio.get(
        f"resources?branch_id={studio.branch['id']}&service_id={studio.service['id']}"
    )["items"]
    named = next(p for p in people if p["resource_type"] == "photographer")
    slot = studio.slots(6, 12, resource_id=named["id"])[0]
    made = studio.book(slot["start"], resource_ids=[named["id"]])
    assert named["id"] in {member["resource_id"] for member in studio.booking(made)["crew"]}
    assert slot["start"] not in starts(studio.slots(6, 12, resource_id=named["id"]))


def test_the_balance_is_paid_by_the_private_link(studio):
    made = studio.confirmed()
    studio.pay(made, kind="balance")
    booking = studio.booking(made)
    assert (booking["payment_status"], booking["balance_cents"]) == ("paid", 0)


def test_staff_check_in_and_complete(studio):
    made = studio.confirmed()
    path = f"/api/v1/bookings/{made['id']}/check-in"
    early = studio.run.request("POST", path, {}, Authorization=studio.authorization)
    assert (early.status, early.body["code"]) == (409, "booking.too_early")
    studio.run.sql(
        "booking",
        "UPDATE booking SET starts_at = now() - interval '2 h', ends_at = now() - interval '1 h'"
        f" WHERE id = '{made['id']}'",
    )
    for action, status in (("check-in", "checked_in"), ("complete", "completed")):
        assert studio.staff("POST", f"bookings/{made['id']}/{action}", {})["status"] == status


def test_lists_page_by_cursor_without_gaps_or_repetitions(studio):
    for _ in range(3):
        studio.book()
    seen, cursor = [], ""
    while cursor is not None:
        page = studio.staff("GET", f"bookings?limit=2{cursor and '&cursor=' + cursor}")
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen))
    assert len(seen) >= 3
