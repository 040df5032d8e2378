"""Finding: a booking by the phone it was made with and its lookup code."""

import math
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.booking import phones
from services.booking.links import FIRST_VERSION, LIFE, Links, read_code
from services.booking.models import LookupFailure
from services.booking.queries import lookups
from services.chassis.context import new_id
from services.chassis.db import UnitOfWork
from services.contracts.lookup import LookupCodeInvalid, NotFoundByCode, TooManyLookups

FAILURES = 10
"""Wrong codes of one phone within WINDOW: far more than somebody mistypes, and of a program's tries
at a million million codes hardly any. With more of them codes would have to be longer."""

WINDOW = timedelta(minutes=15)

COMPARED = 50
"""Bookings of one phone that are looked through, the newest first; as many comparisons are made
for a phone that nobody has booked with."""

NOBODY = UUID(int=0)


def find_booking(
    *, uow: UnitOfWork, now: datetime, links: Links, phone: str, code: str
) -> dict[str, Any]:
    """Return the booking that a phone and a code name, with the token of its link.

    A code that can be none is refused without a look and not counted: it tells and finds nothing.

    Errors:  PhoneInvalid, LookupCodeInvalid; NotFoundByCode, whether or not the phone is known;
             TooManyLookups, for the right code too.
    """
    dialled = phones.normalise(phone, pointer="/phone")
    meant = read_code(code)
    if meant is None:
        raise LookupCodeInvalid(errors=[CODE_FAULT])
    phone_key = links.phone_key(dialled)
    with uow.begin() as tx:
        lookups.lock_phone(tx.session, phone_key)
        _check_tries(tx.session, phone_key, now)
        found = _compare(tx.session, links, dialled, meant, now)
        if found is None:
            failure = LookupFailure(id=UUID(new_id()), phone_key=phone_key, failed_at=now)
            tx.session.add(failure)
    if found is None:  # only now: the failure counts
        raise NotFoundByCode()
    booking_id, version = found
    return {"id": booking_id, "manage_token": links.token(booking_id, version)}


def _check_tries(session: Session, phone_key: bytes, now: datetime) -> None:
    failed = lookups.failures(session, phone_key, now - WINDOW)
    if len(failed) >= FAILURES:
        wait = failed[FAILURES - 1] + WINDOW - now
        raise TooManyLookups(retry_after_seconds=math.ceil(wait.total_seconds()))


def _compare(
    session: Session, links: Links, phone: str, code: str, now: datetime
) -> tuple[UUID, int] | None:
    own = lookups.versions(session, phone, now=now, life=LIFE, limit=COMPARED)
    others = [(NOBODY, FIRST_VERSION)] * (COMPARED - len(own))
    # Every code is compared, also after the right one: how long it takes tells nothing.
    fitting = [each for each in (*own, *others) if links.accepts_code(code, *each)]
    return next((each for each in fitting if each[0] != NOBODY), None)


CODE_FAULT = {
    "pointer": "/code",
    "code": LookupCodeInvalid.code,
    "message": dict(LookupCodeInvalid.sentence),
}
