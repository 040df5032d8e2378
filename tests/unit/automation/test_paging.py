from uuid import uuid4

import pytest

from services.automation.paging import from_cursor, to_cursor
from services.contracts.errors import Invalid


def test_a_cursor_gives_back_the_id_it_was_made_of() -> None:
    last = uuid4()
    assert from_cursor(to_cursor(last)) == last


@pytest.mark.parametrize("cursor", ["x", "****", "游标", "A" * 200, "AAAA"])
def test_what_is_no_cursor_is_refused_with_a_pointer(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        from_cursor(cursor)
    assert refused.value.details["errors"][0]["pointer"] == "/cursor"
