"""Files in a form: its visitor may upload them, and the submission that names them keeps them."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.booking.models import Upload
from services.chassis.storage import Folder
from services.contracts.uploads import UploadNotReady, UploadUnknown
from tests.integration.booking.forms.desk import Desk, ask
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
    unchecked = sending.send(picture(), **permitted(desk, form))
    for id, refusal in (
        (str(unchecked["id"]), UploadNotReady),
        ("00000000-0000-4000-8000-0000000000ff", UploadUnknown),
    ):
        with pytest.raises(refusal):
            desk.submit(form, {"name": "林小满", "pictures": [id]})
    assert desk.found(form) == []


def test_a_file_belongs_to_one_submission(
    desk: Desk, form: dict[str, Any], sending: Uploading
) -> None:
    upload = sending.sent(picture(), **permitted(desk, form))
    answers = {"name": "林小满", "pictures": [str(upload["id"])]}
    desk.submit(form, answers)
    with pytest.raises(UploadUnknown):
        desk.submit(form, answers)


def test_a_form_without_files_permits_none(desk: Desk) -> None:
    form = desk.published({"fields": [ask("name")]})
    assert desk.open(form["links"][0]["code"])["permits"] == {}
