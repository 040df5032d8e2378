"""Alipay, against a server that speaks its protocol with keys of its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from services.booking.payments import Bill, Outcome, Provider, RefundOutcome, offered
from services.booking.settings import Settings
from services.chassis.settings import load
from services.contracts.payments import (
    NotificationInvalid,
    PaymentUnsupported,
    ProviderUnavailable,
    SignatureInvalid,
)
from tests.integration.booking.payments.asking import ENVIRON, IMPATIENT, NOW, Clock, bill, refund
from tests.providers.alipay_server import (
    ALIPAY_KEY,
    APP_ID,
    APP_KEY,
    FORGERS_KEY,
    SELLER_ID,
    AlipayServer,
    refused,
)
from tests.providers.server import private_pem, public_pem

DAY = NOW.date() - timedelta(days=1)


class Account:
    """A studio's account with Alipay: our provider, their server, and one clock."""

    def __init__(self, clock: Clock, server: AlipayServer) -> None:
        self.clock = clock
        self.server = server
        self.provider = self.provided()

    def provided(self, **changes: str) -> Provider:
        environ = {
            "ALIPAY_APP_ID": APP_ID,
            "ALIPAY_SELLER_ID": SELLER_ID,
            # Alipay's tool writes keys as base64 alone.
            "ALIPAY_PRIVATE_KEY": "".join(private_pem(APP_KEY).splitlines()[1:-1]),
            "ALIPAY_PUBLIC_KEY": "".join(public_pem(ALIPAY_KEY).splitlines()[1:-1]),
            "ALIPAY_URL": f"{self.server.url}/gateway.do",
        }
        return offered.__wrapped__(load(Settings, ENVIRON | environ | changes))["alipay"]

    def opened(self, **changes: Any) -> Bill:
        """A bill whose page the payer has opened."""
        wanted = bill(**changes)
        self.server.open_page(self.provider.create(wanted, now=self.clock()).url)
        return wanted

    def paid(self, **changes: Any) -> Bill:
        wanted = self.opened(**changes)
        self.server.pay(wanted.payment_id.hex)
        return wanted

    def take(self, callback: dict[str, Any]) -> Outcome | RefundOutcome | None:
        return self.provider.verify(**callback, now=self.clock())

    def query(self, wanted: Bill) -> Outcome | None:
        return self.provider.query(wanted, now=self.clock())


@pytest.fixture
def account() -> Iterator[Account]:
    clock = Clock()
    server = AlipayServer(clock)
    with server.running():
        yield Account(clock, server)


# --- ways to pay


@pytest.mark.parametrize(
    ("scene", "method", "product"),
    [
        ("page", "alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
        ("wap", "alipay.trade.wap.pay", "QUICK_WAP_WAY"),
    ],
)
def test_the_browser_goes_to_a_signed_address(
    account: Account, scene: str, method: str, product: str
) -> None:
    wanted = bill(scene=scene)
    checkout = account.provider.create(wanted, now=NOW)
    values = {k: v[0] for k, v in parse_qs(urlsplit(checkout.url).query).items()}
    content = orjson.loads(values["biz_content"])
    assert (checkout.kind, values["method"], content["product_code"]) == (
        "redirect",
        method,
        product,
    )
    assert values["notify_url"] == "https://studio.test/api/v1/payments/alipay/notify"
    assert values["return_url"] == wanted.return_url
    assert (content["total_amount"], content["time_expire"]) == ("500.00", "2026-11-22 12:15:00")
    assert account.server.open_page(checkout.url)["trade_status"] == "WAIT_BUYER_PAY"
    assert account.server.asked == []


def test_a_title_with_signs_that_alipay_refuses_is_tidied(account: Account) -> None:
    account.opened(title={"zh": "A/B=C&D,全家福" * 40, "en": ""})


@pytest.mark.parametrize(
    ("changes", "reason"), [({"scene": "native"}, "scene"), ({"currency": "HKD"}, "currency")]
)
def test_what_cannot_be_collected_is_refused(
    account: Account, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PaymentUnsupported) as refusal:
        account.provider.create(bill(**changes), now=NOW)
    assert refusal.value.details == {"reason": reason}


# --- callbacks


def test_a_paid_trade_is_told(account: Account) -> None:
    wanted = account.paid()
    told = account.take(account.server.callback(wanted.payment_id.hex))
    reference = account.server.trades[wanted.payment_id.hex]["trade_no"]
    assert told == Outcome(wanted.payment_id, reference, True, 50_000, "CNY", NOW)
    assert account.provider.acknowledgement.body == "success"


def test_a_callback_signed_by_somebody_else_is_refused(account: Account) -> None:
    number = account.paid().payment_id.hex
    with pytest.raises(SignatureInvalid):
        account.take(account.server.callback(number, by=FORGERS_KEY))


def test_a_callback_that_was_changed_is_refused(account: Account) -> None:
    callback = account.server.callback(account.paid().payment_id.hex)
    body = callback["body"]
    changed = [
        body.replace("500.00", "1.00"),
        body.replace("TRADE_SUCCESS", "TRADE_CLOSED"),
        body + "&more=1",
        body.replace("&sign=", "&sign=AAAA"),
        body.split("&sign=")[0],
        "",
        "{}",
    ]
    for other in changed:
        assert other != body
        with pytest.raises(SignatureInvalid):
            account.take(callback | {"body": other})
    assert account.take(callback) is not None


def test_a_replay_says_the_same_while_alipay_would_repeat_it_and_is_refused_afterwards(
    account: Account,
) -> None:
    callback = account.server.callback(account.paid().payment_id.hex)
    first = account.take(callback)
    account.clock.pass_(hours=25)
    assert account.take(callback) == first
    account.clock.pass_(hours=1, seconds=1)
    with pytest.raises(SignatureInvalid) as refusal:
        account.take(callback)
    assert refusal.value.details == {"reason": "stale"}
    account.clock.now = NOW - timedelta(minutes=11)
    with pytest.raises(SignatureInvalid):
        account.take(callback)


@pytest.mark.parametrize(
    "changes",
    [
        {"app_id": "2021000000000002"},
        {"seller_id": "2088000000000002"},
        {"out_trade_no": "another-system-1"},
        {"total_amount": "a lot"},
        {"total_amount": "1.001"},
        {"total_amount": "NaN"},
        {"notify_time": "yesterday"},
        {"gmt_payment": "2026"},
    ],
)
def test_what_is_not_for_us_or_makes_no_sense_is_refused(
    account: Account, changes: dict[str, str]
) -> None:
    number = account.paid().payment_id.hex
    with pytest.raises(NotificationInvalid):
        account.take(account.server.callback(number, **changes))


def test_another_amount_is_told_as_it_is(account: Account) -> None:
    told = account.take(account.server.callback(account.paid().payment_id.hex, total_amount="0.01"))
    assert isinstance(told, Outcome)
    assert told.amount_cents == 1


def test_a_trade_that_waits_for_its_payer_decides_nothing(account: Account) -> None:
    assert account.take(account.server.callback(account.opened().payment_id.hex)) is None


def test_a_trade_that_nobody_paid_has_failed(account: Account) -> None:
    wanted = account.opened()
    account.provider.close(wanted, now=NOW)
    told = account.take(account.server.callback(wanted.payment_id.hex))
    assert isinstance(told, Outcome)
    assert (told.succeeded, told.amount_cents) == (False, 50_000)


def test_a_finished_trade_was_paid(account: Account) -> None:
    number = account.paid().payment_id.hex
    told = account.take(account.server.callback(number, trade_status="TRADE_FINISHED"))
    assert isinstance(told, Outcome)
    assert told.succeeded


# --- asking what became of it


def test_silence_is_followed_by_a_question(account: Account) -> None:
    wanted = account.opened()
    assert account.query(wanted) is None
    account.server.pay(wanted.payment_id.hex)
    assert account.query(wanted) == account.take(account.server.callback(wanted.payment_id.hex))


def test_a_page_that_was_never_opened_is_open(account: Account) -> None:
    assert account.query(bill()) is None


def test_a_trade_that_was_given_back_whole_was_paid(account: Account) -> None:
    wanted = account.paid()
    account.provider.refund(refund(wanted, 50_000), now=NOW)
    assert account.server.trades[wanted.payment_id.hex]["trade_status"] == "TRADE_CLOSED"
    outcome = account.query(wanted)
    assert outcome is not None
    assert outcome.succeeded


@pytest.mark.parametrize("trouble", ["silent", "lost", "slow", "broken", "garbage", "down"])
def test_an_unknown_outcome_is_never_a_failure(account: Account, trouble: str) -> None:
    wanted = account.paid()
    back = refund(wanted)
    account.server.trouble = trouble
    provider = account.provided(**IMPATIENT)
    for ask in (
        lambda: provider.query(wanted, now=NOW),
        lambda: provider.close(wanted, now=NOW),
        lambda: provider.refund(back, now=NOW),
        lambda: provider.query_refund(back, now=NOW),
        lambda: provider.statement(DAY, now=NOW),
    ):
        with pytest.raises(ProviderUnavailable):
            ask()
    account.server.trouble = None
    outcome = account.provider.refund(back, now=NOW)
    assert outcome.state == "succeeded"
    assert len(account.server.refunds) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "20000", "msg": "Service Currently Unavailable", "sub_code": "isp.unknow-error"},
        refused("ACQ.SYSTEM_ERROR"),
        refused("aop.ACQ.SYSTEM_ERROR"),
        {"code": "40006", "msg": "Insufficient Permissions", "sub_code": "isv.no-permission"},
    ],
)
def test_trouble_within_alipay_is_no_word_on_a_payment(
    account: Account, answer: dict[str, str]
) -> None:
    wanted = account.paid()
    account.server.refusal = answer
    for ask in (
        lambda: account.provider.query(wanted, now=NOW),
        lambda: account.provider.refund(refund(wanted), now=NOW),
        lambda: account.provider.close(wanted, now=NOW),
    ):
        with pytest.raises(ProviderUnavailable):
            ask()


def test_an_answer_that_was_changed_on_the_way_is_not_believed(account: Account) -> None:
    wanted = account.paid()
    account.server.body_is_swapped = True
    with pytest.raises(ProviderUnavailable):
        account.query(wanted)
    account.server.body_is_swapped = False
    account.server.signs_with = FORGERS_KEY
    with pytest.raises(ProviderUnavailable):
        account.query(wanted)


def test_our_wrong_key_is_no_word_on_a_payment(account: Account) -> None:
    wanted = account.paid()
    account.provider = account.provided(ALIPAY_PRIVATE_KEY=private_pem(FORGERS_KEY))
    with pytest.raises(ProviderUnavailable):
        account.query(wanted)


def test_closing(account: Account) -> None:
    wanted = account.opened()
    assert account.provider.close(wanted, now=NOW) is True
    assert account.provider.close(wanted, now=NOW) is True
    assert account.provider.close(bill(), now=NOW) is True
    assert account.provider.close(account.paid(), now=NOW) is False


# --- refunds


def test_a_payment_goes_back_in_parts_and_no_further(account: Account) -> None:
    wanted = account.paid()
    for part in (20_000, 30_000):
        outcome = account.provider.refund(refund(wanted, part), now=NOW)
        assert (outcome.state, outcome.amount_cents) == ("succeeded", part)
    more = account.provider.refund(refund(wanted, 1), now=NOW)
    assert (more.state, more.reason) == ("failed", "REFUND_AMT_NOT_EQUAL_TOTAL")


def test_the_same_refund_twice_gives_nothing_more(account: Account) -> None:
    back = refund(account.paid())
    first = account.provider.refund(back, now=NOW)
    assert account.provider.refund(back, now=NOW) == first
    assert account.provider.query_refund(back, now=NOW) == first
    assert len(account.server.refunds) == 1


def test_a_repetition_that_is_refused_has_not_undone_the_refund(account: Account) -> None:
    back = refund(account.paid())
    first = account.provider.refund(back, now=NOW)
    assert account.provider.refund(replace(back, amount_cents=1), now=NOW) == first


def test_a_refund_that_moves_no_money_yet_is_pending(account: Account) -> None:
    back = refund(account.paid())
    account.server.refunds_wait = True
    waiting = account.provider.refund(back, now=NOW)
    assert (waiting.state, waiting.settled_at) == ("pending", None)
    account.server.refunds_wait = False
    assert account.provider.refund(back, now=NOW).state == "succeeded"


def test_a_refund_that_never_arrived_is_unknown(account: Account) -> None:
    assert account.provider.query_refund(refund(account.paid()), now=NOW) is None
    assert account.provider.query_refund(refund(bill()), now=NOW) is None


def test_a_refund_of_what_was_never_paid_fails(account: Account) -> None:
    outcome = account.provider.refund(refund(bill()), now=NOW)
    assert (outcome.state, outcome.reason) == ("failed", "TRADE_NOT_EXIST")


def test_a_callback_of_a_refund_tells_of_that_refund_alone(account: Account) -> None:
    wanted = account.paid()
    account.provider.refund(refund(wanted, 20_000), now=NOW)
    second = refund(wanted, 30_000)
    made = account.provider.refund(second, now=NOW)
    # The callback holds the sum of both, and says that the trade is closed.
    told = account.take(account.server.refund_callback(second.refund_id.hex))
    assert told == made


def test_callbacks_in_any_order_say_what_they_say(account: Account) -> None:
    wanted = account.paid()
    paid = account.server.callback(wanted.payment_id.hex)
    back = refund(wanted)
    account.provider.refund(back, now=NOW)
    assert isinstance(
        account.take(account.server.refund_callback(back.refund_id.hex)), RefundOutcome
    )
    told = account.take(paid)
    assert isinstance(told, Outcome)
    assert told.succeeded


def test_a_refund_that_staff_made_at_alipay_is_left_to_the_reconciliation(account: Account) -> None:
    back = refund(account.paid())
    account.provider.refund(back, now=NOW)
    callback = account.server.refund_callback(back.refund_id.hex, out_biz_no="202611220001")
    assert account.take(callback) is None


# --- the day's statement


def test_the_bill_of_a_day_is_read(account: Account) -> None:
    wanted = account.paid()
    back = refund(wanted)
    account.provider.refund(back, now=NOW)
    server, trade, made = account.server, wanted.payment_id.hex, back.refund_id.hex
    server.bill = [
        server.bill_line(trade),
        server.bill_line(trade, made),
        server.bill_line(trade, 业务类型="其它"),
    ]
    paid, refunded = account.provider.statement(DAY, now=NOW)
    assert (paid.key, paid.sum, paid.fee_cents) == (("payment", trade), (50_000, "CNY"), 300)
    assert (paid.settled_at, paid.reference) == (NOW, server.trades[trade]["trade_no"])
    assert (refunded.key, refunded.sum) == (("refund", made), (20_000, "CNY"))
    assert refunded.fee_cents == -60


def test_no_bill_means_no_trades_only_when_it_ought_to_be_made(account: Account) -> None:
    assert list(account.provider.statement(DAY, now=NOW)) == []
    with pytest.raises(ProviderUnavailable):
        account.provider.statement(DAY, now=NOW - timedelta(seconds=1))


def test_a_bill_that_breaks_off_is_not_read(account: Account) -> None:
    account.server.bill = [account.server.bill_line(account.paid().payment_id.hex)]
    account.server.bill_has_end = False
    with pytest.raises(ProviderUnavailable):
        account.provider.statement(DAY, now=NOW)


@pytest.mark.parametrize("line", ["a,b", "nonsense", '"'])
def test_a_bill_with_a_strange_line_is_not_read(account: Account, line: str) -> None:
    account.server.bill = [account.server.bill_line(account.paid().payment_id.hex), line]
    with pytest.raises(ProviderUnavailable):
        account.provider.statement(DAY, now=NOW)
