"""RPCs of forms, of what was sent with them, and of data tables."""

from typing import Any

from nameko.timer import timer

from services.booking import form_views
from services.booking.entrypoints.base import Parts
from services.booking.form_links import FormLinks
from services.booking.usecases.forms import (
    answering,
    catching_up,
    designing,
    requested,
    sharing,
    submissions,
    tables,
)
from services.chassis.rpc import rpc

DAY_SECONDS = 24 * 60 * 60


class Forms(Parts):
    @property
    def form_links(self) -> FormLinks:
        """What makes the addresses of forms, and signs surveys."""
        return FormLinks(secret=self.settings.manage_secret, public_url=self.settings.public_url)

    @property
    def designing(self) -> dict[str, Any]:
        """What a verb needs that changes a form."""
        return {"uow": self.uow, "now": self.now(), "links": self.form_links}

    @property
    def dating(self) -> dict[str, Any]:
        """What a verb needs that knows which day it is at the studio."""
        return {"uow": self.uow, "zone": self.settings.studio_zone}

    @property
    def judging(self) -> dict[str, Any]:
        """What a verb needs that accepts answers."""
        others = {"scheduling": self.scheduling, "crm": self.crm}
        return {**self.dating, "now": self.now(), **others}

    # --- designing and sharing

    @rpc
    def define_form(self, **draft: Any) -> dict[str, Any]:
        return designing.define_form(**self.designing, **draft)

    @rpc
    def publish_form(self, **command: Any) -> dict[str, Any]:
        return designing.publish_form(**self.designing, **command)

    @rpc
    def get_form(self, **question: Any) -> dict[str, Any]:
        return designing.get_form(uow=self.uow, links=self.form_links, **question)

    @rpc
    def list_forms(self, **question: Any) -> dict[str, Any]:
        return designing.list_forms(uow=self.uow, **question)

    @rpc
    def define_form_link(self, **link: Any) -> dict[str, Any]:
        return sharing.define_form_link(**self.designing, **link)

    @rpc
    def count_form(self, **question: Any) -> dict[str, Any]:
        return sharing.count_form(uow=self.uow, **question)

    @rpc
    def answer_booking_form(self, **command: Any) -> dict[str, Any]:
        return catching_up.answer_form(**self.reaching_scheduling, crm=self.crm, **command)

    @rpc
    def link_survey(self, **question: Any) -> dict[str, Any]:
        return sharing.link_survey(**self.designing, **question)

    # --- answering

    @rpc
    def open_form(self, **address: Any) -> dict[str, Any]:
        return answering.open_form(
            **self.designing,
            scheduling=self.scheduling,
            upload_links=self.upload_links,
            **address,
        )

    @rpc
    def visit_form(self, **visit: Any) -> dict[str, Any]:
        return answering.visit_form(**self.dating, now=self.now(), **visit)

    @rpc
    def submit_form(self, **answers: Any) -> dict[str, Any]:
        return answering.submit_form(**self.judging, links=self.form_links, **answers)

    @rpc
    def search_choices(self, **question: Any) -> dict[str, Any]:
        return answering.search_choices(**self.designing, **question)

    @rpc
    def open_booking_form(self, **question: Any) -> dict[str, Any]:
        return requested.open_booking_form(
            uow=self.uow,
            now=self.now(),
            scheduling=self.scheduling,
            upload_links=self.upload_links,
            **question,
        )

    @rpc
    def check_answers(self, **question: Any) -> dict[str, Any]:
        checked = requested.check_answers(**self.judging, **question)
        return form_views.checked(checked.version, checked.answers, checked.labels)

    @timer(interval=DAY_SECONDS)
    def forget_visitors(self) -> None:
        answering.forget_visitors(uow=self.uow, now=self.now())

    # --- submissions

    @rpc
    def list_submissions(self, **question: Any) -> dict[str, Any]:
        return submissions.list_submissions(**self.dating, **question)

    @rpc
    def get_submission(self, **question: Any) -> dict[str, Any]:
        return submissions.get_submission(
            uow=self.uow, now=self.now(), upload_links=self.upload_links, **question
        )

    @rpc
    def mark_submission(self, **command: Any) -> dict[str, Any]:
        return submissions.mark_submission(uow=self.uow, **command)

    @rpc
    def export_submissions(self, **question: Any) -> dict[str, Any]:
        return submissions.export_submissions(**self.dating, **question)

    # --- data tables

    @rpc
    def list_choices(self, **question: Any) -> dict[str, Any]:
        return tables.list_choices(uow=self.uow, scheduling=self.scheduling, **question)

    @rpc
    def define_row(self, **row: Any) -> dict[str, Any]:
        return tables.define_row(**self.judging, **row)

    @rpc
    def get_row(self, **question: Any) -> dict[str, Any]:
        return tables.get_row(uow=self.uow, **question)

    @rpc
    def list_rows(self, **question: Any) -> dict[str, Any]:
        return tables.list_rows(uow=self.uow, **question)

    @rpc
    def delete_row(self, **command: Any) -> dict[str, Any]:
        return tables.delete_row(uow=self.uow, now=self.now(), **command)

    @rpc
    def restore_row(self, **command: Any) -> dict[str, Any]:
        return tables.restore_row(uow=self.uow, **command)
