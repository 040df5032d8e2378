"""As whom PostgreSQL runs when we are root, which it refuses to be."""

import os
import pwd
from pathlib import Path

from deploy.local.errors import FolderNotWritable, PostgresNeedsUser
from deploy.local.processes import RunAs, run_tool

# In this order; every system has the second.
USERS = ("postgres", "nobody")


def choose(binaries: Path, data: Path) -> RunAs:
    """Choose who runs the server over a data directory, which need not exist yet.

    Errors:  FolderNotWritable when the data is another user's; PostgresNeedsUser when we are root
             and nobody else can get at the data or the binaries.
    """
    if os.geteuid() != 0:
        if data.exists() and data.stat().st_uid != os.geteuid():
            raise FolderNotWritable(data, f"uid {data.stat().st_uid}")
        return RunAs()
    if data.exists() and data.stat().st_uid != 0:
        return RunAs(data.stat().st_uid, data.stat().st_gid)
    if not data.exists():
        for user in _users():
            if _can_enter(user.pw_uid, binaries) and _can_enter(user.pw_uid, data):
                return RunAs(user.pw_uid, user.pw_gid)
    return _in_user_namespace(data)


def _users() -> list[pwd.struct_passwd]:
    known = {user.pw_name: user for user in pwd.getpwall()}
    return [known[name] for name in USERS if name in known]


def _can_enter(uid: int, path: Path) -> bool:
    statuses = [folder.stat() for folder in path.parents]
    return all(status.st_mode & 0o001 or status.st_uid == uid for status in statuses)


def _in_user_namespace(data: Path) -> RunAs:
    """Stay root outside and be nobody inside: files under 0700 folders of root remain readable."""
    nobody = pwd.getpwnam("nobody")
    wrapper = (
        "unshare",
        "--user",
        f"--map-user={nobody.pw_uid}",
        f"--map-group={nobody.pw_gid}",
    )
    try:
        works, _ = run_tool([*wrapper, "true"])
    except FileNotFoundError:
        works = False
    if not works:
        raise PostgresNeedsUser(data)
    return RunAs(wrapper=wrapper)
