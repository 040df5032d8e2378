"""Finding a booking by phone and code: who finds what, and how often one may try."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import eventlet
import pytest
import sqlalchemy as sa

from services.booking.models import PRUNED, LookupFailure
from services.booking.queries import lookups
from services.booking.usecases import changing, finding
from services.booking.usecases.finding import COMPARED, FAILURES, WINDOW, find_booking
from services.chassis import pruning
from services.contracts.booking import PhoneInvalid
from services.contracts.errors import YingqiError
from services.contracts.lookup import LookupCodeInvalid, NotFoundByCode, TooManyLookups
from tests.integration.booking.studio import FREE_SERVICE, START, Studio
from tests.integration.booking.test_packs import bought, further

PHONE, OTHER_PHONE = "138 0013 8000", "139 0013 9000"
WRONG = "0000-0000"


def find(studio: Studio, code: str, phone: str = PHONE) -> UUID:
    found: UUID = find_booking(**studio.telling, phone=phone, code=code)["id"]
    return found


def code_of(studio: Studio, booking_id: UUID) -> str:
    return studio.links.code(booking_id, studio.booking(booking_id).manage_version)


def fail(studio: Studio, times: int, phone: str = PHONE) -> None:
    for _ in range(times):
        with pytest.raises(NotFoundByCode):
            find(studio, WRONG, phone)


def failures(studio: Studio) -> int:
    with studio.uow.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(LookupFailure)) or 0


def test_phone_and_code_open_what_the_link_opens(studio: Studio) -> None:
    booking_id = studio.confirmed()
    told = studio.get(booking_id, studio.customer(booking_id))["lookup_code"]
    found = find_booking(**studio.telling, phone="+86 13800138000", code=told)
    access = {"manage_token": found["manage_token"], "staff_id": None, "branch_ids": None}
    assert found["id"] == booking_id
    assert studio.get(booking_id, access)["id"] == booking_id
    assert failures(studio) == 0


def test_phone_and_code_are_read_as_they_are_typed_in_chinese(studio: Studio) -> None:
    booking_id = studio.confirmed()
    wide = {ord(c): ord(c) + 0xFEE0 for c in "0123456789ABCDEFGHJKMNPQRSTVWXYZ-"}
    typed = code_of(studio, booking_id).translate(wide)
    assert find(studio, typed, "１３８００１３８０００") == booking_id


def test_staff_and_messages_tell_the_same_code(studio: Studio) -> None:
    booking_id = studio.confirmed()
    code = code_of(studio, booking_id)
    assert studio.get(booking_id)["lookup_code"] == code
    assert {fact.payload["lookup_code"] for fact in studio.facts("booking.confirmed")} == {code}


def test_a_wrong_code_and_an_unknown_phone_are_told_alike(studio: Studio) -> None:
    code = code_of(studio, studio.confirmed())
    told = []
    for phone, asked in ((PHONE, WRONG), (OTHER_PHONE, WRONG), (OTHER_PHONE, code)):
        with pytest.raises(NotFoundByCode) as refusal:
            find(studio, asked, phone)
        told.append(refusal.value.details)
    assert told == [{}, {}, {}]


def test_as_many_codes_are_compared_for_a_phone_that_nobody_knows(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.confirmed()
    compared: list[UUID] = []
    real = type(studio.links).accepts_code

    def counting(links: Any, code: str, booking_id: UUID, version: int) -> bool:
        compared.append(booking_id)
        return real(links, code, booking_id, version)

    monkeypatch.setattr(type(studio.links), "accepts_code", counting)
    fail(studio, 1)
    fail(studio, 1, OTHER_PHONE)
    assert len(compared) == 2 * COMPARED


def test_the_code_that_fills_up_the_comparisons_finds_nothing(studio: Studio) -> None:
    with pytest.raises(NotFoundByCode):
        find(studio, studio.links.code(finding.NOBODY))


def test_a_code_ends_with_the_link_that_was_replaced(studio: Studio) -> None:
    booking_id = studio.confirmed()
    old = code_of(studio, booking_id)
    renewed = changing.renew_link(**studio.telling, booking_id=booking_id, access=studio.staff())
    with pytest.raises(NotFoundByCode):
        find(studio, old)
    assert find(studio, renewed["lookup_code"]) == booking_id


def test_a_cancelled_booking_is_found_as_its_link_opens_it(studio: Studio) -> None:
    booking_id = studio.confirmed()
    studio.cancel(booking_id)
    assert find(studio, code_of(studio, booking_id)) == booking_id


def test_a_code_lives_as_long_as_the_link(studio: Studio) -> None:
    booking_id = studio.confirmed()
    code = code_of(studio, booking_id)
    studio.now = START + timedelta(days=179)
    assert find(studio, code) == booking_id
    studio.now = START + timedelta(days=181)
    with pytest.raises(NotFoundByCode):
        find(studio, code)


def test_of_several_bookings_of_a_phone_each_has_its_own_code(studio: Studio) -> None:
    ids = [
        studio.request(f"key-{n}", service_id=FREE_SERVICE, start=START + timedelta(hours=4 * n))[
            "id"
        ]
        for n in range(3)
    ]
    assert [find(studio, code_of(studio, each)) for each in ids] == ids


def test_of_a_package_each_booking_has_a_code_which_lasts_until_it_is_replaced(
    studio: Studio,
) -> None:
    first = bought(studio)
    second = further(studio, first)["id"]
    codes = {code_of(studio, each): each for each in (first, second)}
    studio.now = START + timedelta(days=400)
    assert {code: find(studio, code) for code in codes} == codes
    assert len(codes) == 2


def test_what_cannot_be_a_phone_or_a_code_is_said_at_its_field_and_not_counted(
    studio: Studio,
) -> None:
    refused: tuple[tuple[str, str, type[YingqiError]], ...] = (
        ("12", WRONG, PhoneInvalid),
        (PHONE, "1234", LookupCodeInvalid),
    )
    for phone, code, error in refused:
        with pytest.raises(error) as refusal:
            find(studio, code, phone)
        assert refusal.value.details["errors"][0]["pointer"] in {"/phone", "/code"}
    assert failures(studio) == 0


def test_after_ten_wrong_codes_the_right_one_waits_too(studio: Studio) -> None:
    booking_id = studio.confirmed()
    code = code_of(studio, booking_id)
    fail(studio, FAILURES)
    studio.now += timedelta(minutes=5)
    for asked in (code, WRONG):
        with pytest.raises(TooManyLookups) as refusal:
            find(studio, asked)
        assert refusal.value.details == {"retry_after_seconds": 600}
    assert failures(studio) == FAILURES
    studio.now += timedelta(minutes=10)
    assert find(studio, code) == booking_id


def test_a_phone_that_nobody_knows_is_limited_alike(studio: Studio) -> None:
    fail(studio, FAILURES, OTHER_PHONE)
    with pytest.raises(TooManyLookups):
        find(studio, WRONG, OTHER_PHONE)


def test_a_success_gives_a_guesser_no_new_tries(studio: Studio) -> None:
    code = code_of(studio, studio.confirmed())
    fail(studio, FAILURES - 1)
    find(studio, code)
    fail(studio, 1)
    with pytest.raises(TooManyLookups):
        find(studio, code)


def test_the_tries_of_one_phone_are_not_those_of_another(studio: Studio) -> None:
    booking_id = studio.confirmed()
    fail(studio, FAILURES, OTHER_PHONE)
    assert find(studio, code_of(studio, booking_id)) == booking_id


def test_of_many_tries_at_once_never_more_than_the_limit_are_compared(studio: Studio) -> None:
    code = code_of(studio, studio.confirmed())
    warm(studio)

    def attempt() -> str:
        try:
            find(studio, WRONG)
        except YingqiError as error:
            return error.code
        return "found"

    told = together(*[attempt] * (FAILURES + 8))
    assert told.count(NotFoundByCode.code) == FAILURES
    assert told.count(TooManyLookups.code) == 8
    assert failures(studio) == FAILURES
    with pytest.raises(TooManyLookups):
        find(studio, code)


def test_old_failures_are_pruned_once_they_count_no_more(studio: Studio) -> None:
    (table, dated_by, kept), *_ = PRUNED
    assert kept > WINDOW
    with studio.uow.begin() as tx:
        for n, age in enumerate((kept - timedelta(hours=1), kept + timedelta(hours=1))):
            values = {"id": UUID(int=n), "phone_key": b"k", "failed_at": sa.func.now() - age}
            tx.session.execute(sa.insert(LookupFailure).values(values))
    pruning.prune(lambda: studio.uow, PRUNED)
    assert failures(studio) == 1
    assert f"{table}_{dated_by}_idx" in {i.name for i in LookupFailure.__table__.indexes}  # type: ignore[attr-defined]


def test_a_phones_bookings_and_failures_are_found_through_indexes(studio: Studio) -> None:
    plans: list[str] = []

    def explain(conn: Any, cursor: Any, statement: str, params: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and (
            "FROM booking" in statement or "lookup_failure" in statement
        ):
            with conn.connection.cursor() as own:
                own.execute("SET LOCAL enable_seqscan = off")
                own.execute("EXPLAIN " + statement, params)
                plans.append("\n".join(row[0] for row in own.fetchall()))

    sa.event.listen(studio.uow.engine, "before_cursor_execute", explain)
    with studio.uow.read() as session:
        lookups.failures(session, b"k", studio.now)
        lookups.versions(session, "+8613800138000", now=studio.now, life=WINDOW, limit=COMPARED)
    sa.event.remove(studio.uow.engine, "before_cursor_execute", explain)
    assert "lookup_failure_phone_key_failed_at_idx" in plans[0]
    assert "booking_contact_phone_requested_at_id_idx" in plans[1]


def together(*actions: Callable[[], str]) -> list[str]:
    pool = eventlet.GreenPool()
    return [thread.wait() for thread in [pool.spawn(action) for action in actions]]


def warm(studio: Studio) -> None:
    """Open connections: making them would keep the racers apart."""

    def nap() -> str:
        with studio.uow.read() as session:
            session.execute(sa.text("SELECT pg_sleep(0.1)"))
        return ""

    together(*[nap] * 8)
