"""Prices that follow who serves, and money that must be of one kind to be added up."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.contracts.catalogue import NotTogether
from tests.integration.booking.studio import (
    FREE_SERVICE,
    PHOTOGRAPHER,
    START,
    Studio,
    deposit,
)
from tests.integration.booking.test_terms import ALBUM, OPEN_MATCH, album, quote, weekend

OTHER = UUID("00000000-0000-4000-8000-00000000b003")


def chief_costs(studio: Studio, cents: int) -> None:
    """More with the photographer, whom the studio's scheduling gives to everybody."""
    match = OPEN_MATCH | {"skill": "portrait", "skill_levels": [5]}
    weekend(studio, match=match, effect="add", value=cents)
    studio.scheduling.levels = {PHOTOGRAPHER: {"portrait": 5}, UUID(int=9): {"portrait": 5}}


@pytest.mark.parametrize("desk", [(), None])
@pytest.mark.parametrize("wish", ["resource_ids", "preferred"])
def test_who_serves_as_was_wished_counts_for_the_price(
    studio: Studio, wish: str, desk: Any
) -> None:
    chief_costs(studio, 100_000)
    monday = START + timedelta(days=2)
    asked = quote(studio, start=monday, **{wish: [PHOTOGRAPHER]})
    booked = studio.request(start=monday, desk=desk, **{wish: [PHOTOGRAPHER]})
    assert asked["total_cents"] == booked["total_cents"] == 499_900


def test_who_was_preferred_and_is_not_free_costs_nothing(studio: Studio) -> None:
    chief_costs(studio, 100_000)
    monday = START + timedelta(days=2)
    assert studio.request(start=monday, preferred=[UUID(int=9)])["total_cents"] == 399_900
    assert studio.request("plain", start=monday + timedelta(1))["total_cents"] == 399_900


@pytest.mark.parametrize(
    ("deal", "differs"),
    [
        ({"currency": "HKD"}, "currency"),
        ({"deposit": deposit("fixed", 5_000, money="earnest")}, "deposit_money"),
    ],
)
def test_services_whose_money_differs_are_booked_apart(
    studio: Studio, deal: dict[str, Any], differs: str
) -> None:
    studio.define(OTHER, **deal)
    for ask in (quote, Studio.request):
        with pytest.raises(NotTogether) as refusal:
            ask(studio, also=[OTHER])
        assert refusal.value.details == {"differs": differs}
    assert "hold" not in studio.scheduling.calls


def test_a_service_without_a_deposit_goes_with_any_and_the_one_that_asks_says_what_it_is(
    studio: Studio,
) -> None:
    studio.define(OTHER, price_cents=10_000, deposit=deposit("fixed", 5_000, money="earnest"))
    asked = quote(studio, service_id=FREE_SERVICE, also=[OTHER])
    assert (asked["deposit_cents"], asked["earnest_excess_cents"]) == (5_000, 0)
    booking_id = studio.request(service_id=FREE_SERVICE, also=[OTHER])["id"]
    assert studio.get(booking_id)["deposit_money"] == "earnest"


def test_what_is_sold_in_another_currency_is_not_picked_beside_it(studio: Studio) -> None:
    album(studio, currency="HKD")
    with pytest.raises(NotTogether):
        quote(studio, (ALBUM, 1))
