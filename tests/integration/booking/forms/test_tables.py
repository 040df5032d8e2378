"""Data tables that a studio makes itself: rows with types, relations and a way back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import eventlet
import pytest

from services.booking.queries import answers as queries
from services.booking.usecases.forms import tables
from services.contracts.errors import Invalid
from services.contracts.forms import FormNotPublished, FormUnknown
from services.contracts.tables import RowChanged, RowUnknown, TableUnknown
from tests.integration.booking.forms.desk import WANG, Desk, ask, form_of, together, words

CUSTOMERS = form_of(
    ask("name", required=True),
    ask("phone", "phone"),
    ask("level", "number"),
    ask("birthday", "date"),
)


@pytest.fixture
def customers(desk: Desk) -> dict[str, Any]:
    return desk.published(CUSTOMERS, kind="table")


@pytest.fixture
def shoots(desk: Desk, customers: dict[str, Any]) -> dict[str, Any]:
    source = {"kind": "table", "table_id": str(customers["id"]), "label_field": "name"}
    photographer = {"kind": "resources", "resource_type": "photographer"}
    return desk.published(
        form_of(
            ask("customers", "relation", source=source, multiple=True, required=True),
            ask("photographer", "resource", source=photographer),
        ),
        kind="table",
    )


def test_a_row_is_checked_as_a_form_is(desk: Desk, customers: dict[str, Any]) -> None:
    row = desk.row(customers, {"name": "王小丽", "phone": "13800001111", "level": 3, "x": 1})
    assert row["answers"] == {"name": "王小丽", "phone": "+8613800001111", "level": 3}
    with pytest.raises(Invalid) as refused:
        desk.row(customers, {"phone": "12", "birthday": "2026-02-30"})
    found = {fault["pointer"] for fault in refused.value.details["errors"]}
    assert found == {"/answers/name", "/answers/phone", "/answers/birthday"}
    assert len(desk.rows(customers)) == 1


def test_rows_need_a_table_that_is_published(desk: Desk) -> None:
    with pytest.raises(TableUnknown):
        desk.row({"id": uuid4()}, {})
    with pytest.raises(TableUnknown):
        desk.row(desk.published(), {})
    with pytest.raises(FormNotPublished):
        desk.row(desk.define(CUSTOMERS, kind="table"), {})
    with pytest.raises(TableUnknown):
        desk.rows(desk.published())


def test_a_row_that_somebody_else_has_changed_is_not_overwritten(
    desk: Desk, customers: dict[str, Any]
) -> None:
    row = desk.row(customers, {"name": "王小丽"})
    one = {"row_id": str(row["id"]), "revision": 1}
    assert desk.row(customers, {"name": "王丽"}, **one)["revision"] == 2
    assert desk.row(customers, {"name": "王丽"}, **one)["revision"] == 2, "sent again"
    for revision in (1, None):
        with pytest.raises(RowChanged) as refused:
            desk.row(customers, {"name": "李雷"}, row_id=str(row["id"]), revision=revision)
        assert refused.value.details == {"revision": 2}


def test_of_two_who_change_a_row_at_once_one_is_told(desk: Desk, customers: dict[str, Any]) -> None:
    row = desk.row(customers, {"name": "王小丽"})
    attempts = [
        lambda n=n: desk.row(customers, {"name": f"{n}号"}, row_id=str(row["id"]), revision=1)
        for n in range(4)
    ]
    answers = together(*attempts)
    assert sum(isinstance(each, RowChanged) for each in answers) == 3
    (winner,) = (each for each in answers if isinstance(each, dict))
    assert desk.rows(customers)[0]["answers"] == winner["answers"]


def test_a_row_that_nobody_made_cannot_be_changed(desk: Desk, customers: dict[str, Any]) -> None:
    with pytest.raises(RowUnknown):
        desk.row(customers, {"name": "王小丽"}, revision=1)
    other = desk.published(form_of(ask("name")), kind="table")
    row = desk.row(other, {"name": "旺财"})
    with pytest.raises(RowUnknown):
        desk.row(customers, {"name": "王小丽"}, row_id=str(row["id"]))
    for attempt in (desk.delete, desk.restore):
        with pytest.raises(RowUnknown):
            attempt(customers, row)
        with pytest.raises(RowUnknown):
            attempt(customers, {"id": uuid4()})
    assert desk.rows(other)[0]["deleted_at"] is None


def test_a_relation_needs_the_other_row_to_exist(
    desk: Desk, customers: dict[str, Any], shoots: dict[str, Any]
) -> None:
    wang = desk.row(customers, {"name": "王小丽"})
    assert desk.row(shoots, {"customers": [str(wang["id"])], "photographer": WANG})["labels"] == {
        str(wang["id"]): {"zh": "王小丽", "en": "王小丽"},
        WANG: words("王芳"),
    }
    foreign = desk.row(shoots, {"customers": [str(wang["id"])]})
    for wrong in (str(uuid4()), str(foreign["id"]), "王小丽"):
        with pytest.raises(Invalid) as refused:
            desk.row(shoots, {"customers": [str(wang["id"]), wrong]})
        assert refused.value.details["errors"][0]["pointer"] == "/answers/customers"
    assert len(desk.rows(shoots)) == 2


def test_related_rows_are_shown_by_their_present_name(
    desk: Desk, customers: dict[str, Any], shoots: dict[str, Any]
) -> None:
    wang = desk.row(customers, {"name": "王小丽"})
    desk.row(shoots, {"customers": [str(wang["id"])]})
    desk.row(customers, {"name": "王丽"}, row_id=str(wang["id"]), revision=1)
    (shown,) = desk.rows(shoots)
    assert shown["labels"][str(wang["id"])]["zh"] == "王丽"
    desk.delete(customers, wang)
    (shown,) = desk.rows(shoots)
    assert shown["labels"][str(wang["id"])]["zh"] == "王小丽", "as it was when it was chosen"


def test_a_deleted_row_can_be_brought_back(desk: Desk, customers: dict[str, Any]) -> None:
    row = desk.row(customers, {"name": "王小丽"})
    deleted = desk.delete(customers, row)
    assert desk.later(days=1).delete(customers, row)["deleted_at"] == deleted["deleted_at"]
    assert desk.rows(customers) == []
    assert [each["id"] for each in desk.rows(customers, deleted=True)] == [row["id"]]
    with pytest.raises(RowUnknown):
        desk.row(customers, {"name": "李雷"}, row_id=str(row["id"]), revision=1)
    for _ in range(2):
        assert desk.restore(customers, row)["deleted_at"] is None
    assert [each["id"] for each in desk.rows(customers)] == [row["id"]]


def test_rows_are_found_by_field_and_text_in_pages(desk: Desk, customers: dict[str, Any]) -> None:
    for minute, name in enumerate(("王小丽", "李雷", "王芳")):
        desk.later(minutes=minute).row(customers, {"name": name, "level": minute})
    found = [each["answers"]["name"] for each in desk.rows(customers, q="王")]
    assert found == ["王芳", "王小丽"]
    (level,) = desk.rows(customers, where={"level": "1"})
    assert level["answers"]["name"] == "李雷"
    assert len(desk.rows(customers, limit=2)) == 2


def test_what_a_draft_would_offer_is_shown_to_who_designs_it(
    desk: Desk, customers: dict[str, Any], shoots: dict[str, Any]
) -> None:
    wang = desk.row(customers, {"name": "王小丽"})
    label = {"zh": "王小丽", "en": "王小丽"}
    assert choices(desk, shoots["id"]) == {
        "customers": [{"value": str(wang["id"]), "label": label}],
        "photographer": [{"value": WANG, "label": words("王芳")}],
    }
    assert choices(desk, desk.define(form_of(ask("a", "unheard of")))["id"]) == {}
    with pytest.raises(FormUnknown):
        choices(desk, uuid4())


def choices(desk: Desk, form_id: UUID) -> dict[str, Any]:
    found = tables.list_choices(uow=desk.uow, scheduling=desk.scheduling, form_id=form_id)
    return dict(found["options"])


# --- while a row is deleted


@contextmanager
def deleting(desk: Desk, row: dict[str, Any]) -> Iterator[None]:
    """A row that is being deleted on another connection, until the end of the block."""
    with desk.uow.begin() as tx:
        stored = queries.lock_row(tx.session, row["id"])
        assert stored is not None
        stored.deleted_at = desk.now
        tx.session.flush()
        yield


def test_a_row_that_is_just_being_deleted_is_waited_for_and_then_not_referred_to(
    desk: Desk, customers: dict[str, Any], shoots: dict[str, Any]
) -> None:
    wang = desk.row(customers, {"name": "王小丽"})
    with deleting(desk, wang):
        writing = eventlet.spawn(
            together, lambda: desk.row(shoots, {"customers": [str(wang["id"])]})
        )
        eventlet.sleep(0.3)
        assert not writing.dead, "it waits for the deletion"
    (refused,) = writing.wait()
    assert isinstance(refused, Invalid)
    (fault,) = refused.details["errors"]
    assert (fault["pointer"], fault["code"]) == ("/answers/customers", "form.option")
    assert desk.rows(shoots) == []


def test_a_submission_waits_for_the_deletion_of_what_it_chose(desk: Desk) -> None:
    pets = desk.published(form_of(ask("name")), kind="table", public=True)
    source = {"kind": "table", "table_id": str(pets["id"]), "label_field": "name"}
    form = desk.published(form_of(ask("pet", "relation", source=source)))
    row = desk.row(pets, {"name": "旺财"})
    with deleting(desk, row):
        sending = eventlet.spawn(together, lambda: desk.submit(form, {"pet": str(row["id"])}))
        eventlet.sleep(0.3)
        assert not sending.dead
    (refused,) = sending.wait()
    assert isinstance(refused, Invalid)
    assert desk.stored() == []


def test_rows_that_refer_to_each_other_at_once_do_not_wait_for_ever(desk: Desk) -> None:
    table = desk.published(form_of(ask("name")), kind="table")
    source = {"kind": "table", "table_id": str(table["id"]), "label_field": "name"}
    desk.changed(table, form_of(ask("name"), ask("friend", "relation", source=source)))
    one, other = (desk.row(table, {"name": name}) for name in "一二")

    def befriend(row: dict[str, Any], friend: dict[str, Any]) -> dict[str, Any]:
        answers = {"name": row["answers"]["name"], "friend": str(friend["id"])}
        return desk.row(table, answers, row_id=str(row["id"]), revision=1)

    pairs = [(one, other), (other, one)] * 3
    answers = together(*[lambda pair=pair: befriend(*pair) for pair in pairs])
    assert all(isinstance(each, dict) for each in answers), answers
    assert {each["revision"] for each in desk.rows(table)} == {2}
