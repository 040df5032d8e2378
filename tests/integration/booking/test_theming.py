"""Themes: drafts, publications, versions brought back, and whose pictures they may show."""

import copy
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.booking.domain.themes import DEFAULT
from services.booking.domain.uploads import UNFINISHED_KEPT
from services.booking.models import Theme, ThemeVersion
from services.booking.usecases import theming
from services.chassis.storage import Folder
from services.contracts.themes import (
    LIST_THEME_VERSIONS,
    SAVE_THEME,
    ThemeChanged,
    ThemeUnreadable,
    ThemeVersionUnknown,
)
from services.contracts.uploads import (
    FileRefused,
    FileUnknown,
    PurposeRefused,
    UploadNotReady,
    UploadUnknown,
)
from tests.integration.booking.forms.desk import together
from tests.integration.booking.studio import STAFF, Studio
from tests.integration.booking.uploading import FORM, Desk
from tests.unit.booking.pictures import PDF, picture

NOBODY = "00000000-0000-7000-8000-0000000000ff"


class Studies(Desk):
    """The verbs of themes, and of the pictures that they show."""

    @property
    def parts(self) -> dict[str, Any]:
        return {"uow": self.uow, "now": self.now, "upload_links": self.upload_links}

    def public(self) -> dict[str, Any]:
        return theming.get_public_theme(**self.parts)

    def theme(self) -> dict[str, Any]:
        return theming.get_theme(**self.parts)

    def save(self, revision: int, **changes: Any) -> dict[str, Any]:
        told = {"revision": revision, "staff_id": str(STAFF), "content": content(**changes)}
        return theming.save_theme(**self.parts, **SAVE_THEME.decode(told))

    def publish(self, revision: int) -> dict[str, Any]:
        return theming.publish_theme(**self.parts, revision=revision, staff_id=STAFF)

    def restore(self, revision: int, version: int) -> dict[str, Any]:
        return theming.restore_theme(
            **self.parts, revision=revision, version=version, staff_id=STAFF
        )

    def versions(self, **question: Any) -> dict[str, Any]:
        return theming.list_theme_versions(**self.parts, **LIST_THEME_VERSIONS.decode(question))

    def picture(self, data: bytes | None = None) -> dict[str, Any]:
        return self.sent(data or picture(), **self.for_theme())

    def for_theme(self) -> dict[str, Any]:
        return {"purpose": "theme_image", "access": self.studio.staff()}


def content(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(DEFAULT) | changes


def named(zh: str) -> dict[str, Any]:
    return {"name": {"zh": zh, "en": ""}}


def hero(upload: dict[str, Any]) -> dict[str, Any]:
    return {"hero": {"style": "picture", "picture": str(upload["id"])}}


@pytest.fixture
def desk(studio: Studio, tmp_path: Path) -> Studies:
    return Studies(studio, Folder(tmp_path / "files"))


# --- drafts and versions


def test_a_studio_that_never_chose_looks_as_the_product_comes(desk: Studies) -> None:
    public = desk.public()
    assert (public["version"], public["name"]["zh"]) == (0, "影期")
    assert (public["logo_url"], public["hero_url"]) == (None, None)
    theme = desk.theme()
    assert (theme["revision"], theme["version"], theme["saved_at"]) == (0, 0, None)


def test_a_draft_is_seen_by_nobody_until_it_is_published(desk: Studies) -> None:
    saved = desk.save(0, **named("光影"))
    assert (saved["revision"], saved["published_revision"]) == (1, 0)
    assert desk.public()["name"]["zh"] == "影期"
    published = desk.publish(1)
    assert (published["version"], published["published_revision"]) == (1, 1)
    assert desk.public()["name"]["zh"] == "光影"
    assert desk.public()["version"] == 1


def test_a_draft_rests_on_the_one_that_was_seen(desk: Studies) -> None:
    desk.save(0, **named("光影"))
    with pytest.raises(ThemeChanged) as refusal:
        desk.save(0, **named("另一个"))
    assert refusal.value.details == {"revision": 1}
    with pytest.raises(ThemeChanged):
        desk.publish(0)
    assert desk.theme()["draft"]["name"]["zh"] == "光影"


def test_nothing_is_published_before_the_first_draft(desk: Studies) -> None:
    with pytest.raises(ThemeChanged):
        desk.publish(0)


def test_saving_the_same_again_saves_nothing_new(desk: Studies) -> None:
    desk.save(0, **named("光影"))
    assert desk.save(0, **named("光影"))["revision"] == 1


def test_publishing_tells_once_however_often_it_is_asked(desk: Studies) -> None:
    desk.save(0, **named("光影"))
    desk.publish(1)
    desk.publish(1)
    (fact,) = desk.studio.facts("theme.published")
    assert (fact.payload["version"], fact.payload["restored"]) == (1, None)


def test_colours_that_cannot_be_read_are_not_even_saved(desk: Studies) -> None:
    pale = DEFAULT["colours"] | {"text": "#aaaaaa"}
    with pytest.raises(ThemeUnreadable) as refusal:
        desk.save(0, colours=pale)
    assert {fault["code"] for fault in refusal.value.details["errors"]} == {"theme.contrast"}
    assert desk.theme()["revision"] == 0


def published(desk: Studies, *names: str) -> int:
    """Save and publish one theme after the other; return the revision of the last."""
    for name in names:
        revision: int = desk.theme()["revision"]
        desk.save(revision, **named(name))
        desk.publish(revision + 1)
        desk.studio.now += timedelta(minutes=1)
    return int(desk.theme()["revision"])


def test_an_earlier_version_comes_back_as_the_next_one(desk: Studies) -> None:
    revision = published(desk, "一", "二")
    restored = desk.restore(revision, 1)
    assert (restored["version"], restored["draft"]["name"]["zh"]) == (3, "一")
    assert desk.public()["name"]["zh"] == "一"
    newest, *earlier = desk.versions()["items"]
    assert (newest["version"], newest["restored"], newest["look"]["name"]["zh"]) == (3, 1, "一")
    assert [each["look"]["name"]["zh"] for each in earlier] == ["二", "一"]
    assert desk.studio.facts("theme.published")[-1].payload["restored"] == 1


def test_a_version_that_was_brought_back_can_be_undone_too(desk: Studies) -> None:
    desk.restore(published(desk, "一", "二"), 1)
    desk.restore(3, 2)
    assert (desk.public()["version"], desk.public()["name"]["zh"]) == (4, "二")


def test_what_was_never_published_cannot_be_brought_back(desk: Studies) -> None:
    revision = published(desk, "一")
    with pytest.raises(ThemeVersionUnknown):
        desk.restore(revision, 2)
    with pytest.raises(ThemeChanged):
        desk.restore(revision + 1, 1)


def test_versions_come_page_by_page(desk: Studies) -> None:
    published(desk, "一", "二", "三")
    first = desk.versions(limit=2)
    rest = desk.versions(limit=2, cursor=first["next_cursor"])
    shown = [each["version"] for page in (first, rest) for each in page["items"]]
    assert (shown, rest["next_cursor"]) == ([3, 2, 1], None)


@pytest.mark.parametrize("table", [Theme, ThemeVersion])
@pytest.mark.parametrize("verb", [sa.delete, sa.update])
def test_what_was_saved_or_published_never_changes(desk: Studies, table: Any, verb: Any) -> None:
    published(desk, "一")
    change = verb(table)
    if verb is sa.update:
        change = change.values(revision=7)
    with pytest.raises(DBAPIError), desk.uow.begin() as tx:
        tx.session.execute(change)


# --- several people at once


def test_of_two_drafts_on_the_same_one_a_single_one_is_kept(desk: Studies) -> None:
    answers = together(
        *(lambda name=name: desk.save(0, **named(name)) for name in ("一", "二", "三"))
    )
    refused = [each for each in answers if isinstance(each, ThemeChanged)]
    assert len(refused) == 2
    assert desk.theme()["revision"] == 1


def test_two_who_publish_the_same_draft_publish_it_once(desk: Studies) -> None:
    desk.save(0, **named("一"))
    answers = together(*[lambda: desk.publish(1)] * 4)
    assert [each["version"] for each in answers] == [1] * 4
    assert len(desk.studio.facts("theme.published")) == 1


def test_whoever_restores_while_another_publishes_is_told(desk: Studies) -> None:
    revision = published(desk, "一")
    desk.save(revision, **named("二"))
    answers = together(
        lambda: desk.publish(revision + 1),
        lambda: desk.restore(revision + 1, 1),
        lambda: desk.restore(revision + 1, 1),
    )
    done = [each for each in answers if isinstance(each, dict)]
    assert all(isinstance(each, dict | ThemeChanged) for each in answers)
    numbers = [each["version"] for each in desk.versions()["items"]]
    assert numbers == list(range(len(done) + 1, 0, -1))
    assert desk.theme()["published_revision"] <= desk.theme()["revision"]


# --- pictures


def test_a_theme_keeps_its_pictures_and_shows_them_to_everybody(desk: Studies) -> None:
    logo, large = desk.picture(), desk.picture(picture(size=(1800, 900)))
    assert logo["expires_at"] is not None
    desk.save(0, logo=str(logo["id"]), **hero(large))
    desk.publish(1)
    desk.studio.now += 2 * UNFINISHED_KEPT
    assert desk.sweep() == 0
    public = desk.public()
    assert desk.locate(public["logo_url"])["key"].endswith(f"{logo['id']}/small")
    assert desk.locate(public["hero_url"])["key"].endswith(f"{large['id']}/large")


def test_the_address_of_a_picture_stays_while_its_theme_does(desk: Studies) -> None:
    desk.save(0, logo=str(desk.picture()["id"]))
    desk.publish(1)
    address = desk.public()["logo_url"]
    desk.studio.now += timedelta(days=3)
    assert desk.public()["logo_url"] == address
    desk.studio.now += timedelta(days=3 * 365)
    assert desk.public()["logo_url"] != address
    with pytest.raises(FileUnknown):
        desk.locate(address)


def test_a_picture_that_no_draft_names_is_swept_away(desk: Studies) -> None:
    desk.picture()
    desk.studio.now += 2 * UNFINISHED_KEPT
    assert desk.sweep() == 1


def test_the_files_of_others_are_none_of_a_theme(desk: Studies) -> None:
    desk.form()
    of_booking = desk.sent(picture(), **desk.by_link(desk.booking()))
    of_form = desk.sent(picture(), **desk.by_permit(form_id=FORM))
    for foreign in (of_booking["id"], of_form["id"], UUID(NOBODY)):
        with pytest.raises(UploadUnknown):
            desk.save(0, logo=str(foreign))
    assert desk.theme()["revision"] == 0


def test_a_picture_is_shown_only_once_it_was_checked(desk: Studies) -> None:
    upload = desk.send(picture(), **desk.for_theme())
    with pytest.raises(UploadNotReady):
        desk.save(0, logo=str(upload["id"]))


@pytest.mark.parametrize("data", [PDF, b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_picture_made_of_pixels_is_refused(desk: Studies, data: bytes) -> None:
    upload = desk.sent(data, **desk.for_theme())
    assert (upload["state"], upload["refusal"]) == ("refused", "type_refused")
    with pytest.raises(FileRefused):
        desk.save(0, logo=str(upload["id"]))


def test_only_staff_send_pictures_for_a_theme(desk: Studies) -> None:
    booking_id = desk.booking()
    with pytest.raises(PurposeRefused):
        desk.start(purpose="theme_image", **desk.by_link(booking_id))
