"""Which branch the things of a request belong to, and whether its sender works there."""

from typing import Any

from gateway.http import Area, Call
from services.contracts.errors import Invalid


class Guard(Area):
    """What routes ask about an id before they pass it on."""

    def require_at(self, call: Call, kind: str, id: str) -> None:
        """Let the staff of a thing's branch pass, and staff of all branches.

        What is unknown passes as well: the call that follows makes it or says that it is unknown.

        Shapes:  `kind` is one of contracts.scheduling.whereabouts.KINDS.
        Errors:  Forbidden when it is another branch's, or is shared by all of them.
        """
        if call.staff.branch_ids is None:
            return
        _require_there(call, self.scheduling.locate(kind=kind, id=id))

    def require_all_at(self, call: Call, kind: str, ids: list[str]) -> None:
        """Do as `require_at` for several things.

        Errors:  Forbidden when one of them is another branch's, or is shared by all of them.
        """
        if call.staff.branch_ids is None or not ids:
            return
        for found in self.scheduling.locate_all(kind=kind, ids=ids)["items"]:
            _require_there(call, found)


def _require_there(call: Call, found: dict[str, Any]) -> None:
    if found["found"] and found["branch_id"] is None:
        call.staff.require_everywhere()
    call.staff.require(None, found["branch_id"])


def one_branch(call: Call) -> str | None:
    """Return the branch that a list is asked of; None, all of them, for who works at all.

    Errors:  Forbidden for another branch; Invalid when staff of several name none.
    """
    asked: str | None = call.query["branch_id"]
    call.staff.require(None, asked)
    if asked is not None or call.branch_ids is None:
        return asked
    if len(call.branch_ids) == 1:
        return call.branch_ids[0]
    message = {"zh": "请选择门店", "en": "Name one of your branches"}
    raise Invalid(errors=[{"pointer": "/branch_id", "code": "field.missing", "message": message}])
