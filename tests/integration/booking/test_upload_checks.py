"""What becomes of a file that has arrived: looked into, made anew, refused, or swept away."""

import hashlib
import io
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import eventlet
import pytest
from PIL import Image

from services.booking import contents
from services.booking.domain.uploads import CHECK_LEASE, MAX_CHECKS
from services.booking.usecases import checking, sweeping
from services.chassis.storage import Folder, StoreDown
from services.contracts.uploads import UploadUnknown
from tests.integration.booking.studio import BUND, Studio
from tests.integration.booking.uploading import FORM, Desk
from tests.unit.booking.movies import XYZ, box, movie
from tests.unit.booking.pictures import EXECUTABLE, GPS_IFD, MP4, PDF, SVG, bomb, picture


@pytest.fixture
def desk(studio: Studio, tmp_path: Path) -> Desk:
    return Desk(studio, Folder(tmp_path / "files"))


def widest_gap(work: Callable[[], Any]) -> tuple[float, float]:
    """Return for how long at once the hub did nothing else during some work, and how long it took.

    Units:   seconds.
    """
    gaps: list[float] = []

    def tick() -> None:
        last = time.monotonic()
        while True:
            eventlet.sleep(0.005)
            gaps.append(time.monotonic() - last)
            last = time.monotonic()

    ticking = eventlet.spawn(tick)
    eventlet.sleep(0.02)
    started = time.monotonic()
    work()
    took = time.monotonic() - started
    eventlet.sleep(0.02)
    ticking.kill()
    return max(gaps), took


def test_what_is_kept_holds_no_place(desk: Desk) -> None:
    data = picture(gps=True, orientation=6)
    assert Image.open(io.BytesIO(data)).getexif().get_ifd(GPS_IFD)
    upload = desk.sent(data, **desk.by_link(desk.booking()))
    assert (upload["width"], upload["height"]) == (48, 64)
    for file in upload["files"]:
        kept = desk.store.read(desk.locate(file["url"])["key"])
        assert len(kept) == file["size"]
        assert dict(Image.open(io.BytesIO(kept)).getexif()) == {}
    # And nothing else of it is left anywhere.
    assert len(desk.objects()) == 3


def test_the_digest_is_that_of_what_was_sent(desk: Desk) -> None:
    data = picture()
    upload = desk.sent(data, **desk.by_link(desk.booking()))
    assert upload["sha256"] == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (EXECUTABLE, "type_refused"),
        (SVG, "type_refused"),
        (PDF, "type_refused"),
        (MP4, "type_refused"),
        (b"just a text", "type_refused"),
        (picture(size=(400, 300))[:1200], "damaged"),
        (bomb(), "too_many_pixels"),
    ],
    ids=["exe", "svg", "pdf", "video", "text", "truncated", "bomb"],
)
def test_what_is_called_a_jpeg_and_is_none_is_refused(desk: Desk, data: bytes, reason: str) -> None:
    upload = desk.sent(data, name="holiday.jpg", **desk.by_link(desk.booking()))
    assert (upload["state"], upload["refusal"]) == ("refused", reason)
    assert upload["files"] == []
    assert desk.objects() == set()
    assert "upload.ready" not in desk.studio.told()


def test_a_picture_is_known_under_any_name(desk: Desk) -> None:
    sender = desk.by_link(desk.booking())
    upload = desk.sent(picture("PNG"), name="virus.exe", **sender)
    assert upload["state"] == "ready"
    assert desk.locate(upload["files"][0]["url"])["name"] == "virus.jpg"


def test_a_kind_has_a_limit_of_its_own(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five hundred mebibytes are for videos: a picture of that size is not even opened."""
    monkeypatch.setitem(checking.MAX_BYTES, checking.Kind.IMAGE, 1000)
    sender = desk.by_staff(desk.booking())
    upload = desk.sent(picture(size=(400, 300)), purpose="attachment", **sender)
    assert (upload["state"], upload["refusal"]) == ("refused", "too_large")


def test_a_video_is_kept_as_it_was_sent_but_for_where_it_was_taken(desk: Desk) -> None:
    sound = os.urandom(3_000_000)
    data = movie(box(b"udta", XYZ), data=sound)
    upload = desk.sent(data, purpose="attachment", **desk.by_staff(desk.booking()))
    assert (upload["state"], upload["content_type"]) == ("ready", "video/mp4")
    assert upload["sha256"] == hashlib.sha256(data).hexdigest()
    (file,) = upload["files"]
    found = desk.locate(file["url"])
    kept = desk.store.read(found["key"])
    assert (len(kept), sound in kept, b"121.4737" in kept) == (len(data), True, False)
    assert found["inline"]


def test_a_type_that_is_told_only_by_several_pieces_is_found(desk: Desk) -> None:
    data = picture("WEBP")
    upload = desk.start(size=len(data), **desk.by_link(desk.booking()))
    for at in range(0, 20, 2):
        desk.append(upload, data[at : at + 2], at=at)
    desk.append(upload, data[20:], at=20)
    desk.check()
    assert desk.get(upload)["state"] == "ready"


def test_what_is_ready_is_told(desk: Desk) -> None:
    booking_id = desk.booking()
    upload = desk.sent(picture(), **desk.by_link(booking_id))
    (fact,) = desk.studio.facts("upload.ready")
    assert fact.payload["upload_id"] == upload["id"]
    assert fact.payload["booking_id"] == booking_id
    assert fact.payload["branch_id"] == BUND
    desk.form()
    desk.sent(picture(), **desk.by_permit())
    assert desk.studio.facts("upload.ready")[1].payload["form_id"] == FORM


def test_one_that_waits_longest_is_checked_first_and_none_is_none(desk: Desk) -> None:
    assert not desk.check()
    sender = desk.by_link(desk.booking())
    first = desk.send(picture(), **sender)
    desk.studio.now += timedelta(seconds=1)
    second = desk.send(picture(), **sender)
    desk.check()
    assert [desk.get(one)["state"] for one in (first, second)] == ["ready", "checking"]
    desk.check()
    assert not desk.check()


def test_a_check_is_done_by_one(desk: Desk) -> None:
    """While one is at it, another finds nothing to do."""
    desk.send(picture(), **desk.by_link(desk.booking()))
    seen: list[bool] = []
    store = desk.meanwhile(lambda: seen.append(desk.check()))
    assert checking.check_next(uow=desk.uow, store=store, now=desk.now)
    assert seen == [False]


def test_the_check_of_a_dead_process_is_done_by_another(desk: Desk) -> None:
    upload = desk.send(picture(), **desk.by_link(desk.booking()))

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checking.check_next(uow=desk.uow, store=desk.meanwhile(die), now=desk.now)
    assert not desk.check()
    desk.studio.now += CHECK_LEASE
    assert desk.check()
    assert desk.get(upload)["state"] == "ready"


def test_a_file_that_ends_the_process_every_time_is_given_up(desk: Desk) -> None:
    upload = desk.send(picture(), **desk.by_link(desk.booking()))

    def die() -> None:
        raise KeyboardInterrupt

    for _ in range(MAX_CHECKS):
        with pytest.raises(KeyboardInterrupt):
            checking.check_next(uow=desk.uow, store=desk.meanwhile(die), now=desk.now)
        desk.studio.now += CHECK_LEASE
    assert desk.check()
    found = desk.get(upload)
    assert (found["state"], found["refusal"]) == ("refused", "damaged")


def test_a_store_that_is_away_is_not_the_files_fault(desk: Desk) -> None:
    upload = desk.send(picture(), **desk.by_link(desk.booking()))

    def fail() -> None:
        raise StoreDown()

    for _ in range(MAX_CHECKS + 2):
        with pytest.raises(StoreDown):
            checking.check_next(uow=desk.uow, store=desk.meanwhile(fail), now=desk.now)
        assert not desk.check()  # it is not asked again at once
        desk.studio.now += checking.STORE_PAUSE
    assert desk.check()
    assert desk.get(upload)["state"] == "ready"


def test_a_file_that_is_removed_while_it_is_checked_leaves_nothing(desk: Desk) -> None:
    booking_id = desk.booking()
    upload = desk.send(picture(), **desk.by_link(booking_id))
    access = desk.studio.customer(booking_id)

    def remove() -> None:
        desk.remove(booking_id, upload, access)
        desk.sweep()

    checking.check_next(uow=desk.uow, store=desk.meanwhile(remove), now=desk.now)
    assert (desk.row(upload), desk.objects()) == (None, set())
    assert "upload.ready" not in desk.studio.told()


def test_the_slower_of_two_checks_spoils_nothing(desk: Desk) -> None:
    """The lease has run out over a slow store, and another has finished meanwhile."""
    upload = desk.send(picture(), **desk.by_link(desk.booking()))

    def overtake() -> None:
        desk.studio.now += CHECK_LEASE
        assert desk.check()

    checking.check_next(uow=desk.uow, store=desk.meanwhile(overtake), now=desk.now)
    found = desk.get(upload)
    assert found["state"] == "ready"
    assert len(desk.objects()) == 3
    assert desk.studio.told().count("upload.ready") == 1


def test_the_hub_is_not_blocked_while_a_large_picture_is_made_anew(desk: Desk) -> None:
    image = Image.effect_noise((4500, 4000), 40).convert("RGB")
    output = io.BytesIO()
    image.save(output, "JPEG", quality=70)
    upload = desk.send(output.getvalue(), **desk.by_link(desk.booking()))
    gap, took = widest_gap(desk.check)
    assert desk.get(upload)["state"] == "ready"
    assert gap < took / 5, (gap, took)
    # The same work inside the hub stops everything: the measure notices.
    gap, took = widest_gap(lambda: contents.examine(output.getvalue(), "image/jpeg", "a.jpg"))
    assert gap > took * 0.9, (gap, took)


# --- what is swept


def test_an_unfinished_upload_is_swept_with_all_that_arrived(desk: Desk) -> None:
    upload = desk.start(size=100, **desk.by_link(desk.booking()))
    desk.append(upload, b"x" * 10)
    desk.keep(upload, b"never counted", at=10)
    assert desk.sweep() == 0
    desk.studio.now += timedelta(hours=24)
    assert desk.sweep() == 1
    assert (desk.row(upload), desk.objects()) == (None, set())
    assert desk.sweep() == 0


def test_a_file_that_no_submission_took_is_swept(desk: Desk) -> None:
    desk.form()
    upload = desk.sent(picture(), **desk.by_permit())
    desk.studio.now += timedelta(hours=24)
    with pytest.raises(UploadUnknown):
        desk.get(upload)
    assert desk.sweep() == 1
    assert desk.objects() == set()


def test_a_refusal_is_told_for_a_day(desk: Desk) -> None:
    upload = desk.sent(EXECUTABLE, **desk.by_link(desk.booking()))
    desk.studio.now += timedelta(hours=23)
    assert desk.sweep() == 0
    assert desk.get(upload)["refusal"] == "type_refused"
    desk.studio.now += timedelta(hours=1)
    assert desk.sweep() == 1


def test_a_booking_keeps_its_files(desk: Desk) -> None:
    booking_id = desk.booking()
    desk.sent(picture(), **desk.by_link(booking_id))
    desk.studio.now += timedelta(days=400)
    assert desk.sweep() == 0
    assert len(desk.list(booking_id)) == 1


def test_a_sweep_that_died_halfway_is_finished_by_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = desk.start(size=100, **desk.by_link(desk.booking()))
    desk.append(upload, b"x" * 10)
    desk.end(upload)

    def die(store: object, prefix: str) -> None:
        raise StoreDown()

    monkeypatch.setattr(sweeping, "remove_objects", die)
    with pytest.raises(StoreDown):
        desk.sweep()
    monkeypatch.undo()
    assert desk.row(upload) is not None
    assert desk.sweep() == 1
    assert (desk.row(upload), desk.objects()) == (None, set())


def test_objects_that_belong_to_nothing_are_deleted_when_they_are_old(desk: Desk) -> None:
    sender = desk.by_link(desk.booking())
    ready = desk.sent(picture(), **sender)
    growing = desk.start(size=100, **sender)
    desk.append(growing, b"x" * 10)
    kept = desk.objects()
    lost = UUID(int=5)
    desk.store.put(f"pieces/{ready['id']}/{0:015d}-late", b"x", "text/plain")
    desk.store.put(f"uploads/{growing['id']}/original", b"x", "text/plain")
    desk.store.put(f"uploads/{lost}/small", b"x", "text/plain")
    desk.store.put(f"pieces/{lost}/{0:015d}-a", b"x", "text/plain")
    desk.store.put("uploads/foreign/name", b"x", "text/plain")
    desk.store.put("agreements/0198/paper", b"x", "text/plain")
    sweep = {"uow": desk.uow, "store": desk.store}
    today = datetime.now(UTC)  # of the files, which no test can date
    assert sweeping.sweep_orphans(**sweep, now=today) == 0
    assert sweeping.sweep_orphans(**sweep, now=today + timedelta(days=2)) == 4
    assert desk.objects() == kept | {"uploads/foreign/name"}
    assert desk.store.size("agreements/0198/paper") == 1
