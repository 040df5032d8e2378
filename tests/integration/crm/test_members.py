"""Levels and coupons: what is taken off a price, how often, and when a coupon comes back."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID, uuid4

import eventlet
import pytest
import sqlalchemy as sa

from services.chassis.db import AlreadyHandledError
from services.contracts.members import (
    CouponBelowMinimum,
    CouponCodeTaken,
    CouponExpired,
    CouponNotForService,
    CouponUnknown,
    CouponUsedBefore,
    CouponUsedUp,
    LevelUnknown,
)
from services.crm.models import CouponUse
from services.crm.usecases import accounts, asking, coupons, discounts, following, levels
from tests.integration.crm.facts import (
    NOON,
    PACKAGE,
    PHONE,
    booking_fact,
    deliver,
    deliver_twice,
)

GOLD, SPRING = UUID(int=20), UUID(int=30)
PRICE = 199_900
HOUR = timedelta(hours=1)


@pytest.fixture
def uow(service_uow):
    return service_uow("crm")


def define_level(uow, level_id=GOLD, **changes):
    terms = {
        "name": {"zh": "金卡", "en": "Gold"},
        "discount_basis_points": 500,
        "points_per_hundred": 10,
        "active": True,
    } | changes
    return levels.define_level(uow=uow, id=level_id, **terms)


def define_coupon(uow, coupon_id=SPRING, **changes):
    terms = {
        "code": "SPRING",
        "label": {"zh": "春季立减", "en": "Spring"},
        "amount_cents": 10_000,
        "basis_points": None,
        "minimum_cents": 0,
        "service_ids": [],
        "valid_from": NOON - timedelta(days=1),
        "valid_to": NOON + timedelta(days=30),
        "stock": None,
        "per_customer": 1,
        "active": True,
    } | changes
    return coupons.define_coupon(uow=uow, now=NOON, id=coupon_id, **terms)


def ask(uow, code="SPRING", booking_id=None, *, now=NOON, **changes):
    question = {
        "booking_id": booking_id or uuid4(),
        "phone": PHONE,
        "service_ids": [PACKAGE],
        "total_cents": PRICE,
        "coupon_code": code,
    } | changes
    lines = discounts.discounts(uow=uow, now=now, **question)["lines"]
    return [(line["kind"], line["cents"]) for line in lines]


def tell(uow, event_type, booking_id, **changes):
    deliver(uow, following.follow_booking, booking_fact(event_type, booking_id, **changes))


def member(uow, level_id=GOLD):
    """A customer who has a level."""
    tell(uow, "booking.requested", uuid4())
    (customer,) = asking.list_customers(uow=uow, q=PHONE, branch_ids=None, cursor=None, limit=2)[
        "items"
    ]
    accounts.set_level(
        uow=uow, point_cents=1, customer_id=customer["id"], branch_ids=None, level_id=level_id
    )
    return customer["id"]


def taken(uow):
    return coupons.list_coupons(uow=uow, cursor=None, limit=10)["items"][0].taken


def state(uow, booking_id):
    with uow.read() as session:
        return session.scalars(
            sa.select(CouponUse.state).where(CouponUse.booking_id == booking_id)
        ).one_or_none()


# --- levels


def test_a_member_pays_less_and_others_pay_the_price(uow):
    define_level(uow)
    member(uow)
    lines = discounts.discounts(
        uow=uow,
        now=NOON,
        booking_id=uuid4(),
        phone=PHONE,
        service_ids=[PACKAGE],
        total_cents=PRICE,
        coupon_code=None,
    )["lines"]
    assert lines == [
        {
            "kind": "member",
            "label": {"zh": "会员价（金卡）", "en": "Member price (Gold)"},
            "cents": -9_995,
            "reference_id": GOLD,
        }
    ]
    assert ask(uow, None, phone="+8613911112222") == []


def test_a_level_that_is_no_longer_given_takes_nothing_off(uow):
    define_level(uow)
    member(uow)
    define_level(uow, active=False)
    assert ask(uow, None) == []
    assert [level.active for level in levels.list_levels(uow=uow)["items"]] == [False]


def test_a_level_that_is_not_there_is_given_to_nobody(uow):
    with pytest.raises(LevelUnknown):
        member(uow, level_id=uuid4())


def test_a_share_is_of_what_the_members_price_has_left(uow):
    define_level(uow, discount_basis_points=1_000)
    member(uow)
    define_coupon(uow, amount_cents=None, basis_points=5_000, minimum_cents=PRICE)
    assert ask(uow) == [("member", -19_990), ("coupon", -89_955)]


def test_nothing_costs_less_than_nothing(uow):
    define_coupon(uow, amount_cents=500_000)
    assert ask(uow) == [("coupon", -PRICE)]


def test_what_was_kept_of_a_cancelled_booking_is_its_customers_own_coupon(uow):
    cancelled, again = uuid4(), uuid4()
    credit = {"code": "KEPT7W2Q", "cents": 30_000, "valid_to": NOON + timedelta(days=180)}
    tell(uow, "booking.cancelled", cancelled, credit=credit)
    tell(uow, "booking.cancelled", cancelled, credit=credit)  # told by another message
    with pytest.raises(CouponUnknown):
        ask(uow, "KEPT7W2Q", phone="+8613911112222")
    assert ask(uow, "kept7w2q", again) == [("coupon", -30_000)]
    with pytest.raises(CouponUsedBefore):
        ask(uow, "KEPT7W2Q")
    tell(uow, "booking.cancelled", again)
    with pytest.raises(CouponExpired):
        ask(uow, "KEPT7W2Q", now=credit["valid_to"])
    assert ask(uow, "KEPT7W2Q") == [("coupon", -30_000)], "it came back with its booking"


# --- refusals


@pytest.mark.parametrize(
    ("refusal", "terms", "question"),
    [
        (CouponUnknown, {}, {"code": "WINTER"}),
        (CouponUnknown, {"active": False}, {}),
        (CouponExpired, {"valid_to": NOON}, {}),
        (CouponExpired, {"valid_from": NOON + HOUR}, {}),
        (CouponNotForService, {"service_ids": [uuid4()]}, {}),
        (CouponBelowMinimum, {"minimum_cents": PRICE + 1}, {}),
        (CouponUsedUp, {"stock": 0}, {}),
    ],
)
def test_a_coupon_that_does_not_hold_is_refused_and_nothing_is_reserved(
    uow, refusal, terms, question
):
    define_coupon(uow, **terms)
    booking_id = uuid4()
    with pytest.raises(refusal):
        ask(uow, booking_id=booking_id, **question)
    assert taken(uow) == 0
    assert state(uow, booking_id) is None


def test_a_coupon_begins_on_time_is_good_for_its_package_and_for_its_minimum(uow):
    define_coupon(uow, valid_from=NOON, service_ids=[PACKAGE, uuid4()], minimum_cents=PRICE)
    assert ask(uow, " spring ") == [("coupon", -10_000)]


def test_two_coupons_never_have_one_code(uow):
    define_coupon(uow)
    with pytest.raises(CouponCodeTaken):
        define_coupon(uow, uuid4())


def test_a_customer_uses_a_coupon_as_often_as_it_says(uow):
    define_coupon(uow, per_customer=2)
    for _ in range(2):
        ask(uow)
    with pytest.raises(CouponUsedBefore):
        ask(uow)
    ask(uow, phone="+8613911112222")
    assert taken(uow) == 3


def test_sixteen_customers_at_once_take_no_more_coupons_than_there_are(uow):
    define_coupon(uow, stock=5)
    pool = eventlet.GreenPool(16)

    def customer(number):
        try:
            return ask(uow, phone=f"+861380000{number:04}")
        except CouponUsedUp:
            return None

    assert sum(bool(lines) for lines in pool.imap(customer, range(16))) == 5
    assert taken(uow) == 5


def test_one_customer_in_sixteen_places_at_once_uses_a_coupon_once(uow):
    define_coupon(uow)
    pool = eventlet.GreenPool(16)

    def tab(_):
        try:
            return ask(uow)
        except CouponUsedBefore:
            return None

    assert sum(bool(lines) for lines in pool.imap(tab, range(16))) == 1


# --- reservations


def test_the_same_booking_asks_again_and_has_the_coupon_once(uow):
    define_coupon(uow, stock=1)
    booking_id = uuid4()
    pool = eventlet.GreenPool(4)
    lines = list(pool.imap(lambda _: ask(uow, booking_id=booking_id), range(4)))
    assert lines == [[("coupon", -10_000)]] * 4
    assert taken(uow) == 1


def test_a_booking_that_changes_its_mind_gives_the_first_coupon_back(uow):
    define_coupon(uow)
    define_coupon(uow, uuid4(), code="SUMMER", amount_cents=20_000)
    booking_id = uuid4()
    ask(uow, booking_id=booking_id)
    assert ask(uow, "SUMMER", booking_id) == [("coupon", -20_000)]
    assert ask(uow, "SPRING") == [("coupon", -10_000)]
    assert ask(uow, None, booking_id) == []
    assert state(uow, booking_id) is None
    assert ask(uow, "SUMMER") == [("coupon", -20_000)]


def test_a_coupon_that_was_used_is_not_changed_for_another(uow):
    define_coupon(uow)
    define_coupon(uow, uuid4(), code="SUMMER")
    booking_id = uuid4()
    ask(uow, booking_id=booking_id)
    tell(uow, "booking.requested", booking_id)
    with pytest.raises(CouponUsedBefore):
        ask(uow, "SUMMER", booking_id)
    assert ask(uow, "SPRING", booking_id) == [("coupon", -10_000)]
    assert ask(uow, None, booking_id) == []
    assert state(uow, booking_id) == "used"


def test_a_booking_that_was_not_made_lets_its_coupon_go(uow):
    define_coupon(uow)
    booking_id = uuid4()
    ask(uow, booking_id=booking_id)
    released = [coupons.release_coupon(uow=uow, booking_id=booking_id) for _ in range(2)]
    assert released == [{"released": True}, {"released": False}]
    assert ask(uow) == [("coupon", -10_000)]


def test_a_reservation_waits_an_hour_for_its_booking(uow):
    define_coupon(uow)
    waiting, booked = uuid4(), uuid4()
    ask(uow, booking_id=waiting)
    ask(uow, booking_id=booked, phone="+8613911112222")
    tell(uow, "booking.requested", booked, phone="+8613911112222")
    assert coupons.give_up_forgotten(uow=uow, now=NOON + HOUR) == 0
    assert coupons.give_up_forgotten(uow=uow, now=NOON + HOUR + timedelta(seconds=1)) == 1
    assert coupons.give_up_forgotten(uow=uow, now=NOON + 2 * HOUR) == 0
    assert (state(uow, waiting), state(uow, booked), taken(uow)) == ("returned", "used", 1)


def test_a_booking_that_was_told_of_late_has_its_coupon_all_the_same(uow):
    define_coupon(uow, stock=1)
    booking_id = uuid4()
    ask(uow, booking_id=booking_id)
    coupons.give_up_forgotten(uow=uow, now=NOON + 2 * HOUR)
    ask(uow, phone="+8613911112222")
    tell(uow, "booking.requested", booking_id)
    assert (state(uow, booking_id), taken(uow)) == ("used", 2)


# --- following the booking


def test_a_requested_booking_uses_its_coupon_once(uow):
    define_coupon(uow)
    booking_id = uuid4()
    ask(uow, booking_id=booking_id)
    deliver_twice(uow, following.follow_booking, booking_fact("booking.requested", booking_id))
    assert (state(uow, booking_id), taken(uow)) == ("used", 1)


@pytest.mark.parametrize("event_type", ["booking.cancelled", "booking.expired", "booking.rejected"])
def test_a_booking_that_ends_gives_its_coupon_back_once(uow, event_type):
    define_coupon(uow)
    booking_id = uuid4()
    ask(uow, booking_id=booking_id)
    tell(uow, "booking.requested", booking_id)
    over = booking_fact(event_type, booking_id, version=2)
    deliver_twice(uow, following.follow_booking, over)
    assert (state(uow, booking_id), taken(uow)) == ("returned", 0)
    assert ask(uow) == [("coupon", -10_000)]


def test_who_does_not_show_up_has_used_the_coupon(uow):
    define_coupon(uow)
    booking_id = uuid4()
    ask(uow, booking_id=booking_id)
    tell(uow, "booking.no_show", booking_id, version=2)
    assert (state(uow, booking_id), taken(uow)) == ("used", 1)


def test_a_late_payment_takes_the_coupon_again(uow):
    define_coupon(uow)
    booking_id = uuid4()
    ask(uow, booking_id=booking_id)
    tell(uow, "booking.expired", booking_id, version=2)
    tell(uow, "booking.confirmed", booking_id, version=3)
    assert (state(uow, booking_id), taken(uow)) == ("used", 1)


def test_facts_in_any_order_and_repeated_leave_the_coupon_where_the_booking_is(uow):
    define_coupon(uow, per_customer=None)
    types = ("requested", "expired", "confirmed", "cancelled")
    for order in permutations(range(4)):
        booking_id = uuid4()
        ask(uow, booking_id=booking_id)
        facts = [
            booking_fact(f"booking.{told}", booking_id, version=version)
            for version, told in enumerate(types)
        ]
        for fact in [facts[i] for i in order] + [facts[order[0]]]:
            try:
                deliver(uow, following.follow_booking, fact)
            except AlreadyHandledError:
                continue
        assert state(uow, booking_id) == "returned"
    assert taken(uow) == 0


def test_bookings_without_a_coupon_are_followed_as_before(uow):
    booking_id = uuid4()
    tell(uow, "booking.requested", booking_id)
    assert state(uow, booking_id) is None
