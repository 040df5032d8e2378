"""Scheduling's routes: who may do what, where, and what reaches scheduling."""

from typing import Any

import pytest

from services.contracts import scheduling
from tests.integration.gateway import samples
from tests.integration.gateway.browser import Answer, Browser
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.samples import (
    BOOKING_ID,
    BRANCH_ID,
    END,
    OTHER_BRANCH_ID,
    RESOURCE_ID,
    SERVICE_ID,
    SOME_ID,
    STAFF_ID,
    START,
    TEXT,
)

V1 = "/api/v1"
BRANCH = f"{V1}/branches/{BRANCH_ID}"
RESOURCE = f"{V1}/resources/{RESOURCE_ID}"
LEAVE = f"{V1}/leaves/{SOME_ID}"
HOLDER = {"X-Manage-Token": "a-token-of-the-waitlist"}

BRANCH_BODY = {k: v for k, v in samples.BRANCH_DETAIL.items() if k != "id"}
CLOSURE_BODY = {"first_day": "2026-11-25", "last_day": "2026-11-26"}
RESOURCE_BODY = {k: v for k, v in samples.RESOURCE.items() if k != "id"}
REQUIREMENT_BODY = {k: v for k, v in samples.REQUIREMENT.items() if k != "service_id"}
QUOTA_BODY = {k: v for k, v in samples.QUOTA.items() if k != "id"}
LEAVE_BODY: dict[str, Any] = {"resource_id": RESOURCE_ID, "start": START, "end": END}
BLOCK_BODY: dict[str, Any] = {**LEAVE_BODY, "reason": "保养"}
SPECIAL = {"kind": "work_day", "name": TEXT}
ONE_BRANCH = f"branch_id={BRANCH_ID}"
DAYS = "from=2026-11-25&to=2026-11-30"
START_QUERY = START.replace("+", "%2B")

# Of one branch: method, address, body, the RPC behind it and what staff need.
OF_A_BRANCH: list[tuple[str, str, Any, str, str]] = [
    ("GET", BRANCH, None, "get_branch", "calendar.read"),
    ("PUT", BRANCH, BRANCH_BODY, "define_branch", "resource.write"),
    ("GET", f"{BRANCH}/days?{DAYS}", None, "list_branch_days", "calendar.read"),
    (
        "PUT",
        f"{BRANCH}/days/2026-11-25",
        {"hours": [samples.HOURS]},
        "define_branch_day",
        "resource.write",
    ),
    ("PUT", f"{BRANCH}/closures/{SOME_ID}", CLOSURE_BODY, "define_closure", "resource.write"),
    ("DELETE", f"{BRANCH}/closures/{SOME_ID}", None, "remove_closure", "resource.write"),
    ("GET", RESOURCE, None, "get_resource", "calendar.read"),
    ("PUT", RESOURCE, RESOURCE_BODY, "define_resource", "resource.write"),
    ("PUT", f"{V1}/quotas/{SOME_ID}", QUOTA_BODY, "define_quota", "resource.write"),
    ("DELETE", f"{V1}/quotas/{SOME_ID}", None, "remove_quota", "resource.write"),
    ("GET", f"{RESOURCE}/roster", None, "get_roster", "calendar.read"),
    ("PUT", f"{RESOURCE}/roster", {"rules": [samples.RULE]}, "define_roster", "resource.write"),
    (
        "POST",
        f"{V1}/rosters/publish",
        {"branch_id": BRANCH_ID, "resource_ids": [RESOURCE_ID]},
        "publish_rosters",
        "resource.write",
    ),
    ("GET", f"{V1}/leaves?{ONE_BRANCH}", None, "list_leaves", "leave.request"),
    ("PUT", LEAVE, LEAVE_BODY, "request_leave", "leave.request"),
    ("POST", f"{LEAVE}/decision", {"approve": True}, "decide_leave", "resource.write"),
    ("POST", f"{LEAVE}/cancel", None, "cancel_leave", "leave.request"),
    ("GET", f"{RESOURCE}/busy-feeds", None, "list_busy_feeds", "resource.write"),
    (
        "PUT",
        f"{RESOURCE}/busy-feeds/{SOME_ID}",
        {"url": "https://calendar.test/1.ics"},
        "define_busy_feed",
        "resource.write",
    ),
    ("DELETE", f"{RESOURCE}/busy-feeds/{SOME_ID}", None, "remove_busy_feed", "resource.write"),
    ("GET", f"{V1}/calendar-links?{ONE_BRANCH}", None, "list_calendar_links", "resource.write"),
    (
        "POST",
        f"{V1}/calendar-links",
        {"resource_id": RESOURCE_ID},
        "define_calendar_link",
        "resource.write",
    ),
    ("DELETE", f"{V1}/calendar-links/{SOME_ID}", None, "revoke_calendar_link", "resource.write"),
    ("PUT", f"{V1}/blocks/{SOME_ID}", BLOCK_BODY, "block", "calendar.write"),
    ("DELETE", f"{V1}/blocks/{SOME_ID}", None, "unblock", "calendar.write"),
    (
        "POST",
        f"{V1}/allocations/{SOME_ID}/move",
        {"start": START},
        "move_allocation",
        "calendar.write",
    ),
    (
        "POST",
        f"{V1}/allocations/{SOME_ID}/resize",
        {"start": START, "end": END},
        "resize_allocation",
        "calendar.write",
    ),
    ("GET", f"{V1}/waitlist?{ONE_BRANCH}", None, "list_waitlist", "booking.write"),
    ("DELETE", f"{V1}/waitlist/{SOME_ID}", None, "remove_waitlist_entry", "booking.write"),
]
# What all branches share: staff of one branch read it and change nothing.
SHARED: list[tuple[str, str, Any, str]] = [
    ("GET", f"{V1}/resource-types", None, "scheduling.list_resource_types"),
    (
        "PUT",
        f"{V1}/resource-types/drone",
        {"name": TEXT, "kind": "thing"},
        "scheduling.define_resource_type",
    ),
    ("DELETE", f"{V1}/resource-types/drone", None, "scheduling.remove_resource_type"),
    ("GET", f"{V1}/skills", None, "scheduling.list_skills"),
    ("PUT", f"{V1}/skills/portrait", {"name": TEXT}, "scheduling.define_skill"),
    ("GET", f"{V1}/pools", None, "scheduling.list_pools"),
    ("PUT", f"{V1}/pools/{SOME_ID}", {"name": TEXT}, "scheduling.define_pool"),
    ("DELETE", f"{V1}/pools/{SOME_ID}", None, "scheduling.remove_pool"),
    ("GET", f"{V1}/services/{SERVICE_ID}/requirement", None, "scheduling.get_requirement"),
    (
        "PUT",
        f"{V1}/services/{SERVICE_ID}/requirement",
        REQUIREMENT_BODY,
        "booking.define_service_requirement",
    ),
    ("GET", f"{V1}/quotas", None, "scheduling.list_quotas"),
    (
        "PUT",
        f"{V1}/quotas/{SOME_ID}",
        QUOTA_BODY | {"per": "customer", "branch_id": None},
        "scheduling.define_quota",
    ),
    ("PUT", f"{V1}/special-days/CN/2026-10-10", SPECIAL, "scheduling.define_special_day"),
]


def send(browser: Browser, method: str, path: str, body: Any = None) -> Answer:
    return browser.send(method, path, json_body=body)


@pytest.mark.parametrize(("method", "path", "body", "rpc", "permission"), OF_A_BRANCH)
def test_what_belongs_to_a_branch_is_its_staffs_alone(
    site: Site, method: str, path: str, body: Any, rpc: str, permission: str
) -> None:
    assert send(site.anybody, method, path, body).status == 401
    elsewhere = site.staff("manager", [OTHER_BRANCH_ID])
    assert send(elsewhere, method, path, body).status == 403
    if method != "GET":
        assert not site.services.asked(f"scheduling.{rpc}")
    for browser in (site.staff("manager", [BRANCH_ID]), site.staff()):
        assert send(browser, method, path, body).status in (200, 201)
    assert site.services.asked(f"scheduling.{rpc}")
    for role in ("receptionist", "photographer"):
        staff = samples.staff(role)
        may = permission in staff["permissions"]
        answer = send(site.staff(role, None, RESOURCE_ID), method, path, body)
        assert (answer.status in (200, 201)) == may, role


@pytest.mark.parametrize(("method", "path", "body", "rpc"), SHARED)
def test_what_all_branches_share_is_changed_by_who_works_at_all_of_them(
    site: Site, method: str, path: str, body: Any, rpc: str
) -> None:
    assert send(site.anybody, method, path, body).status == 401
    refused = send(site.staff("manager", [BRANCH_ID]), method, path, body)
    assert refused.status == (200 if method == "GET" else 403)
    assert send(site.staff("manager"), method, path, body).status == 200
    assert len(site.services.asked(rpc)) == (2 if method == "GET" else 1)
    if method != "GET":
        assert send(site.staff("receptionist"), method, path, body).status == 403


def test_staff_of_all_branches_are_asked_about_nothing(site: Site) -> None:
    site.staff().send("DELETE", f"{V1}/blocks/{SOME_ID}")
    assert not site.services.asked("scheduling.locate")


def test_what_does_not_exist_yet_can_be_made_by_staff_of_one_branch(site: Site) -> None:
    nowhere = {"found": False, "branch_id": None, "resource_id": None}
    site.services.answers["scheduling.locate"] = nowhere
    manager = site.staff("manager", [BRANCH_ID])
    assert send(manager, "PUT", RESOURCE, RESOURCE_BODY).status == 200
    site.services.answers["scheduling.remove_closure"] = scheduling.ClosureUnknown()
    assert manager.send("DELETE", f"{BRANCH}/closures/{SOME_ID}").status == 404


def test_what_all_branches_share_is_not_removed_by_staff_of_one(site: Site) -> None:
    shared = {"found": True, "branch_id": None, "resource_id": None}
    site.services.answers["scheduling.locate"] = shared
    quota = f"{V1}/quotas/{SOME_ID}"
    assert site.staff("manager", [BRANCH_ID]).send("DELETE", quota).status == 403
    assert site.staff("manager").send("DELETE", quota).status == 200


def test_a_quota_of_a_resource_is_its_branchs(site: Site) -> None:
    body = QUOTA_BODY | {"per": "resource", "branch_id": None, "resource_id": RESOURCE_ID}
    path = f"{V1}/quotas/{SOME_ID}"
    assert send(site.staff("manager", [OTHER_BRANCH_ID]), "PUT", path, body).status == 403
    assert send(site.staff("manager", [BRANCH_ID]), "PUT", path, body).status == 200


def test_quotas_of_other_branches_are_not_listed(site: Site) -> None:
    shared = samples.QUOTA | {"per": "customer", "branch_id": None}
    site.services.answers["scheduling.list_quotas"] = {"items": [samples.QUOTA, shared]}
    path = f"{V1}/quotas"
    assert len(site.staff("manager", [BRANCH_ID]).get(path).json["items"]) == 2
    (left,) = site.staff("manager", [OTHER_BRANCH_ID]).get(path).json["items"]
    assert left["per"] == "customer"


def test_a_roster_at_another_branch_is_not_drafted(site: Site) -> None:
    rules = [samples.RULE, samples.RULE | {"branch_id": OTHER_BRANCH_ID}]
    path = f"{RESOURCE}/roster"
    assert send(site.staff("manager", [BRANCH_ID]), "PUT", path, {"rules": rules}).status == 403
    both = site.staff("manager", [BRANCH_ID, OTHER_BRANCH_ID])
    assert send(both, "PUT", path, {"rules": rules, "publish": True}).status == 200
    (asked,) = site.services.asked("scheduling.define_roster")
    assert (str(asked["resource_id"]), asked["publish"]) == (RESOURCE_ID, True)


def test_rosters_are_published_where_all_of_the_named_are_at_home(site: Site) -> None:
    path = f"{V1}/rosters/publish"
    body = {"branch_id": BRANCH_ID, "resource_ids": [RESOURCE_ID, SOME_ID]}
    manager = site.staff("manager", [BRANCH_ID])
    assert manager.post(path, body).status == 200
    (asked,) = site.services.asked("scheduling.locate_all")
    assert [str(id) for id in asked["ids"]] == body["resource_ids"]
    assert site.services.asked("scheduling.locate") == []
    located = {"found": True, "resource_id": SOME_ID, "id": SOME_ID}
    site.services.answers["scheduling.locate_all"] = {
        "items": [located | {"branch_id": BRANCH_ID}, located | {"branch_id": OTHER_BRANCH_ID}]
    }
    assert manager.post(path, body).status == 403


def test_a_date_in_an_address_that_is_none_is_told(site: Site) -> None:
    for day in ("2026-02-30", "tomorrow"):
        refused = send(site.staff(), "PUT", f"{BRANCH}/days/{day}", {"hours": []})
        assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/day")
    assert send(site.staff(), "DELETE", f"{V1}/resource-types/a%00b").status == 404


# --- resources


def test_customers_see_of_a_resource_what_they_choose_by(site: Site) -> None:
    path = f"{V1}/resources?{ONE_BRANCH}&include_inactive=true&search=%E6%9E%97&limit=20"
    for browser in (site.anybody, site.staff("manager", [OTHER_BRANCH_ID])):
        answer = browser.get(path)
        assert answer.json == {"items": [samples.PUBLIC_RESOURCE], "next_cursor": None}
    assert site.staff("manager", [BRANCH_ID]).get(path).json["items"] == [samples.RESOURCE]
    asked = site.services.asked("scheduling.list_resources")
    assert [one["include_inactive"] for one in asked] == [False, False, True]
    assert (asked[2]["search"], asked[2]["limit"]) == ("林", 20)


# --- why not


def test_customers_are_not_told_who_booked(site: Site) -> None:
    path = f"{V1}/availability/explanation?service_id={SERVICE_ID}&{ONE_BRANCH}"
    path += f"&start={START_QUERY}&resource_id={RESOURCE_ID}&option=album&customer_key=x"
    for browser in (site.anybody, site.staff("manager", [OTHER_BRANCH_ID])):
        (line,) = browser.get(path).json["lines"]
        (obstacle,) = line["obstacles"]
        assert (obstacle["allocation_id"], obstacle["booking_id"]) == (None, None)
        assert obstacle["kind"] == "booked"
    (line,) = site.staff("receptionist", [BRANCH_ID]).get(path).json["lines"]
    assert line["obstacles"][0]["booking_id"] == BOOKING_ID
    asked = site.services.asked("scheduling.explain")[0]
    assert (asked["options"], asked["customer_key"]) == (["album"], None)
    assert asked["start"].isoformat() == START


@pytest.mark.parametrize("kind", ["leave", "busy_elsewhere"])
def test_customers_are_not_told_why_somebody_is_away(site: Site, kind: str) -> None:
    (line,) = samples.EXPLANATION["lines"]
    away = line["obstacles"][0] | {"kind": kind}
    answer = samples.EXPLANATION | {"lines": [line | {"obstacles": [away]}]}
    site.services.answers["scheduling.explain"] = answer
    path = f"{V1}/availability/explanation?service_id={SERVICE_ID}&{ONE_BRANCH}&start={START_QUERY}"
    told = [
        browser.get(path).json["lines"][0]["obstacles"][0]["kind"]
        for browser in (site.anybody, site.staff())
    ]
    assert told == ["off_roster", kind]


# --- leave


def test_who_may_not_decide_asks_for_own_leave_only(site: Site) -> None:
    myself = site.staff("photographer", [BRANCH_ID], RESOURCE_ID)
    assert send(myself, "PUT", LEAVE, LEAVE_BODY).status == 200
    assert send(myself, "PUT", LEAVE, LEAVE_BODY | {"approve": True}).status == 403
    assert send(myself, "PUT", LEAVE, LEAVE_BODY | {"resource_id": STAFF_ID}).status == 403
    for nobody in (None, STAFF_ID):
        other = site.staff("photographer", [BRANCH_ID], nobody)
        assert send(other, "PUT", LEAVE, LEAVE_BODY).status == 403
        assert other.post(f"{LEAVE}/cancel").status == 403
    assert myself.post(f"{LEAVE}/cancel").status == 200
    assert myself.post(f"{LEAVE}/decision", {"approve": True}).status == 403
    assert len(site.services.asked("scheduling.request_leave")) == 1
    manager = site.staff("manager", [BRANCH_ID])
    assert send(manager, "PUT", LEAVE, LEAVE_BODY | {"approve": True}).status == 200


def test_who_may_not_decide_sees_own_leave_only(site: Site) -> None:
    myself = site.staff("photographer", [BRANCH_ID], RESOURCE_ID)
    assert myself.get(f"{V1}/leaves").status == 200
    assert myself.get(f"{V1}/leaves?resource_id={STAFF_ID}").status == 403
    assert site.staff("receptionist").get(f"{V1}/leaves").status == 403
    (asked,) = site.services.asked("scheduling.list_leaves")
    assert str(asked["resource_id"]) == RESOURCE_ID


@pytest.mark.parametrize("path", ["leaves", "waitlist"])
def test_a_list_is_that_of_the_callers_branch(site: Site, path: str) -> None:
    both = site.staff("manager", [BRANCH_ID, OTHER_BRANCH_ID])
    refused = both.get(f"{V1}/{path}")
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/branch_id")
    assert both.get(f"{V1}/{path}?{ONE_BRANCH}&limit=5").status == 200
    assert site.staff("manager", [OTHER_BRANCH_ID]).get(f"{V1}/{path}").status == 200
    assert site.staff("manager").get(f"{V1}/{path}").status == 200
    asked = [one["branch_id"] for one in site.services.asked(f"scheduling.list_{path}")]
    assert [branch_id and str(branch_id) for branch_id in asked] == [
        BRANCH_ID,
        OTHER_BRANCH_ID,
        None,
    ]


# --- calendars elsewhere


def test_a_calendar_link_tells_the_whole_address(site: Site) -> None:
    made = site.staff().post(f"{V1}/calendar-links", {"branch_id": BRANCH_ID})
    assert made.status == 201
    assert made.json["url"].endswith("/calendars/a-secret-calendar-token.ics")
    (listed,) = site.staff().get(f"{V1}/calendar-links").json["items"]
    assert listed == made.json
    assert site.staff("manager", [BRANCH_ID]).get(f"{V1}/calendar-links").status == 403


# --- the calendar


def test_overlapping_by_force_needs_a_permission_of_its_own(site: Site) -> None:
    forced = {"force": True, "reason": "老板同意"}
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", f"{V1}/blocks/{SOME_ID}", BLOCK_BODY | forced),
        ("POST", f"{V1}/allocations/{SOME_ID}/move", {"start": START, **forced}),
        ("POST", f"{V1}/allocations/{SOME_ID}/resize", {"start": START, "end": END, **forced}),
    ]
    for method, path, body in requests:
        refused = send(site.staff("receptionist"), method, path, body)
        assert (refused.status, refused.json["code"]) == (403, "scheduling.force_forbidden")
        assert send(site.staff("manager"), method, path, body).status == 200


def test_a_refused_move_comes_with_what_is_near(site: Site) -> None:
    near = samples.EXPLANATION["alternatives"]
    site.services.answers["scheduling.move_allocation"] = scheduling.SlotTaken(alternatives=near)
    answer = site.staff().post(f"{V1}/allocations/{SOME_ID}/move", {"start": START})
    assert (answer.status, answer.json["alternatives"]) == (409, near)


def test_why_somebody_is_away_is_for_themselves_and_who_decides(site: Site) -> None:
    path = f"{V1}/calendar?{ONE_BRANCH}&{DAYS}&resource_id={RESOURCE_ID}"
    everywhere = [BRANCH_ID, OTHER_BRANCH_ID]
    readers = {
        "家事": [
            site.staff("manager"),
            site.staff("manager", everywhere),
            site.staff("photographer", None, RESOURCE_ID),
        ],
        "": [site.staff("photographer"), site.staff("receptionist", None, STAFF_ID)],
    }
    for reason, browsers in readers.items():
        for browser in browsers:
            assert browser.get(path).json["away"][0]["reason"] == reason
    assert str(site.services.asked("scheduling.calendar")[0]["resource_id"]) == RESOURCE_ID


def test_why_a_guest_is_away_is_for_who_manages_their_home(site: Site) -> None:
    path = f"{V1}/calendar?{ONE_BRANCH}&{DAYS}"
    guest = samples.CALENDAR["resources"][0] | {"branch_id": OTHER_BRANCH_ID}
    site.services.answers["scheduling.calendar"] = samples.CALENDAR | {"resources": [guest]}
    both = [BRANCH_ID, OTHER_BRANCH_ID]
    for branch_ids, reason in [([BRANCH_ID], ""), (both, "家事"), (None, "家事")]:
        shown = site.staff("manager", branch_ids).get(path)
        assert shown.json["away"][0]["reason"] == reason


# --- the waitlist


def test_customers_join_the_waitlist_and_only_staff_let_them_go_first(site: Site) -> None:
    path = f"{V1}/waitlist"
    joined = site.anybody.post(path, samples.WAITING_WISH | {"customer_key": "mine"})
    assert (joined.status, joined.json["token"]) == (201, HOLDER["X-Manage-Token"])
    [asked] = site.services.asked("scheduling.join_waitlist")
    assert asked["customer_key"] is None
    assert asked["service_name"] == samples.SERVICE["name"]
    first = samples.WAITING_WISH | {"priority": 9}
    refused = site.anybody.post(path, first)
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/priority")
    assert site.staff("receptionist", [OTHER_BRANCH_ID]).post(path, first).status == 403
    assert site.staff("photographer").post(path, first).status == 403
    assert site.staff("receptionist").post(path, first).status == 201


@pytest.mark.parametrize("proof", ["header", "query"])
def test_a_private_link_opens_ones_own_place_and_gives_it_up(site: Site, proof: str) -> None:
    headers = HOLDER if proof == "header" else {}
    path = f"{V1}/waitlist/mine" + ("" if headers else f"?token={HOLDER['X-Manage-Token']}")
    assert site.anybody.get(path, **headers).json["offer"]["booking_id"] == BOOKING_ID
    gone = site.anybody.send("DELETE", path, headers=headers)
    assert (gone.status, gone.json) == (200, {"removed": True})
    for rpc in ("get_waitlist_entry", "leave_waitlist"):
        assert site.services.asked(f"scheduling.{rpc}") == [{"token": HOLDER["X-Manage-Token"]}]


def test_a_place_is_nothing_to_whoever_proves_nothing(site: Site) -> None:
    mine = f"{V1}/waitlist/mine"
    assert site.anybody.get(mine).status == 401
    assert site.staff().get(mine).status == 401
    unknown = site.anybody.get(mine, **{"X-Manage-Token": "short"})
    assert (unknown.status, unknown.json["code"]) == (404, "scheduling.waitlist_unknown")


def test_a_booking_says_all_that_is_wished(site: Site) -> None:
    wishes = {
        "options": ["album"],
        "day_part": "morning",
        "preferred": [RESOURCE_ID],
        "waitlist_token": HOLDER["X-Manage-Token"],
    }
    body = samples.NEW_BOOKING | wishes
    answer = site.anybody.post(f"{V1}/bookings", body, **{"Idempotency-Key": "k-1"})
    assert answer.status == 201
    (asked,) = site.services.asked("booking.request")
    assert asked["preferred"][0].hex == RESOURCE_ID.replace("-", "")
    assert {name: asked[name] for name in wishes if name != "preferred"} == {
        name: value for name, value in wishes.items() if name != "preferred"
    }
