from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.identity import PERMISSIONS, ROLES
from services.identity import domain

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


def failures(count: int, apart: timedelta = timedelta(seconds=1)) -> domain.LoginAttempts:
    return domain.LoginAttempts([NOON + n * apart for n in range(count)])


def test_a_login_is_free_until_the_eighth_failure() -> None:
    assert failures(0).locked_until() is None
    assert failures(domain.LOCK_AFTER_FAILURES - 1).locked_until() is None


def test_a_lock_ends_when_the_first_of_the_last_eight_failures_leaves_the_window() -> None:
    assert failures(domain.LOCK_AFTER_FAILURES).locked_until() == NOON + domain.LOCK_WINDOW
    one_more = failures(domain.LOCK_AFTER_FAILURES + 1).locked_until()
    assert one_more == NOON + timedelta(seconds=1) + domain.LOCK_WINDOW


@pytest.mark.parametrize("written", ["anna", " Anna ", "ANNA\t"])
def test_case_and_outer_spaces_of_a_login_do_not_matter(written: str) -> None:
    assert domain.normalise_login(written) == "anna"


def test_roles_give_known_permissions_only_and_each_permission_has_a_role() -> None:
    given = {permission for permissions in ROLES.values() for permission in permissions}
    assert given == set(PERMISSIONS)


def test_nobody_below_the_owner_changes_staff() -> None:
    assert [role for role, given in ROLES.items() if "staff.write" in given] == ["owner"]
