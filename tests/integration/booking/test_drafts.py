"""Drafts: what staff write down before it is a booking."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest

from services.booking.queries import drafts as stored
from services.booking.usecases import drafts
from services.chassis.db import UnitOfWork
from services.contracts.drafts import LIST_DRAFTS, SAVE_DRAFT, DraftChanged, DraftUnknown
from services.contracts.errors import Invalid
from tests.harness import Running
from tests.integration.booking.studio import BUND, HARBOUR, NOW, SERVICE, STAFF, START, Studio

DRAFT = UUID("00000000-0000-4000-8000-0000000000d1")


@pytest.fixture
def uow(studio: Studio) -> UnitOfWork:
    return studio.uow


def save(uow: UnitOfWork, minute: int = 0, **changes: Any) -> dict[str, Any]:
    draft: dict[str, Any] = {
        "draft_id": DRAFT,
        "branch_id": BUND,
        "branch_ids": None,
        "staff_id": STAFF,
        "wish": {"contact": {"name": "李娜"}},
        "note": "",
        "version": None,
    }
    now = NOW + timedelta(minutes=minute)
    return drafts.save_draft(uow=uow, now=now, **(draft | changes))


def page(uow: UnitOfWork, **question: Any) -> dict[str, Any]:
    return drafts.list_drafts(uow=uow, **LIST_DRAFTS.request.load(question))


def names(found: dict[str, Any]) -> list[str]:
    return [draft["wish"]["contact"]["name"] for draft in found["items"]]


def test_a_draft_keeps_whatever_is_known_and_nothing_more(uow: UnitOfWork) -> None:
    wish = {
        "service_id": SERVICE,
        "start": START,
        "contact": {"phone": "138"},
        "add_ons": [{"id": DRAFT, "quantity": 2}],
    }
    made = save(uow, wish=wish, note="周五回电")
    assert made == drafts.get_draft(uow=uow, draft_id=DRAFT, branch_ids=[BUND])
    assert (made["wish"], made["note"], made["version"]) == (wish, "周五回电", 1)
    assert (made["created_by"], made["created_at"]) == (STAFF, NOW)
    assert save(uow, draft_id=uuid4(), wish={})["wish"] == {}


def test_a_draft_is_told_nobody_and_makes_no_booking(studio: Studio, uow: UnitOfWork) -> None:
    told = studio.told()
    save(uow, wish={"service_id": SERVICE, "start": START})
    assert studio.told() == told
    assert studio.scheduling.holds == {}
    assert studio.page()["items"] == []


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"start": "tomorrow"}, "start"),
        ({"contact": {"name": "李" * 81}}, "contact"),
        ({"add_ons": [{"id": str(DRAFT), "quantity": 0}]}, "add_ons"),
        ({"channel": "pigeon"}, "channel"),
    ],
)
def test_what_is_written_down_must_still_make_sense(wish: dict[str, Any], pointer: str) -> None:
    draft = {"draft_id": str(DRAFT), "branch_id": str(BUND), "staff_id": str(STAFF), "wish": wish}
    assert list(SAVE_DRAFT.request.validate(draft)["wish"]) == [pointer]


def test_no_private_link_gets_into_a_draft() -> None:
    wish = {"waitlist_token": "w" * 20, "session_token": "s" * 20, "note": "窗边"}
    draft = {"draft_id": str(DRAFT), "branch_id": str(BUND), "staff_id": str(STAFF), "wish": wish}
    assert SAVE_DRAFT.request.load(draft)["wish"] == {"note": "窗边"}


def test_the_same_draft_saved_again_changes_nothing(uow: UnitOfWork) -> None:
    made = save(uow)
    assert save(uow, 5) == made
    assert save(uow, 5, version=1) == made
    changed = save(uow, 5, version=1, note="要外景")
    assert (changed["version"], changed["updated_at"]) == (2, NOW + timedelta(minutes=5))
    assert save(uow, 9, version=1, note="要外景") == changed, "sent again"


@pytest.mark.parametrize("version", [1, None])
def test_what_somebody_else_has_changed_is_not_overwritten(
    uow: UnitOfWork, version: int | None
) -> None:
    save(uow)
    save(uow, version=1, note="要外景")
    with pytest.raises(DraftChanged) as refused:
        save(uow, version=version, note="要棚拍")
    assert refused.value.details == {"version": 2}


def test_of_two_who_change_a_draft_at_once_one_is_told(uow: UnitOfWork) -> None:
    save(uow)

    def change(note: str) -> Any:
        try:
            return save(uow, version=1, note=note)["version"]
        except DraftChanged as error:
            return error.details["version"]

    pool = eventlet.GreenPool()
    threads = [pool.spawn(change, f"第 {n} 人") for n in range(4)]
    assert [thread.wait() for thread in threads] == [2] * 4
    assert drafts.get_draft(uow=uow, draft_id=DRAFT, branch_ids=None)["version"] == 2


def test_a_draft_is_seen_by_the_staff_of_its_branch(uow: UnitOfWork) -> None:
    save(uow)
    with pytest.raises(DraftUnknown):
        drafts.get_draft(uow=uow, draft_id=DRAFT, branch_ids=[HARBOUR])
    with pytest.raises(DraftUnknown):
        save(uow, branch_id=HARBOUR, branch_ids=[HARBOUR], version=1)
    with pytest.raises(DraftUnknown):
        save(uow, branch_id=HARBOUR, branch_ids=[HARBOUR])
    gone = drafts.remove_draft(uow=uow, draft_id=DRAFT, branch_ids=[HARBOUR])
    assert (gone, names(page(uow))) == ({"removed": False}, ["李娜"])
    moved = save(uow, branch_id=HARBOUR, branch_ids=[BUND, HARBOUR], version=1)
    assert moved["branch_id"] == HARBOUR


def test_drafts_are_found_by_name_phone_and_branch(uow: UnitOfWork) -> None:
    for name, phone, branch_id in (
        ("李娜", "138 0013 8000", BUND),
        ("王芳", "13900139000", BUND),
        ("李雷", "", HARBOUR),
    ):
        contact = {"name": name, "phone": phone}
        save(uow, draft_id=uuid4(), branch_id=branch_id, wish={"contact": contact})
    assert set(names(page(uow, q="李"))) == {"李娜", "李雷"}
    assert names(page(uow, q="8001380")) == ["李娜"]
    assert names(page(uow, q="%")) == []
    assert names(page(uow, branch_id=str(HARBOUR))) == ["李雷"]
    assert set(names(page(uow, branch_ids=[str(BUND)]))) == {"李娜", "王芳"}
    assert page(uow, branch_ids=[])["items"] == []


def test_pages_go_from_the_newest_to_the_oldest(uow: UnitOfWork) -> None:
    for minute in range(5):
        wish = {"contact": {"name": f"{minute} 号"}}
        save(uow, minute, draft_id=uuid4(), wish=wish)
    found, cursor = [], None
    while True:
        one = page(uow, limit=2, cursor=cursor)
        found += names(one)
        if (cursor := one["next_cursor"]) is None:
            break
    assert found == ["4 号", "3 号", "2 号", "1 号", "0 号"]
    with pytest.raises(Invalid):
        page(uow, cursor="nonsense")


def test_a_draft_that_became_a_booking_is_gone_with_its_transaction(uow: UnitOfWork) -> None:
    save(uow)
    with pytest.raises(ZeroDivisionError), uow.begin() as tx:
        assert stored.remove_draft(tx.session, DRAFT, None)
        raise ZeroDivisionError
    assert names(page(uow)) == ["李娜"]
    with uow.begin() as tx:
        assert stored.remove_draft(tx.session, DRAFT, None)
        assert not stored.remove_draft(tx.session, DRAFT, None)
    with pytest.raises(DraftUnknown):
        save(uow, version=1)


def test_drafts_go_over_the_wire(running: Any) -> None:
    system: Running = running("booking")
    booking = system.call("booking")
    whose = {"draft_id": str(DRAFT), "branch_ids": [str(BUND)]}
    wish = {"start": START.isoformat(), "contact": {"name": " 李娜 "}}
    made = booking.save_draft(**whose, branch_id=str(BUND), staff_id=str(STAFF), wish=wish)
    assert made["wish"]["contact"] == {"name": "李娜"}
    assert booking.get_draft(**whose) == made
    assert booking.list_drafts(q="李娜")["items"] == [made]
    assert booking.remove_draft(**whose) == {"removed": True}
    assert booking.list_drafts()["items"] == []
