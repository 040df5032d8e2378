"""Stored value and points: every entry once, no balance below nought, the sum of the entries."""

from datetime import timedelta
from itertools import count
from uuid import UUID, uuid4

import eventlet
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.contracts.crm import CustomerUnknown
from services.contracts.errors import KeyReused
from services.contracts.member_accounts import BalanceTooLow, NothingSpent, ReturnExceedsSpend
from services.crm.models import AccountEntry, Customer
from services.crm.usecases import accounts, asking, following, levels
from tests.integration.crm.facts import (
    BRANCH,
    NOON,
    OTHER_BRANCH,
    PHONE,
    booking_fact,
    deliver,
    deliver_twice,
    fact,
    payment_fact,
    top_up_payload,
)

STAFF, BOOKING = UUID(int=40), UUID(int=50)
phones = count(13_700_000_000)


@pytest.fixture
def uow(service_uow):
    return service_uow("crm")


def customer(uow, phone=PHONE):
    deliver(uow, following.follow_booking, booking_fact("booking.requested", uuid4(), phone=phone))
    with uow.read() as session:
        return session.scalars(sa.select(Customer.id).where(Customer.phone == phone)).one()


def enter(uow, customer_id, amount, account="stored_value", kind="gift", key=None):
    return accounts.enter_by_hand(
        uow=uow,
        now=NOON,
        point_cents=1,
        kind=kind,
        customer_id=customer_id,
        branch_ids=None,
        account=account,
        amount=amount,
        note="开业活动",
        staff_id=STAFF,
        idempotency_key=key or str(uuid4()),
    )


def spend(uow, cents, *, account="stored_value", payment_id=None, phone=PHONE, point_cents=1):
    return accounts.spend(
        uow=uow,
        now=NOON,
        point_cents=point_cents,
        payment_id=payment_id or uuid4(),
        booking_id=BOOKING,
        phone=phone,
        account=account,
        cents=cents,
    )


def give_back(uow, payment_id, cents, refund_id=None):
    return accounts.give_back(
        uow=uow, now=NOON, refund_id=refund_id or uuid4(), payment_id=payment_id, cents=cents
    )


def balances(uow, customer_id):
    told = accounts.get_account(uow=uow, point_cents=1, customer_id=customer_id, branch_ids=None)
    return told["stored_value_cents"], told["points"]


def entries(uow, customer_id, **question):
    asked = {"branch_ids": None, "cursor": None, "limit": 200} | question
    return accounts.list_entries(uow=uow, customer_id=customer_id, **asked)["items"]


def sums(uow, customer_id):
    with uow.read() as session:
        rows = session.execute(
            sa.select(AccountEntry.account, sa.func.sum(AccountEntry.amount))
            .where(AccountEntry.customer_id == customer_id)
            .group_by(AccountEntry.account)
        )
        found = {account: int(total) for account, total in rows}
    return found.get("stored_value", 0), found.get("points", 0)


# --- what moves an account


def test_a_gift_and_a_correction_are_entered_once_a_key(uow):
    who = customer(uow)
    for _ in range(2):
        enter(uow, who, 500, "points", key="birthday")
    told = enter(uow, who, -200, "points", kind="adjust", key="mistake")
    assert told["points"] == 300
    assert [(e.kind, e.amount, e.staff_id) for e in entries(uow, who)] == [
        ("adjust", -200, STAFF),
        ("gift", 500, STAFF),
    ]
    with pytest.raises(KeyReused):
        enter(uow, who, 501, "points", key="birthday")


def test_a_correction_takes_no_more_than_there_is(uow):
    who = customer(uow)
    enter(uow, who, 100)
    with pytest.raises(BalanceTooLow) as refused:
        enter(uow, who, -101, kind="adjust")
    assert refused.value.details == {"balance": 100}
    assert balances(uow, who) == (100, 0)


def test_a_top_up_is_credited_once_by_call_and_by_fact_in_either_order(uow):
    who = customer(uow)
    for first in ("call", "fact"):
        payload = top_up_payload(who)

        def call(payload=payload):
            accounts.credit(
                uow=uow,
                now=NOON,
                point_cents=1,
                **{k: payload[k] for k in ("top_up_id", "customer_id")},
                amount_cents=payload["amount_cents"],
                gift_cents=payload["gift_cents"],
            )

        told = fact("stored_value.topped_up", payload)
        if first == "call":
            call()
        deliver_twice(uow, following.follow_top_up, told)
        call()
    assert balances(uow, who) == (220_000, 0)
    assert [e.kind for e in entries(uow, who)].count("top_up") == 2
    timeline = asking.get_customer(uow=uow, customer_id=who, branch_ids=None)["timeline"]
    (noted, _) = [e for e in timeline if e["type"] == "stored_value.topped_up"]
    assert noted["booking_id"] is None
    assert noted["details"]["gift_cents"] == 10_000


def test_a_top_up_without_a_gift_is_one_entry(uow):
    who = customer(uow)
    told = fact("stored_value.topped_up", top_up_payload(who, gift_cents=0))
    deliver(uow, following.follow_top_up, told)
    assert [e.kind for e in entries(uow, who)] == ["top_up"]


def test_nobody_tops_up_who_is_no_customer(uow):
    with pytest.raises(CustomerUnknown):
        deliver(
            uow,
            following.follow_top_up,
            fact("stored_value.topped_up", top_up_payload(uuid4())),
        )


def test_a_payment_is_spent_once(uow):
    who, payment_id = customer(uow), uuid4()
    enter(uow, who, 1_000)
    first = spend(uow, 600, payment_id=payment_id)
    assert spend(uow, 600, payment_id=payment_id) == first
    assert accounts.get_spend(uow=uow, payment_id=payment_id) == first
    assert balances(uow, who) == (400, 0)
    with pytest.raises(KeyReused):
        spend(uow, 300, payment_id=payment_id)


def test_who_has_too_little_or_is_nobody_spends_nothing(uow):
    who = customer(uow)
    enter(uow, who, 1_000)
    with pytest.raises(BalanceTooLow):
        spend(uow, 1_001)
    with pytest.raises(BalanceTooLow):
        spend(uow, 1, account="points")
    with pytest.raises(BalanceTooLow):
        spend(uow, 1, phone="+8613911112222")
    with pytest.raises(NothingSpent):
        accounts.get_spend(uow=uow, payment_id=uuid4())
    assert balances(uow, who) == (1_000, 0)


def test_points_are_spent_at_their_worth_and_come_back_with_the_parts(uow):
    who, payment_id = customer(uow), uuid4()
    enter(uow, who, 100, "points")
    spend(uow, 1_001, account="points", payment_id=payment_id, point_cents=100)
    assert balances(uow, who) == (0, 89)
    for cents, points in ((500, 94), (1, 94), (500, 100)):
        give_back(uow, payment_id, cents)
        assert balances(uow, who) == (0, points)
    with pytest.raises(ReturnExceedsSpend) as refused:
        give_back(uow, payment_id, 1)
    assert refused.value.details == {"left_cents": 0}


def test_a_refund_comes_back_once(uow):
    who, payment_id, refund_id = customer(uow), uuid4(), uuid4()
    enter(uow, who, 1_000)
    spend(uow, 1_000, payment_id=payment_id)
    first = give_back(uow, payment_id, 600, refund_id)
    assert give_back(uow, payment_id, 600, refund_id) == first
    assert balances(uow, who) == (600, 0)
    with pytest.raises(KeyReused):
        give_back(uow, payment_id, 400, refund_id)
    with pytest.raises(ReturnExceedsSpend):
        give_back(uow, payment_id, 401)
    with pytest.raises(NothingSpent):
        give_back(uow, uuid4(), 1)


def test_sixteen_payments_at_once_never_overdraw(uow):
    who = customer(uow)
    enter(uow, who, 1_000)
    pool = eventlet.GreenPool(16)

    def pay(_):
        try:
            return bool(spend(uow, 300))
        except BalanceTooLow:
            return False

    assert sum(pool.imap(pay, range(16))) == 3
    assert balances(uow, who) == sums(uow, who) == (100, 0)


def test_sixteen_tries_of_one_refund_give_back_once(uow):
    who, payment_id, refund_id = customer(uow), uuid4(), uuid4()
    enter(uow, who, 1_000)
    spend(uow, 1_000, payment_id=payment_id)
    pool = eventlet.GreenPool(16)
    answers = list(pool.imap(lambda _: give_back(uow, payment_id, 700, refund_id), range(16)))
    assert answers == [answers[0]] * 16
    assert balances(uow, who) == (700, 0)


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("gift"), st.integers(1, 500)),
        st.tuples(st.just("adjust"), st.integers(-500, 500).filter(bool)),
        st.tuples(st.just("spend"), st.integers(1, 500)),
        st.tuples(st.just("return"), st.integers(1, 500)),
    ),
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(account=st.sampled_from(["stored_value", "points"]), moves=MOVES, worth=st.integers(1, 7))
def test_a_balance_is_the_sum_of_its_entries_and_never_below_nought(uow, account, moves, worth):
    phone = f"+86{next(phones)}"
    who, paid = customer(uow, phone), []
    for kind, amount in moves:
        try:
            if kind == "spend":
                payment_id = uuid4()
                spend(
                    uow,
                    amount,
                    account=account,
                    payment_id=payment_id,
                    phone=phone,
                    point_cents=worth,
                )
                paid.append(payment_id)
            elif kind == "return":
                if paid:
                    give_back(uow, paid[-1], amount)
            else:
                enter(uow, who, amount, account, kind=kind)
        except (BalanceTooLow, ReturnExceedsSpend):
            continue
    assert balances(uow, who) == sums(uow, who)
    assert min(balances(uow, who)) >= 0


def test_the_database_itself_refuses_a_balance_below_nought_and_a_changed_entry(uow):
    who = customer(uow)
    enter(uow, who, 10)
    with pytest.raises(BalanceTooLow), uow.begin() as tx:
        tx.session.execute(sa.update(Customer).values(stored_value_cents=-1))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), uow.begin() as tx:
        tx.session.execute(sa.update(AccountEntry).values(amount=20))


# --- earning


def silver(uow, who, **changes):
    level = {
        "name": {"zh": "银卡", "en": "Silver"},
        "discount_basis_points": 0,
        "points_per_hundred": 10,
        "active": True,
    } | changes
    levels.define_level(uow=uow, id=UUID(int=21), **level)
    accounts.set_level(
        uow=uow, point_cents=1, customer_id=who, branch_ids=None, level_id=UUID(int=21)
    )


def complete(uow, paid_cents, booking_id=BOOKING):
    told = booking_fact("booking.completed", booking_id, paid_cents=paid_cents)
    deliver_twice(uow, following.follow_booking, told)


def test_a_completed_booking_earns_points_for_what_was_paid_once(uow):
    who = customer(uow)
    silver(uow, who)
    complete(uow, 199_950)
    complete(uow, 199_950)  # told by another message
    assert balances(uow, who) == (0, 199)
    assert [(e.kind, e.booking_id) for e in entries(uow, who)] == [("earn", BOOKING)]


def test_what_was_paid_in_points_earns_none(uow):
    who, payment_id = customer(uow), uuid4()
    silver(uow, who)
    enter(uow, who, 100_000, "points")
    spend(uow, 100_000, account="points", payment_id=payment_id)
    give_back(uow, payment_id, 40_000)
    complete(uow, 160_000)
    assert balances(uow, who) == (0, 40_000 + 100)


def test_points_follow_the_money_after_the_service(uow):
    who = customer(uow)
    silver(uow, who)
    complete(uow, 50_000)
    for version, kind, paid, points in (
        (2, "payment.succeeded", 200_000, 200),
        (3, "refund.succeeded", 120_000, 120),
        (4, "refund.succeeded", 0, 0),
        (5, "payment.succeeded", 10_000, 10),
    ):
        told = payment_fact(kind, BOOKING, version=version, paid_cents=paid)
        deliver_twice(uow, following.follow_payment, told)
        assert balances(uow, who) == (0, points)
    enter(uow, who, -8, "points", kind="adjust")
    told = payment_fact("refund.succeeded", BOOKING, version=6, paid_cents=0)
    deliver_twice(uow, following.follow_payment, told)
    assert balances(uow, who) == (0, 0), "what is spent is not asked back"


def test_money_before_the_service_earns_with_it(uow):
    who = customer(uow)
    silver(uow, who)
    deliver_twice(uow, following.follow_booking, booking_fact("booking.confirmed", BOOKING))
    told = payment_fact("payment.succeeded", BOOKING, version=2, paid_cents=50_000)
    deliver_twice(uow, following.follow_payment, told)
    assert balances(uow, who) == (0, 0)


@pytest.mark.parametrize("changes", [{"points_per_hundred": 0}, {"active": False}])
def test_a_level_without_points_earns_none(uow, changes):
    who = customer(uow)
    silver(uow, who, **changes)
    complete(uow, 199_900)
    assert entries(uow, who) == []


def test_a_customer_without_a_level_and_a_booking_without_money_earn_none(uow):
    who = customer(uow)
    complete(uow, 199_900, uuid4())
    silver(uow, who)
    complete(uow, 0, uuid4())
    assert balances(uow, who) == (0, 0)


# --- who sees it


def test_staff_of_other_branches_neither_see_nor_move_an_account(uow):
    who = customer(uow)
    seen = accounts.get_account(
        uow=uow, point_cents=1, customer_id=who, branch_ids=[BRANCH, OTHER_BRANCH]
    )
    assert seen["level"] is None
    with pytest.raises(CustomerUnknown):
        entries(uow, who, branch_ids=[OTHER_BRANCH])
    with pytest.raises(CustomerUnknown):
        accounts.set_level(
            uow=uow, point_cents=1, customer_id=who, branch_ids=[OTHER_BRANCH], level_id=None
        )


def test_a_long_account_is_read_in_pages_the_newest_first(uow):
    who = customer(uow)
    for minute in range(5):
        accounts.credit(
            uow=uow,
            now=NOON + timedelta(minutes=minute),
            point_cents=1,
            top_up_id=uuid4(),
            customer_id=who,
            amount_cents=minute + 1,
            gift_cents=0,
        )
    question = {"customer_id": who, "branch_ids": None, "limit": 3}
    first = accounts.list_entries(uow=uow, cursor=None, **question)
    second = accounts.list_entries(uow=uow, cursor=first["next_cursor"], **question)
    assert [e.amount for e in first["items"] + second["items"]] == [5, 4, 3, 2, 1]
    assert second["next_cursor"] is None
