"""The routes of drafts: only who may write bookings, only in their branches."""

from tests.integration.gateway import samples
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.draft_samples import DRAFT, DRAFT_ID

DRAFTS = "/api/v1/drafts"
ONE = f"{DRAFTS}/{DRAFT_ID}"
BODY = {"branch_id": samples.BRANCH_ID, "wish": DRAFT["wish"], "note": "周五回电", "version": 1}


def test_a_draft_is_saved_by_the_member_of_staff_who_writes_it(site: Site) -> None:
    answer = site.staff("receptionist").send("PUT", ONE, json_body=BODY | {"staff_id": "x"})
    assert (answer.status, answer.json) == (200, DRAFT)
    (asked,) = site.services.asked("booking.save_draft")
    assert (str(asked["draft_id"]), str(asked["staff_id"])) == (DRAFT_ID, samples.STAFF_ID)
    assert asked["wish"]["contact"] == {"phone": "138"}


def test_drafts_are_written_where_one_works(site: Site) -> None:
    elsewhere = site.staff("receptionist", [samples.OTHER_BRANCH_ID])
    assert elsewhere.send("PUT", ONE, json_body=BODY).status == 403
    assert not site.services.asked("booking.save_draft")
    elsewhere.get(f"{DRAFTS}?q=138")
    (asked,) = site.services.asked("booking.list_drafts")
    assert [str(each) for each in asked["branch_ids"]] == [samples.OTHER_BRANCH_ID]
    assert asked["q"] == "138"
    elsewhere.send("DELETE", ONE)
    (asked,) = site.services.asked("booking.remove_draft")
    assert [str(each) for each in asked["branch_ids"]] == [samples.OTHER_BRANCH_ID]


def test_nobody_else_reads_or_writes_them(site: Site) -> None:
    for browser, status in ((site.anybody, 401), (site.staff("photographer"), 403)):
        for method, path in (("GET", DRAFTS), ("GET", ONE), ("DELETE", ONE)):
            assert browser.send(method, path).status == status
        assert browser.send("PUT", ONE, json_body=BODY).status == status
    assert {name for name, *_ in site.services.calls} == {"identity.check_session"}


def test_a_draft_is_read(site: Site) -> None:
    assert site.staff("receptionist").get(ONE).json == DRAFT
    assert site.staff().get(DRAFTS).json == {"items": [DRAFT], "next_cursor": None}


def test_a_fault_is_told_at_its_field(site: Site) -> None:
    wish = {"start": "soon"}
    answer = site.staff().send("PUT", ONE, json_body=BODY | {"wish": wish})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/wish/start")
