"""What is too old goes, in small batches that replicas share; what may still be asked for stays."""

import logging
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.chassis import pruning
from services.chassis.db import INBOX, OUTBOX, TABLES
from tests.integration.chassis.toy import Echo, Outage, Toy, eventually

KEYS, LETTERS = TABLES["idempotency_key"], TABLES["dead_letter"]
HOUR = timedelta(hours=1)


def fill(uow, table, column, ages, **values):
    """Add one row per age, which is its word as well."""
    rows = [
        {**values, column: None if age is None else sa.func.now() - age, **_key(table, age)}
        for age in ages
    ]
    with uow.begin() as tx:
        for row in rows:
            tx.session.execute(table.insert().values(row))


def _key(table, age):
    if table is KEYS:
        return {"key": str(age)}
    if table is OUTBOX:
        return {"message_id": str(uuid.uuid4()), "subject": str(age)}
    return {"message_id": str(uuid.uuid4()), "handler": str(age)}


def left(uow, column):
    with uow.read() as session:
        return sorted(session.scalars(sa.select(column)))


def fill_outbox(uow, *ages):
    fill(uow, OUTBOX, "published_at", ages, envelope={})


def test_messages_and_keys_go_when_their_time_is_over_and_not_before(uow):
    def both_sides(kept):
        return (kept - HOUR, kept + HOUR)

    fill_outbox(uow, *both_sides(pruning.OUTBOX_KEPT))
    fill(uow, INBOX, "handled_at", both_sides(pruning.INBOX_KEPT))
    fill(uow, KEYS, "created_at", both_sides(pruning.KEYS_KEPT), fingerprint="f")
    pruning.prune(lambda: uow)
    assert left(uow, OUTBOX.c.subject) == [str(pruning.OUTBOX_KEPT - HOUR)]
    assert left(uow, INBOX.c.handler) == [str(pruning.INBOX_KEPT - HOUR)]
    assert left(uow, KEYS.c.key) == [str(pruning.KEYS_KEPT - HOUR)]


def test_an_event_that_was_never_published_and_a_dead_letter_stay_for_ever(uow):
    fill(uow, OUTBOX, "published_at", [None], envelope={}, created_at=sa.func.now() - 999 * HOUR)
    fill(uow, LETTERS, "died_at", [99_999 * HOUR], envelope={}, error="e")
    pruning.prune(lambda: uow)
    assert left(uow, OUTBOX.c.subject) == ["None"]
    assert left(uow, LETTERS.c.handler) == [str(99_999 * HOUR)]


def test_the_oldest_go_first_in_batches_until_none_is_left(uow, monkeypatch, caplog):
    monkeypatch.setattr(pruning, "BATCH", 2)
    caplog.set_level(logging.INFO, logger=pruning.__name__)
    fill_outbox(uow, *(pruning.OUTBOX_KEPT + n * HOUR for n in (4, 1, 3, 5, 2)))
    with uow.begin() as tx:
        tx.session.execute(pruning._batch(*pruning.PRUNED[0]))
    remaining = {str(pruning.OUTBOX_KEPT + n * HOUR) for n in (1, 2, 3)}
    assert set(left(uow, OUTBOX.c.subject)) == remaining
    pruning.prune(lambda: uow)
    assert left(uow, OUTBOX.c.subject) == []
    assert caplog.messages == ["pruned 2 rows of outbox", "pruned 1 rows of outbox"]


def test_rows_that_another_replica_deletes_are_left_to_it(uow, toy_engine):
    fill_outbox(uow, pruning.OUTBOX_KEPT + HOUR, pruning.OUTBOX_KEPT + 2 * HOUR)
    other = sa.select(OUTBOX.c.id).order_by(OUTBOX.c.published_at).limit(1).with_for_update()
    with toy_engine.connect() as replica:
        replica.execute(other)
        pruning.prune(lambda: uow)
        replica.rollback()
    assert left(uow, OUTBOX.c.subject) == [str(pruning.OUTBOX_KEPT + 2 * HOUR)]


@pytest.mark.parametrize("pruned", pruning.PRUNED, ids=lambda pruned: pruned[0])
def test_what_is_old_is_found_through_an_index(uow, pruned):
    with uow.read() as session:
        for scan in ("seqscan", "bitmapscan"):
            session.execute(sa.text(f"SET LOCAL enable_{scan} = off"))
        statement = pruning._batch(*pruned).compile(
            session.connection(), compile_kwargs={"literal_binds": True}
        )
        plan = "\n".join(session.scalars(sa.text(f"EXPLAIN {statement}")))
    assert f"{pruned[0]}_{pruned[1]}_idx" in plan
    assert "Tid Scan" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("service", [Toy, Echo], ids=["with a relay", "without a relay"])
def test_a_service_that_has_a_database_prunes_it(toys, uow, monkeypatch, service):
    monkeypatch.setattr(pruning, "PAUSE_SECONDS", 0.05)
    fill_outbox(uow, pruning.OUTBOX_KEPT + HOUR)
    toys.start(service)
    eventually(lambda: left(uow, OUTBOX.c.subject) == [])


def test_an_outage_or_a_bug_postpones_the_pruning_and_ends_nothing(toys, uow, monkeypatch):
    faults = [Outage(), RuntimeError("a bug")]
    deletes = pruning._batch

    def fails_twice(*pruned):
        if faults:
            raise faults.pop()
        return deletes(*pruned)

    monkeypatch.setattr(pruning, "_batch", fails_twice)
    monkeypatch.setattr(pruning, "PAUSE_SECONDS", 0.05)
    fill_outbox(uow, pruning.OUTBOX_KEPT + HOUR)
    toy = toys.start()
    eventually(lambda: left(uow, OUTBOX.c.subject) == [])
    assert toys.caller(toy).say(word="alive")["word"] == "alive"
