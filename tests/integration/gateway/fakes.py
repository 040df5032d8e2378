"""Services that answer the contracts with what a test tells them to, over a real broker."""

import base64
from collections.abc import Callable
from typing import Any

from nameko.containers import ServiceContainer

from services.chassis import settings
from services.chassis.context import Context, current
from services.chassis.rpc import rpc
from services.chassis.settings import ProcessSettings
from services.chassis.telemetry import Telemetry
from services.contracts import booking, identity
from services.contracts.registry import RPCS
from tests.integration.gateway import (
    agreement_samples,
    draft_samples,
    form_samples,
    import_samples,
    member_samples,
    samples,
    theme_samples,
)

Answer = dict[str, Any] | Exception | Callable[..., Any]

PUBLISHED = {"resource_ids": [samples.RESOURCE_ID], "conflicts": []}

ANSWERS: dict[str, Answer] = {
    **form_samples.ANSWERS,
    **member_samples.ANSWERS,
    **import_samples.ANSWERS,
    **theme_samples.ANSWERS,
    "analytics.list_metrics": {"items": [samples.METRIC]},
    "analytics.measure": samples.MEASURE,
    "automation.complete_task": samples.TASK,
    "automation.list_tasks": {"items": [samples.TASK], "next_cursor": None},
    "booking.answer_booking_form": samples.BOOKING,
    "booking.approve": samples.BOOKING,
    "booking.authorize_payer": {
        "url": "https://open.weixin.qq.com/connect?state=1#wechat_redirect"
    },
    "booking.append_upload": samples.OWN_UPLOAD,
    "booking.calendar_file": {"text": "BEGIN:VCALENDAR"},
    "booking.cancel": samples.BOOKING,
    "booking.cash_day": samples.CASH_REPORT,
    "booking.charge": samples.BOOKING,
    "booking.check_in": samples.BOOKING,
    "booking.close_cash": samples.CASH_REPORT,
    "booking.complete": samples.BOOKING,
    "booking.define_add_on": samples.ADD_ON,
    "booking.define_package": samples.PACKAGE,
    "booking.define_price_rule": samples.PRICE_RULE,
    "booking.define_service": samples.SERVICE,
    "booking.define_agreement_template": agreement_samples.AGREEMENT_TEMPLATE,
    "booking.define_service_requirement": samples.REQUIREMENT,
    "booking.end_order": samples.BOOKING,
    "booking.end_upload": {},
    "booking.draw_up_agreement": agreement_samples.AGREEMENT,
    "booking.find_booking": {"id": samples.BOOKING_ID, "manage_token": "private"},
    "booking.get_booking": samples.BOOKING,
    "booking.get_draft": draft_samples.DRAFT,
    "booking.get_upload": samples.OWN_UPLOAD,
    "booking.identify_payer": {"payer": "proof", "expires_at": "2026-11-23T12:00:00.000Z"},
    "booking.list_add_ons": {"items": [samples.ADD_ON]},
    "booking.list_agreement_templates": {
        "items": [agreement_samples.AGREEMENT_TEMPLATE],
        "placeholders": [{"name": "price", "label": samples.TEXT}],
    },
    "booking.list_agreements": {"items": [agreement_samples.AGREEMENT]},
    "booking.list_bookings": {"items": [samples.BOOKING_ITEM], "next_cursor": None},
    "booking.count_page_visits": {"counted": 1},
    "booking.list_page_counts": {"items": []},
    "booking.list_drafts": {"items": [draft_samples.DRAFT], "next_cursor": None},
    "booking.list_payouts": samples.PAYOUTS,
    "booking.list_packages": {"items": [samples.PACKAGE]},
    "booking.list_price_rules": {"items": [samples.PRICE_RULE]},
    "booking.list_providers": {"items": [{"name": "sandbox", "title": samples.TEXT}]},
    "booking.list_reconciliations": {"items": [samples.DAILY_RECONCILIATION]},
    "booking.list_services": {"items": [samples.SERVICE]},
    "booking.list_uploads": {"items": [samples.UPLOAD]},
    "booking.locate_file": samples.FILE_PLACE,
    "booking.no_show": samples.BOOKING,
    "booking.quote": samples.QUOTE,
    "booking.reconcile": samples.RECONCILIATION,
    "booking.refund": samples.BOOKING,
    "booking.reject": samples.BOOKING,
    "booking.remove_draft": {"removed": True},
    "booking.remove_price_rule": {"items": [samples.PRICE_RULE]},
    "booking.remove_upload": {},
    "booking.pay_out": samples.PAYOUTS,
    "booking.preview_move": samples.MOVE_TERMS,
    "booking.preview_agreement": {"title": samples.TEXT, "text": samples.TEXT},
    "booking.print_agreement": {
        "filename": "agreement-YQ1.pdf",
        "content": base64.b64encode(b"%PDF-1.4 \xff").decode(),
    },
    "booking.print_receipt": {
        "filename": "receipt-YQ1.pdf",
        "content": base64.b64encode(b"%PDF-1.4 \xff").decode(),
    },
    "booking.read_agreement": agreement_samples.AGREEMENT,
    "booking.renew_link": samples.BOOKING,
    "booking.request": samples.BOOKING_CREATED,
    "booking.reschedule": samples.BOOKING,
    "booking.reschedule_many": {
        "items": [{"booking_id": samples.BOOKING_ID, "moved": True, "error": None}]
    },
    "booking.sandbox_checkout": samples.CHECKOUT,
    "booking.sandbox_decide": {
        "headers": {"X-Sandbox-Signature": "signed"},
        "body": "{}",
        "return_url": "/portal/#/booking",
    },
    "booking.start": samples.BOOKING,
    "booking.save_draft": draft_samples.DRAFT,
    "booking.sign_agreement": agreement_samples.AGREEMENT,
    "booking.start_payment": samples.PAYMENT_STARTED,
    "booking.start_upload": samples.OWN_UPLOAD,
    "booking.summarise": {"items": [samples.SUMMARY]},
    "booking.take_cash": samples.BOOKING,
    "booking.take_notification": {
        "status": 200,
        "content_type": "text/plain; charset=utf-8",
        "body": "success",
    },
    "booking.void_agreement": agreement_samples.AGREEMENT,
    "crm.get_customer": samples.CUSTOMER,
    "crm.list_customers": {"items": [samples.CUSTOMER_ITEM], "next_cursor": None},
    "identity.close_session": {"closed": True},
    "identity.open_session": samples.SESSION_OPENED,
    "notification.list_messages": {"items": [samples.MESSAGE]},
    "scheduling.block": samples.BLOCK,
    "scheduling.calendar": samples.CALENDAR,
    "scheduling.cancel_leave": samples.LEAVE,
    "scheduling.decide_leave": samples.LEAVE,
    "scheduling.define_branch": samples.BRANCH,
    "scheduling.define_branch_day": samples.BRANCH_DAY,
    "scheduling.define_busy_feed": samples.BUSY_FEED,
    "scheduling.define_calendar_link": samples.CALENDAR_LINK,
    "scheduling.define_closure": samples.CLOSURE,
    "scheduling.define_pool": samples.POOL,
    "scheduling.define_quota": samples.QUOTA,
    "scheduling.define_resource": samples.RESOURCE,
    "scheduling.define_resource_type": samples.RESOURCE_TYPE,
    "scheduling.define_roster": PUBLISHED,
    "scheduling.define_skill": samples.SKILL,
    "scheduling.define_special_day": samples.SPECIAL_DAY,
    "scheduling.explain": samples.EXPLANATION,
    "scheduling.find_slots": samples.AVAILABILITY,
    "scheduling.get_branch": samples.BRANCH_DETAIL,
    "scheduling.get_requirement": samples.REQUIREMENT,
    "scheduling.get_resource": samples.RESOURCE,
    "scheduling.get_roster": samples.ROSTER,
    "scheduling.get_waitlist_entry": samples.WAITING,
    "scheduling.join_waitlist": samples.WAITING | {"token": "a-token-of-the-waitlist"},
    "scheduling.leave_waitlist": {"removed": True},
    "scheduling.list_branch_days": {
        "closures": [samples.CLOSURE],
        "days": [samples.BRANCH_DAY],
        "special_days": [samples.SPECIAL_DAY],
    },
    "scheduling.list_branches": {"items": [samples.BRANCH]},
    "scheduling.list_busy_feeds": {"items": [samples.BUSY_FEED]},
    "scheduling.list_calendar_links": {"items": [samples.CALENDAR_LINK]},
    "scheduling.list_leaves": {"items": [samples.LEAVE], "next_cursor": None},
    "scheduling.list_pools": {"items": [samples.POOL]},
    "scheduling.list_quotas": {"items": [samples.QUOTA]},
    "scheduling.list_resource_types": {"items": [samples.RESOURCE_TYPE]},
    "scheduling.list_resources": {"items": [samples.RESOURCE], "next_cursor": None},
    "scheduling.list_skills": {"items": [samples.SKILL]},
    "scheduling.list_waitlist": {"items": [samples.WAITING], "next_cursor": None},
    "scheduling.locate": {
        "found": True,
        "branch_id": samples.BRANCH_ID,
        "resource_id": samples.RESOURCE_ID,
    },
    "scheduling.locate_all": {
        "items": [
            {
                "id": samples.RESOURCE_ID,
                "found": True,
                "branch_id": samples.BRANCH_ID,
                "resource_id": samples.RESOURCE_ID,
            }
        ]
    },
    "scheduling.move_allocation": {"hold": samples.HOLD, "block": None},
    "scheduling.publish_rosters": PUBLISHED,
    "scheduling.remove_busy_feed": {"removed": True},
    "scheduling.remove_closure": {"removed": True},
    "scheduling.remove_pool": {"removed": True},
    "scheduling.remove_quota": {"removed": True},
    "scheduling.remove_resource_type": {"removed": True},
    "scheduling.remove_waitlist_entry": {"removed": True},
    "scheduling.request_leave": samples.LEAVE,
    "scheduling.resize_allocation": {"hold": None, "block": samples.BLOCK},
    "scheduling.revoke_calendar_link": {"removed": True},
    "scheduling.unblock": {"removed": True},
}


class Fakes:
    """The fake services of one test; `calls` is what they were asked, with the actor.

    Shapes:  answers = {"booking.cancel": an answer, an exception to raise, or a function}.
             staff = {token: staff}, whom check_session knows.
    """

    def __init__(self, broker_uri: str) -> None:
        self.answers = dict(ANSWERS)
        self.staff: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self.answers["identity.check_session"] = self._check_session
        self.containers = []
        for owner in sorted({owner for owner, _ in RPCS}):
            settings.install(owner, ProcessSettings(amqp_uri=broker_uri, max_workers=64))
            self.containers.append(ServiceContainer(self._service(owner)))
        for container in self.containers:
            container.start()

    def stop(self) -> None:
        for container in self.containers:
            container.stop()

    def asked(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of every call of a method, oldest first."""
        return [arguments for name, arguments, _ in self.calls if name == method]

    def actors(self, method: str) -> list[dict[str, Any]]:
        """Return who caused every call of a method."""
        return [context for name, _, context in self.calls if name == method]

    def _service(self, owner: str) -> type:
        methods = {name: rpc(self._method(owner, name)) for of, name in RPCS if of == owner}
        return type(owner.title(), (), {"name": owner, "telemetry": Telemetry(), **methods})

    def _method(self, owner: str, name: str) -> Callable[..., Any]:
        def answer(service: Any, **arguments: Any) -> Any:
            context = current.get() or Context()
            self.calls.append((f"{owner}.{name}", arguments, context.headers()))
            _check_link(arguments)
            told = self.answers[f"{owner}.{name}"]
            if isinstance(told, Exception):
                raise told
            loaded = told(**arguments) if callable(told) else told
            contract = RPCS[owner, name]
            return loaded if contract.raw else contract.response.load(loaded)

        answer.__name__ = name
        return answer

    def _check_session(self, token: str) -> dict[str, Any]:
        if token not in self.staff:
            raise identity.SessionInvalid()
        return {"expires_at": samples.LATER, "staff": self.staff[token]}


def _check_link(arguments: dict[str, Any]) -> None:
    """The one private link that booking accepts has the token `secret`."""
    if (arguments.get("access") or {}).get("manage_token") not in (None, "secret"):
        raise booking.ManageTokenInvalid()
