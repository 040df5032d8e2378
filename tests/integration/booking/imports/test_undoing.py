"""An import is taken back as a whole, while nothing has happened to its orders."""

import threading

import pytest

from services.booking.usecases import cash
from services.booking.usecases.imports import working
from services.contracts.imports import ImportRefused, ImportTouched
from tests.integration.booking.imports.desk import Desk, order
from tests.integration.booking.studio import BUND


def charge(desk: Desk) -> None:
    """Add a fee to the first order."""
    cash.charge(
        **desk.studio.reaching,
        booking_id=desk.bookings()[0].id,
        access=desk.studio.staff(),
        kind="fee",
        label={"zh": "加急费", "en": "Rush"},
        quantity=1,
        unit_cents=10_000,
        idempotency_key="key",
    )


def test_orders_are_cancelled_and_their_money_is_gone(desk: Desk) -> None:
    import_id = desk.imported(order(1), order(2, status="已取消", paid="500"), order(3, paid="0"))
    desk.undo(import_id)
    desk.work()
    found = desk.get(import_id)
    assert (found["state"], found["done"], found["undone"], found["kept"]) == ("undone", 3, 3, 0)
    for booking in desk.bookings():
        seen = desk.studio.get(booking.id)
        assert (seen["status"], seen["balance_cents"], seen["paid_cents"]) == ("cancelled", 0, 0)
        assert "撤销" in seen["reason"]
        assert sum(cents for _, cents in desk.ledger(booking.order_id)) == 0


def test_money_that_was_taken_elsewhere_is_never_the_desks(desk: Desk) -> None:
    import_id = desk.imported(order(method="现金"))
    [payment] = desk.payments()
    assert payment.paid_at is not None
    asked = {"uow": desk.uow, "branch_id": BUND, "day": payment.paid_at.date()}
    before = cash.cash_day(**asked)
    assert before["totals"] == before["open"][0]["totals"] == []
    desk.undo(import_id)
    desk.work()
    assert cash.cash_day(**asked) == before


def test_those_who_keep_records_hear_that_it_never_was(desk: Desk) -> None:
    import_id = desk.imported(order(1), order(2, paid="0"))
    before = len(desk.facts())
    desk.undo(import_id)
    desk.work()
    told = desk.facts()[before:]
    assert [name for name, _ in told] == [
        "payment.retracted",
        "booking.retracted",
        "booking.retracted",
    ]
    (_, payment), (_, booking), _ = told
    assert payment["amount_cents"] == 399_900
    assert payment["occurred_at"] == booking["start"]
    assert (booking["status"], booking["paid_cents"], booking["version"]) == ("cancelled", 0, 3)


def test_its_numbers_are_free_again(desk: Desk) -> None:
    desk.undo(desk.imported(order(1)))
    desk.work()
    again = desk.imported(order(1))
    assert desk.get(again)["done"] == 1
    desk.undo(again)
    desk.work()
    assert [booking.status for booking in desk.bookings()] == ["cancelled", "cancelled"]


def test_what_has_changed_since_is_not_taken_back(desk: Desk) -> None:
    import_id = desk.imported(order(1, paid="0"), order(2))
    charge(desk)
    with pytest.raises(ImportTouched) as refused:
        desk.undo(import_id)
    assert refused.value.details["count"] == 1
    assert desk.get(import_id)["state"] == "done"


def test_an_order_that_changes_meanwhile_is_kept(desk: Desk) -> None:
    import_id = desk.imported(order(1, paid="0"), order(2))
    desk.undo(import_id)
    charge(desk)
    desk.work()
    found = desk.get(import_id)
    assert (found["state"], found["undone"], found["kept"]) == ("undone", 1, 1)
    assert desk.bookings()[0].status == "completed"
    # What is here is not imported again.
    again = desk.checked(order(1), order(2))
    assert desk.errors(again) == [(2, "reference", "import.exists")]


def test_undoing_twice_is_undoing_once(desk: Desk) -> None:
    import_id = desk.imported(order())
    desk.undo(import_id)
    desk.undo(import_id)
    desk.work()
    assert desk.undo(import_id)["state"] == "undone"
    assert desk.work() == 0
    assert len(desk.refunds()) == 1


def test_an_import_that_still_runs_is_stopped_by_undoing_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "RUN_AT_ONCE", 2)
    import_id = desk.checked(*(order(n) for n in range(5)))
    desk.run(import_id)
    desk.piece()
    desk.undo(import_id)
    desk.work()
    found = desk.get(import_id)
    assert (found["state"], found["done"], found["undone"]) == ("undone", 2, 2)
    assert len(desk.bookings()) == 2


def test_what_never_ran_cannot_be_undone(desk: Desk) -> None:
    with pytest.raises(ImportRefused):
        desk.undo(desk.checked(order()))


def test_many_workers_make_each_order_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "RUN_AT_ONCE", 3)
    import_id = desk.checked(*(order(n) for n in range(24)))
    for command, state in ((desk.run, "done"), (desk.undo, "undone")):
        command(import_id)
        while desk.get(import_id)["state"] != state:
            workers = [threading.Thread(target=desk.work) for _ in range(6)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        assert len(desk.bookings()) == 24
    assert desk.get(import_id)["undone"] == len(desk.refunds()) == 24
