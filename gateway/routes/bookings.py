"""Bookings: made, seen, moved and cancelled by customers; listed and worked on by staff."""

import logging
from typing import Any

from marshmallow import fields

from gateway.auth import PUBLIC_OR_STAFF, holder_or_staff_with, staff_with
from gateway.http import Area, Call, route
from gateway.routes.catalogue import braking_guesses
from services.chassis.rpc import RemoteBugError
from services.contracts import booking, forms, notification
from services.contracts.errors import Forbidden, Invalid, KeyReused, YingqiError
from services.contracts.fields import Contract

logger = logging.getLogger(__name__)

STAFF_CHANNELS = frozenset({"phone", "walk_in"})
WRITE = "booking.write"


class BookingView(booking.Booking):
    """A booking and the messages its customer was sent."""

    messages = fields.List(fields.Nested(notification.Message), required=True)


class BookingsQuery(booking.ListBookings):
    """`from`, `to`: local days of the start, both included; `q` matches number, name, phone."""

    class Meta(Contract.Meta):
        exclude = ("branch_ids",)


class CancelBody(booking.CancelBooking):
    """Why, if the customer wants to say."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access")


class RescheduleBody(booking.RescheduleBooking):
    """The new start; `cause` and `keep_price` are for staff to say."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access")


class MoveQuery(booking.PreviewMove):
    """Where to, and by whose cause."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access")


class ManyBody(booking.RescheduleMany):
    """Which bookings move to when, and by whose cause."""

    class Meta(Contract.Meta):
        exclude = ("access",)


class RejectBody(booking.RejectBooking):
    """Why, for the customer to read."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access")


class AnswersBody(forms.AnswerBookingForm):
    """The answers, by the keys of the form's fields."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access")


class EndBody(booking.EndOrder):
    """What the studio keeps of the price, and why."""

    class Meta(Contract.Meta):
        exclude = ("booking_id", "access")


class Bookings(Area):
    @route(
        "POST",
        "/api/v1/bookings",
        zh="提交预约",
        en="Request a booking",
        tag="bookings",
        body=booking.NewBooking(),
        calls=(booking.REQUEST,),
        status=201,
        extra_errors=(KeyReused, Forbidden),
        admission=PUBLIC_OR_STAFF,
        idempotent=True,
        limit="booking",
    )
    def request_booking(self, call: Call) -> Any:
        if call.body["channel"] in STAFF_CHANNELS:
            _require_desk(call)
        elif call.body["draft_id"] is not None:
            _refuse_visitors(call, "/draft_id")
        with braking_guesses(call):
            return self.booking.request(
                idempotency_key=call.idempotency_key, branch_ids=_desk(call), **call.body
            )

    @route(
        "GET",
        "/api/v1/bookings",
        zh="预约列表",
        en="List bookings",
        tag="bookings",
        query=BookingsQuery(),
        calls=(booking.LIST_BOOKINGS,),
        admission=staff_with("booking.read"),
    )
    def list_bookings(self, call: Call) -> Any:
        return self.booking.list_bookings(branch_ids=call.branch_ids, **call.query)

    @route(
        "GET",
        "/api/v1/bookings/<uuid:booking_id>",
        zh="查看预约",
        en="Read a booking",
        tag="bookings",
        calls=(booking.GET_BOOKING,),
        answer=BookingView(),
        admission=holder_or_staff_with("booking.read"),
    )
    def read_booking(self, call: Call, booking_id: str) -> Any:
        found = self.booking.get_booking(booking_id=booking_id, access=call.access)
        return self._view(found)

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/cancel",
        zh="取消预约",
        en="Cancel a booking",
        tag="bookings",
        body=CancelBody(),
        calls=(booking.CANCEL,),
        answer=BookingView(),
        admission=holder_or_staff_with(WRITE),
    )
    def cancel_booking(self, call: Call, booking_id: str) -> Any:
        changed = self.booking.cancel(booking_id=booking_id, access=call.access, **call.body)
        return self._view(changed)

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/reschedule",
        zh="改期",
        en="Move a booking to another time",
        tag="bookings",
        body=RescheduleBody(),
        calls=(booking.RESCHEDULE,),
        answer=BookingView(),
        admission=holder_or_staff_with(WRITE),
    )
    def reschedule_booking(self, call: Call, booking_id: str) -> Any:
        changed = self.booking.reschedule(booking_id=booking_id, access=call.access, **call.body)
        return self._view(changed)

    @route(
        "GET",
        "/api/v1/bookings/<uuid:booking_id>/move",
        zh="改期费用预览",
        en="Ask what a move would cost",
        tag="bookings",
        query=MoveQuery(),
        calls=(booking.PREVIEW_MOVE,),
        admission=holder_or_staff_with("booking.read"),
    )
    def preview_move(self, call: Call, booking_id: str) -> Any:
        return self.booking.preview_move(booking_id=booking_id, access=call.access, **call.query)

    @route(
        "POST",
        "/api/v1/bookings/reschedule",
        zh="批量改期（天气等原因）",
        en="Move several bookings",
        tag="bookings",
        body=ManyBody(),
        calls=(booking.RESCHEDULE_MANY,),
        admission=staff_with(WRITE),
    )
    def reschedule_many(self, call: Call) -> Any:
        return self.booking.reschedule_many(access=call.access, **call.body)

    @route(
        "PUT",
        "/api/v1/bookings/<uuid:booking_id>/answers",
        zh="填写预约资料",
        en="Answer the form of a booking's service",
        tag="bookings",
        body=AnswersBody(),
        calls=(forms.ANSWER_BOOKING_FORM,),
        answer=BookingView(),
        admission=holder_or_staff_with(WRITE),
    )
    def answer_booking_form(self, call: Call, booking_id: str) -> Any:
        asked = {"booking_id": booking_id, "access": call.access}
        return self._view(self.booking.answer_booking_form(**asked, **call.body))

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/end-order",
        zh="终止套系剩余部分",
        en="Call the rest of a package off",
        tag="bookings",
        body=EndBody(),
        calls=(booking.END_ORDER,),
        answer=BookingView(),
        admission=staff_with("cash.write"),
    )
    def end_order(self, call: Call, booking_id: str) -> Any:
        changed = self.booking.end_order(booking_id=booking_id, access=call.access, **call.body)
        return self._view(changed)

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/link",
        zh="更换私密链接",
        en="Give a booking a new private link",
        tag="bookings",
        calls=(booking.RENEW_LINK,),
        answer=BookingView(),
        admission=staff_with(WRITE),
    )
    def renew_link(self, call: Call, booking_id: str) -> Any:
        return self._view(self.booking.renew_link(booking_id=booking_id, access=call.access))

    @route(
        "GET",
        "/api/v1/bookings/<uuid:booking_id>/calendar",
        zh="加入日历",
        en="Read a booking as a calendar file",
        tag="bookings",
        calls=(booking.CALENDAR_FILE,),
        admission=holder_or_staff_with("booking.read"),
    )
    def read_calendar_file(self, call: Call, booking_id: str) -> Any:
        return self.booking.calendar_file(booking_id=booking_id, access=call.access)

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/approve",
        zh="确认预约",
        en="Say yes to a booking that waits for the studio",
        tag="bookings",
        calls=(booking.APPROVE,),
        answer=BookingView(),
        admission=staff_with(WRITE),
    )
    def approve_booking(self, call: Call, booking_id: str) -> Any:
        return self._view(self.booking.approve(booking_id=booking_id, access=call.access))

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/reject",
        zh="拒绝预约",
        en="Say no to a booking that waits for the studio",
        tag="bookings",
        body=RejectBody(),
        calls=(booking.REJECT,),
        answer=BookingView(),
        admission=staff_with(WRITE),
    )
    def reject_booking(self, call: Call, booking_id: str) -> Any:
        changed = self.booking.reject(booking_id=booking_id, access=call.access, **call.body)
        return self._view(changed)

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/check-in",
        zh="到店签到",
        en="Check a customer in",
        tag="bookings",
        calls=(booking.CHECK_IN,),
        answer=BookingView(),
        admission=staff_with(WRITE),
    )
    def check_in_booking(self, call: Call, booking_id: str) -> Any:
        return self._view(self.booking.check_in(booking_id=booking_id, access=call.access))

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/start",
        zh="开始服务",
        en="Note that the service begins",
        tag="bookings",
        calls=(booking.START,),
        answer=BookingView(),
        admission=staff_with(WRITE),
    )
    def start_booking(self, call: Call, booking_id: str) -> Any:
        return self._view(self.booking.start(booking_id=booking_id, access=call.access))

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/complete",
        zh="完成服务",
        en="Complete a booking",
        tag="bookings",
        calls=(booking.COMPLETE,),
        answer=BookingView(),
        admission=staff_with(WRITE),
    )
    def complete_booking(self, call: Call, booking_id: str) -> Any:
        return self._view(self.booking.complete(booking_id=booking_id, access=call.access))

    @route(
        "POST",
        "/api/v1/bookings/<uuid:booking_id>/no-show",
        zh="标记爽约",
        en="Mark a customer as not having come",
        tag="bookings",
        calls=(booking.NO_SHOW,),
        answer=BookingView(),
        admission=staff_with(WRITE),
    )
    def mark_no_show(self, call: Call, booking_id: str) -> Any:
        return self._view(self.booking.no_show(booking_id=booking_id, access=call.access))

    def _view(self, found: dict[str, Any]) -> dict[str, Any]:
        return {**found, "messages": self._messages(found["id"])}

    def _messages(self, booking_id: str) -> list[Any]:
        """Return the messages sent; none while notification is away, the booking still shows."""
        try:
            answer = self.notification.list_messages(subject_id=booking_id)
        except (YingqiError, RemoteBugError) as error:
            logger.warning("a booking is shown without its messages: %r", error)
            return []
        items: list[Any] = answer["items"]
        return items


def _require_desk(call: Call) -> None:
    """Only staff who may write bookings take them by phone or at the desk, in their branches."""
    _refuse_visitors(call, "/channel")
    call.staff.require(WRITE, call.body["branch_id"])


def _refuse_visitors(call: Call, pointer: str) -> None:
    """Errors:  Invalid at what only staff may say; Forbidden for staff who write no bookings."""
    if call.visitor.staff is None:
        message = {"zh": "此项仅限员工使用", "en": "Only staff may say this"}
        raise Invalid(errors=[{"pointer": pointer, "code": "field.invalid", "message": message}])
    call.staff.require(WRITE)


def _desk(call: Call) -> list[str] | None:
    """Return the branches at which the caller may write bookings; None means all."""
    staff = call.visitor.staff
    return call.branch_ids if staff is not None and staff.may(WRITE) else []
