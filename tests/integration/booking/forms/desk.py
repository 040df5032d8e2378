"""A designer's desk for tests: the verbs of forms on a real database, with a small scheduling."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import eventlet
import sqlalchemy as sa

from services.booking.form_links import FormLinks
from services.booking.models import Submission
from services.booking.upload_links import UploadLinks
from services.booking.usecases.forms import answering, designing, sharing, submissions, tables
from services.chassis.db import OUTBOX, UnitOfWork
from services.contracts.crm import CustomerUnknown
from services.contracts.errors import Unavailable
from services.contracts.forms import (
    COUNT_FORM,
    DEFINE_FORM,
    DEFINE_FORM_LINK,
    LIST_FORMS,
    OPEN_FORM,
    SEARCH_CHOICES,
)
from services.contracts.submissions import EXPORT_SUBMISSIONS, LIST_SUBMISSIONS, SUBMIT_FORM
from services.contracts.tables import DEFINE_ROW, LIST_ROWS

NOW = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
"""A Monday, ten in the morning in Shanghai."""
ZONE = ZoneInfo("Asia/Shanghai")
WANG, LI = (str(UUID(int=number)) for number in (0xD1, 0xD2))
BUND, HARBOUR = (str(UUID(int=number)) for number in (0xC1, 0xC2))


def words(zh: str, en: str = "") -> dict[str, str]:
    return {"zh": zh, "en": en}


def ask(key: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    """One field of a form."""
    return {"key": key, "kind": kind, "label": words(key), **more}


def choice(key: str, *values: str, **more: Any) -> dict[str, Any]:
    options = [{"value": value, "label": words(f"{value}选")} for value in values]
    return ask(key, "single_choice", options=options, **more)


def form_of(*fields: dict[str, Any], rules: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"fields": list(fields), "rules": rules or []}


def show(key: str, when: Any) -> dict[str, Any]:
    return {"effect": "show", "fields": [key], "when": when}


BOOKING_FORM = form_of(
    ask("name", required=True),
    ask("phone", "phone", required=True),
    choice("service", "wedding", "portrait", required=True),
    ask("groom", required=True),
    rules=[show("groom", {"==": [{"var": "service"}, "wedding"]})],
)
ANSWERS = {"name": "王小丽", "phone": "13800001111", "service": "portrait"}


def together(*actions: Callable[[], Any]) -> list[Any]:
    """Run actions at once on connections of their own; return what each answered or raised."""

    def run(action: Callable[[], Any]) -> Any:
        try:
            return action()
        except Exception as error:
            return error

    pool = eventlet.GreenPool()
    return [thread.wait() for thread in [pool.spawn(run, action) for action in actions]]


class FakeScheduling:
    """Two branches, at which photographers may be asked for by name."""

    def __init__(self) -> None:
        self.people: dict[str, list[dict[str, Any]]] = {
            BUND: [person(WANG, "王芳"), person(str(UUID(int=0xD9)), "实习生", named=False)],
            HARBOUR: [person(WANG, "王芳")],
        }

    def list_branches(self) -> dict[str, Any]:
        return {"items": [{"id": branch} for branch in self.people]}

    def list_resources(
        self, *, branch_id: str, resource_type: str, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        """Two a page, so that pages are turned."""
        assert resource_type == "photographer"
        first = int(cursor or 0)
        people = self.people[branch_id]
        more = str(first + 2) if len(people) > first + 2 else None
        return {"items": people[first : first + 2], "next_cursor": more}


class FakeCrm:
    """Knows some customers, or cannot be reached."""

    def __init__(self) -> None:
        self.customers: set[str] = set()
        self.is_away = False

    def get_customer(self, *, customer_id: str) -> dict[str, Any]:
        if self.is_away:
            raise Unavailable()
        if customer_id not in self.customers:
            raise CustomerUnknown()
        return {"id": customer_id}


def person(id: str, zh: str, *, named: bool = True) -> dict[str, Any]:
    return {"id": id, "name": words(zh), "bookable_by_name": named}


@dataclass
class Desk:
    """The verbs as the entrypoints call them, with arguments that the contracts have read."""

    uow: UnitOfWork
    now: datetime = NOW
    scheduling: FakeScheduling = field(default_factory=FakeScheduling)
    crm: FakeCrm = field(default_factory=FakeCrm)
    links: FormLinks = field(
        default_factory=lambda: FormLinks(secret="a secret", public_url="https://studio.example")
    )

    upload_links: UploadLinks = field(default_factory=lambda: UploadLinks(secret="a secret"))

    def later(self, **ahead: float) -> "Desk":
        """Return the same desk at another time."""
        return replace(self, now=self.now + timedelta(**ahead))

    def define(
        self,
        definition: dict[str, Any] = BOOKING_FORM,
        *,
        form_id: UUID | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        draft = {
            "form_id": str(form_id or uuid4()),
            "kind": "booking",
            "name": words("客户预约", "Booking request"),
            "definition": definition,
        } | more
        return designing.define_form(**self._designing, **DEFINE_FORM.decode(draft))

    def publish(self, form: dict[str, Any]) -> dict[str, Any]:
        return designing.publish_form(
            **self._designing, form_id=form["id"], revision=form["revision"]
        )

    def published(self, definition: dict[str, Any] = BOOKING_FORM, **more: Any) -> dict[str, Any]:
        return self.publish(self.define(definition, **more))

    def changed(self, form: dict[str, Any], definition: dict[str, Any]) -> dict[str, Any]:
        """Publish another version of a form."""
        draft = self.define(
            definition, form_id=form["id"], revision=form["revision"], kind=form["kind"]
        )
        return self.publish(draft)

    def get(self, form_id: UUID) -> dict[str, Any]:
        return designing.get_form(uow=self.uow, links=self.links, form_id=form_id)

    def page_of_forms(self, kind: str | None = None) -> list[dict[str, Any]]:
        return list(self.listed(kind=kind)["items"])

    def listed(self, **question: Any) -> dict[str, Any]:
        page = designing.list_forms(uow=self.uow, **LIST_FORMS.decode(question))
        LIST_FORMS.encode(page)
        return page

    def link(self, form: dict[str, Any], **about: Any) -> dict[str, Any]:
        asked = {"form_id": str(form["id"]), "link_id": str(uuid4()), "channel": "poster"} | about
        return sharing.define_form_link(**self._designing, **DEFINE_FORM_LINK.decode(asked))

    def open(self, code: str, token: str | None = None) -> dict[str, Any]:
        opened = answering.open_form(
            **self._designing,
            scheduling=self.scheduling,
            upload_links=self.upload_links,
            code=code,
            token=token,
        )
        OPEN_FORM.encode(opened)
        return opened

    def visit(self, code: str, step: str = "view", visitor: str = "visitor-1") -> bool:
        visited = answering.visit_form(
            uow=self.uow, now=self.now, zone=ZONE, code=code, step=step, visitor=visitor
        )
        return bool(visited["counted"])

    def submit(
        self,
        form: dict[str, Any],
        answers: dict[str, Any] | None = None,
        *,
        key: str | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        sent = {
            "code": form["links"][0]["code"],
            "version": form["published_version"],
            "answers": ANSWERS if answers is None else answers,
            "idempotency_key": key or str(uuid4()),
        } | more
        return answering.submit_form(
            **self._designing,
            zone=ZONE,
            scheduling=self.scheduling,
            crm=self.crm,
            **SUBMIT_FORM.decode(sent),
        )

    def searched(self, code: str, field: str, **more: Any) -> dict[str, Any]:
        asked = SEARCH_CHOICES.decode({"code": code, "field": field, **more})
        return answering.search_choices(**self._designing, **asked)

    def submission(
        self, submission_id: UUID, branch_ids: list[UUID] | None = None
    ) -> dict[str, Any]:
        return submissions.get_submission(
            uow=self.uow,
            now=self.now,
            upload_links=self.upload_links,
            submission_id=submission_id,
            branch_ids=branch_ids,
        )

    def mark(
        self, submission_id: UUID, status: str, branch_ids: list[UUID] | None = None
    ) -> dict[str, Any]:
        return submissions.mark_submission(
            uow=self.uow, submission_id=submission_id, status=status, branch_ids=branch_ids
        )

    def found(self, form: dict[str, Any], **question: Any) -> list[dict[str, Any]]:
        return list(self.page(form, **question)["items"])

    def page(self, form: dict[str, Any], **question: Any) -> dict[str, Any]:
        asked = LIST_SUBMISSIONS.decode({"form_id": str(form["id"]), **question})
        return submissions.list_submissions(uow=self.uow, zone=ZONE, **asked)

    def sheet(self, form: dict[str, Any], **question: Any) -> dict[str, Any]:
        asked = EXPORT_SUBMISSIONS.decode({"form_id": str(form["id"]), **question})
        return submissions.export_submissions(uow=self.uow, zone=ZONE, **asked)

    def counts(self, form: dict[str, Any], from_: str, to: str) -> list[dict[str, Any]]:
        asked = COUNT_FORM.decode({"form_id": str(form["id"]), "from": from_, "to": to})
        return list(sharing.count_form(uow=self.uow, **asked)["items"])

    def row(self, table: dict[str, Any], answers: dict[str, Any], **more: Any) -> dict[str, Any]:
        asked = {"form_id": str(table["id"]), "row_id": str(uuid4()), "answers": answers} | more
        return tables.define_row(
            uow=self.uow,
            now=self.now,
            zone=ZONE,
            scheduling=self.scheduling,
            crm=self.crm,
            **DEFINE_ROW.decode(asked),
        )

    def delete(self, table: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
        return tables.delete_row(uow=self.uow, now=self.now, form_id=table["id"], row_id=row["id"])

    def restore(self, table: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
        return tables.restore_row(uow=self.uow, form_id=table["id"], row_id=row["id"])

    def rows(self, table: dict[str, Any], **question: Any) -> list[dict[str, Any]]:
        asked = LIST_ROWS.decode({"form_id": str(table["id"]), **question})
        return list(tables.list_rows(uow=self.uow, **asked)["items"])

    def stored(self) -> list[Submission]:
        with self.uow.read() as session:
            return list(session.scalars(sa.select(Submission).order_by(Submission.submitted_at)))

    def told(self) -> list[dict[str, Any]]:
        """Return the events that were staged, oldest first."""
        with self.uow.read() as session:
            return list(session.scalars(sa.select(OUTBOX.c.envelope).order_by(OUTBOX.c.id)))

    @property
    def _designing(self) -> dict[str, Any]:
        return {"uow": self.uow, "now": self.now, "links": self.links}
