"""What a customer may write about themselves."""

import pytest
from marshmallow import ValidationError

from services.contracts.booking import Contact
from services.contracts.fields import faults

GOOD = {"name": "王小丽", "phone": "13800001111"}


def test_a_name_is_kept_without_the_blanks_around_it():
    assert Contact().load({**GOOD, "name": " 王 小丽\u3000"})["name"] == "王 小丽"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "   "), ("name", ""), ("name", None), ("name", "王" * 81), ("phone", None)],
)
def test_a_contact_that_says_nothing_is_refused_where_it_stands(field, value):
    with pytest.raises(ValidationError) as error:
        Contact().load({**GOOD, field: value})
    assert [fault["pointer"] for fault in faults(error.value)] == [f"/{field}"]


@pytest.mark.parametrize("phone", ["", "12", "+1"])
def test_whether_a_phone_number_exists_is_not_the_contracts_to_say(phone):
    assert Contact().load({**GOOD, "phone": phone})["phone"] == phone
