"""Field types refuse what they cannot mean."""

import pytest
from marshmallow import ValidationError

from services.contracts.fields import Cents, Contract, Flag, Instant, Words, pointers


class Example(Contract):
    price_cents = Cents(required=True)
    at = Instant(required=True)
    name = Words(required=True)
    active = Flag(load_default=True)


GOOD = {"price_cents": 100, "at": "2026-11-25T10:00:00+08:00", "name": {"zh": "影期"}}


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("price_cents", 1.5, "/price_cents"),
        ("price_cents", "free", "/price_cents"),
        ("at", "2026-11-25T10:00:00", "/at"),
        ("at", "tomorrow", "/at"),
        ("name", {"en": "Yingqi"}, "/name/zh"),
        ("name", "影期", "/name"),
        ("active", 0, "/active"),
        ("active", "yes", "/active"),
    ],
)
def test_a_value_that_means_nothing_is_refused_where_it_stands(field, value, pointer):
    with pytest.raises(ValidationError) as error:
        Example().load({**GOOD, field: value})
    found = pointers(error.value.normalized_messages())
    assert [fault["pointer"] for fault in found] == [pointer]


def test_consumers_ignore_what_they_do_not_know():
    assert "colour" not in Example().load({**GOOD, "colour": "red"})
