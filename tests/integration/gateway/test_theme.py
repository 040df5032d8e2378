"""The routes of the theme: who reads and who changes it, and what browsers may keep."""

import copy
from typing import Any

from services.contracts.themes import ThemeChanged
from tests.integration.gateway import theme_samples
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.samples import BRANCH_ID, STAFF_ID

PUBLIC = "/api/v1/theme"
DRAFT = f"{PUBLIC}/draft"
RESTORE = f"{PUBLIC}/versions/1/restore"
PICTURE = "/api/v1/uploads?purpose=theme_image&name=logo.png"
SEEN = {"revision": 3}
DRAFTED = SEEN | {"content": theme_samples.CONTENT}


def test_anybody_reads_what_was_published(site: Site) -> None:
    answer = site.anybody.get(PUBLIC)
    assert (answer.status, answer.json) == (200, theme_samples.PUBLIC)


def test_a_browser_keeps_the_theme_and_asks_whether_it_is_still_the_same(site: Site) -> None:
    first = site.anybody.get(PUBLIC)
    assert first.headers["cache-control"] == "no-cache"
    asked = site.anybody.with_headers({"If-None-Match": first.headers["etag"]})
    again = asked.get(PUBLIC)
    assert (again.status, again.body) == (304, b"")
    site.services.answers["booking.get_public_theme"] = theme_samples.PUBLIC | {"version": 3}
    assert asked.get(PUBLIC).status == 200


def test_the_draft_is_for_who_may_change_it(site: Site) -> None:
    for path in (DRAFT, f"{PUBLIC}/versions"):
        assert site.anybody.get(path).status == 401
        refusal = site.staff("receptionist").get(path)
        assert (refusal.status, refusal.json["permission"]) == (403, "theme.write")
        assert site.staff("manager").get(path).status == 200


def test_a_change_is_told_with_whoever_made_it(site: Site) -> None:
    owner = site.staff("owner")
    assert owner.send("PUT", DRAFT, json_body=DRAFTED).status == 200
    assert owner.post(f"{PUBLIC}/publish", SEEN).status == 200
    assert owner.post(RESTORE, SEEN).status == 200
    for name in ("save_theme", "publish_theme", "restore_theme"):
        (asked,) = site.services.asked(f"booking.{name}")
        assert (str(asked["staff_id"]), asked["revision"]) == (STAFF_ID, 3)
    assert site.services.asked("booking.restore_theme")[0]["version"] == 1


def test_what_all_branches_share_is_not_for_those_who_work_at_some(site: Site) -> None:
    manager = site.staff("manager", [BRANCH_ID])
    assert manager.get(DRAFT).status == 200
    for answer in (
        manager.send("PUT", DRAFT, json_body=DRAFTED),
        manager.post(f"{PUBLIC}/publish", SEEN),
        manager.post(RESTORE, SEEN),
    ):
        assert (answer.status, answer.json["all_branches"]) == (403, True)


def test_what_is_no_theme_is_refused_before_booking_is_asked(site: Site) -> None:
    told: dict[str, Any] = copy.deepcopy(DRAFTED)
    told["content"]["colours"]["brand"] = "red; background: url(//elsewhere.test)"
    answer = site.staff("owner").send("PUT", DRAFT, json_body=told)
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/content/colours/brand"
    assert not site.services.asked("booking.save_theme")


def test_a_draft_that_somebody_else_has_changed_is_a_conflict(site: Site) -> None:
    site.services.answers["booking.publish_theme"] = ThemeChanged(revision=4)
    answer = site.staff("owner").post(f"{PUBLIC}/publish", SEEN)
    assert (answer.status, answer.json["code"], answer.json["revision"]) == (
        409,
        "booking.theme_changed",
        4,
    )


def test_pictures_are_sent_by_who_may_change_the_theme(site: Site) -> None:
    refusal = site.staff("receptionist").send("POST", PICTURE, body=b"x")
    assert (refusal.status, refusal.json["permission"]) == (403, "theme.write")
    assert site.staff("manager").send("POST", PICTURE, body=b"x").status == 201


def test_only_our_own_pages_frame_the_preview(site: Site) -> None:
    policy = site.anybody.get("/portal/preview").headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert (
        "frame-ancestors 'none'" in site.anybody.get("/portal/").headers["content-security-policy"]
    )
