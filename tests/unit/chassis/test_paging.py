"""A cursor returns to its place; what is no cursor is refused with a pointer."""

import base64
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from services.chassis.paging import decode, encode
from services.contracts.errors import Invalid

AT = datetime(2026, 11, 2, 9, 30, 0, 123456, tzinfo=UTC)
ID = UUID("01939d2c-0000-7000-8000-000000000001")


def cursor_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize("place", [[ID], [AT, ID], [AT, AT, ID]])
def test_a_cursor_returns_to_its_place(place: list[datetime | UUID]) -> None:
    assert decode(encode(place), [type(value) for value in place]) == place


def test_an_instant_is_the_same_in_whatever_zone_it_was_written() -> None:
    local = AT.astimezone(timezone(timedelta(hours=8)))
    assert encode([local]) != encode([AT])
    assert decode(encode([local]), [datetime]) == [AT]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "****",
        "游标",
        "é",
        "A" * 200,
        "nonsense",
        encode([ID]),
        encode([ID, AT]),
        encode([AT, ID, ID]),
        cursor_of(f"2026-11-02 {ID} "),
        cursor_of(f"0001-01-01T00:00:00+14:00 {ID}"),
        cursor_of("2026-11-02T09:30:00+00:00 none"),
    ],
)
def test_what_is_no_cursor_of_a_list_is_refused_with_a_pointer(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode(cursor, [datetime, UUID])
    (fault,) = refused.value.details["errors"]
    assert (fault["pointer"], fault["code"]) == ("/cursor", "field.invalid")
