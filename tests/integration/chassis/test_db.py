"""The unit of work: cooperative, one transaction at a time, outages as named errors."""

import time

import eventlet
import pytest
import sqlalchemy as sa

from services.chassis import idempotency
from services.chassis.context import Context
from services.chassis.db import (
    OUTBOX,
    AlreadyHandledError,
    DatabaseBusy,
    DatabaseDown,
    TransactionOpenError,
    UnitOfWork,
    connect,
)
from services.contracts.errors import Conflict, KeyReused
from tests.integration.chassis.toy import EFFECT


class WordTaken(Conflict):
    code = "toy.word_taken"


def test_four_sleeping_queries_overlap(toy_engine):
    def sleep(_):
        with toy_engine.connect() as connection:
            connection.execute(sa.text("SELECT pg_sleep(0.5)"))

    begun = time.monotonic()
    list(eventlet.GreenPool(4).imap(sleep, range(4)))
    assert time.monotonic() - begun < 1.2


def test_a_transaction_that_raises_leaves_neither_rows_nor_events(uow, toy_engine):
    with pytest.raises(RuntimeError), uow.begin() as tx:
        tx.session.execute(EFFECT.insert().values(word="gone"))
        tx.emit("word.spoken", {"speaker": "0" * 32, "word": "gone"})
        raise RuntimeError
    with toy_engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(EFFECT)) == 0
        assert connection.scalar(sa.select(sa.func.count()).select_from(OUTBOX)) == 0


def test_a_transaction_inside_a_transaction_is_refused(uow):
    with uow.begin(), pytest.raises(TransactionOpenError), uow.begin():
        pass


def test_a_violated_constraint_becomes_the_error_that_is_named_for_it(toy_engine, uow):
    with uow.begin() as tx:
        tx.session.execute(sa.text("CREATE UNIQUE INDEX word_key ON effect (word)"))
    named = UnitOfWork(toy_engine, constraint_errors={"word_key": WordTaken})
    with named.begin() as tx:
        tx.session.execute(EFFECT.insert().values(word="a"))
    with pytest.raises(WordTaken), named.begin() as tx:
        tx.session.execute(EFFECT.insert().values(word="a"))


def test_a_message_is_claimed_once_and_a_handler_has_one_transaction(toy_engine):
    context = Context(message_id="01939d2c-0000-7000-8000-000000000001", handler="word.spoken")
    first = UnitOfWork(toy_engine, context)
    with first.begin():
        pass
    with pytest.raises(TransactionOpenError), first.begin():
        pass
    with pytest.raises(AlreadyHandledError), UnitOfWork(toy_engine, context).begin():
        pass


def test_a_database_that_is_not_there_is_named_as_such():
    nowhere = connect(
        "postgresql+psycopg2://nobody@127.0.0.1:1/none", pool_size=1, statement_timeout_ms=1000
    )
    with pytest.raises(DatabaseDown), UnitOfWork(nowhere).begin() as tx:
        tx.session.execute(sa.text("SELECT 1"))


def test_a_statement_that_takes_too_long_is_ended_by_the_server(toy_url):
    engine = connect(toy_url, pool_size=1, statement_timeout_ms=200)
    with pytest.raises(DatabaseBusy), UnitOfWork(engine).begin() as tx:
        tx.session.execute(sa.text("SELECT pg_sleep(3)"))
    engine.dispose()


def test_connections_that_the_server_closed_are_replaced_without_a_restart(toy_url, postgres):
    engine = connect(toy_url, pool_size=2, statement_timeout_ms=1000)
    uow = UnitOfWork(engine)
    with uow.begin():
        pass
    database = sa.make_url(toy_url).database
    postgres.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,)
    )
    with uow.begin() as tx:
        assert tx.session.scalar(sa.text("SELECT 1")) == 1
    engine.dispose()


def test_the_same_key_gives_the_same_answer_and_one_effect(uow, words):
    def effect(tx):
        tx.session.execute(EFFECT.insert().values(word="paid"))
        return {"number": 7}

    print_of = idempotency.fingerprint({"amount": 1})
    answers = [
        idempotency.once(uow, key="k", fingerprint=print_of, effect=effect) for _ in range(3)
    ]
    assert answers == [{"number": 7}] * 3
    assert words() == ["paid"]
    assert idempotency.recall(uow, key="k", fingerprint=print_of) == {"number": 7}
    assert idempotency.recall(uow, key="other", fingerprint=print_of) is None


def test_a_key_with_other_parameters_is_refused(uow):
    idempotency.once(uow, key="k", fingerprint="one", effect=lambda tx: 1)
    with pytest.raises(KeyReused):
        idempotency.once(uow, key="k", fingerprint="two", effect=lambda tx: 2)


def test_a_key_whose_effect_failed_stays_free(uow):
    def broken(tx):
        raise WordTaken

    with pytest.raises(WordTaken):
        idempotency.once(uow, key="k", fingerprint="one", effect=broken)
    assert idempotency.once(uow, key="k", fingerprint="two", effect=lambda tx: 2) == 2


def test_sixteen_requests_at_once_with_one_key_have_one_effect(toy_engine, words):
    def effect(tx):
        tx.session.execute(EFFECT.insert().values(word="only"))
        eventlet.sleep(0.01)
        return {"word": "only"}

    def request(_):
        return idempotency.once(
            UnitOfWork(toy_engine), key="storm", fingerprint="same", effect=effect
        )

    for _ in range(3):
        answers = list(eventlet.GreenPool(16).imap(request, range(16)))
        assert answers == [{"word": "only"}] * 16
    assert words() == ["only"]
