"""Where an order stands is read off its booking's status and what is open."""

import pytest

from services.booking.domain.lifecycle import Status
from services.booking.domain.orders import OrderStatus, order_status, statuses_of
from services.contracts.orders import ORDER_STATUSES


@pytest.mark.parametrize(
    ("status", "stands"),
    [
        ("held", "to_confirm"),
        ("pending", "to_confirm"),
        ("confirmed", "to_serve"),
        ("checked_in", "to_serve"),
        ("in_service", "to_serve"),
        ("completed", "to_pay"),
        ("cancelled", "closed"),
        ("expired", "closed"),
        ("rejected", "closed"),
        ("no_show", "closed"),
    ],
)
def test_only_who_was_served_and_still_owes_has_to_pay(status: str, stands: str) -> None:
    assert order_status(status, 1) == stands
    paid = "done" if status == "completed" else stands
    assert [order_status(status, cents) for cents in (0, -1)] == [paid, paid]


def test_every_status_is_found_again_by_where_its_order_stands() -> None:
    for status in Status:
        for cents in (-1, 0, 1):
            assert status in statuses_of(order_status(status, cents))
    assert [str(each) for each in OrderStatus] == list(ORDER_STATUSES)
