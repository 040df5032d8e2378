"""Identity as it runs: real containers, RPC and password hashing."""

from collections.abc import Callable
from uuid import uuid4

import eventlet
import pytest

from services.contracts.errors import Invalid
from services.contracts.identity import BadCredentials, LoginTaken, SessionInvalid
from services.identity import usecases
from services.identity.passwords import verify_password
from tests.harness import Running

PASSWORD = "correct horse"


@pytest.fixture
def system(running: Callable[..., Running]) -> Running:
    system = running("identity")
    system.call("identity").define_staff(
        id=str(uuid4()), login="anna", name="安娜", role="owner", password=PASSWORD
    )
    return system


def test_a_session_is_opened_checked_and_closed_over_the_wire(system: Running) -> None:
    identity = system.call("identity")
    opened = identity.open_session(login="Anna", password=PASSWORD)
    staff = identity.check_session(token=opened["token"])["staff"]
    assert (staff["role"], staff["resource_id"]) == ("owner", None)
    assert identity.close_session(token=opened["token"]) == {"closed": True}
    with pytest.raises(SessionInvalid):
        identity.check_session(token=opened["token"])


def test_refusals_cross_the_wire_by_their_own_name(system: Running) -> None:
    identity = system.call("identity")
    with pytest.raises(BadCredentials):
        identity.open_session(login="anna", password="wrong")
    other = {"id": str(uuid4()), "login": "anna", "name": "安", "role": "owner"}
    with pytest.raises(LoginTaken):
        identity.define_staff(**other)
    with pytest.raises(Invalid):
        identity.define_staff(**{**other, "login": "ben", "password": "short"})


def test_others_go_on_while_four_sign_in(system: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    identity, ticks, heard = system.call("identity"), [0], []

    def tick() -> None:
        while True:
            eventlet.sleep(0.001)
            ticks[0] += 1

    def verify(password: str, hashed: str | None) -> bool:
        before = ticks[0]
        fits = verify_password(password, hashed)
        heard.append(ticks[0] - before)
        return fits

    monkeypatch.setattr(usecases, "verify_password", verify)
    ticking = eventlet.spawn(tick)
    opening = [
        eventlet.spawn(identity.open_session, login="anna", password=PASSWORD) for _ in range(4)
    ]
    assert len({session.wait()["token"] for session in opening}) == 4
    ticking.kill()
    # On the hub not one tick would fall into the time that a password takes.
    assert len(heard) == 4
    assert all(heard)
