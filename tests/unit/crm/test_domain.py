"""What crm decides without a database."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts import booking, cash, notification  # noqa: F401  (declare what is heard)
from services.contracts.registry import EVENTS
from services.crm import domain
from services.notification.templates import TEMPLATES

CREATED_AT = datetime(2026, 11, 25, 4, 0, 0, 123456, tzinfo=UTC)
HEARD = [event for event in EVENTS.values() if "crm" in event.consumers]


@pytest.mark.parametrize("event", HEARD, ids=lambda event: event.type)
def test_every_fact_that_is_heard_has_a_title_in_both_languages(event):
    title = domain.TIMELINE[event.type].title
    assert title["zh"]
    assert title["en"]


@pytest.mark.parametrize("event", HEARD, ids=lambda event: event.type)
def test_the_timeline_keeps_only_fields_that_the_fact_has(event):
    assert set(domain.TIMELINE[event.type].details) <= set(event.payload.fields)


@pytest.mark.parametrize("entry", domain.TIMELINE.values(), ids=lambda entry: entry.en)
def test_the_timeline_keeps_no_contact_data(entry):
    assert not {"contact", "recipient", "manage_url"} & set(entry.details)


def test_the_timeline_knows_nothing_that_is_not_heard():
    assert set(domain.TIMELINE) == {event.type for event in HEARD}


@pytest.mark.parametrize("template", sorted(set(TEMPLATES) - domain.ABOUT_NO_BOOKING))
def test_every_message_has_a_title_of_its_own(template):
    titles = [domain.title_of("message.sent", {"template": t}) for t in (template, "other")]
    assert titles[0] != titles[1] == {"zh": "消息已发送", "en": "Message sent"}
    assert set(domain.MESSAGE_TITLES) | domain.ABOUT_NO_BOOKING == set(TEMPLATES)


def test_instants_in_details_are_json():
    payload = {"number": "YQ1", "start": CREATED_AT, "contact": {"name": "王小丽"}}
    assert domain.details_of("booking.confirmed", payload) == {
        "number": "YQ1",
        "start": "2026-11-25T04:00:00.123456+00:00",
    }


@pytest.mark.parametrize("text", [None, "", "  "])
def test_a_blank_search_is_none(text):
    assert domain.read_search(text) is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("1111", "1111"),
        ("+86 138-0000-1111", "8613800001111"),
        ("(021) 6426", "0216426"),
        ("王小丽", ""),
        ("Room 8", ""),
        ("+", ""),
    ],
)
def test_only_what_looks_like_a_phone_is_searched_as_one(text, digits):
    assert domain.read_search(text) == domain.Search(name=text, digits=digits)


@given(price=st.integers(0, 10**9), basis_points=st.integers(0, 10_000))
def test_a_share_is_never_more_than_its_whole_and_all_of_it_is_the_whole(price, basis_points):
    assert 0 <= domain.share_of(price, basis_points) <= price
    assert domain.share_of(price, 10_000) == price


@pytest.mark.parametrize(
    ("worth", "off"),
    [
        ({"amount_cents": 10_000, "basis_points": None}, 10_000),
        ({"amount_cents": 60_000, "basis_points": None}, 50_000),
        ({"amount_cents": None, "basis_points": 1_250}, 6_250),
    ],
)
def test_a_coupon_takes_off_its_amount_or_share_and_never_more_than_the_price(worth, off):
    assert domain.coupon_worth(**worth, price_cents=50_000) == off


@pytest.mark.parametrize(("cents", "points"), [(1, 1), (100, 1), (101, 2), (1_000, 10)])
def test_a_part_of_a_point_is_paid_with_a_whole_one(cents, points):
    assert domain.points_for(cents, 100) == points


def test_points_are_earned_for_parts_of_a_hundred_and_never_lost_for_what_was_paid_back():
    assert domain.points_earned(199_950, 10) == 199
    assert domain.points_earned(-5_000, 10) == 0


@given(spent=st.integers(1, 10**6), parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_what_comes_back_in_parts_grows_and_ends_at_all_that_was_spent(spent, parts):
    whole = sum(parts)
    back = [
        domain.returned_amount(spent=spent, spent_cents=whole, returned_cents=sum(parts[:n]))
        for n in range(len(parts) + 1)
    ]
    assert back == sorted(back)
    assert (back[0], back[-1]) == (0, spent)
