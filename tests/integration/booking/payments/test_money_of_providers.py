"""The whole way of money through WeChat Pay and Alipay, their callbacks in every order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

import pytest

from services.booking import views
from services.booking.models import Booking, Payment
from services.booking.payments import Bill, Outcome, Provider
from services.booking.usecases import paying
from services.contracts.payments import (
    NotificationInvalid,
    PaymentUnknown,
    ProviderUnavailable,
    SignatureInvalid,
)
from tests.integration.booking.payments import test_alipay, test_wechat_pay
from tests.integration.booking.payments.asking import Clock
from tests.integration.booking.studio import Studio
from tests.providers.alipay_server import AlipayServer
from tests.providers.wechat_pay_server import WeChatPayServer

CHARGE, DEPOSIT = ("charge", 399_900), ("payment", -50_000)


class Payers(Protocol):
    """What a provider's side does in these tests."""

    provider: Provider
    server: Any
    other_currency: dict[str, Any]
    other_app: dict[str, str]
    closed: dict[str, str]

    def pays(self, payment_id: UUID) -> None: ...
    def paid(self, payment_id: UUID, **changes: Any) -> dict[str, Any]: ...
    def refunded(self, refund_id: UUID) -> dict[str, Any]: ...


@dataclass
class WeChatPayers:
    provider: Provider
    server: WeChatPayServer
    other_currency = {"amount": {"total": 50_000, "currency": "USD"}}
    other_app = {"appid": "wx0000000000000002"}
    closed = {"trade_state": "CLOSED"}

    def pays(self, payment_id: UUID) -> None:
        self.server.pay(payment_id.hex)

    def paid(self, payment_id: UUID, **changes: Any) -> dict[str, Any]:
        return self.server.paid_callback(payment_id.hex, **changes)

    def refunded(self, refund_id: UUID) -> dict[str, Any]:
        return self.server.refund_callback(refund_id.hex)


@dataclass
class AlipayPayers:
    provider: Provider
    server: AlipayServer
    other_currency = {"trans_currency": "USD"}
    other_app = {"app_id": "2021000000000002"}
    closed = {"trade_status": "TRADE_CLOSED", "gmt_payment": ""}

    def pays(self, payment_id: UUID) -> None:
        self.server.pay(payment_id.hex)

    def paid(self, payment_id: UUID, **changes: Any) -> dict[str, Any]:
        return self.server.callback(payment_id.hex, **changes)

    def refunded(self, refund_id: UUID) -> dict[str, Any]:
        return self.server.refund_callback(refund_id.hex)


@contextmanager
def wechat_pay(clock: Clock) -> Iterator[WeChatPayers]:
    server = WeChatPayServer(clock, clock() - timedelta(days=30))
    with server.running():
        yield WeChatPayers(test_wechat_pay.Account(clock, server).provider, server)


@contextmanager
def alipay(clock: Clock) -> Iterator[AlipayPayers]:
    server = AlipayServer(clock)
    with server.running():
        yield AlipayPayers(test_alipay.Account(clock, server).provider, server)


class Counter:
    """A studio that is paid through one provider."""

    def __init__(self, studio: Studio, clock: Clock, payers: Payers) -> None:
        self.studio, self.clock, self.payers = studio, clock, payers
        studio.providers = {payers.provider.name: payers.provider}  # type: ignore[dict-item]
        self.booking_id: UUID = studio.request()["id"]
        self.payment_id = self.start()

    def start(self) -> UUID:
        started = paying.start_payment(
            **self.studio.reaching,
            providers=self.studio.providers,
            booking_id=self.booking_id,
            access=self.studio.staff(),
            kind="deposit",
            provider=self.payers.provider.name,
        )
        if started["kind"] == "redirect":
            self.payers.server.open_page(started["pay_url"])
        payment_id: UUID = started["payment_id"]
        return payment_id

    def take(self, callback: dict[str, Any]) -> dict[str, Any]:
        return paying.take_notification(
            **self.studio.reaching,
            providers=self.studio.providers,
            provider=self.payers.provider.name,
            **callback,
        )

    @property
    def status(self) -> tuple[str, str]:
        booking = self.studio.get(self.booking_id)
        return booking["status"], booking["payment_status"]


@pytest.fixture(params=[wechat_pay, alipay], ids=["wechat_pay", "alipay"])
def counter(request: pytest.FixtureRequest, studio: Studio) -> Iterator[Counter]:
    clock = Clock(studio.now)
    opened: Callable[[Clock], Any] = request.param
    with opened(clock) as payers:
        yield Counter(studio, clock, payers)


def refund_of(counter: Counter) -> Any:
    (requested,) = counter.studio.facts("refund.requested")
    return requested


def test_a_deposit_confirms_and_a_cancellation_gives_it_back(counter: Counter) -> None:
    counter.payers.pays(counter.payment_id)
    answer = counter.take(counter.payers.paid(counter.payment_id))
    assert answer["status"] in (200, 204)
    assert counter.status == ("confirmed", "deposit_paid")
    counter.studio.cancel(counter.booking_id)
    assert counter.studio.refund(refund_of(counter)) is True
    assert counter.status == ("cancelled", "refunded")
    assert counter.studio.ledger(counter.booking_id).count(("refund", 50_000)) == 1


def test_a_replayed_callback_counts_once(counter: Counter) -> None:
    counter.payers.pays(counter.payment_id)
    callback = counter.payers.paid(counter.payment_id)
    assert counter.take(callback) == counter.take(callback)
    assert counter.studio.ledger(counter.booking_id) == [CHARGE, DEPOSIT]
    assert counter.studio.told().count("payment.succeeded") == 1


def test_callbacks_of_refund_and_payment_in_the_wrong_order_change_nothing_more(
    counter: Counter,
) -> None:
    counter.payers.pays(counter.payment_id)
    paid = counter.payers.paid(counter.payment_id)
    counter.take(paid)
    counter.studio.cancel(counter.booking_id)
    requested = refund_of(counter)
    counter.studio.refund(requested)
    refund_id = requested.payload["refund_id"]
    before = counter.studio.ledger(counter.booking_id), counter.studio.told()
    counter.take(counter.payers.refunded(refund_id))
    counter.take(paid)
    counter.take(counter.payers.refunded(refund_id))
    assert (counter.studio.ledger(counter.booking_id), counter.studio.told()) == before
    assert counter.status == ("cancelled", "refunded")


def test_forged_and_foreign_callbacks_write_nothing(counter: Counter) -> None:
    counter.payers.pays(counter.payment_id)
    good = counter.payers.paid(counter.payment_id)
    before = counter.studio.told()
    with pytest.raises(SignatureInvalid):
        counter.take(good | {"body": good["body"] + " "})
    with pytest.raises(NotificationInvalid):
        counter.take(counter.payers.paid(counter.payment_id, **counter.payers.other_app))
    with pytest.raises(NotificationInvalid):
        counter.take(counter.payers.paid(counter.payment_id, **counter.payers.other_currency))
    stranger = {"out_trade_no": UUID(int=7).hex}
    with pytest.raises(PaymentUnknown):
        counter.take(counter.payers.paid(counter.payment_id, **stranger))
    assert counter.studio.told() == before
    assert counter.studio.payment(counter.payment_id).state == "pending"


def test_a_failure_after_the_success_is_ignored(counter: Counter) -> None:
    counter.payers.pays(counter.payment_id)
    counter.take(counter.payers.paid(counter.payment_id))
    counter.take(counter.payers.paid(counter.payment_id, **counter.payers.closed))
    assert counter.status == ("confirmed", "deposit_paid")
    assert "payment.failed" not in counter.studio.told()


def test_after_silence_the_answer_to_a_question_does_what_the_callback_would(
    counter: Counter,
) -> None:
    counter.payers.pays(counter.payment_id)
    outcome = counter.payers.provider.query(_bill(counter), now=counter.clock())
    assert isinstance(outcome, Outcome)
    name = counter.payers.provider.name
    paying.record_outcome(
        uow=counter.studio.uow, now=counter.clock(), provider=name, outcome=outcome
    )
    counter.studio.settle(counter.studio.facts("payment.succeeded")[0])
    assert counter.status == ("confirmed", "deposit_paid")
    counter.take(counter.payers.paid(counter.payment_id))
    assert counter.studio.ledger(counter.booking_id) == [CHARGE, DEPOSIT]


def _bill(counter: Counter) -> Bill:
    with counter.studio.uow.read() as session:
        booking = session.get_one(Booking, counter.booking_id)
        payment = session.get_one(Payment, counter.payment_id)
        return views.bill(booking, payment, counter.studio.links)


def test_a_refund_whose_answer_was_lost_is_made_once(counter: Counter) -> None:
    counter.payers.pays(counter.payment_id)
    counter.take(counter.payers.paid(counter.payment_id))
    counter.studio.cancel(counter.booking_id)
    requested = refund_of(counter)
    counter.payers.server.trouble = "lost"
    with pytest.raises(ProviderUnavailable):
        counter.studio.refund(requested)
    assert counter.status == ("cancelled", "refunding")
    counter.payers.server.trouble = None
    assert counter.studio.refund(requested) is True
    assert counter.status == ("cancelled", "refunded")
    assert len(counter.payers.server.refunds) == 1
