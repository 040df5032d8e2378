"""RPC: contracts on both sides, errors that keep their state, deadlines, bugs that stay inside."""

import time

import eventlet
import pytest

from services.chassis.db import TransactionOpenError
from services.chassis.rpc import RemoteBugError, RpcTimedOut
from services.contracts.errors import Invalid
from tests.integration.chassis.toy import Toy, WordRefused


@pytest.fixture
def toy(toys):
    return toys.start(rpc_timeout_seconds=1.0)


def test_an_answer_is_what_the_contract_says(toys, toy):
    answer = toys.caller(toy).say(word="影期")
    assert answer["word"] == "影期"
    assert answer["at"].endswith("+00:00")


def test_an_anticipated_error_crosses_with_class_and_state(toys, toy):
    with pytest.raises(WordRefused) as refused:
        toys.caller(toy).refuse(word="no")
    assert refused.value.details == {"word": "no", "times": 3}


def test_arguments_that_break_the_contract_are_refused_with_pointers(toys, toy):
    with pytest.raises(Invalid) as invalid:
        toys.caller(toy).say()
    assert invalid.value.details["errors"][0]["pointer"] == "/word"


@pytest.mark.parametrize("method", ["fail", "lie"])
def test_a_bug_reaches_the_caller_as_a_bug_without_its_text(toys, toy, method):
    with pytest.raises(RemoteBugError) as bug:
        getattr(toys.caller(toy), method)(word="x")
    assert "stays in the log" not in str(bug.value)


def test_a_call_that_takes_too_long_times_out_and_leaves_nothing_behind(toys, toy):
    caller = toys.caller(toy)
    begun = time.monotonic()
    with pytest.raises(RpcTimedOut):
        caller.nap(word="1.6")
    assert time.monotonic() - begun < 1.5
    assert caller._listener.pending == {}
    eventlet.sleep(0.8)
    assert caller.say(word="still here")["word"] == "still here"


def test_an_unknown_method_is_an_error_at_the_caller(toys, toy):
    with pytest.raises(AttributeError):
        toys.caller(toy).sing(word="x")


def test_a_call_inside_a_transaction_is_refused(toys, toy):
    with pytest.raises(RemoteBugError, match=TransactionOpenError.__name__):
        toys.caller(toy).call_inside(word="x")


def test_ten_callers_are_served_at_once(toys, toy):
    caller = toys.caller(toy)
    pool = eventlet.GreenPool(10)
    begun = time.monotonic()
    answers = list(pool.imap(lambda _: caller.nap(word="0.3"), range(10)))
    assert len(answers) == 10
    assert time.monotonic() - begun < 0.3 * 10 / 2


def test_a_stopping_service_answers_what_it_has_begun(toys, toy):
    second = toys.start(rpc_timeout_seconds=3.0)
    caller = toys.caller(second)
    call = eventlet.spawn(caller.nap, word="0.5")
    eventlet.sleep(0.2)
    toy.stop()
    assert call.wait()["word"] == "0.5"
    assert Toy.name == "toy"
