"""Calendars that other programs read, parsed with a library that did not write them."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
import vobject

from services.chassis.db import UnitOfWork
from services.contracts import scheduling as contract
from services.contracts.errors import Invalid
from services.contracts.scheduling import BranchUnknown, CalendarLinkUnknown, ResourceUnknown
from services.scheduling.domain.spans import Span
from services.scheduling.links import WAITLIST, Links
from services.scheduling.models import Allocation, Hold
from services.scheduling.queries.calendar_links import blocks_of, bookings_of
from services.scheduling.usecases import calendar_links
from tests.integration.scheduling.dragging import Desk
from tests.integration.scheduling.studio import NOW, Studio, role

LINKS = Links(secret="test-link-secret", public_url="https://studio.test")
LATER = NOW + timedelta(hours=1)


def wire(rpc: Any, answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer as its caller reads it."""
    loaded: dict[str, Any] = rpc.response.load(json.loads(json.dumps(rpc.encode(answer))))
    return loaded


def define(uow: UnitOfWork, **target: UUID | None) -> dict[str, Any]:
    whole = {"branch_id": None, "resource_id": None, **target}
    answer = calendar_links.define_calendar_link(uow=uow, links=LINKS, **whole)
    return wire(contract.DEFINE_CALENDAR_LINK, answer)


def revoke(uow: UnitOfWork, id: UUID) -> dict[str, Any]:
    return calendar_links.revoke_calendar_link(uow=uow, now=NOW, id=id)


def listed(uow: UnitOfWork, **target: UUID | None) -> list[UUID]:
    whole = {"branch_id": None, "resource_id": None, **target}
    answer = calendar_links.list_calendar_links(uow=uow, links=LINKS, **whole)
    return [link["id"] for link in wire(contract.LIST_CALENDAR_LINKS, answer)["items"]]


def read(uow: UnitOfWork, token: str, now: datetime = NOW) -> Any:
    answer = calendar_links.calendar_feed(uow=uow, now=now, links=LINKS, token=token)
    return vobject.readOne(wire(contract.CALENDAR_FEED, answer)["text"])


def events(calendar: Any) -> list[Any]:
    return sorted(getattr(calendar, "vevent_list", []), key=lambda event: event.dtstart.value)


@pytest.fixture
def by_person(studio: Studio) -> str:
    """The token of the photographer's calendar."""
    return define(studio.uow, resource_id=studio.resources["photographer-1"])["token"]


@pytest.fixture
def by_branch(studio: Studio) -> str:
    """The token of the branch's calendar."""
    return define(studio.uow, branch_id=studio.branch_id)["token"]


# --- links


def test_a_branch_and_a_resource_have_one_link_each(studio):
    person = {"resource_id": studio.resources["photographer-1"]}
    place = {"branch_id": studio.branch_id}
    first, again, other = (define(studio.uow, **target) for target in (person, person, place))
    assert first == again
    assert first["token"] != other["token"]
    assert listed(studio.uow) == [first["id"], other["id"]]
    assert listed(studio.uow, **person) == [first["id"]]
    assert listed(studio.uow, **place) == [other["id"]]


def test_a_link_that_was_revoked_is_worth_nothing_and_the_next_is_another(studio, by_person):
    link = define(studio.uow, resource_id=studio.resources["photographer-1"])
    assert revoke(studio.uow, link["id"]) == {"removed": True}
    assert listed(studio.uow) == []
    with pytest.raises(CalendarLinkUnknown):
        read(studio.uow, by_person)
    with pytest.raises(CalendarLinkUnknown):
        revoke(studio.uow, link["id"])
    new = define(studio.uow, resource_id=studio.resources["photographer-1"])
    assert new["token"] != by_person
    assert read(studio.uow, new["token"])


def test_a_forged_token_shows_nothing(studio):
    link = define(studio.uow, branch_id=studio.branch_id)
    stranger = Links(secret="guessed", public_url="").token("calendar", link["id"])
    for token in ("A" * 64, stranger, LINKS.token(WAITLIST, link["id"]), "é" * 64):
        with pytest.raises(CalendarLinkUnknown):
            read(studio.uow, token)


def test_a_genuine_token_of_nothing_shows_nothing(studio):
    with pytest.raises(CalendarLinkUnknown):
        read(studio.uow, LINKS.token("calendar", uuid4()))


def test_a_link_names_one_thing_that_exists(studio):
    both = {"branch_id": studio.branch_id, "resource_id": studio.resources["photographer-1"]}
    for target, error in (
        ({}, Invalid),
        (both, Invalid),
        ({"branch_id": uuid4()}, BranchUnknown),
        ({"resource_id": uuid4()}, ResourceUnknown),
    ):
        with pytest.raises(error):
            define(studio.uow, **target)
    assert listed(studio.uow) == []


# --- what is shown


def test_a_calendar_says_what_it_is(studio, by_person, by_branch):
    assert read(studio.uow, by_person).x_wr_calname.value == "影期 · photographer-1"
    calendar = read(studio.uow, by_branch)
    assert calendar.x_wr_calname.value == "影期 · 外滩店"
    assert calendar.contents["refresh-interval"][0].value == "PT15M"
    assert calendar.method.value == "PUBLISH"
    assert events(calendar) == []


def test_a_booking_is_shown_to_who_serves_it(studio, by_person):
    held = studio.hold("10:00")
    studio.confirm(held["booking_id"])
    (event,) = events(read(studio.uow, by_person))
    person = studio.resources["photographer-1"]
    assert event.uid.value == f"{held['booking_id']}.{person}@scheduling.yingqi"
    assert event.summary.value == "预约 (Booking)"
    assert event.status.value == "CONFIRMED"
    assert event.dtstart.value == studio.at("10:00")
    assert event.dtend.value == studio.at("11:00")
    assert event.dtstart.value.tzinfo is not None
    assert event.sequence.value == "0"
    assert event.dtstamp.value == NOW
    assert event.location.value == "外滩店"
    assert event.url.value == (f"https://studio.test/console/bookings?booking={held['booking_id']}")


def test_what_is_only_held_is_tentative_until_it_expires(studio, by_person):
    studio.hold("10:00")
    (event,) = events(read(studio.uow, by_person))
    assert (event.status.value, event.summary.value) == ("TENTATIVE", "预占 (Held)")
    assert events(read(studio.uow, by_person, now=LATER)) == []


def test_a_booking_that_moves_keeps_its_uid_and_its_sequence_rises(studio, by_person, by_branch):
    booking_id = studio.hold("10:00")["booking_id"]
    studio.confirm(booking_id)
    for token in (by_person, by_branch):
        (before,) = events(read(studio.uow, token))
        assert before.sequence.value == "0"
    uids = {token: events(read(studio.uow, token))[0].uid.value for token in (by_person, by_branch)}
    for sequence, clock in enumerate(("14:00", "16:00"), 1):
        studio.reschedule(booking_id, clock)
        for token in (by_person, by_branch):
            (after,) = events(read(studio.uow, token))
            assert after.uid.value == uids[token]
            assert int(after.sequence.value) == sequence
            assert after.dtstart.value == studio.at(clock)


def test_a_booking_that_is_cancelled_is_gone(studio, by_person, by_branch):
    booking_id = studio.hold("10:00")["booking_id"]
    studio.confirm(booking_id)
    studio.release(booking_id)
    assert events(read(studio.uow, by_person)) == events(read(studio.uow, by_branch)) == []


def test_a_branch_shows_each_booking_once_with_who_serves_it(make_studio):
    studio = make_studio(
        crew={"photographer": 1, "makeup_artist": 1, "studio_room": 1},
        roles=[
            role("makeup_artist", length_minutes=60),
            role("photographer", offset_minutes=60, length_minutes=120),
            role("studio_room", offset_minutes=60, length_minutes=120),
        ],
    )
    held = studio.hold("10:00")
    studio.confirm(held["booking_id"])
    token = define(studio.uow, branch_id=studio.branch_id)["token"]
    (event,) = events(read(studio.uow, token))
    assert event.uid.value == f"{held['booking_id']}@scheduling.yingqi"
    assert event.dtstart.value == studio.at("10:00")
    assert event.dtend.value == studio.at("13:00")
    assert event.summary.value == "预约：makeup_artist-1、photographer-1、studio_room-1 (Booking)"
    person = define(studio.uow, resource_id=studio.resources["photographer-1"])["token"]
    (own,) = events(read(studio.uow, person))
    assert own.dtstart.value == studio.at("11:00"), "when the photographer works"


def test_a_thing_of_which_a_booking_takes_two_shows_it_once(make_studio):
    studio = make_studio(
        crew={"garment": 1}, capacity={"garment": 2}, roles=[role("garment", quantity=2)]
    )
    studio.confirm(studio.hold("10:00")["booking_id"])
    assert studio.active_allocations() == 2
    things = define(studio.uow, resource_id=studio.resources["garment-1"])["token"]
    (event,) = events(read(studio.uow, things))
    assert event.dtstart.value == studio.at("10:00")


def test_a_time_that_is_still_to_be_agreed_says_so(studio, by_person):
    booking_id = studio.hold("10:00")["booking_id"]
    studio.confirm(booking_id)
    with studio.uow.begin() as tx:
        tx.session.execute(sa.update(Hold).values(day_part="morning"))
    (event,) = events(read(studio.uow, by_person))
    assert event.summary.value == "预约 · 时间待定 (Booking, time to be agreed)"


def test_the_sequence_of_a_block_rises_with_each_change(studio, by_person, by_branch):
    desk = Desk(studio)
    block = desk.block()
    for sequence, change in enumerate(
        [
            lambda: None,
            lambda: desk.move(block["id"], "15:00"),
            lambda: desk.resize(block["id"], "15:00", "17:00"),
            lambda: desk.move(block["id"], "10:00"),
        ]
    ):
        change()
        for token in (by_person, by_branch):
            (event,) = events(read(studio.uow, token))
            assert event.sequence.value == str(sequence)
    desk.move(block["id"], "10:00")
    (event,) = events(read(studio.uow, by_person))
    assert event.sequence.value == "3", "nothing has changed"


def test_blocks_are_shown_with_their_reason(studio, by_person, by_branch):
    studio.block("photographer-1", studio.at("10:00"), studio.at("12:00"))
    with studio.uow.begin() as tx:
        tx.session.execute(sa.update(Allocation).values(reason="设备保养"))
    (own,) = events(read(studio.uow, by_person))
    (at_branch,) = events(read(studio.uow, by_branch))
    assert own.summary.value == "停用：设备保养 (Blocked)"
    assert at_branch.summary.value == "停用：photographer-1 设备保养 (Blocked)"
    assert own.uid.value == at_branch.uid.value
    assert own.dtend.value == studio.at("12:00")


def test_a_calendar_shows_the_last_30_days_and_the_next_400(studio, by_person, by_branch):
    for days in (-40, -29, 0, 399, 401):
        start = NOW + timedelta(days=days)
        studio.block("photographer-1", start, start + timedelta(hours=1))
    for token in (by_person, by_branch):
        days = [(event.dtstart.value - NOW).days for event in events(read(studio.uow, token))]
        assert days == [-29, 0, 399]


def test_somebody_elses_bookings_are_not_shown(make_studio):
    mine, others = make_studio(), make_studio()
    for studio in (mine, others):
        studio.confirm(studio.hold("10:00")["booking_id"])
    for target in (
        {"branch_id": mine.branch_id},
        {"resource_id": mine.resources["photographer-1"]},
    ):
        assert len(events(read(mine.uow, define(mine.uow, **target)["token"]))) == 1


def test_a_persons_calendar_is_read_by_the_index(studio):
    within = Span(NOW - timedelta(days=30), NOW + timedelta(days=400))
    with studio.uow.read() as session:
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        plans: list[str] = []

        def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            cursor.execute("EXPLAIN " + statement, parameters)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))

        sa.event.listen(session.get_bind(), "before_cursor_execute", explain)
        bookings_of(session, studio.resources["photographer-1"], within, NOW)
        blocks_of(session, studio.resources["photographer-1"], within)
        sa.event.remove(session.get_bind(), "before_cursor_execute", explain)
    assert len(plans) == 2
    assert all("allocation_window_idx" in plan and "lower(" in plan for plan in plans)
