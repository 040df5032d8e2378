"""Booking and scheduling together, over the wire: the contracts hold and the events arrive."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.booking.models import Booking
from services.contracts import booking as contracts
from services.contracts.booking import TooEarly
from services.contracts.errors import Invalid
from services.contracts.scheduling import (
    BranchUnknown,
    OfferExpired,
    QuotaReached,
    ServiceUnknown,
    SlotTaken,
)
from tests.harness import Running
from tests.integration.booking.studio import BUND, HARBOUR, PHOTOGRAPHER, SERVICE, STAFF, deal

ROOM = "00000000-0000-4000-8000-00000000d002"
WAITING = "00000000-0000-4000-8000-00000000f001"


def soon() -> datetime:
    """Ten in the morning in Shanghai, in a week."""
    in_a_week = datetime.now(UTC) + timedelta(days=7)
    return in_a_week.replace(hour=2, minute=0, second=0, microsecond=0)


@pytest.fixture
def system(running: Callable[..., Running]) -> Running:
    started = running("scheduling", "booking", "crm")
    hours = [{"weekday": day, "opens": "09:00", "closes": "21:00"} for day in range(1, 8)]
    schedule = started.call("scheduling")
    schedule.define_branch(
        id=BUND,
        name={"zh": "外滩店"},
        address={"zh": "中山东一路 1 号"},
        phone="+862162134567",
        timezone="Asia/Shanghai",
        hours=hours,
    )
    for resource_id, resource_type in ((PHOTOGRAPHER, "photographer"), (ROOM, "studio_room")):
        schedule.define_resource(
            id=resource_id,
            branch_id=BUND,
            resource_type=resource_type,
            name={"zh": "王师傅"},
            roster=hours,
        )
    roles = [
        {"resource_type": "photographer", "length_minutes": 120},
        {"resource_type": "studio_room", "offset_minutes": 30, "length_minutes": 90},
    ]
    package = deal(branch_ids=[BUND], roles=roles)
    started.call("booking").define_service(service_id=SERVICE, **package)
    return started


def wish(**changes: Any) -> dict[str, Any]:
    return {
        "idempotency_key": "key-1",
        "service_id": SERVICE,
        "branch_id": BUND,
        "start": soon(),
        "contact": {"name": "李娜", "phone": "13800138000"},
    } | changes


def staff(booking_id: Any) -> dict[str, Any]:
    return {"booking_id": booking_id, "access": {"staff_id": STAFF}}


def status(system: Running, booking_id: str) -> str:
    found: str = system.call("booking").get_booking(**staff(booking_id))["status"]
    return found


def payment_status(system: Running, booking_id: str) -> str:
    found: str = system.call("booking").get_booking(**staff(booking_id))["payment_status"]
    return found


def pay(system: Running, booking_id: str, outcome: str = "succeed") -> str:
    desk = system.call("booking")
    started = desk.start_payment(**staff(booking_id), kind="deposit", provider="sandbox")
    signed = desk.sandbox_decide(payment_id=started["payment_id"], outcome=outcome)
    desk.take_notification(provider="sandbox", headers=signed["headers"], body=signed["body"])
    payment_id: str = started["payment_id"]
    return payment_id


def let_it_begin(system: Running) -> None:
    """Move every booking to a time that has come."""
    week = timedelta(days=8)
    with system.uow("booking").begin() as tx:
        tx.session.execute(
            sa.update(Booking).values(
                starts_at=Booking.starts_at - week, ends_at=Booking.ends_at - week
            )
        )


def test_the_catalogue_says_how_long_it_takes_and_who_is_there(system: Running) -> None:
    (package,) = system.call("booking").list_services(branch_id=BUND)["items"]
    assert package["duration_minutes"] == 120
    assert [role["name"]["zh"] for role in package["roles"]] == ["摄影师", "影棚"]


def test_from_the_request_to_the_completed_appointment(system: Running) -> None:
    desk = system.call("booking")
    created = desk.request(**wish())
    assert contracts.REQUEST.response.validate(created) == {}
    assert desk.request(**wish()) == created
    with pytest.raises(SlotTaken) as refusal:
        desk.request(**wish(idempotency_key="key-2"))
    assert refusal.value.details["alternatives"]
    pay(system, created["id"])
    booking = desk.get_booking(
        booking_id=created["id"], access={"manage_token": created["manage_token"]}
    )
    assert contracts.GET_BOOKING.response.validate(booking) == {}
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "deposit_paid")
    assert {m["resource_type"] for m in booking["crew"]} == {"photographer", "studio_room"}
    later = soon() + timedelta(hours=3)
    moved = desk.reschedule(**staff(created["id"]), start=later)
    assert datetime.fromisoformat(moved["start"]) == later
    with pytest.raises(TooEarly):
        desk.check_in(**staff(created["id"]))
    let_it_begin(system)
    desk.check_in(**staff(created["id"]))
    assert desk.complete(**staff(created["id"]))["status"] == "completed"
    page = desk.list_bookings(q="李娜", to=later.date())
    assert contracts.LIST_BOOKINGS.response.validate(page) == {}
    assert [item["id"] for item in page["items"]] == [created["id"]]
    (summary,) = desk.summarise(booking_ids=[created["id"]])["items"]
    assert summary["contact_name"] == "李娜"


def test_who_waited_books_what_was_offered(system: Running) -> None:
    schedule, desk = system.call("scheduling"), system.call("booking")
    desk.request(**wish())
    day = soon().date().isoformat()
    joined = schedule.join_waitlist(
        id=WAITING,
        service_id=SERVICE,
        branch_id=BUND,
        **{"from": day, "to": day},
        contact={"name": "张伟", "phone": "13900139000"},
    )
    token = joined["token"]
    assert system.wait(lambda: schedule.get_waitlist_entry(token=token)["offer"])
    offer = schedule.get_waitlist_entry(token=token)["offer"]
    accepting = {
        "idempotency_key": "key-2",
        "contact": {"name": "张伟", "phone": "13900139000"},
        "waitlist_token": token,
    }
    with pytest.raises(Invalid):
        desk.request(**wish(**accepting))  # the time of somebody else
    booked = desk.request(**wish(**accepting, start=offer["start"]))
    assert booked == desk.request(**wish(**accepting, start=offer["start"]))
    assert (booked["id"], booked["status"]) == (offer["booking_id"], "held")
    pay(system, booked["id"])
    assert status(system, booked["id"]) == "confirmed"
    again = {**accepting, "idempotency_key": "key-3", "start": offer["start"]}
    with pytest.raises(OfferExpired):
        desk.request(**wish(**again))


def test_a_customer_has_a_quota_however_the_number_is_written(system: Running) -> None:
    system.call("scheduling").define_quota(
        id=WAITING, per="customer", period="day", maximum=1, service_id=SERVICE
    )
    desk = system.call("booking")
    desk.request(**wish())
    again = {"start": soon() + timedelta(hours=4), "idempotency_key": "key-2"}
    with pytest.raises(QuotaReached):
        desk.request(**wish(**again, contact={"name": "李娜", "phone": "+86 138 0013 8000"}))
    other = {"name": "张伟", "phone": "13900139000"}
    assert desk.request(**wish(**again, contact=other))["status"] == "held"


def test_a_branch_that_is_unknown_or_does_not_offer_the_package_is_named(system: Running) -> None:
    desk = system.call("booking")
    with pytest.raises(BranchUnknown):
        desk.request(**wish(branch_id=HARBOUR))
    desk.define_service(service_id=SERVICE, **deal(branch_ids=[]))
    with pytest.raises(ServiceUnknown):
        desk.request(**wish())


def test_late_money_takes_its_time_again(system: Running) -> None:
    created = system.call("booking").request(**wish())
    pay(system, created["id"], "late")
    booking = system.call("booking").get_booking(**staff(created["id"]))
    assert (booking["status"], booking["payments"][0]["late"]) == ("confirmed", True)


def test_late_money_that_lost_its_time_is_paid_back(system: Running) -> None:
    desk = system.call("booking")
    created = desk.request(**wish())
    started = desk.start_payment(**staff(created["id"]), kind="deposit", provider="sandbox")
    signed = desk.sandbox_decide(payment_id=started["payment_id"], outcome="late")
    quicker = desk.request(**wish(idempotency_key="key-2"))
    desk.take_notification(provider="sandbox", headers=signed["headers"], body=signed["body"])
    system.wait(lambda: payment_status(system, created["id"]) == "refunded")
    lost = desk.get_booking(**staff(created["id"]))
    assert (lost["status"], lost["balance_cents"]) == ("expired", 0)
    assert status(system, quicker["id"]) == "held"


def test_the_news_of_an_expiry_ends_the_booking(system: Running) -> None:
    created = system.call("booking").request(**wish())
    system.call("scheduling").expire_hold(booking_id=created["id"])
    system.wait(lambda: status(system, created["id"]) == "expired")


def test_a_cancelled_booking_is_paid_back_and_its_time_is_free(system: Running) -> None:
    desk = system.call("booking")
    created = desk.request(**wish())
    pay(system, created["id"])
    desk.cancel(**staff(created["id"]), reason="雨天")
    system.wait(lambda: payment_status(system, created["id"]) == "refunded")
    assert desk.request(**wish(idempotency_key="key-2"))["status"] == "held"


def test_a_deposit_above_the_price_is_refused(system: Running) -> None:
    with pytest.raises(Invalid) as refusal:
        system.call("booking").define_service(
            service_id=SERVICE, **deal(branch_ids=[BUND], price_cents=1)
        )
    assert refusal.value.details["errors"][0]["pointer"] == "/deposit/value"
