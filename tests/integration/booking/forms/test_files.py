"""Files in a form: its visitor may upload them, and the submission that names them keeps them."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.booking.models import Upload
from services.chassis.storage import Folder
from services.contracts.errors import Invalid
from tests.integration.booking.forms.desk import Desk, ask, together
from tests.integration.booking.studio import Studio
from tests.integration.booking.uploading import Desk as Uploading
from tests.unit.booking.pictures import picture

FIELDS = [ask("name"), ask("pictures", "image")]


@pytest.fixture
def sending(desk: Desk, tmp_path: Path) -> Uploading:
    studio = Studio(desk.uow)
    studio.now = desk.now
    made = Uploading(studio, Folder(tmp_path / "files"))
    made.upload_links = desk.upload_links
    return made


@pytest.fixture
def form(desk: Desk) -> dict[str, Any]:
    return desk.published({"fields": FIELDS})


def permitted(desk: Desk, form: dict[str, Any]) -> dict[str, Any]:
    permits = desk.open(form["links"][0]["code"])["permits"]
    assert list(permits) == ["form_image"]
    return {"purpose": "form_image", "permit": permits["form_image"]}


def faults(desk: Desk, form: dict[str, Any], upload_id: str) -> list[tuple[str, str]]:
    """Return what is said of answers that name a file."""
    with pytest.raises(Invalid) as refused:
        desk.submit(form, {"name": "林小满", "pictures": [upload_id]})
    return [(fault["pointer"], fault["code"]) for fault in refused.value.details["errors"]]


def kept(desk: Desk, upload: dict[str, Any]) -> Upload:
    with desk.uow.read() as session:
        return session.get_one(Upload, upload["id"])


def test_the_files_of_a_submission_are_kept_and_shown(
    desk: Desk, form: dict[str, Any], sending: Uploading
) -> None:
    upload = sending.sent(picture(), **permitted(desk, form))
    assert kept(desk, upload).expires_at is not None
    answers = {"name": "林小满", "pictures": [str(upload["id"])]}
    submitted = desk.submit(form, answers)
    assert kept(desk, upload).expires_at is None
    (shown,) = desk.submission(submitted["submission_id"])["files"]
    assert UUID(str(shown["id"])) == UUID(str(upload["id"]))


def test_a_file_that_is_not_there_or_not_ready_is_refused_and_nothing_is_written(
    desk: Desk, form: dict[str, Any], sending: Uploading
) -> None:
    other = sending.sent(picture(), **permitted(desk, desk.published({"fields": FIELDS})))
    refused = sending.sent(b"no picture at all", **permitted(desk, form))
    unchecked = sending.send(picture(), **permitted(desk, form))
    for id, code in (
        (str(unchecked["id"]), "form.upload_not_ready"),
        (str(refused["id"]), "form.upload_refused"),
        (str(other["id"]), "form.upload_unknown"),
        ("00000000-0000-4000-8000-0000000000ff", "form.upload_unknown"),
        ("picture", "form.upload_unknown"),
    ):
        assert faults(desk, form, id) == [("/answers/pictures", code)]
    assert desk.found(form) == []


def test_a_file_belongs_to_one_submission(
    desk: Desk, form: dict[str, Any], sending: Uploading
) -> None:
    upload = sending.sent(picture(), **permitted(desk, form))
    answers = {"name": "林小满", "pictures": [str(upload["id"])]}
    desk.submit(form, answers)
    assert faults(desk, form, str(upload["id"])) == [("/answers/pictures", "form.upload_taken")]


def test_of_two_who_send_one_file_at_once_one_has_it(
    desk: Desk, form: dict[str, Any], sending: Uploading
) -> None:
    upload = sending.sent(picture(), **permitted(desk, form))
    answers = {"name": "林小满", "pictures": [str(upload["id"])]}
    sent = together(*[lambda: desk.submit(form, answers)] * 4)
    assert sum(isinstance(each, Invalid) for each in sent) == 3
    assert len(desk.found(form)) == 1


def test_a_row_of_a_data_table_keeps_its_files(desk: Desk, sending: Uploading) -> None:
    table = desk.published({"fields": FIELDS}, kind="table")
    staff = {"staff_id": UUID(int=1), "branch_ids": None, "manage_token": None}
    upload = sending.sent(picture(), purpose="form_image", form_id=table["id"], access=staff)
    answers = {"name": "样片", "pictures": [str(upload["id"])]}
    row = desk.row(table, answers)
    stored = kept(desk, upload)
    assert (stored.taken_by, stored.expires_at) == (row["id"], None)
    desk.row(table, answers | {"name": "样片二"}, row_id=str(row["id"]), revision=1)
    with pytest.raises(Invalid):
        desk.row(table, answers)
    assert len(desk.rows(table)) == 1


def test_a_form_without_files_permits_none(desk: Desk) -> None:
    form = desk.published({"fields": [ask("name")]})
    assert desk.open(form["links"][0]["code"])["permits"] == {}
