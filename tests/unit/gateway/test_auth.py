"""Sessions are remembered for seconds, in bounded memory."""

from typing import Any

import pytest

from gateway import auth
from services.chassis.context import Context
from services.contracts.identity import SessionInvalid

SESSION = {
    "expires_at": "2026-12-01T00:00:00+00:00",
    "staff": {"id": "1", "permissions": ["booking.read"], "branch_ids": ["b"]},
}


class Watched(auth.Sessions):
    """Counts how often identity is asked."""

    def __init__(self) -> None:
        self.seconds = 0.0
        super().__init__(lambda: self.seconds)
        self.asked: list[str] = []
        self.refuses = False

    def _session(self, token: str, context: Context) -> Any:
        self.asked.append(token)
        if self.refuses:
            raise SessionInvalid()
        return SESSION


def test_a_session_is_asked_for_once_in_a_while() -> None:
    sessions = Watched()
    for seconds in (0, 1, 4.9):
        sessions.seconds = seconds
        assert sessions.staff_of("t", Context()).id == "1"
    assert sessions.asked == ["t"]
    sessions.seconds = 5.1
    sessions.refuses = True
    with pytest.raises(SessionInvalid):
        sessions.staff_of("t", Context())


def test_a_closed_session_is_forgotten_at_once() -> None:
    sessions = Watched()
    sessions.staff_of("t", Context())
    sessions.forget("t")
    sessions.forget("t")
    sessions.staff_of("t", Context())
    assert sessions.asked == ["t", "t"]


def test_only_so_many_sessions_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "REMEMBERED_SESSIONS", 2)
    sessions = Watched()
    for token in "abca":
        sessions.staff_of(token, Context())
    assert sessions.asked == ["a", "b", "c", "a"]


def test_staff_of_some_branches_are_not_at_others_nor_at_none() -> None:
    staff = auth._staff_in(SESSION, "t")
    assert staff.works_at("b")
    assert not staff.works_at("c")
    assert not staff.works_at(None)
    everywhere = auth._staff_in({"staff": {**SESSION["staff"], "branch_ids": None}}, "t")  # type: ignore[dict-item]
    assert everywhere.works_at(None)
