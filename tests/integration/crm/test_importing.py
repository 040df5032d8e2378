"""Customers that an import brings: filled in, opened once, and taken back if nothing happened."""

from datetime import timedelta
from uuid import UUID, uuid4, uuid5

import eventlet
import pytest
import sqlalchemy as sa

from services.chassis.db import OUTBOX
from services.contracts.crm import CustomerUnknown
from services.contracts.customer_imports import IMPORT_CUSTOMERS, MATCH_CUSTOMERS
from services.contracts.errors import Invalid
from services.crm.models import AccountEntry, Customer, CustomerBranch
from services.crm.usecases import accounts, asking, following, importing, levels
from tests.integration.crm.facts import (
    BRANCH,
    NOON,
    OTHER_BRANCH,
    PHONE,
    booking_fact,
    deliver,
    deliver_twice,
    fact,
    top_up_payload,
)

IMPORT, LEVEL, STAFF = UUID(int=300), UUID(int=301), UUID(int=40)
LONG_AGO = NOON - timedelta(days=900)
LATER = NOON + timedelta(days=1)


@pytest.fixture
def uow(service_uow):
    uow = service_uow("crm")
    name = {"zh": "金卡", "en": "Gold"}
    levels.define_level(
        uow=uow, id=LEVEL, name=name, discount_basis_points=500, points_per_hundred=1, active=True
    )
    return uow


def row(line=1, **changes):
    return {
        "row_id": uuid5(IMPORT, str(line)),
        "name": "王小丽",
        "phone": f"+86138000{line:05}",
        "branch_id": BRANCH,
        "timezone": "Asia/Shanghai",
        "since": LONG_AGO,
        "level_id": None,
        "stored_value_cents": 0,
        "points": 0,
    } | changes


def bring(uow, *rows, now=NOON):
    return [each["outcome"] for each in answered(uow, *rows, now=now)]


def answered(uow, *rows, now=NOON):
    by = {"currency": "CNY", "staff_id": STAFF}
    return importing.import_customers(uow=uow, now=now, rows=list(rows), **by)["items"]


def retract(uow, *rows, now=LATER):
    ids = [each["row_id"] for each in rows]
    told = importing.retract_customers(uow=uow, now=now, row_ids=ids)
    return [each["outcome"] for each in told["items"]]


def customers(uow, **question):
    asked = {"q": None, "branch_ids": None, "cursor": None, "limit": 200} | question
    return asking.list_customers(uow=uow, **asked)["items"]


def account(uow, customer_id):
    asked = {"uow": uow, "customer_id": customer_id, "branch_ids": None}
    told = accounts.get_account(point_cents=1, **asked)
    entries = accounts.list_entries(cursor=None, limit=50, **asked)["items"]
    return {
        "level": told["level"] and told["level"].id,
        "balances": (told["stored_value_cents"], told["points"]),
        "entries": [(entry.account, entry.kind, entry.amount) for entry in reversed(entries)],
    }


def book(uow, **changes):
    told = booking_fact("booking.requested", uuid4(), **changes)
    deliver(uow, following.follow_booking, told)


def emitted(uow):
    with uow.read() as session:
        found = session.scalars(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.id))
        return [(each["type"], each["payload"]) for each in found]


def test_a_row_becomes_a_customer_with_what_they_had_elsewhere(uow):
    rich = row(level_id=LEVEL, stored_value_cents=50_000, points=120)
    assert bring(uow, rich) == ["created"]
    (found,) = customers(uow)
    assert (found["name"], found["phone"], found["created_at"]) == (
        "王小丽",
        rich["phone"],
        LONG_AGO,
    )
    assert account(uow, found["id"]) == {
        "level": LEVEL,
        "balances": (50_000, 120),
        "entries": [("stored_value", "opening", 50_000), ("points", "opening", 120)],
    }
    assert customers(uow, branch_ids=[BRANCH]) == [found]
    assert customers(uow, branch_ids=[OTHER_BRANCH]) == []
    ((told, payload),) = emitted(uow)
    assert told == "customer.created"
    assert (payload["branch_id"], payload["created_at"][:10]) == (str(BRANCH), "2024-06-08")


def test_rows_that_come_again_do_nothing_and_are_answered_the_same(uow):
    rows = [row(1, stored_value_cents=100), row(2)]
    book(uow, phone=row(2)["phone"])
    first, again = answered(uow, *rows), answered(uow, *rows, now=LATER)
    assert first == again
    assert [each["outcome"] for each in again] == ["created", "filled"]
    assert len(emitted(uow)) == 3
    IMPORT_CUSTOMERS.response.load(IMPORT_CUSTOMERS.response.dump({"items": again}))


def test_rows_that_come_at_the_same_moment_take_effect_once(uow):
    rows = [row(line, points=10) for line in range(20)]
    parts = [rows, rows[::-1], rows[5:], rows[:15]]
    for green in [eventlet.spawn(bring, uow, *part) for part in parts]:
        assert set(green.wait()) == {"created"}
    assert len(customers(uow)) == 20
    with uow.read() as session:
        assert session.scalar(sa.select(sa.func.sum(Customer.points))) == 200


def test_customers_who_book_while_they_are_imported_are_there_once(uow):
    rows = [row(line, points=10) for line in range(10)]
    facts = [booking_fact("booking.requested", uuid4(), phone=each["phone"]) for each in rows[::-1]]
    greens = [eventlet.spawn(deliver, uow, following.follow_booking, told) for told in facts]
    greens += [eventlet.spawn(bring, uow, *rows), eventlet.spawn(bring, uow, *rows)]
    for green in greens:
        green.wait()
    found = customers(uow)
    assert [(each["bookings_count"], account(uow, each["id"])["balances"]) for each in found] == [
        (1, (0, 10))
    ] * 10
    made = [payload["customer_id"] for told, payload in emitted(uow) if told == "customer.created"]
    assert len(made) == len(set(made)) == 10


def test_a_customer_who_is_here_is_filled_in_where_there_is_nothing(uow):
    book(uow, phone=PHONE, name="王小姐", branch_id=OTHER_BRANCH)
    assert bring(uow, row(phone=PHONE, level_id=LEVEL, points=5)) == ["filled"]
    (found,) = customers(uow)
    assert (found["name"], found["created_at"]) == ("王小姐", NOON)
    assert account(uow, found["id"])["level"] == LEVEL
    assert account(uow, found["id"])["balances"] == (0, 5)
    assert customers(uow, branch_ids=[BRANCH]) == [found]
    bring(uow, row(2, phone=PHONE, level_id=None))
    assert account(uow, found["id"])["level"] == LEVEL


def test_an_account_is_opened_once_however_many_files_say_so(uow):
    bring(uow, row(1, phone=PHONE, stored_value_cents=100))
    more = row(2, phone=PHONE, stored_value_cents=100, points=7, level_id=LEVEL)
    told = answered(uow, more, now=LATER)
    assert [(each["outcome"], each["accounts"]) for each in told] == [("refused", ["stored_value"])]
    (found,) = customers(uow)
    assert account(uow, found["id"])["balances"] == (100, 0)
    assert account(uow, found["id"])["level"] is None
    # Without the balance, or for the other account, the row is welcome.
    assert bring(uow, row(3, phone=PHONE, points=7)) == ["filled"]


def test_an_account_that_was_spent_to_nothing_is_not_opened_again(uow):
    bring(uow, row(phone=PHONE, points=100))
    spent = {"payment_id": uuid4(), "booking_id": uuid4(), "phone": PHONE, "account": "points"}
    accounts.spend(uow=uow, now=LATER, point_cents=1, cents=100, **spent)
    assert bring(uow, row(2, phone=PHONE, points=100)) == ["refused"]


def test_who_is_here_is_told_beforehand_with_the_accounts_that_have_moved(uow):
    bring(uow, row(1, points=5), row(2))
    told = importing.match_customers(uow=uow, phones=[row(n)["phone"] for n in (1, 2, 3)])
    found = {each["phone"]: each["accounts"] for each in told["items"]}
    assert found == {row(1)["phone"]: ["points"], row(2)["phone"]: []}
    MATCH_CUSTOMERS.response.load(MATCH_CUSTOMERS.response.dump(told))
    retract(uow, row(1), row(2))
    assert importing.match_customers(uow=uow, phones=[row(1)["phone"]])["items"] == []


def test_one_phone_in_two_rows_is_refused(uow):
    same = {"phone": PHONE, "branch_id": str(BRANCH), "since": None}
    rows = [row(line, **same) | {"row_id": str(uuid4())} for line in (1, 2)]
    with pytest.raises(Invalid):
        IMPORT_CUSTOMERS.decode({"rows": rows, "currency": "CNY", "staff_id": str(STAFF)})


# --- taking back


def test_what_an_import_made_is_gone_when_it_is_taken_back(uow):
    rich = row(level_id=LEVEL, stored_value_cents=50_000, points=120)
    bring(uow, rich)
    (found,) = customers(uow)
    assert retract(uow, rich) == ["undone"]
    assert customers(uow) == []
    with pytest.raises(CustomerUnknown):
        account(uow, found["id"])
    with uow.read() as session:
        total = sa.func.sum(AccountEntry.amount)
        assert set(session.scalars(sa.select(total).group_by(AccountEntry.account))) == {0}
        assert session.scalars(sa.select(CustomerBranch)).all() == []
        gone = session.get(Customer, found["id"])
        assert (gone.stored_value_cents, gone.points, gone.level_id) == (0, 0, None)
    assert [told for told, _ in emitted(uow)] == ["customer.created", "customer.retracted"]


def test_taking_back_twice_is_taking_back_once(uow):
    bring(uow, row(stored_value_cents=100))
    assert [retract(uow, row()), retract(uow, row())] == [["undone"], ["undone"]]
    assert len(emitted(uow)) == 2
    assert bring(uow, row(stored_value_cents=100)) == ["undone"]
    assert customers(uow) == []


def test_a_row_that_was_taken_back_before_it_came_never_comes(uow):
    assert retract(uow, row()) == ["absent"]
    assert bring(uow, row()) == ["absent"]
    assert customers(uow) == []
    assert emitted(uow) == []


def test_a_mended_file_opens_an_account_that_was_taken_back(uow):
    bring(uow, row(1, phone=PHONE, points=1_000))
    retract(uow, row(1))
    assert bring(uow, row(2, phone=PHONE, points=100, name="王丽")) == ["created"]
    (found,) = customers(uow)
    assert found["name"] == "王丽"
    assert account(uow, found["id"])["balances"] == (0, 100)


def enter(uow, customer_id, kind, amount):
    accounts.enter_by_hand(
        uow=uow, now=LATER, point_cents=1, kind=kind, customer_id=customer_id, branch_ids=None,
        account="points", amount=amount, note="", staff_id=STAFF, idempotency_key=str(uuid4()),
    )  # fmt: skip


def raise_level(uow, customer_id):
    asked = {"customer_id": customer_id, "branch_ids": None, "level_id": LEVEL}
    accounts.set_level(uow=uow, point_cents=1, **asked)


@pytest.mark.parametrize(
    "happens",
    [
        lambda uow, id: book(uow, phone=PHONE),
        lambda uow, id: enter(uow, id, "gift", 3),
        lambda uow, id: enter(uow, id, "adjust", -3),
        raise_level,
        lambda uow, id: bring(uow, row(2, phone=PHONE)),
    ],
    ids=["a booking", "a gift", "a correction", "a level", "another import"],
)
def test_a_customer_to_whom_something_has_happened_is_kept(uow, happens):
    bring(uow, row(phone=PHONE, points=50))
    (found,) = customers(uow)
    happens(uow, found["id"])
    before = account(uow, found["id"])
    assert [retract(uow, row(phone=PHONE)), retract(uow, row(phone=PHONE))] == [["kept"], ["kept"]]
    assert len(customers(uow)) == 1
    assert account(uow, found["id"]) == before


def test_a_known_customer_stays_without_what_the_import_gave(uow):
    book(uow, phone=PHONE, branch_id=OTHER_BRANCH)
    bring(uow, row(phone=PHONE, level_id=LEVEL, stored_value_cents=700))
    assert retract(uow, row(phone=PHONE)) == ["undone"]
    (found,) = customers(uow)
    assert account(uow, found["id"]) == {
        "level": None,
        "balances": (0, 0),
        "entries": [("stored_value", "opening", 700), ("stored_value", "opening", -700)],
    }
    assert customers(uow, branch_ids=[BRANCH]) == []
    assert customers(uow, branch_ids=[OTHER_BRANCH]) == [found]


# --- what else tells of them


def test_an_imported_customer_who_never_booked_keeps_their_name(uow):
    bring(uow, row(phone=PHONE))
    (found,) = customers(uow)
    deliver_twice(
        uow, following.follow_top_up, fact("stored_value.topped_up", top_up_payload(found["id"]))
    )
    assert customers(uow)[0]["name"] == "王小丽"


def test_who_was_removed_is_new_again_with_their_next_booking(uow):
    bring(uow, row(phone=PHONE))
    retract(uow, row(phone=PHONE))
    deliver_twice(
        uow, following.follow_booking, booking_fact("booking.requested", uuid4(), name="丽丽")
    )
    (found,) = customers(uow)
    assert (found["name"], found["bookings_count"], found["created_at"]) == ("丽丽", 1, NOON)
    assert [told for told, _ in emitted(uow)][-1] == "customer.created"


def test_money_that_was_taken_reaches_who_was_removed_meanwhile(uow):
    bring(uow, row(phone=PHONE))
    (found,) = customers(uow)
    retract(uow, row(phone=PHONE))
    payload = top_up_payload(found["id"])
    ids = {name: payload[name] for name in ("top_up_id", "customer_id")}
    cents = {name: payload[name] for name in ("amount_cents", "gift_cents")}
    accounts.credit(uow=uow, now=LATER, point_cents=1, **ids, **cents)
    deliver_twice(uow, following.follow_top_up, fact("stored_value.topped_up", payload))
    assert account(uow, found["id"])["balances"] == (110_000, 0)


def test_five_thousand_rows_take_a_bounded_number_of_questions(uow):
    rows = [row(line, points=line, stored_value_cents=100) for line in range(1, 5_001)]
    asked = []
    sa.event.listen(
        uow.engine, "before_cursor_execute", lambda *told: asked.append(told[2].split()[0])
    )
    for at in range(0, len(rows), 500):
        asked.clear()
        assert bring(uow, *rows[at : at + 500]) == ["created"] * 500
        assert len([one for one in asked if one == "SELECT"]) <= 6
        # Each customer's own: a row of theirs, and the event that tells of them.
        assert len(asked) <= 500 + 20
    asked.clear()
    assert retract(uow, *rows[:500]) == ["undone"] * 500
    assert len(asked) <= 500 + 20
