"""Drafts: bookings that staff have begun to write down."""

from typing import Any

from gateway.auth import staff_with
from gateway.http import Area, Call, route
from services.contracts import drafts
from services.contracts.fields import Contract

WRITE = "booking.write"
DRAFT = "/api/v1/drafts/<uuid:draft_id>"


class DraftsQuery(drafts.ListDrafts):
    """`q` matches the name and the phone."""

    class Meta(Contract.Meta):
        exclude = ("branch_ids",)


class DraftBody(drafts.SaveDraft):
    """What is known so far; `version` is the one that was seen, null for a draft that is new."""

    class Meta(Contract.Meta):
        exclude = ("draft_id", "branch_ids", "staff_id")


class Drafts(Area):
    @route(
        "GET",
        "/api/v1/drafts",
        zh="预约草稿列表",
        en="List the drafts of bookings",
        tag="bookings",
        query=DraftsQuery(),
        calls=(drafts.LIST_DRAFTS,),
        admission=staff_with(WRITE),
    )
    def list_drafts(self, call: Call) -> Any:
        return self.booking.list_drafts(branch_ids=call.branch_ids, **call.query)

    @route(
        "GET",
        DRAFT,
        zh="查看预约草稿",
        en="Read the draft of a booking",
        tag="bookings",
        calls=(drafts.GET_DRAFT,),
        admission=staff_with(WRITE),
    )
    def read_draft(self, call: Call, draft_id: str) -> Any:
        return self.booking.get_draft(draft_id=draft_id, branch_ids=call.branch_ids)

    @route(
        "PUT",
        DRAFT,
        zh="保存预约草稿",
        en="Save the draft of a booking",
        tag="bookings",
        body=DraftBody(),
        calls=(drafts.SAVE_DRAFT,),
        admission=staff_with(WRITE),
    )
    def save_draft(self, call: Call, draft_id: str) -> Any:
        staff = call.staff
        staff.require(WRITE, call.body["branch_id"])
        return self.booking.save_draft(
            draft_id=draft_id, branch_ids=call.branch_ids, staff_id=staff.id, **call.body
        )

    @route(
        "DELETE",
        DRAFT,
        zh="删除预约草稿",
        en="Remove the draft of a booking",
        tag="bookings",
        calls=(drafts.REMOVE_DRAFT,),
        admission=staff_with(WRITE),
    )
    def remove_draft(self, call: Call, draft_id: str) -> Any:
        return self.booking.remove_draft(draft_id=draft_id, branch_ids=call.branch_ids)
