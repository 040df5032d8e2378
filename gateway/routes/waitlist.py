"""The waitlist: customers join it and look after their place; staff see who waits."""

from typing import Any

from gateway.auth import HOLDER, PUBLIC_OR_STAFF, staff_with
from gateway.guard import Guard, one_branch
from gateway.http import Call, route
from services.contracts import catalogue, scheduling
from services.contracts.errors import Forbidden, Invalid
from services.contracts.fields import Contract
from services.contracts.scheduling import waitlist

WRITE = "booking.write"


class JoinBody(waitlist.JoinWaitlist):
    """`priority` is for staff to give."""

    class Meta(Contract.Meta):
        exclude = ("customer_key", "service_name")


class Waitlist(Guard):
    @route(
        "POST",
        "/api/v1/waitlist",
        zh="加入候补",
        en="Join the waitlist",
        tag="waitlist",
        body=JoinBody(),
        calls=(scheduling.JOIN_WAITLIST, catalogue.LIST_SERVICES),
        status=201,
        extra_errors=(Forbidden,),
        admission=PUBLIC_OR_STAFF,
        limit="booking",
    )
    def join_waitlist(self, call: Call) -> Any:
        if call.body["priority"]:
            _require_desk(call)
        name = self._service_name(call.body["service_id"], call.body["branch_id"])
        return self.scheduling.join_waitlist(service_name=name, **call.body)

    @route(
        "GET",
        "/api/v1/waitlist/mine",
        zh="查看我的候补",
        en="Read one's own place on the waitlist",
        tag="waitlist",
        calls=(scheduling.GET_WAITLIST_ENTRY,),
        admission=HOLDER,
    )
    def read_waitlist_entry(self, call: Call) -> Any:
        return self.scheduling.get_waitlist_entry(token=_token(call))

    @route(
        "DELETE",
        "/api/v1/waitlist/mine",
        zh="退出候补",
        en="Leave the waitlist",
        tag="waitlist",
        calls=(scheduling.LEAVE_WAITLIST,),
        admission=HOLDER,
    )
    def leave_waitlist(self, call: Call) -> Any:
        return self.scheduling.leave_waitlist(token=_token(call))

    @route(
        "GET",
        "/api/v1/waitlist",
        zh="候补名单",
        en="List who waits",
        tag="waitlist",
        query=waitlist.ListWaitlist(),
        calls=(scheduling.LIST_WAITLIST,),
        admission=staff_with(WRITE),
    )
    def list_waitlist(self, call: Call) -> Any:
        return self.scheduling.list_waitlist(**call.query | {"branch_id": one_branch(call)})

    @route(
        "DELETE",
        "/api/v1/waitlist/<uuid:entry_id>",
        zh="移出候补名单",
        en="Take somebody off the waitlist",
        tag="waitlist",
        calls=(scheduling.REMOVE_WAITLIST_ENTRY, scheduling.LOCATE),
        admission=staff_with(WRITE),
    )
    def remove_waitlist_entry(self, call: Call, entry_id: str) -> Any:
        self.require_at(call, "waitlist_entry", entry_id)
        return self.scheduling.remove_waitlist_entry(id=entry_id)

    def _service_name(self, service_id: str, branch_id: str) -> dict[str, str] | None:
        """Return what booking calls a package; scheduling knows its needs only."""
        listed = self.booking.list_services(branch_id=branch_id)["items"]
        return next((one["name"] for one in listed if one["id"] == service_id), None)


def _token(call: Call) -> str:
    """Return the token of the private link.

    Errors:  WaitlistUnknown for what cannot be one.
    """
    token = call.visitor.manage_token or ""
    if waitlist.WaitlistToken().validate({"token": token}):
        raise scheduling.WaitlistUnknown()
    return token


def _require_desk(call: Call) -> None:
    """Only staff who may write bookings let somebody go first, in their branches."""
    if call.visitor.staff is None:
        message = {"zh": "只有员工可以设置优先级", "en": "Only staff give priority"}
        fault = {"pointer": "/priority", "code": "field.invalid", "message": message}
        raise Invalid(errors=[fault])
    call.staff.require(WRITE, call.body["branch_id"])
