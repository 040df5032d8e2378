"""Everything that staff name by its id is found at its branch."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.dialects.postgresql import Range

from services.chassis.db import UnitOfWork
from services.contracts.scheduling.whereabouts import KINDS
from services.scheduling.models import (
    Allocation,
    Base,
    Branch,
    BusyFeed,
    CalendarLink,
    Closure,
    Hold,
    Leave,
    Quota,
    Requirement,
    Resource,
    WaitlistEntry,
)
from services.scheduling.usecases.whereabouts import locate, locate_all

HOME, ELSEWHERE, WHO, SERVICE, BOOKING = (UUID(int=n) for n in range(1, 6))
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)
HOUR = Range(NOON, NOON.replace(hour=5), bounds="[)")
TEXT = {"zh": "静安店", "en": ""}


def branch(id: UUID) -> Branch:
    return Branch(id=id, name=TEXT, address=TEXT, phone="", timezone="Asia/Shanghai")


@pytest.fixture
def uow(service_uow: Callable[[str], UnitOfWork]) -> UnitOfWork:
    made = service_uow("scheduling")
    add(
        made,
        branch(HOME),
        branch(ELSEWHERE),
        Requirement(
            service_id=SERVICE,
            slot_step_minutes=30,
            minimum_notice_minutes=0,
            horizon_days=92,
            duration_minutes=60,
        ),
    )
    who = Resource(
        id=WHO, branch_id=HOME, resource_type="photographer", name=TEXT, bookable_by_name=True
    )
    add(made, who)
    return made


def add(uow: UnitOfWork, *rows: Base) -> None:
    with uow.begin() as tx:
        tx.session.add_all(rows)


def place(uow: UnitOfWork, kind: str, id: UUID) -> tuple[Any, Any]:
    found = locate(uow=uow, kind=kind, id=id)
    assert found["found"]
    return found["branch_id"], found["resource_id"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_does_not_exist_is_nowhere(uow: UnitOfWork, kind: str) -> None:
    nowhere = {"found": False, "branch_id": None, "resource_id": None}
    assert locate(uow=uow, kind=kind, id=uuid4()) == nowhere


def test_several_things_are_found_at_once_in_the_order_of_the_question(uow: UnitOfWork) -> None:
    nobody = uuid4()
    found = locate_all(uow=uow, kind="resource", ids=[nobody, WHO, nobody])["items"]
    assert [(each["id"], each["found"], each["branch_id"]) for each in found] == [
        (nobody, False, None),
        (WHO, True, HOME),
    ]


def test_a_resource_and_what_is_its_own_are_at_its_home(uow: UnitOfWork) -> None:
    feed = BusyFeed(id=uuid4(), resource_id=WHO, url="https://calendar.test/1.ics", due_at=NOON)
    leave = Leave(
        id=uuid4(),
        resource_id=WHO,
        during=HOUR,
        reason="",
        state="pending",
        requested_by="",
        requested_at=NOON,
        note="",
    )
    block = Allocation(
        id=uuid4(),
        resource_id=WHO,
        resource_type="photographer",
        during=HOUR,
        serving=HOUR,
        state="blocked",
        reason="保养",
    )
    link = CalendarLink(id=uuid4(), resource_id=WHO, created_at=NOON)
    quota = Quota(
        id=uuid4(), per="resource", unit="count", period="day", maximum=3, resource_id=WHO
    )
    add(uow, feed, leave, block, link, quota)
    assert place(uow, "resource", WHO) == (HOME, WHO)
    assert place(uow, "busy_feed", feed.id) == (HOME, WHO)
    assert place(uow, "leave", leave.id) == (HOME, WHO)
    assert place(uow, "allocation", block.id) == (HOME, WHO)
    assert place(uow, "calendar_link", link.id) == (HOME, WHO)
    assert place(uow, "quota", quota.id) == (HOME, WHO)


def test_a_booking_is_at_its_own_branch_wherever_its_people_are_at_home(uow: UnitOfWork) -> None:
    hold = Hold(
        booking_id=BOOKING,
        service_id=SERVICE,
        branch_id=ELSEWHERE,
        start_at=NOON,
        end_at=HOUR.upper,
        state="confirmed",
        resource_ids=[],
    )
    add(uow, hold)
    booked = Allocation(
        id=uuid4(),
        booking_id=BOOKING,
        resource_id=WHO,
        resource_type="photographer",
        during=HOUR,
        serving=HOUR,
        state="confirmed",
    )
    add(uow, booked)
    assert place(uow, "allocation", booked.id) == (ELSEWHERE, WHO)


def test_what_belongs_to_a_branch_is_there_and_what_all_share_is_nowhere(uow: UnitOfWork) -> None:
    day = date(2026, 11, 25)
    days = Range(day, date(2026, 11, 26), bounds="[)")
    closure = Closure(id=uuid4(), branch_id=ELSEWHERE, days=days, reason="")
    link = CalendarLink(id=uuid4(), branch_id=ELSEWHERE, created_at=NOON)
    waiting = WaitlistEntry(
        id=uuid4(),
        service_id=SERVICE,
        branch_id=ELSEWHERE,
        days=days,
        contact={"name": "李娜", "phone": "13800138000"},
        joined_at=NOON,
    )
    own = Quota(
        id=uuid4(), per="branch", unit="count", period="day", maximum=3, branch_id=ELSEWHERE
    )
    shared = Quota(id=uuid4(), per="customer", unit="count", period="day", maximum=1)
    add(uow, closure, link, waiting, own, shared)
    assert place(uow, "closure", closure.id) == (ELSEWHERE, None)
    assert place(uow, "calendar_link", link.id) == (ELSEWHERE, None)
    assert place(uow, "waitlist_entry", waiting.id) == (ELSEWHERE, None)
    assert place(uow, "quota", own.id) == (ELSEWHERE, None)
    assert place(uow, "quota", shared.id) == (None, None)
