"""Listing, searching and opening customer files."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from services.contracts.crm import CustomerUnknown
from services.contracts.errors import Invalid
from services.crm import domain, queries
from services.crm.domain import HISTORY_LIMIT
from services.crm.models import Customer, CustomerBranch, TimelineEntry
from services.crm.usecases import asking, following
from tests.integration.crm.facts import BRANCH, NOON, OTHER_BRANCH, booking_fact, deliver

MANY = 1_000


@pytest.fixture
def uow(service_uow):
    return service_uow("crm")


@pytest.fixture
def crowd(uow):
    """A thousand customers, several of one instant; every tenth was seen at the other branch."""
    rows = [
        {
            "id": UUID(int=1_000_000 + n),
            "phone": f"+8613800{n:06}",
            "name": f"客户{n:04}",
            "currency": "CNY",
            "created_at": NOON + timedelta(minutes=n // 7),
        }
        for n in range(MANY)
    ]
    seen = [
        {"customer_id": row["id"], "branch_id": BRANCH if n % 10 else OTHER_BRANCH}
        for n, row in enumerate(rows)
    ]
    with uow.begin() as tx:
        tx.session.execute(insert(Customer), rows)
        tx.session.execute(insert(CustomerBranch), seen)
    return rows


def ask(uow, **changes):
    question = {"q": None, "branch_ids": None, "cursor": None, "limit": 50, **changes}
    return asking.list_customers(uow=uow, **question)


def names(uow, **question):
    return [item["name"] for item in ask(uow, **question)["items"]]


def pages(uow, **question):
    cursor = None
    while True:
        page = ask(uow, cursor=cursor, **question)
        yield page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


def test_pages_show_everybody_once_the_newest_first(uow, crowd):
    read = list(pages(uow, limit=64))
    assert [len(page) for page in read] == [64] * 15 + [40]
    assert [item["id"] for page in read for item in page] == [row["id"] for row in crowd[::-1]]


def test_a_full_last_page_has_no_next(uow, crowd):
    assert len(list(pages(uow, limit=200))) == 5


def test_a_customer_who_comes_meanwhile_shifts_no_page(uow, crowd):
    first = ask(uow, limit=10)
    late = booking_fact("booking.requested", uuid4(), requested_at=NOON + timedelta(days=1))
    deliver(uow, following.follow_booking, late)
    second = ask(uow, limit=10, cursor=first["next_cursor"])
    expected = [row["id"] for row in crowd[::-1][10:20]]
    assert [item["id"] for item in second["items"]] == expected


def test_staff_list_only_who_was_seen_at_their_branches(uow, crowd):
    read = [item for page in pages(uow, branch_ids=[OTHER_BRANCH], limit=30) for item in page]
    assert [item["id"] for item in read] == [row["id"] for row in crowd[::10][::-1]]
    assert len(names(uow, branch_ids=[BRANCH, OTHER_BRANCH], limit=200)) == 200
    assert names(uow, branch_ids=[]) == []


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("客户0042", ["客户0042"]),
        ("户004", [f"客户004{n}" for n in range(9, -1, -1)]),
        ("000123", ["客户0123"]),
        ("+86 138-0000-0123", ["客户0123"]),
        ("13800000123", ["客户0123"]),
        ("  客户0042 ", ["客户0042"]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("没有这个人", []),
    ],
)
def test_a_search_finds_parts_of_names_and_phones_literally(uow, crowd, q, found):
    assert names(uow, q=q) == found


def test_a_latin_name_is_found_whatever_its_case(uow):
    deliver(uow, following.follow_booking, booking_fact("booking.requested", uuid4(), name="Li Na"))
    assert names(uow, q="li n") == ["Li Na"]


@pytest.mark.parametrize(
    ("q", "found"),
    [("王小丽", True), ("小丽", True), ("王小", True), ("王", True), ("丽", False), ("11", True)],
)
def test_few_characters_are_searched_at_the_ends_of_names_and_phones(uow, q, found):
    deliver(uow, following.follow_booking, booking_fact("booking.requested", uuid4()))
    assert names(uow, q=q) == (["王小丽"] if found else [])


@pytest.mark.parametrize("q", ["王小丽", "小丽", "王", "0000123", "23", "Li Na"])
def test_a_search_goes_through_the_index(uow, q):
    with uow.read() as session:
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        session.execute(sa.text("SET LOCAL enable_indexscan = off"))
        asked = sa.select(Customer.id).where(queries._matches(domain.read_search(q)))
        literal = asked.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = session.execute(sa.text(f"EXPLAIN {literal}".replace(":", r"\:"))).scalars().all()
    assert any("customer_name_phone_idx" in line for line in plan)
    assert not any("Seq Scan" in line for line in plan)


def test_search_branches_and_pages_go_together(uow, crowd):
    question = {"q": "客户00", "branch_ids": [OTHER_BRANCH], "limit": 4}
    read = [item["name"] for page in pages(uow, **question) for item in page]
    assert read == [f"客户00{n}0" for n in range(9, -1, -1)]


def test_a_made_up_cursor_is_refused(uow):
    with pytest.raises(Invalid):
        ask(uow, cursor="nonsense")


def test_an_unknown_customer_is_not_found(uow):
    with pytest.raises(CustomerUnknown):
        asking.get_customer(uow=uow, customer_id=uuid4(), branch_ids=None)


def test_a_file_opens_for_the_branches_where_the_customer_was_seen(uow):
    for branch_id in (BRANCH, OTHER_BRANCH):
        told = booking_fact("booking.requested", uuid4(), branch_id=branch_id)
        deliver(uow, following.follow_booking, told)
    customer_id = ask(uow)["items"][0]["id"]
    for branch_ids in (None, [BRANCH], [OTHER_BRANCH]):
        opened = asking.get_customer(uow=uow, customer_id=customer_id, branch_ids=branch_ids)
        assert len(opened["bookings"]) == 2
    for branch_ids in ([], [UUID(int=3)]):
        with pytest.raises(CustomerUnknown):
            asking.get_customer(uow=uow, customer_id=customer_id, branch_ids=branch_ids)


def test_a_long_history_shows_its_newest_part(uow):
    deliver(uow, following.follow_booking, booking_fact("booking.requested", uuid4()))
    customer_id = ask(uow)["items"][0]["id"]
    entries = [
        {
            "id": uuid4(),
            "customer_id": customer_id,
            "at": NOON + timedelta(minutes=n),
            "type": "message.sent",
            "title": {"zh": "消息", "en": "Message"},
            "booking_id": uuid4(),
            "details": {},
        }
        for n in range(1, HISTORY_LIMIT + 11)
    ]
    with uow.begin() as tx:
        tx.session.execute(insert(TimelineEntry), entries)
    timeline = asking.get_customer(uow=uow, customer_id=customer_id, branch_ids=None)["timeline"]
    assert [entry["id"] for entry in timeline] == [e["id"] for e in entries[:9:-1]]
