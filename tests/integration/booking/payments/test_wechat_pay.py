"""WeChat Pay, against a server that speaks its protocol with keys of its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from services.booking.payments import Bill, Outcome, Provider, RefundOutcome, offered
from services.booking.settings import Settings
from services.chassis.settings import load
from services.contracts.payments import (
    NotificationInvalid,
    PaymentUnsupported,
    ProviderRefused,
    ProviderUnavailable,
    SignatureInvalid,
)
from tests.integration.booking.payments.asking import ENVIRON, IMPATIENT, NOW, Clock, bill, refund
from tests.providers.server import private_pem, public_pem
from tests.providers.wechat_pay_server import (
    API_V3_KEY,
    APPID,
    FORGERS_KEY,
    KEY_ID,
    MCHID,
    MERCHANT_KEY,
    PLATFORM_KEY,
    SERIAL,
    Platform,
    WeChatPayServer,
    certified,
)

DAY = NOW.date() - timedelta(days=1)
FETCH = "GET /v3/certificates"


class Account:
    """A studio's account with WeChat Pay: our provider, their server, and one clock."""

    def __init__(self, clock: Clock, server: WeChatPayServer) -> None:
        self.clock = clock
        self.server = server
        self.provider = self.provided()

    def provided(self, **changes: str) -> Provider:
        environ = {
            "WECHAT_PAY_MCHID": MCHID,
            "WECHAT_PAY_APPID": APPID,
            "WECHAT_PAY_CERTIFICATE_SERIAL": SERIAL,
            "WECHAT_PAY_PRIVATE_KEY": private_pem(MERCHANT_KEY).replace("\n", "\\n"),
            "WECHAT_PAY_API_V3_KEY": API_V3_KEY,
            "WECHAT_PAY_URL": self.server.url,
        }
        settings = load(Settings, ENVIRON | environ | changes)
        return offered.__wrapped__(settings)["wechat_pay"]  # a new one, which knows no keys yet

    def ordered(self, **changes: Any) -> Bill:
        """A bill that the payer can pay."""
        wanted = bill(scene="native", **changes)
        self.provider.create(wanted, now=self.clock())
        return wanted

    def paid(self, **changes: Any) -> Bill:
        wanted = self.ordered(**changes)
        self.server.pay(wanted.payment_id.hex)
        return wanted

    def take(self, callback: dict[str, Any]) -> Outcome | RefundOutcome | None:
        return self.provider.verify(**callback, now=self.clock())

    def query(self, wanted: Bill) -> Outcome | None:
        return self.provider.query(wanted, now=self.clock())


@pytest.fixture
def account() -> Iterator[Account]:
    clock = Clock()
    server = WeChatPayServer(clock, NOW - timedelta(days=30))
    with server.running():
        yield Account(clock, server)


# --- ways to pay


def test_a_code_is_shown_for_a_bill(account: Account) -> None:
    wanted = bill(scene="native")
    checkout = account.provider.create(wanted, now=NOW)
    assert (checkout.kind, checkout.url[:9]) == ("qr", "weixin://")
    order = account.server.orders[wanted.payment_id.hex]
    assert order["amount"] == {"total": 50_000, "currency": "CNY"}
    assert order["notify_url"] == "https://studio.test/api/v1/payments/wechat_pay/notify"
    assert order["time_expire"] == "2026-11-22T12:15:00+08:00"
    assert order["description"] == "复古婚纱套系 YQ261122-0001"


def test_within_wechat_the_bridge_gets_signed_parameters(account: Account) -> None:
    checkout = account.provider.create(bill(scene="jsapi"), now=NOW)
    params = checkout.params
    assert (checkout.kind, params["package"][:10]) == ("jsapi", "prepay_id=")
    signed = "".join(f"{params[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
    key = account.provided(
        WECHAT_PAY_PUBLIC_KEY=public_pem(MERCHANT_KEY), WECHAT_PAY_PUBLIC_KEY_ID="ours"
    ).client.keys  # type: ignore[attr-defined]
    assert key._given["ours"].key.accepts(signed, params["paySign"])


def test_a_phone_comes_back_to_the_booking(account: Account) -> None:
    wanted = bill(scene="h5")
    checkout = account.provider.create(wanted, now=NOW)
    back = parse_qs(urlsplit(checkout.url).query)["redirect_url"]
    assert (checkout.kind, back) == ("redirect", [wanted.return_url])
    info = account.server.orders[wanted.payment_id.hex]["scene_info"]
    assert info["payer_client_ip"] == "203.0.113.7"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"scene": "page"}, "scene"),
        ({"scene": "native", "currency": "USD"}, "currency"),
        ({"scene": "jsapi", "openid": None}, "openid"),
        ({"scene": "h5", "client_ip": None}, "client_ip"),
    ],
)
def test_what_cannot_be_collected_is_not_asked_for(
    account: Account, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PaymentUnsupported) as refusal:
        account.provider.create(bill(**changes), now=NOW)
    assert refusal.value.details == {"reason": reason}
    assert account.server.asked == []


def test_a_long_title_is_cut(account: Account) -> None:
    account.ordered(title={"zh": "长" * 300, "en": ""})


def test_a_bill_that_was_paid_cannot_be_paid_again(account: Account) -> None:
    with pytest.raises(ProviderRefused) as refusal:
        account.provider.create(account.paid(), now=NOW)
    assert refusal.value.details == {"provider_code": "ORDERPAID"}


def test_starting_again_is_possible_for_the_same_bill_and_not_for_another(
    account: Account,
) -> None:
    wanted = account.ordered()
    assert account.provider.create(wanted, now=NOW).url
    for other in (
        replace(wanted, scene="jsapi"),
        replace(wanted, expires_at=NOW + timedelta(hours=1)),
    ):
        with pytest.raises(ProviderRefused) as refusal:
            account.provider.create(other, now=NOW)
        assert refusal.value.details == {"provider_code": "INVALID_REQUEST"}


# --- callbacks


def test_a_paid_order_is_told(account: Account) -> None:
    wanted = account.paid()
    told = account.take(account.server.paid_callback(wanted.payment_id.hex))
    reference = account.server.orders[wanted.payment_id.hex]["transaction_id"]
    assert told == Outcome(wanted.payment_id, reference, True, 50_000, "CNY", NOW)
    assert account.provider.acknowledgement.status == 204


def test_header_names_have_no_case(account: Account) -> None:
    callback = account.server.paid_callback(account.paid().payment_id.hex)
    headers = {name.upper(): value for name, value in callback["headers"].items()}
    assert account.take(callback | {"headers": headers}) is not None


def test_a_callback_signed_by_somebody_else_is_refused(account: Account) -> None:
    number = account.paid().payment_id.hex
    told = account.server._transaction(number)
    forger = Platform(FORGERS_KEY, account.server.platforms[0].serial)
    with pytest.raises(SignatureInvalid):
        account.take(account.server.callback("TRANSACTION.SUCCESS", told, by=forger))


def test_a_callback_that_was_changed_is_refused(account: Account) -> None:
    callback = account.server.paid_callback(account.paid().payment_id.hex)
    for name, value in callback["headers"].items():
        if name == "Wechatpay-Signature-Type":
            continue
        changed = callback["headers"] | {name: value[:-1] + ("1" if value[-1] != "1" else "2")}
        with pytest.raises(SignatureInvalid):
            account.take(callback | {"headers": changed})
        without = {k: v for k, v in callback["headers"].items() if k != name}
        with pytest.raises(SignatureInvalid):
            account.take(callback | {"headers": without})
    with pytest.raises(SignatureInvalid):
        account.take(callback | {"body": callback["body"] + " "})
    assert account.take(callback) is not None


def test_a_replay_says_the_same_while_it_is_fresh_and_is_refused_afterwards(
    account: Account,
) -> None:
    callback = account.server.paid_callback(account.paid().payment_id.hex)
    first = account.take(callback)
    account.clock.pass_(minutes=5)
    assert account.take(callback) == first
    account.clock.pass_(seconds=1)
    with pytest.raises(SignatureInvalid) as refusal:
        account.take(callback)
    assert refusal.value.details == {"reason": "stale"}
    account.clock.now = NOW - timedelta(minutes=6)
    with pytest.raises(SignatureInvalid):
        account.take(callback)


def test_what_is_encrypted_under_another_key_cannot_be_read(account: Account) -> None:
    told = account.server._transaction(account.paid().payment_id.hex)
    other = "f" * 32
    with pytest.raises(NotificationInvalid):
        account.take(account.server.callback("TRANSACTION.SUCCESS", told, key=other))


@pytest.mark.parametrize(
    "changes",
    [
        {"appid": "wx0000000000000002"},
        {"mchid": "1900000002"},
        {"out_trade_no": "another-system-1"},
        {"success_time": None},
        {"amount": {"total": "500.00"}},
        {"transaction_id": ""},
    ],
)
def test_what_is_not_for_us_or_makes_no_sense_is_refused(
    account: Account, changes: dict[str, Any]
) -> None:
    number = account.paid().payment_id.hex
    with pytest.raises(NotificationInvalid):
        account.take(account.server.paid_callback(number, **changes))


@pytest.mark.parametrize("told", ["no json", [], {}, 7, "null"])
def test_a_resource_of_another_shape_is_refused(account: Account, told: Any) -> None:
    with pytest.raises(NotificationInvalid):
        account.take(account.server.callback("TRANSACTION.SUCCESS", told))


def test_another_amount_and_currency_are_told_as_they_are(account: Account) -> None:
    number = account.paid().payment_id.hex
    told = account.take(
        account.server.paid_callback(number, amount={"total": 1, "currency": "USD"})
    )
    assert isinstance(told, Outcome)
    assert (told.amount_cents, told.currency) == (1, "USD")


def test_a_callback_of_a_kind_that_we_do_not_know_decides_nothing(account: Account) -> None:
    assert account.take(account.server.callback("COUPON.USE", {})) is None


# --- whom to believe


def test_certificates_are_fetched_once(account: Account) -> None:
    account.ordered()
    account.ordered()
    assert account.server.asked.count(FETCH) == 1


def test_a_new_certificate_is_fetched_when_it_is_first_seen(account: Account) -> None:
    number = account.paid().payment_id.hex
    account.clock.pass_(minutes=2)
    account.server.rotate()
    assert account.take(account.server.paid_callback(number)) is not None
    assert account.take(account.server.paid_callback(number)) is not None
    old = account.server.platforms[0]
    told = account.server._transaction(number)
    callback = account.server.callback("TRANSACTION.SUCCESS", told, by=old)
    assert account.take(callback) is not None
    assert account.server.asked.count(FETCH) == 2


def test_made_up_serials_make_us_fetch_once_a_minute(account: Account) -> None:
    number = account.paid().payment_id.hex
    account.clock.pass_(minutes=2)
    for serial in ("A" * 40, "B" * 40, "", "ü"):
        callback = account.server.paid_callback(number)
        callback["headers"]["Wechatpay-Serial"] = serial
        with pytest.raises(SignatureInvalid):
            account.take(callback)
    assert account.server.asked.count(FETCH) == 2
    assert account.take(account.server.paid_callback(number)) is not None


def test_a_withdrawn_certificate_is_believed_no_more_within_half_a_day(account: Account) -> None:
    number = account.paid().payment_id.hex
    old = account.server.platforms[0]
    account.server.rotate()
    account.server.platforms.remove(old)
    account.clock.pass_(hours=12, seconds=1)
    told = account.server._transaction(number)
    with pytest.raises(SignatureInvalid):
        account.take(account.server.callback("TRANSACTION.SUCCESS", told, by=old))


def test_an_expired_certificate_is_not_believed(account: Account) -> None:
    number = account.paid().payment_id.hex
    account.clock.pass_(days=336)
    with pytest.raises(SignatureInvalid):
        account.take(account.server.paid_callback(number))


def test_a_certificate_of_the_future_is_not_believed_yet(account: Account) -> None:
    number = account.paid().payment_id.hex
    account.clock.pass_(minutes=2)
    account.server.signs_with = certified(PLATFORM_KEY, NOW + timedelta(days=1))
    account.server.platforms.append(account.server.signs_with)
    with pytest.raises(SignatureInvalid):
        account.take(account.server.paid_callback(number))


def test_without_certificates_a_callback_has_to_come_again(account: Account) -> None:
    number = account.paid().payment_id.hex
    fresh = account.provided()
    account.server.trouble = "down"
    callback = account.server.paid_callback(number)
    with pytest.raises(ProviderUnavailable):
        fresh.verify(**callback, now=account.clock())
    account.server.trouble = None
    account.clock.pass_(minutes=1)
    assert fresh.verify(**callback, now=account.clock()) is not None


def test_old_certificates_serve_while_new_ones_cannot_be_fetched(account: Account) -> None:
    number = account.paid().payment_id.hex
    account.clock.pass_(hours=13)
    account.server.trouble = "down"
    assert account.take(account.server.paid_callback(number)) is not None


def test_a_public_key_needs_no_certificates(account: Account) -> None:
    account.server.use_public_key()
    account.provider = account.provided(
        WECHAT_PAY_PUBLIC_KEY=public_pem(PLATFORM_KEY), WECHAT_PAY_PUBLIC_KEY_ID=KEY_ID
    )
    wanted = account.paid()
    assert account.take(account.server.paid_callback(wanted.payment_id.hex)) is not None
    assert FETCH not in account.server.asked


def test_while_an_account_moves_to_a_public_key_both_are_believed(account: Account) -> None:
    account.provider = account.provided(
        WECHAT_PAY_PUBLIC_KEY=public_pem(FORGERS_KEY), WECHAT_PAY_PUBLIC_KEY_ID=KEY_ID
    )
    wanted = account.paid()
    assert account.take(account.server.paid_callback(wanted.payment_id.hex)) is not None


def test_an_answer_that_was_changed_on_the_way_is_not_believed(account: Account) -> None:
    wanted = account.paid()
    account.server.body_is_swapped = True
    with pytest.raises(ProviderUnavailable):
        account.query(wanted)
    with pytest.raises(ProviderUnavailable):
        account.provider.create(bill(scene="jsapi"), now=NOW)


def test_our_wrong_key_is_no_word_on_a_payment(account: Account) -> None:
    wanted = account.paid()
    account.provider = account.provided(WECHAT_PAY_PRIVATE_KEY=private_pem(FORGERS_KEY))
    with pytest.raises(ProviderUnavailable):
        account.query(wanted)
    with pytest.raises(ProviderUnavailable):
        account.provider.refund(refund(wanted), now=NOW)


# --- asking what became of it


def test_silence_is_followed_by_a_question(account: Account) -> None:
    wanted = account.ordered()
    assert account.query(wanted) is None
    account.server.pay(wanted.payment_id.hex)
    asked = account.query(wanted)
    assert asked == account.take(account.server.paid_callback(wanted.payment_id.hex))
    assert asked is not None
    assert asked.succeeded


def test_an_order_that_never_arrived_is_open(account: Account) -> None:
    assert account.query(bill(scene="native")) is None


@pytest.mark.parametrize("state", ["USERPAYING", "PAYERROR", "ACCEPT", "SOMETHING_NEW"])
def test_a_payment_that_is_under_way_is_open(account: Account, state: str) -> None:
    wanted = account.ordered()
    account.server.orders[wanted.payment_id.hex]["trade_state"] = state
    assert account.query(wanted) is None


def test_a_closed_order_has_failed_with_the_amount_that_was_asked(account: Account) -> None:
    wanted = account.ordered()
    assert account.provider.close(wanted, now=NOW) is True
    outcome = account.query(wanted)
    assert outcome == Outcome(wanted.payment_id, "", False, 50_000, "CNY", NOW)


def test_a_refunded_order_was_paid(account: Account) -> None:
    wanted = account.paid()
    account.provider.refund(refund(wanted), now=NOW)
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
        lambda: provider.create(wanted, now=NOW),
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


def test_nobody_listens(account: Account) -> None:
    away = account.provided(WECHAT_PAY_URL="http://127.0.0.1:9")
    with pytest.raises(ProviderUnavailable):
        away.query(bill(), now=NOW)


def test_a_paid_order_cannot_be_closed(account: Account) -> None:
    assert account.provider.close(account.paid(), now=NOW) is False


def test_closing_what_is_closed_or_never_arrived_is_done(account: Account) -> None:
    wanted = account.ordered()
    assert account.provider.close(wanted, now=NOW) is True
    assert account.provider.close(wanted, now=NOW) is True
    assert account.provider.close(bill(), now=NOW) is True


# --- refunds


def test_a_payment_goes_back_in_parts_and_no_further(account: Account) -> None:
    wanted = account.paid()
    parts = [account.provider.refund(refund(wanted, part), now=NOW) for part in (20_000, 30_000)]
    assert [(part.state, part.amount_cents) for part in parts] == [
        ("succeeded", 20_000),
        ("succeeded", 30_000),
    ]
    more = account.provider.refund(refund(wanted, 1), now=NOW)
    assert (more.state, more.reason) == ("failed", "INVALID_REQUEST")
    assert (more.reference, more.settled_at) == ("", None)


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


def test_a_refund_may_take_days_and_is_told_then(account: Account) -> None:
    account.server.refunds_are = "PROCESSING"
    back = refund(account.paid())
    made = account.provider.refund(back, now=NOW)
    assert (made.state, made.settled_at) == ("pending", None)
    account.clock.pass_(days=2)
    account.server.settle_refund(back.refund_id.hex)
    told = account.take(account.server.refund_callback(back.refund_id.hex))
    assert told == replace(made, state="succeeded", settled_at=account.clock())
    assert account.provider.query_refund(back, now=account.clock()) == told


@pytest.mark.parametrize("state", ["ABNORMAL", "CLOSED"])
def test_a_refund_can_fail_later(account: Account, state: str) -> None:
    account.server.refunds_are = "PROCESSING"
    back = refund(account.paid())
    account.provider.refund(back, now=NOW)
    account.server.settle_refund(back.refund_id.hex, state)
    told = account.take(account.server.refund_callback(back.refund_id.hex))
    assert isinstance(told, RefundOutcome)
    assert (told.state, told.reason) == ("failed", state)


def test_callbacks_in_any_order_say_what_they_say(account: Account) -> None:
    wanted = account.paid()
    back = refund(wanted)
    account.provider.refund(back, now=NOW)
    refunded = account.take(account.server.refund_callback(back.refund_id.hex))
    paid = account.take(account.server.paid_callback(wanted.payment_id.hex))
    assert isinstance(refunded, RefundOutcome)
    assert isinstance(paid, Outcome)
    assert (refunded.payment_id, refunded.refund_id) == (wanted.payment_id, back.refund_id)
    assert paid.succeeded


def test_another_merchants_refund_is_refused(account: Account) -> None:
    back = refund(account.paid())
    account.provider.refund(back, now=NOW)
    callback = account.server.refund_callback(back.refund_id.hex, mchid="1900000002")
    with pytest.raises(NotificationInvalid):
        account.take(callback)


def test_a_refund_that_never_arrived_is_unknown(account: Account) -> None:
    assert account.provider.query_refund(refund(account.paid()), now=NOW) is None


def test_a_refund_whose_answer_was_lost_is_found(account: Account) -> None:
    back = refund(account.paid())
    account.server.trouble = "lost"
    with pytest.raises(ProviderUnavailable):
        account.provided(**IMPATIENT).refund(back, now=NOW)
    account.server.trouble = None
    found = account.provider.query_refund(back, now=NOW)
    assert found is not None
    assert found.state == "succeeded"


# --- the day's statement


def test_the_bill_of_a_day_is_read(account: Account) -> None:
    wanted = account.paid()
    back = refund(wanted)
    account.provider.refund(back, now=NOW)
    server, order, made = account.server, wanted.payment_id.hex, back.refund_id.hex
    server.bill = [
        server.bill_line(order),
        server.bill_line(order, made),
        server.bill_line(order, made, 退款状态="FAIL"),
        server.bill_line(order, 交易状态="REVOKED"),
    ]
    paid, refunded = account.provider.statement(DAY, now=NOW)
    assert (paid.key, paid.sum, paid.fee_cents) == (("payment", order), (50_000, "CNY"), 300)
    assert paid.settled_at == NOW
    assert paid.reference == server.orders[order]["transaction_id"]
    assert (refunded.key, refunded.sum) == (("refund", made), (20_000, "CNY"))
    assert (refunded.fee_cents, refunded.reference) == (-60, server.refunds[made]["refund_id"])


def test_a_day_without_trades_has_an_empty_bill(account: Account) -> None:
    account.server.bill = []
    assert list(account.provider.statement(DAY, now=NOW)) == []


def test_a_bill_that_is_not_made_yet_has_to_be_asked_for_later(account: Account) -> None:
    with pytest.raises(ProviderUnavailable) as refusal:
        account.provider.statement(DAY, now=NOW)
    assert refusal.value.details["reason"] == "STATEMENT_CREATING"


def test_a_damaged_bill_is_not_read(account: Account) -> None:
    account.server.bill = [account.server.bill_line(account.paid().payment_id.hex)]
    account.server.bill_is_damaged = True
    with pytest.raises(ProviderUnavailable):
        account.provider.statement(DAY, now=NOW)


@pytest.mark.parametrize("line", ["`a,`b", "nonsense", ""])
def test_a_bill_with_a_strange_line_is_not_read(account: Account, line: str) -> None:
    account.server.bill = [account.server.bill_line(account.paid().payment_id.hex), line]
    with pytest.raises(ProviderUnavailable):
        account.provider.statement(DAY, now=NOW)
