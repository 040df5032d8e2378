"""Puts the demo studio into an empty system, through the same RPCs as everybody else."""

import json
from pathlib import Path

from nameko.containers import ServiceContainer

from deploy.local import demo, demo_agreement, demo_theme
from deploy.local.state import StateFolder, write_private
from services.chassis.context import Context
from services.chassis.rpc import Caller, Client

PASSWORD_LENGTH = 16  # of 64 different characters: 96 bits, and still possible to type

Callers = dict[str, Caller]
Logins = dict[str, str]


def callers_of(container: ServiceContainer) -> Callers:
    """Return an RPC caller of every service that a container is a client of."""
    clients = [each for each in container.dependencies if isinstance(each, Client)]
    return {client.target: client.caller(Context()) for client in clients}


def is_due(state: StateFolder, callers: Callers) -> bool:
    """Tell whether to make the demo studio: the system is empty, or making it broke off.

    Once it is made, what the owner has changed since counts.
    """
    return _unfinished(state).exists() or not callers["scheduling"].list_branches()["items"]


def sow(state: StateFolder, callers: Callers, owner_password: str | None) -> None:
    """Make the demo studio. Its ids are fixed, so that it can be begun anew after a failure."""
    _unfinished(state).touch()
    logins = _choose_logins(state, owner_password)
    for account in demo.ACCOUNTS:
        callers["identity"].define_staff(**account, password=logins[account["login"]])
    for branch in demo.BRANCHES:
        callers["scheduling"].define_branch(**branch)
    for skill in demo.SKILLS:
        callers["scheduling"].define_skill(**skill)
    for resource in demo.RESOURCES:
        callers["scheduling"].define_resource(**resource)
    for service in demo.SERVICES:
        callers["booking"].define_service(**service)
    for package in demo.PACKAGES:
        callers["booking"].define_package(**package)
    for template in demo_agreement.AGREEMENT_TEMPLATES:
        callers["booking"].define_agreement_template(**template)
    _dress(callers)
    for level in demo.MEMBER_LEVELS:
        callers["crm"].define_level(**level)
    for coupon in demo.COUPONS:
        callers["crm"].define_coupon(**coupon)
    _unfinished(state).unlink()


def _dress(callers: Callers) -> None:
    """Publish the demo studio's theme, unless a failed first start has done so."""
    if callers["booking"].get_theme()["version"] == 0:
        saved = callers["booking"].save_theme(revision=0, content=demo_theme.THEME)
        callers["booking"].publish_theme(revision=saved["revision"])


def first_logins(state: StateFolder) -> Logins:
    """Return the passwords that the accounts were made with, by login.

    They may have been changed since. Empty when the studio was made with another state folder.
    """
    try:
        found: Logins = json.loads(_logins(state).read_text())
    except FileNotFoundError:
        return {}
    return found


def _choose_logins(state: StateFolder, owner_password: str | None) -> Logins:
    logins = {
        account["login"]: state.secrets.get(f"login.{account['login']}")[:PASSWORD_LENGTH]
        for account in demo.ACCOUNTS
    }
    if owner_password:
        logins[demo.OWNER["login"]] = owner_password
    write_private(_logins(state), json.dumps(logins, indent=2) + "\n")
    return logins


def _logins(state: StateFolder) -> Path:
    return state.path / "logins.json"


def _unfinished(state: StateFolder) -> Path:
    return state.path / "demo-unfinished"
