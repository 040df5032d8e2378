"""What the contracts promise is there: every RPC is answered, every event is heard, names stay."""

import importlib

import pytest

from services.chassis.inbox import Handler
from services.chassis.rpc import Entrypoint
from services.contracts.registry import EVENTS, RPCS
from tests.harness import SERVICES

for service in SERVICES:
    importlib.import_module(f"services.{service}.entrypoints")

# Wire names: a change breaks services of the previous release that still run. Only add.
FROZEN = """
analytics: list_metrics measure
automation: complete_task list_tasks
booking: add_import_rows answer_booking_form append_upload approve authorize_payer calendar_file
    cancel cash_day charge check_answers check_in close_cash complete count_form count_page_visits
    define_add_on define_agreement_template define_form define_form_link define_package
    define_price_rule define_row define_service define_service_requirement delete_row
    draw_up_agreement end_order end_upload export_submissions find_booking get_booking get_draft
    get_form get_import get_public_theme get_row get_submission get_theme get_upload identify_payer
    link_survey list_add_ons list_agreement_templates list_agreements list_bookings list_choices
    list_drafts list_forms list_import_fields list_import_rows list_import_values list_imports
    list_packages list_page_counts list_payouts list_price_rules list_providers
    list_reconciliations list_rows list_services list_submissions list_theme_versions list_uploads
    locate_file map_import mark_submission no_show open_booking_form open_form pay_out
    preview_agreement preview_move print_agreement print_receipt publish_form publish_theme quote
    read_agreement reconcile refund reject remove_draft remove_import remove_price_rule
    remove_upload renew_link request reschedule reschedule_many restore_row restore_theme
    run_import sandbox_checkout sandbox_decide save_draft save_theme search_choices sign_agreement
    start start_import start_payment start_upload submit_form summarise take_cash take_notification
    top_up undo_import visit_form void_agreement
crm: adjust credit define_coupon define_level discounts get_account get_customer get_spend give
    give_back import_customers list_coupons list_customers list_entries list_levels match_customers
    preview_coupon release_coupon retract_customers set_level spend
identity: check_session close_session define_staff open_session
notification: list_messages send
scheduling: accept_offer block calendar calendar_feed cancel_leave confirm decide_leave
    define_branch define_branch_day define_busy_feed define_calendar_link define_closure
    define_pool define_quota define_requirement define_resource define_resource_type define_roster
    define_skill define_special_day expire_hold explain extend_hold find_slots get_branch
    get_requirement get_resource get_roster get_waitlist_entry hold join_waitlist leave_waitlist
    list_branch_days list_branches list_busy_feeds list_calendar_links list_leaves list_pools
    list_quotas list_resource_types list_resources list_skills list_waitlist locate locate_all
    move_allocation publish_rosters release remove_busy_feed remove_closure remove_pool
    remove_quota remove_resource_type remove_waitlist_entry request_leave reschedule
    resize_allocation revoke_calendar_link skill_levels unblock
"""


def entrypoints(service, kind):
    cls = importlib.import_module(f"services.{service}.entrypoints").Service
    return [
        (name, entrypoint)
        for name in dir(cls)
        for entrypoint in getattr(getattr(cls, name), "nameko_entrypoints", ())
        if isinstance(entrypoint, kind)
    ]


def frozen_names():
    names = {}
    for word in FROZEN.split():
        if word.endswith(":"):
            current = names.setdefault(word[:-1], set())
        else:
            current.add(word)
    return names


@pytest.mark.parametrize("service", SERVICES)
def test_every_declared_rpc_is_answered_by_its_owner_and_no_other_exists(service):
    declared = {name for owner, name in RPCS if owner == service}
    assert {name for name, _ in entrypoints(service, Entrypoint)} == declared


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_is_heard_by_the_consumers_that_it_names(service):
    expected = {e.type for e in EVENTS.values() if service in e.consumers and e.owner != "toy"}
    assert {handler.event_type for _, handler in entrypoints(service, Handler)} == expected


@pytest.mark.parametrize("service", SERVICES)
def test_wire_names_stay_what_they_were(service):
    declared = {name for owner, name in RPCS if owner == service}
    assert declared == frozen_names()[service]
