"""Calendars in and out of the running service, through the gateway where programs read them."""

import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from uuid import uuid4

import orjson
import pytest
import vobject

from services.contracts.scheduling import FeedAddressRefused
from tests.harness import Running
from tests.integration.scheduling.studio import Studio
from tests.integration.scheduling.test_busy_feeds import LUNCH, Elsewhere, calendar, serving

Run = Callable[..., Running]


def get(address: str) -> tuple[int, Message, bytes]:
    try:
        with urllib.request.urlopen(address) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers, refusal.read()


def test_a_calendar_program_reads_a_branch_until_its_link_is_revoked(running: Run):
    system = running("scheduling", "gateway")
    studio, call = Studio(system.uow("scheduling")), system.call("scheduling")
    link = call.define_calendar_link(branch_id=str(studio.branch_id), resource_id=None)
    address = f"{system.address}/calendars/{link['token']}.ics"

    status, headers, body = get(address)
    assert status == 200
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    assert vobject.readOne(body.decode()).x_wr_calname.value == "影期 · 外滩店"

    assert call.revoke_calendar_link(id=link["id"]) == {"removed": True}
    forged = f"{system.address}/calendars/{'A' * 64}.ics"
    for gone in (address, forged):
        status, headers, body = get(gone)
        assert status == 404
        assert orjson.loads(body)["code"] == "scheduling.calendar_link_unknown"
    assert get(f"{system.address}/calendars/short.ics")[0] == 404


def test_the_service_reads_what_it_is_told_to_follow(running: Run):
    system = running("scheduling", FEED_PRIVATE_ADDRESSES="true")
    studio, call = Studio(system.uow("scheduling")), system.call("scheduling")
    person = str(studio.resources["photographer-1"])
    with serving(Elsewhere()) as elsewhere:
        elsewhere.serve(calendar(LUNCH))
        feed = {"id": str(uuid4()), "resource_id": person, "url": elsewhere.url()}
        call.define_busy_feed(**feed)
        (read,) = system.wait(
            lambda: [
                item
                for item in call.list_busy_feeds(resource_id=person)["items"]
                if item["fetched_at"]
            ]
        )
    assert read["error"] == ""
    assert {**read, **feed} == read
    assert call.remove_busy_feed(id=feed["id"]) == {"removed": True}


def test_the_service_does_not_look_into_its_own_network(running: Run):
    system = running("scheduling")
    studio, call = Studio(system.uow("scheduling")), system.call("scheduling")
    person = str(studio.resources["photographer-1"])
    with pytest.raises(FeedAddressRefused):
        call.define_busy_feed(id=str(uuid4()), resource_id=person, url="http://127.0.0.1:8081/")
