"""The console's lists: filters, search, and pages that neither repeat nor lose a booking."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.booking.domain.lifecycle import Action
from services.booking.usecases import catalogue, reading
from services.contracts.catalogue import ServiceUnknown
from services.contracts.errors import Invalid
from tests.integration.booking.studio import (
    BUND,
    HARBOUR,
    SERVICE,
    START,
    Studio,
    deal,
    role,
)

PEOPLE = [
    ("李娜", "13800138000"),
    ("张伟", "021-62134567"),
    ("Anna Li", "+852 2123 4567"),
    ("欧阳娜娜", "13912345678"),
]


def book(studio: Studio, count: int = 4) -> list[Any]:
    made = []
    for i in range(count):
        studio.now += timedelta(seconds=1)
        name, phone = PEOPLE[i % len(PEOPLE)]
        created = studio.request(
            f"key-{i}",
            start=START + timedelta(hours=4 * i),
            contact={"name": name, "phone": phone},
            branch_id=(BUND, HARBOUR)[i % 2],
        )
        made.append(created["id"])
    return made


def ids(page: dict[str, Any]) -> list[Any]:
    return [item["id"] for item in page["items"]]


def test_pages_follow_each_other_from_the_newest_request(studio: Studio) -> None:
    made = book(studio, 7)
    found: list[Any] = []
    cursor = None
    for expected in (3, 3, 1):
        page = studio.page(limit=3, cursor=cursor)
        assert len(page["items"]) == expected
        found += ids(page)
        cursor = page["next_cursor"]
    assert found == made[::-1]
    assert cursor is None


def test_a_new_booking_is_on_the_first_page_however_soon_it_starts(studio: Studio) -> None:
    book(studio, 3)
    studio.now += timedelta(minutes=5)
    soon = studio.request("soon", start=START - timedelta(days=1))["id"]
    assert ids(studio.page(limit=1)) == [soon]


def test_a_booking_made_meanwhile_neither_repeats_nor_hides_another(studio: Studio) -> None:
    made = book(studio, 4)
    first = studio.page(limit=2)
    studio.now += timedelta(seconds=1)
    studio.request("newest", start=START + timedelta(days=9))
    second = studio.page(limit=2, cursor=first["next_cursor"])
    assert ids(first) + ids(second) == made[::-1]


@pytest.mark.parametrize("cursor", ["nonsense", "", "e30=", "MjAyNi0xMS0wMiBub25l", "é"])
def test_a_cursor_of_somebody_else_is_invalid(studio: Studio, cursor: str) -> None:
    with pytest.raises(Invalid) as refusal:
        studio.page(cursor=cursor)
    assert refusal.value.details["errors"][0]["pointer"] == "/cursor"


def test_a_list_keeps_to_its_branches_and_status(studio: Studio) -> None:
    one, two, three, four = book(studio)
    studio.pay(two)
    assert ids(studio.page(branch_id=BUND)) == [three, one]
    assert ids(studio.page(branch_ids=[HARBOUR])) == [four, two]
    assert ids(studio.page(branch_id=BUND, branch_ids=[HARBOUR])) == []
    assert ids(studio.page(branch_ids=[])) == []
    assert ids(studio.page(status="confirmed")) == [two]
    (item,) = studio.page(status="confirmed")["items"]
    assert (item["payment_status"], item["paid_cents"]) == ("deposit_paid", 50_000)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("李娜", [0]),
        ("娜", [0, 3]),
        ("娜娜", [3]),
        ("娜李", []),
        ("li", [2]),
        ("anna l", [2]),
        ("8000", [0]),
        ("138 0013 8000", [0]),
        ("02162134567", [1]),
        ("+852", [2]),
        ("YQ2611-000002", [1]),
        ("yq2611", [0, 1, 2, 3]),
        ("%", []),
        (" - ", [0, 1, 2, 3]),
    ],
)
def test_a_booking_is_found_by_number_name_or_phone(
    studio: Studio, q: str, found: list[int]
) -> None:
    made = book(studio)
    assert ids(studio.page(q=q)) == [made[i] for i in reversed(found)]


def test_days_are_those_of_each_branch(studio: Studio) -> None:
    def at(hour: int, zone: str) -> datetime:
        return datetime(2026, 11, 20, hour, tzinfo=ZoneInfo(zone))

    shanghai = studio.request("s", start=at(0, "Asia/Shanghai"))["id"]
    studio.now += timedelta(seconds=1)
    new_york = studio.request("n", start=at(23, "America/New_York"), branch_id=HARBOUR)["id"]
    day = date(2026, 11, 20)
    assert ids(studio.page(from_=day, to=day)) == [new_york, shanghai]
    assert ids(studio.page(from_=day + timedelta(days=1))) == []
    assert ids(studio.page(to=day - timedelta(days=1))) == []
    assert len(ids(studio.page(from_=date.min, to=date.max))) == 2


def test_summaries_leave_out_what_is_unknown(studio: Studio) -> None:
    one, two = book(studio, 2)
    asked = [two, one, BUND]
    found = reading.summarise(uow=studio.uow, booking_ids=asked)["items"]
    assert {item["id"]: item["contact_name"] for item in found} == {one: "李娜", two: "张伟"}


def test_packages_are_listed_in_the_studios_order(studio: Studio) -> None:
    studio.define(branch_ids=[HARBOUR], position=5)
    everywhere = catalogue.list_services(uow=studio.uow, branch_id=None)["items"]
    assert [package["price_cents"] for package in everywhere] == [20_000, 399_900]
    assert len(catalogue.list_services(uow=studio.uow, branch_id=BUND)["items"]) == 1
    assert everywhere[0]["duration_minutes"] == 180
    assert everywhere[0]["roles"][0]["name"] == {"zh": "化妆师", "en": "Make-up artist"}


def test_a_package_shows_what_it_needs_now(studio: Studio) -> None:
    needs = {name: deal()[name] for name in catalogue.NEEDS}
    needs |= {"roles": [role("drone", 0, 45) | {"skills": {"night": 3}}], "duration_minutes": 45}
    needs["day_parts"] = [{"part": "morning", "opens": time(9), "closes": time(12)}]
    defined = catalogue.define_service_requirement(
        uow=studio.uow, scheduling=studio.scheduling, service_id=SERVICE, **needs
    )
    assert defined["day_parts"][0]["opens"] == time(9)
    items = catalogue.list_services(uow=studio.uow, branch_id=BUND)["items"]
    (package,) = (one for one in items if one["id"] == SERVICE)
    assert (package["duration_minutes"], package["price_cents"]) == (45, 399_900)
    assert package["roles"][0]["name"] == {"zh": "drone", "en": "drone"}
    assert package["roles"][0]["skills"] == {"night": 3}


def test_only_a_package_that_is_sold_has_needs(studio: Studio) -> None:
    needs = {name: deal()[name] for name in catalogue.NEEDS}
    before = len(studio.scheduling.requirements)
    with pytest.raises(ServiceUnknown):
        catalogue.define_service_requirement(
            uow=studio.uow, scheduling=studio.scheduling, service_id=UUID(int=9), **needs
        )
    assert len(studio.scheduling.requirements) == before


def test_a_list_is_narrowed_to_where_the_orders_stand(studio: Studio) -> None:
    made = {
        "to_confirm": studio.request("a")["id"],
        "to_serve": studio.confirmed("b", start=START + timedelta(hours=3)),
        "to_pay": studio.confirmed("c", start=START + timedelta(hours=6)),
        "done": studio.confirmed("d", start=START + timedelta(hours=9)),
        "closed": studio.confirmed("e", start=START + timedelta(hours=12)),
    }
    studio.cancel(made["closed"])
    studio.pay(made["done"], "balance")
    studio.now = START + timedelta(hours=10)
    for name in ("to_pay", "done"):
        for action in (Action.CHECK_IN, Action.COMPLETE):
            studio.serve(made[name], action)
    for name, booking_id in made.items():
        (item,) = studio.page(order_status=name)["items"]
        assert (item["id"], item["order_status"]) == (booking_id, name)
        assert studio.get(booking_id)["order_status"] == name
