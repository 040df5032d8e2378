"""A file of another system's orders becomes orders here, and no customer hears of it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.booking.queries import imports
from services.booking.usecases.imports import working
from services.contracts.errors import Invalid
from services.contracts.imports import (
    GET_IMPORT,
    LIST_IMPORT_ROWS,
    ImportEmpty,
    ImportRefused,
    ImportUnknown,
)
from tests.integration.booking.imports.desk import COLUMNS, Desk, order
from tests.integration.booking.studio import BUND, FREE_SERVICE, HARBOUR, NOW, SERVICE


def test_a_row_becomes_an_order_with_its_booking_and_its_money(desk: Desk) -> None:
    desk.imported(order())
    [booking] = desk.bookings()
    assert (booking.status, booking.channel, booking.service_id) == ("completed", "import", SERVICE)
    assert booking.starts_at == datetime(2025, 3, 1, 6, tzinfo=UTC)
    assert booking.ends_at - booking.starts_at == timedelta(hours=3)
    assert (booking.contact_name, booking.contact_phone) == ("王小明", "+8613800130001")
    assert booking.number.startswith("YQ2503-")
    assert booking.branch_name["zh"] == "外滩店"
    assert desk.ledger(booking.order_id) == [("charge", 399_900), ("payment", -399_900)]
    [payment] = desk.payments()
    assert (payment.provider, payment.method, payment.state) == ("offline", "wechat", "succeeded")
    assert payment.paid_at == booking.starts_at
    seen = desk.studio.get(booking.id)
    assert (seen["payment_status"], seen["balance_cents"]) == ("paid", 0)
    assert [line["unit_cents"] for line in seen["lines"]] == [399_900]


def test_only_those_who_keep_records_hear_of_it(desk: Desk) -> None:
    desk.imported(order())
    (booked, told), (paid, payment) = desk.facts()
    assert (booked, paid) == ("booking.imported", "payment.imported")
    assert (told["status"], told["total_cents"], told["paid_cents"]) == (
        "completed",
        399_900,
        399_900,
    )
    assert told["ended_at"] == told["end"]
    assert (payment["amount_cents"], payment["occurred_at"]) == (399_900, told["start"])


def test_a_booking_is_found_by_the_number_it_had_elsewhere(desk: Desk) -> None:
    desk.imported(order(7), order(8))
    [found] = desk.studio.page(q="a-7")["items"]
    assert found["contact"]["phone"] == "+8613800130007"


@pytest.mark.parametrize(
    ("status", "expected", "entries"),
    [
        (
            "已取消",
            "cancelled",
            [("charge", 399_900), ("payment", -50_000), ("adjustment", -349_900)],
        ),
        ("爽约", "no_show", [("charge", 399_900), ("payment", -50_000)]),
        ("已完成", "completed", [("charge", 399_900), ("payment", -50_000)]),
    ],
)
def test_what_came_of_it_says_what_is_owed(
    desk: Desk, status: str, expected: str, entries: list[tuple[str, int]]
) -> None:
    desk.imported(order(status=status, paid="500"))
    [booking] = desk.bookings()
    assert booking.status == expected
    assert desk.ledger(booking.order_id) == entries
    owed = sum(cents for _, cents in entries)
    assert desk.studio.get(booking.id)["balance_cents"] == owed


def test_columns_are_guessed_and_shown_with_the_first_rows(desk: Desk) -> None:
    import_id = desk.receive(*(order(n) for n in range(7)))
    found = GET_IMPORT.response.load(GET_IMPORT.response.dump(desk.get(import_id)))
    assert (found["state"], found["rows"], len(found["sample"])) == ("received", 7, 5)
    assert found["mapping"]["columns"] == {
        "reference": 0, "name": 1, "phone": 2, "service": 3, "start": 4,
        "total": 5, "paid": 6, "status": 7, "method": 8,
    }  # fmt: skip


def test_words_of_the_file_are_matched_or_mapped_by_staff(desk: Desk) -> None:
    rows = [order(1, service="老套餐A"), order(2, service="老套餐A"), order(3)]
    import_id = desk.receive(*rows)
    told = desk.values(import_id, "service", 3)
    assert {choice["id"] for choice in told["choices"]} == {str(SERVICE), str(FREE_SERVICE)}
    counted = [(each["text"], each["count"], each["meaning"]) for each in told["items"]]
    assert counted == [("老套餐A", 2, None), ("复古婚纱套系", 1, str(SERVICE))]
    desk.map(import_id)
    desk.work()
    assert desk.errors(import_id) == [
        (2, "service", "import.value_unknown"),
        (3, "service", "import.value_unknown"),
    ]
    desk.map(import_id, values={"service": {"老套餐A": str(FREE_SERVICE)}})
    desk.work()
    assert (desk.get(import_id)["good"], desk.get(import_id)["bad"]) == (3, 0)
    desk.run(import_id)
    desk.work()
    assert Counter(b.service_id for b in desk.bookings()) == {FREE_SERVICE: 2, SERVICE: 1}


def test_a_branch_has_its_own_clock(desk: Desk) -> None:
    columns = [*COLUMNS, "门店"]
    desk.imported([*order(1), "海港店"], [*order(2), "外滩店"], columns=columns)
    starts = {booking.branch_id: booking.starts_at for booking in desk.bookings()}
    assert starts == {
        HARBOUR: datetime(2025, 3, 1, 19, tzinfo=UTC),
        BUND: datetime(2025, 3, 1, 6, tzinfo=UTC),
    }


def test_everything_that_is_wrong_with_a_row_is_told_at_once(desk: Desk) -> None:
    broken = order(1, name="", phone="12", start="3/4/2025", total="viel", status="?")
    import_id = desk.checked(broken, order(2))
    [row] = desk.rows(import_id, state="bad")["items"]
    told = {error["field"]: (error["code"], error["column"]) for error in row["errors"]}
    assert told == {
        "name": ("import.missing", 1),
        "phone": ("import.phone_invalid", 2),
        "start": ("import.date_unreadable", 4),
        "total": ("import.money_unreadable", 5),
        "status": ("import.value_unknown", 7),
    }
    LIST_IMPORT_ROWS.response.load(LIST_IMPORT_ROWS.response.dump(desk.rows(import_id)))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"start": "2026-11-02 10:01"}, "start", "import.in_future"),
        ({"paid": "4000"}, "paid", "import.paid_exceeds_total"),
        ({"name": "长" * 81}, "name", "import.too_long"),
        ({"service": ""}, None, None),
        ({"status": ""}, None, None),
    ],
)
def test_what_a_row_may_not_say(
    desk: Desk, changes: dict[str, str], field: str | None, code: str | None
) -> None:
    assert desk.studio.now == NOW  # 10:00 in Shanghai
    import_id = desk.checked(order(**changes))
    assert desk.errors(import_id) == ([] if field is None else [(2, field, code)])


def test_sums_and_counts_are_those_of_the_good_rows(desk: Desk) -> None:
    rows = [order(1), order(2, total="100", paid="50"), order(3, phone="1")]
    found = desk.get(desk.checked(*rows))
    assert (found["state"], found["rows"], found["good"], found["bad"]) == ("checked", 3, 2, 1)
    assert (found["total_cents"], found["paid_cents"]) == (409_900, 404_900)
    assert found["currency"] == "CNY"


def test_an_order_that_stands_in_the_file_twice_is_imported_once(desk: Desk) -> None:
    import_id = desk.checked(order(1), order(1, name="别人"), order(2))
    assert desk.errors(import_id) == [(3, "reference", "import.repeated")]


def test_repetitions_are_found_across_pieces(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "CHECKED_AT_ONCE", 2)
    import_id = desk.checked(order(1), order(2), order(3), order(1))
    assert desk.errors(import_id) == [(5, "reference", "import.repeated")]


def test_without_numbers_an_order_is_who_came_when_for_what(desk: Desk) -> None:
    same = [order(1, reference=""), order(1, reference="", name="小明")]
    import_id = desk.checked(*same, order(1, reference="", start="2025-03-02 14:00"))
    assert desk.errors(import_id) == [(3, "start", "import.repeated")]


def test_what_was_imported_before_is_not_imported_again(desk: Desk) -> None:
    desk.imported(order(1), order(2))
    again = desk.checked(order(2), order(3))
    assert desk.errors(again) == [(2, "reference", "import.exists")]
    desk.run(again)
    desk.work()
    assert len(desk.bookings()) == 3


def test_two_files_with_one_order_that_were_checked_together_make_it_once(desk: Desk) -> None:
    first, second = desk.checked(order(1)), desk.checked(order(1), order(2))
    desk.run(first)
    desk.work()
    desk.run(second)
    desk.work()
    assert desk.errors(second) == [(2, "reference", "import.exists")]
    found = desk.get(second)
    assert (found["state"], found["good"], found["done"], found["bad"]) == ("done", 1, 1, 1)
    assert found["total_cents"] == 399_900
    assert len(desk.bookings()) == 2


def test_mended_rows_come_in_with_another_file(desk: Desk) -> None:
    desk.imported(order(1), order(2, phone="0"))
    desk.imported(order(2))
    assert len(desk.bookings()) == 2


def test_each_row_is_run_once_however_often_the_work_is_cut_off(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "RUN_AT_ONCE", 2)
    import_id = desk.checked(*(order(n) for n in range(5)))
    desk.run(import_id)
    assert desk.piece()
    with monkeypatch.context() as broken:
        broken.setattr(imports, "draw_numbers", lambda session, count: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            desk.piece()
    assert desk.get(import_id)["done"] == len(desk.bookings()) == 2
    desk.work()
    found = desk.get(import_id)
    assert (found["state"], found["done"]) == ("done", 5)
    assert len(desk.bookings()) == 5
    assert found["finished_at"] == desk.studio.now


def test_work_waits_while_many_events_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "MOST_WAITING", 4)
    monkeypatch.setattr(working, "RUN_AT_ONCE", 1)
    import_id = desk.checked(*(order(n) for n in range(5)))
    desk.run(import_id)
    assert desk.work() == 2
    assert desk.get(import_id)["state"] == "running"


def test_running_again_changes_nothing(desk: Desk) -> None:
    import_id = desk.imported(order())
    assert desk.run(import_id)["state"] == "done"
    assert desk.work() == 0
    assert len(desk.bookings()) == 1


def test_rows_that_come_again_are_kept_once(desk: Desk) -> None:
    import_id = desk.receive(order(1), order(2), last=False)
    assert desk.add(import_id, order(1), order(2), last=True)["rows"] == 2
    with pytest.raises(ImportRefused):
        desk.add(import_id, order(3))


def test_a_mapping_says_what_is_missing(desk: Desk) -> None:
    import_id = desk.receive(["1", "2"], columns=["甲", "乙"])
    with pytest.raises(Invalid) as refused:
        desk.map(import_id, columns={"name": 0, "phone": 9}, defaults={"status": "held"})
    pointers = {each["pointer"] for each in refused.value.details["errors"]}
    assert pointers == {"/columns/start", "/columns/phone", "/defaults/status"}


def test_nothing_runs_before_it_was_checked_nor_without_a_good_row(desk: Desk) -> None:
    with pytest.raises(ImportRefused):
        desk.run(desk.receive(order()))
    with pytest.raises(ImportEmpty):
        desk.run(desk.checked(order(phone="1")))


def test_a_file_is_removed_while_nothing_has_come_of_it(desk: Desk) -> None:
    import_id = desk.checked(order())
    desk.remove(import_id)
    with pytest.raises(ImportUnknown):
        desk.get(import_id)
    with pytest.raises(ImportRefused):
        desk.remove(desk.imported(order()))


def test_rows_are_read_in_the_order_of_the_file(desk: Desk) -> None:
    import_id = desk.receive(*(order(n) for n in range(5)))
    first = desk.rows(import_id, limit=3)
    assert ([row["line"] for row in first["items"]], first["next_after"]) == ([2, 3, 4], 4)
    rest = desk.rows(import_id, limit=3, after=first["next_after"])
    assert ([row["line"] for row in rest["items"]], rest["next_after"]) == ([5, 6], None)
    with pytest.raises(ImportUnknown):
        desk.rows(uuid4())
