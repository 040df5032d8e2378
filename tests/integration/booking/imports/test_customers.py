"""A file of customers becomes customers of crm, once whatever breaks, and goes again."""

import threading
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from services.booking.models import PRUNED, ImportRow
from services.booking.usecases.imports import reading, working
from services.chassis import pruning
from services.contracts.errors import Invalid
from services.contracts.imports import GET_IMPORT, LIST_IMPORT_FIELDS, LIST_IMPORT_ROWS
from services.crm.usecases import accounts, following
from tests.integration.booking.imports.crm import GOLD, SILVER, DirectCrm
from tests.integration.booking.imports.desk import Desk, order
from tests.integration.booking.studio import BUND, HARBOUR, NOW, Studio
from tests.integration.crm.facts import booking_fact, deliver

COLUMNS = ["客户姓名", "手机号", "门店", "注册日期", "会员等级", "储值余额", "积分"]


def customer(number: int = 1, **changes: str) -> list[str]:
    """The cells of a row that nothing is wrong with."""
    cells = {
        "name": "王小明",
        "phone": f"138 0013 {number:04}",
        "branch": "外滩店",
        "since": "2023-05-20",
        "level": "金卡",
        "stored_value": "500",
        "points": "120",
    }
    return list((cells | changes).values())


def phone(number: int = 1) -> str:
    return f"+861380013{number:04}"


@pytest.fixture
def crm(service_uow) -> DirectCrm:
    return DirectCrm(service_uow("crm"), NOW)


@pytest.fixture
def desk(studio: Studio, crm: DirectCrm) -> Desk:
    return Desk(studio, crm)


FILE = {"columns": COLUMNS, "kind": "customers"}


def outcomes(desk: Desk, import_id: UUID) -> list[tuple[str, bool]]:
    return [(row["state"], row["known"]) for row in desk.rows(import_id)["items"]]


def test_a_row_becomes_a_customer_with_what_they_had(desk: Desk, crm: DirectCrm) -> None:
    import_id = desk.imported(customer(1), customer(2, level="", branch="海港店"), **FILE)
    first, second = crm.customers()[phone(1)], crm.customers()[phone(2)]
    assert (first.name, first.level_id, second.level_id) == ("王小明", GOLD, None)
    assert (first.stored_value_cents, first.points) == (50_000, 120)
    # Noon where the branch is.
    assert (first.created_at.hour, second.created_at.hour) == (4, 16)
    found = GET_IMPORT.response.load(GET_IMPORT.response.dump(desk.get(import_id)))
    assert {name: found[name] for name in ("kind", "state", "good", "known", "done")} == {
        "kind": "customers", "state": "done", "good": 2, "known": 0, "done": 2,
    }  # fmt: skip
    assert (found["total_cents"], found["points"], found["paid_cents"]) == (100_000, 240, 0)
    rows = desk.rows(import_id)
    assert {row["customer_id"] for row in rows["items"]} == {first.id, second.id}
    LIST_IMPORT_ROWS.response.load(LIST_IMPORT_ROWS.response.dump(rows))


def test_no_customer_hears_of_it(desk: Desk) -> None:
    desk.imported(customer(), **FILE)
    assert desk.facts() == []


def test_the_preview_tells_who_is_new_who_is_here_and_who_is_wrong(
    desk: Desk, crm: DirectCrm
) -> None:
    desk.imported(customer(1), customer(2, stored_value="", points=""), **FILE)
    before = crm.customers()
    import_id = desk.checked(
        customer(1, stored_value="", points=""),
        customer(1, points=""),
        customer(2, points="7"),
        customer(3),
        customer(3, name="又来"),
        customer(4, phone="12", since="明年", points="-5", level="白金"),
        **FILE,
    )
    assert outcomes(desk, import_id) == [
        ("good", True), ("bad", False), ("good", True), ("good", False), ("bad", False),
        ("bad", False),
    ]  # fmt: skip
    assert desk.errors(import_id) == [
        (3, "stored_value", "import.has_balance"),
        (6, "phone", "import.repeated"),
        (7, "phone", "import.phone_invalid"),
        (7, "level", "import.value_unknown"),
        (7, "since", "import.date_unreadable"),
        (7, "points", "import.number_unreadable"),
    ]
    found = desk.get(import_id)
    assert (found["good"], found["known"], found["bad"]) == (3, 2, 3)
    assert {id: each.version for id, each in crm.customers().items()} == {
        id: each.version for id, each in before.items()
    }


def test_a_phone_is_found_twice_in_a_file_however_it_is_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "CHECKED_AT_ONCE", 1)
    import_id = desk.checked(
        customer(1),
        customer(2),
        customer(phone="+86 138-0013-0001"),
        customer(phone="+14155552671"),
        **FILE,
    )
    assert desk.errors(import_id) == [(4, "phone", "import.repeated")]


def test_what_a_file_does_not_say_is_left_alone(desk: Desk, crm: DirectCrm) -> None:
    import_id = desk.receive(["李娜", "13900139000"], columns=COLUMNS[:2], kind="customers")
    desk.map(import_id, defaults={"branch": str(HARBOUR), "level": str(SILVER)})
    desk.work()
    desk.run(import_id)
    desk.work()
    [made] = crm.customers().values()
    assert (made.created_at, made.level_id, made.points) == (NOW, SILVER, 0)


def test_a_mapping_of_customers_knows_their_fields_alone(desk: Desk) -> None:
    import_id = desk.receive(["1", "2"], columns=["姓名", "手机"], kind="customers")
    assert desk.get(import_id)["mapping"]["columns"] == {"name": 0, "phone": 1}
    with pytest.raises(Invalid) as refused:
        desk.map(import_id, columns={"name": 0, "start": 1}, defaults={"level": str(uuid4())})
    pointers = {each["pointer"] for each in refused.value.details["errors"]}
    assert pointers == {
        "/columns/phone", "/columns/start", "/defaults/level",
    }  # fmt: skip


def test_levels_are_mapped_by_staff(desk: Desk, crm: DirectCrm) -> None:
    import_id = desk.receive(customer(level="VIP"), **FILE)
    told = desk.values(import_id, "level", 4)
    assert {choice["id"] for choice in told["choices"]} == {str(GOLD), str(SILVER)}
    assert [(each["text"], each["meaning"]) for each in told["items"]] == [("VIP", None)]
    desk.map(import_id, values={"level": {"VIP": str(SILVER)}}, defaults={})
    desk.work()
    assert desk.get(import_id)["good"] == 1


def test_each_kind_has_its_fields(desk: Desk) -> None:
    for kind, required in (
        ("orders", ["name", "phone", "start"]),
        ("customers", ["name", "phone"]),
    ):
        told = reading.list_fields(kinds=desk.kinds, kind=kind)
        LIST_IMPORT_FIELDS.response.load(LIST_IMPORT_FIELDS.response.dump(told))
        assert [each["name"] for each in told["items"] if each["required"]] == required


# --- what breaks


@pytest.mark.parametrize("verb", ["run", "undo"])
def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_is_done_twice(
    desk: Desk, crm: DirectCrm, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(working, "RUN_AT_ONCE", 2)
    import_id = desk.checked(*(customer(n) for n in range(5)), **FILE)
    desk.run(import_id)
    if verb == "undo":
        desk.work()
        desk.undo(import_id)
    assert desk.piece()
    crm.lost = 1
    assert not desk.piece()
    desk.work()
    found = desk.get(import_id)
    assert (found["state"], found["done"], found["undone"]) == (
        ("done", 5, 0) if verb == "run" else ("undone", 5, 5)
    )
    assert sum(each.points for each in crm.customers().values()) == (600 if verb == "run" else 0)
    assert len(crm.customers()) == (5 if verb == "run" else 0)


def test_a_process_that_dies_after_crm_was_asked_loses_nothing(
    desk: Desk, crm: DirectCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = desk.checked(*(customer(n) for n in range(3)), **FILE)
    desk.run(import_id)
    with monkeypatch.context() as broken:
        broken.setattr(working, "_do", lambda *told: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            desk.piece()
    assert (len(crm.customers()), desk.get(import_id)["done"]) == (3, 0)
    desk.work()
    assert desk.get(import_id)["done"] == 3
    assert {each.points for each in crm.customers().values()} == {120}


def test_what_is_with_crm_while_the_import_is_undone_is_taken_back_too(
    desk: Desk, crm: DirectCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "RUN_AT_ONCE", 2)
    import_id = desk.checked(*(customer(n) for n in range(5)), **FILE)
    desk.run(import_id)

    def undo() -> None:
        crm.meanwhile = lambda: None
        desk.undo(import_id)

    crm.meanwhile = undo
    desk.work()
    found = desk.get(import_id)
    assert (found["state"], found["done"], found["undone"], found["kept"]) == ("undone", 2, 2, 0)
    assert crm.customers() == {}


def test_an_answer_to_another_mapping_is_not_used(desk: Desk, crm: DirectCrm) -> None:
    desk.imported(customer(1), **FILE)
    import_id = desk.receive(customer(1, points=""), **FILE)
    desk.map(import_id)

    def remap() -> None:
        crm.meanwhile = lambda: None
        columns = desk.get(import_id)["mapping"]["columns"]
        columns.pop("stored_value")
        desk.map(import_id, columns=columns)

    crm.meanwhile = remap
    desk.work()
    found = desk.get(import_id)
    assert (found["state"], found["good"], found["bad"], found["known"]) == ("checked", 1, 0, 1)


def test_a_balance_that_moved_after_the_preview_is_told_at_its_row(
    desk: Desk, crm: DirectCrm
) -> None:
    first, second = (
        desk.checked(customer(1), **FILE),
        desk.checked(customer(1), customer(2), **FILE),
    )
    for import_id in (first, second):
        desk.run(import_id)
        desk.work()
    assert desk.errors(second) == [
        (2, "points", "import.has_balance"),
        (2, "stored_value", "import.has_balance"),
    ]
    found = desk.get(second)
    assert (found["good"], found["bad"], found["done"]) == (1, 1, 1)
    assert (found["total_cents"], found["points"]) == (50_000, 120)
    assert crm.customers()[phone(1)].points == 120


def test_many_workers_bring_each_customer_once(
    desk: Desk, crm: DirectCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "RUN_AT_ONCE", 3)
    import_id = desk.checked(*(customer(n) for n in range(20)), **FILE)
    for command, state in ((desk.run, "done"), (desk.undo, "undone")):
        command(import_id)
        while desk.get(import_id)["state"] != state:
            workers = [threading.Thread(target=desk.work) for _ in range(5)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        assert desk.get(import_id)["done"] == 20
        assert len(crm.customers()) == (20 if state == "done" else 0)


# --- taking back


def test_who_has_booked_or_spent_since_is_kept(desk: Desk, crm: DirectCrm) -> None:
    import_id = desk.imported(*(customer(n) for n in range(1, 5)), **FILE)
    booked = booking_fact("booking.requested", uuid4(), phone=phone(1))
    deliver(crm.uow, following.follow_booking, booked)
    spent = {"payment_id": uuid4(), "booking_id": uuid4(), "account": "points", "cents": 20}
    accounts.spend(uow=crm.uow, now=NOW, point_cents=1, phone=phone(2), **spent)
    desk.undo(import_id)
    desk.work()
    found = desk.get(import_id)
    assert (found["state"], found["undone"], found["kept"]) == ("undone", 2, 2)
    assert {each: kept.points for each, kept in crm.customers().items()} == {
        phone(1): 120, phone(2): 100,
    }  # fmt: skip
    states = Counter(row["state"] for row in desk.rows(import_id)["items"])
    assert states == {"kept": 2, "undone": 2}


def test_a_mended_file_comes_in_after_the_wrong_one_was_undone(desk: Desk, crm: DirectCrm) -> None:
    desk.undo(desk.imported(customer(1, points="1200"), **FILE))
    desk.work()
    again = desk.imported(customer(1), **FILE)
    assert (desk.get(again)["known"], desk.get(again)["done"]) == (0, 1)
    assert crm.customers()[phone(1)].points == 120


def test_orders_and_customers_stand_side_by_side(desk: Desk) -> None:
    orders, customers = desk.checked(order()), desk.checked(customer(), **FILE)
    for import_id in (orders, customers):
        desk.run(import_id)
    desk.work()
    for import_id in (orders, customers):
        assert desk.get(import_id)["state"] == "done"
    [booking] = desk.bookings()
    assert booking.branch_id == BUND


# --- many, and long ago


def test_five_thousand_customers_take_a_bounded_number_of_questions(
    desk: Desk, crm: DirectCrm
) -> None:
    import_id = desk.receive(**FILE, last=False)
    for at in range(0, 5_000, 500):
        rows = [customer(phone=f"139{n:08}") for n in range(at, at + 500)]
        lines = [{"line": at + n + 2, "cells": cells} for n, cells in enumerate(rows)]
        desk.add_lines(import_id, lines, last=at == 4_500)
    desk.map(import_id)
    asked: list[str] = []
    sa.event.listen(
        desk.uow.engine, "before_cursor_execute", lambda *told: asked.append(told[2][:40])
    )
    for verb, at_once in ((lambda _: None, 200), (desk.run, 50), (desk.undo, 50)):
        verb(import_id)
        crm.called.clear()
        asked.clear()
        pieces = desk.work()
        assert pieces == 5_000 // at_once + 1
        assert len(crm.called) == 5_000 // at_once
        assert len(asked) <= 12 * (pieces + 1)
    assert desk.get(import_id)["undone"] == 5_000
    assert crm.customers() == {}


def test_rows_that_came_to_nothing_are_forgotten_and_the_others_stay(desk: Desk) -> None:
    first = desk.imported(customer(1), customer(2, phone="1"), **FILE)
    second = desk.imported(order(1), order(2, phone="1"))
    third = desk.checked(customer(3, phone="1"), **FILE)

    def left() -> dict[UUID, list[str]]:
        return {
            each: [row["state"] for row in desk.rows(each)["items"]]
            for each in (first, second, third)
        }

    def prune() -> None:
        pruning.prune(lambda: desk.uow, PRUNED)

    prune()
    assert left() == {first: ["done", "bad"], second: ["done", "bad"], third: ["bad"]}
    with desk.uow.begin() as tx:
        then = ImportRow.ended_at - timedelta(days=181)
        tx.session.execute(sa.update(ImportRow).values(ended_at=then))
    prune()
    assert left() == {first: ["done"], second: ["done"], third: ["bad"]}
    # What is here is not imported again, and can still be taken back.
    assert desk.errors(desk.checked(order(1))) == [(2, "reference", "import.exists")]
    for import_id in (first, second):
        desk.undo(import_id)
    desk.work()
    assert [desk.get(each)["undone"] for each in (first, second)] == [1, 1]
