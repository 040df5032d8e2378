"""Where an order stands as the desk sees it: to be confirmed, served or paid, or over."""

from enum import StrEnum

from services.booking.domain.lifecycle import Status


class OrderStatus(StrEnum):
    """待确认, 待服务, 待支付, 已完成 and 已关闭."""

    TO_CONFIRM = "to_confirm"
    TO_SERVE = "to_serve"
    TO_PAY = "to_pay"
    DONE = "done"
    CLOSED = "closed"


OF_STATUS = {
    Status.HELD: OrderStatus.TO_CONFIRM,
    Status.PENDING: OrderStatus.TO_CONFIRM,
    Status.CONFIRMED: OrderStatus.TO_SERVE,
    Status.CHECKED_IN: OrderStatus.TO_SERVE,
    Status.IN_SERVICE: OrderStatus.TO_SERVE,
    Status.COMPLETED: OrderStatus.DONE,
    Status.CANCELLED: OrderStatus.CLOSED,
    Status.EXPIRED: OrderStatus.CLOSED,
    Status.REJECTED: OrderStatus.CLOSED,
    Status.NO_SHOW: OrderStatus.CLOSED,
}
"""Without regard to money."""


def order_status(status: str, balance_cents: int) -> OrderStatus:
    """Return where a booking's order stands: who was served and still owes has to pay.

    Units:   integer cents; less than nothing is what the studio owes.
    """
    found = OF_STATUS[Status(status)]
    return OrderStatus.TO_PAY if found is OrderStatus.DONE and balance_cents > 0 else found


def statuses_of(order_status: OrderStatus) -> tuple[Status, ...]:
    """Return the statuses in which a booking may be whose order stands there."""
    bare = OrderStatus.DONE if order_status is OrderStatus.TO_PAY else order_status
    return tuple(status for status, found in OF_STATUS.items() if found is bare)
