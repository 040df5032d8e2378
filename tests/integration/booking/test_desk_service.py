"""The desk's payouts and the daily comparison over the wire: the service's own methods."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from services.booking.queries import bookings
from services.booking.usecases import reconciling
from services.booking.usecases.owing import owe
from services.chassis import clock
from services.contracts.cash import PayoutExceedsDebt
from tests.harness import Running
from tests.integration.booking.studio import STAFF, Studio
from tests.integration.booking.test_reconciling import Biller


@pytest.fixture
def system(running: Callable[..., Running]) -> Running:
    return running("booking")


def owing(studio: Studio) -> UUID:
    studio.define()
    booking_id: UUID = studio.request()["id"]
    with studio.uow.begin() as tx:
        booking = bookings.lock_booking(tx.session, booking_id)
        assert booking is not None
        owe(tx, booking, 50_000, studio.now)
    return booking_id


def test_what_is_owed_is_paid_out_over_the_wire(system: Running) -> None:
    booking_id = owing(Studio(system.uow("booking")))
    of = {"booking_id": str(booking_id), "access": {"staff_id": str(STAFF)}}
    booking = system.call("booking")
    assert booking.list_payouts(**of)["owed_cents"] == 50_000
    command = {"method": "cash", "amount_cents": 20_000, "idempotency_key": "k"}
    after = booking.pay_out(**of, **command)
    assert booking.pay_out(**of, **command) == after
    assert (after["owed_cents"], after["items"][0]["method"]) == (30_000, "cash")
    with pytest.raises(PayoutExceedsDebt) as refusal:
        booking.pay_out(**of, **command | {"amount_cents": 30_001, "idempotency_key": "l"})
    assert refusal.value.details == {"owed_cents": 30_000}


def test_what_came_of_the_last_days_is_told_over_the_wire(system: Running) -> None:
    now = clock.now().replace(hour=4)  # noon where the providers are: statements are there
    providers = {"alipay": Biller()}
    uow = system.uow("booking")
    reconciling.compare_days(uow=uow, now=now, providers=providers)  # type: ignore[arg-type]
    (kept,) = system.call("booking").list_reconciliations(days=3)["items"]
    assert (kept["provider"], kept["agrees"], kept["error"]) == ("alipay", True, None)
    assert kept["day"] == str((now - timedelta(days=1)).date())
