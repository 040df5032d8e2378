"""By what right staff book: drafts and packages of other branches are not theirs."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.booking.queries import drafts as stored
from services.booking.usecases import drafts
from services.contracts.booking import ManageTokenInvalid
from tests.integration.booking.studio import (
    BUND,
    FREE_SERVICE,
    HARBOUR,
    NOW,
    SERVICE,
    STAFF,
    START,
    Studio,
)
from tests.integration.booking.test_packs import bought, sessions


def begin_draft(studio: Studio) -> UUID:
    draft_id = uuid4()
    drafts.save_draft(
        uow=studio.uow,
        now=NOW,
        draft_id=draft_id,
        branch_id=HARBOUR,
        branch_ids=None,
        staff_id=STAFF,
        wish={"service_id": SERVICE},
        note="",
        version=None,
    )
    return draft_id


@pytest.mark.parametrize(
    ("desk", "is_done"), [([], False), ([BUND], False), ([BUND, HARBOUR], True), (None, True)]
)
def test_a_draft_is_done_with_only_where_one_may_write(
    studio: Studio, desk: list[UUID] | None, is_done: bool
) -> None:
    draft_id = begin_draft(studio)
    studio.request(desk=desk, draft_id=draft_id)
    with studio.uow.read() as session:
        assert (stored.draft(session, draft_id) is None) == is_done


def test_staff_need_the_branch_of_the_order_or_its_link(studio: Studio) -> None:
    first = bought(studio)  # at BUND

    def book(place: int, desk: list[UUID] | None, **changes: Any) -> str:
        wish = {
            "service_id": FREE_SERVICE,
            "session_id": sessions(studio, first)[place]["id"],
            "start": START + timedelta(days=30 + place),
        } | changes
        status: str = studio.request(str(uuid4()), desk=desk, **wish)["status"]
        return status

    with pytest.raises(ManageTokenInvalid):
        book(1, [HARBOUR])
    link = studio.links.token(first, studio.booking(first).manage_version)
    assert book(1, [HARBOUR], session_token=link) == "confirmed"
    assert book(2, [BUND]) == "confirmed"
