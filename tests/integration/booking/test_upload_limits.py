"""What strangers may send: smaller files than staff, and so much a day from one address."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import eventlet
import pytest
import sqlalchemy as sa

from services.booking.domain.uploads import VisitorLimits
from services.booking.models import UploadSender
from services.chassis.storage import Folder
from services.contracts.uploads import UploadTooLarge, VisitorLimitReached
from tests.integration.booking.studio import NOW, Studio
from tests.integration.booking.uploading import FORM, Desk
from tests.unit.booking.pictures import picture


@pytest.fixture
def desk(studio: Studio, tmp_path: Path) -> Desk:
    return Desk(studio, Folder(tmp_path / "files"))


def limited(desk: Desk, *, file_bytes: int = 100, day_bytes: int = 0) -> Desk:
    desk.form()
    desk.limits = VisitorLimits(file_bytes=file_bytes, day_bytes=day_bytes)
    return desk


def test_a_visitor_sends_smaller_files_than_staff(desk: Desk) -> None:
    limited(desk)
    assert desk.start(**desk.by_permit())["max_bytes"] == 100
    with pytest.raises(UploadTooLarge) as refused:
        desk.start(size=101, **desk.by_permit())
    assert refused.value.details == {"max_bytes": 100}
    grown = desk.start(**desk.by_permit())
    with pytest.raises(UploadTooLarge):
        desk.append(grown, b"x" * 101)
    by_staff = desk.start(purpose="form_file", form_id=FORM, access=desk.studio.staff(), size=101)
    assert by_staff["max_bytes"] > 101


def test_an_address_sends_so_much_a_day_whatever_its_permits(desk: Desk) -> None:
    limited(desk, day_bytes=150)
    desk.send(b"x" * 100, **desk.by_permit())
    with pytest.raises(VisitorLimitReached) as refused:
        desk.start(size=51, **desk.by_permit())
    left = (NOW.replace(hour=0, minute=0) + timedelta(days=1) - NOW).total_seconds()
    assert refused.value.details == {"retry_after_seconds": left}
    desk.start(size=51, client="198.51.100.7", **desk.by_permit())
    desk.start(size=50, **desk.by_permit())
    desk.studio.now = NOW + timedelta(days=1)
    desk.start(size=51, **desk.by_permit())


def test_what_was_not_announced_is_counted_as_it_comes_and_stays_counted(desk: Desk) -> None:
    limited(desk, day_bytes=150)
    first, second = (desk.start(**desk.by_permit()) for _ in range(2))
    desk.append(first, b"x" * 90)
    with pytest.raises(VisitorLimitReached):
        desk.append(second, b"x" * 61)
    desk.append(second, b"x" * 60)
    desk.end(first)
    desk.studio.now = NOW + timedelta(hours=1)
    with pytest.raises(VisitorLimitReached):
        desk.start(**desk.by_permit())


def test_of_many_at_once_no_more_is_taken_than_the_day_allows(desk: Desk) -> None:
    limited(desk, day_bytes=250)
    begun = [desk.start(**desk.by_permit()) for _ in range(4)]

    def send(upload: dict[str, Any]) -> bool:
        try:
            desk.append(upload, b"x" * 100)
        except VisitorLimitReached:
            return False
        return True

    pool = eventlet.GreenPool()
    threads = [pool.spawn(send, upload) for upload in begun]
    assert sorted(thread.wait() for thread in threads) == [False, False, True, True]


def test_no_address_is_kept_and_staff_and_customers_are_not_counted(desk: Desk) -> None:
    limited(desk, day_bytes=1)
    desk.send(picture(), **desk.by_link(desk.booking()))
    with desk.uow.read() as session:
        assert session.scalars(sa.select(UploadSender)).all() == []
    limited_by = VisitorLimits(file_bytes=100, day_bytes=0)
    desk.limits = limited_by
    upload = desk.send(b"x", **desk.by_permit())
    row = desk.row(upload)
    assert row is not None
    with desk.uow.read() as session:
        (counted,) = session.scalars(sa.select(UploadSender))
    assert (counted.sender, counted.received, len(counted.sender)) == (row.sender, 1, 32)
