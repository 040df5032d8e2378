"""Who passes the gateway with files, before booking is asked."""

import pytest

from services.contracts.uploads import FileUnknown
from tests.integration.gateway import samples
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.samples import BOOKING_ID, BRANCH_ID, RESOURCE_ID

UPLOADS = f"/api/v1/uploads?purpose=attachment&name=a.pdf&booking_id={BOOKING_ID}"
LIST = f"/api/v1/bookings/{BOOKING_ID}/uploads"


def test_staff_send_for_their_branches_and_are_the_actor(site: Site) -> None:
    browser = site.staff("receptionist", [BRANCH_ID])
    assert browser.send("POST", UPLOADS, body=b"%PDF").status == 201
    (asked,) = site.services.asked("booking.start_upload")
    assert asked["permit"] is None
    assert str(asked["access"]["staff_id"]) == samples.STAFF_ID
    assert [str(one) for one in asked["access"]["branch_ids"]] == [BRANCH_ID]
    actor = site.services.actors("booking.append_upload")[0]["actor"]
    assert actor == {"kind": "staff", "id": samples.STAFF_ID}


def test_staff_who_may_not_write_bookings_send_nothing(site: Site) -> None:
    answer = site.staff("photographer").send("POST", UPLOADS, body=b"%PDF")
    assert (answer.status, answer.json["permission"]) == (403, "booking.write")
    assert not site.services.asked("booking.start_upload")


def test_a_form_on_another_site_sends_nothing_with_the_cookie_of_staff(site: Site) -> None:
    browser = site.signed_in()
    elsewhere = {"Origin": "https://elsewhere.test", "Content-Type": "multipart/form-data"}
    answer = browser.send("POST", UPLOADS, body=b"%PDF", headers=elsewhere)
    assert (answer.status, answer.json["code"]) == (403, "request.cross_site")


def test_the_crew_asks_as_itself_and_others_as_their_branches(site: Site) -> None:
    assert site.staff("photographer", [BRANCH_ID], RESOURCE_ID).get(LIST).status == 200
    assert site.staff("receptionist", [BRANCH_ID], RESOURCE_ID).get(LIST).status == 200
    crew, branch = site.services.asked("booking.list_uploads")
    assert str(crew["crew_id"]) == RESOURCE_ID
    assert branch["crew_id"] is None


def test_staff_who_are_no_crew_and_may_not_read_bookings_see_no_files(site: Site) -> None:
    assert site.staff("photographer").get(LIST).status == 403
    assert site.anybody.get(LIST).status == 401
    assert not site.services.asked("booking.list_uploads")


def test_a_file_is_removed_by_staff_who_may_write_bookings(site: Site) -> None:
    path = f"{LIST}/{samples.SOME_ID}"
    assert site.staff("photographer").send("DELETE", path).status == 403
    assert site.staff("receptionist").send("DELETE", path).status == 204
    assert len(site.services.asked("booking.remove_upload")) == 1


def test_the_holder_of_a_link_sees_and_removes(site: Site) -> None:
    holder = site.anybody.with_headers({"X-Manage-Token": "secret"})
    assert holder.get(LIST).json == {"items": [samples.UPLOAD]}
    assert holder.send("DELETE", f"{LIST}/{samples.SOME_ID}").status == 204


def test_an_upload_that_stays_unchecked_for_long_is_told_as_it_stands(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.routes.uploads.WAIT_SECONDS", 0.6)
    checking = samples.OWN_UPLOAD | {"state": "checking", "files": []}
    site.services.answers |= {"booking.append_upload": checking, "booking.get_upload": checking}
    answer = site.staff().send("POST", UPLOADS, body=b"%PDF")
    assert (answer.status, answer.json["state"]) == (201, "checking")
    assert len(site.services.asked("booking.get_upload")) > 1


def test_a_missing_object_is_a_missing_file(site: Site) -> None:
    """The row says that it is there and the store says that it is not."""
    answer = site.anybody.get("/files/token")
    assert (answer.status, answer.json["code"]) == (404, "store.object_missing")
    site.services.answers["booking.locate_file"] = FileUnknown()
    assert site.anybody.get("/files/token").json["code"] == "booking.file_unknown"
