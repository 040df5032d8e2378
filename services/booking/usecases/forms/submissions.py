"""Submissions: found, read, marked as handled, and turned into the rows of a sheet."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.booking import form_views
from services.booking.domain import answered
from services.booking.models import FormVersion, Submission
from services.booking.queries import answers as stored
from services.booking.queries import forms
from services.booking.upload_links import UploadLinks
from services.booking.usecases import uploads
from services.chassis.db import UnitOfWork
from services.contracts.forms import FormUnknown
from services.contracts.submissions import SubmissionUnknown

TITLES = {
    "zh": ("提交时间", "渠道", "状态", "联系人", "电话"),
    "en": ("Submitted at", "Channel", "Status", "Name", "Phone"),
}
STATUS_WORDS = {
    "new": {"zh": "待处理", "en": "new"},
    "handled": {"zh": "已处理", "en": "handled"},
    "discarded": {"zh": "已作废", "en": "discarded"},
}


def list_submissions(
    *,
    uow: UnitOfWork,
    zone: ZoneInfo,
    form_id: UUID,
    from_: date | None,
    to: date | None,
    **question: Any,
) -> dict[str, Any]:
    """Return a page of what was sent with a form, the newest first.

    Shapes:  `question` is the rest of contracts.submissions.ListSubmissions. Days begin and end on
             the clock of the studio.
    Errors:  FormUnknown; Invalid for a cursor that is none.
    """
    page, more = _page(uow, form_id, zone, from_, to, question)
    return {"items": [form_views.submission(each) for each in page], "next_cursor": more}


def get_submission(
    *,
    uow: UnitOfWork,
    now: datetime,
    upload_links: UploadLinks,
    submission_id: UUID,
    branch_ids: list[UUID] | None,
) -> dict[str, Any]:
    """Return what was sent, with addresses of its files, and the form as it was then.

    Errors:  SubmissionUnknown, also for one of another branch than these.
    """
    with uow.read() as session:
        found = _seen(stored.submission(session, submission_id), branch_ids)
        seen = session.get_one(FormVersion, (found.form_id, found.version))
        named = [UUID(id) for id in answered.files(seen.definition, found.answers)]
        files = uploads.shown(session, named, upload_links, now)
    return form_views.submission(found) | {"definition": seen.definition, "files": files}


def mark_submission(
    *, uow: UnitOfWork, submission_id: UUID, branch_ids: list[UUID] | None, status: str
) -> dict[str, Any]:
    """Say what became of a submission.

    Errors:  SubmissionUnknown, also for one of another branch than these.
    """
    with uow.begin() as tx:
        found = _seen(stored.lock_submission(tx.session, submission_id), branch_ids)
        found.status = status
        tx.session.flush()
        return form_views.submission(found)


def export_submissions(
    *,
    uow: UnitOfWork,
    zone: ZoneInfo,
    form_id: UUID,
    from_: date | None,
    to: date | None,
    language: str,
    **question: Any,
) -> dict[str, Any]:
    """Return a page of what was sent as rows of a sheet that has the fields of all versions.

    Errors:  FormUnknown; Invalid for a cursor that is none.
    """
    page, more = _page(uow, form_id, zone, from_, to, question)
    with uow.read() as session:
        versions = forms.answered_versions(session, form_id)
    columns = _columns(versions.values())
    titles = [
        *TITLES[language],
        *(label.get(language) or label["zh"] for label in columns.values()),
    ]
    rows = [
        [*_head(each, zone, language), *_cells(each, versions[each.version], columns, language)]
        for each in page
    ]
    return {"titles": titles, "rows": rows, "next_cursor": more}


def _seen(found: Submission | None, branch_ids: list[UUID] | None) -> Submission:
    """Return a submission that staff of some branches may see."""
    if found is None or (
        branch_ids is not None and found.branch_id is not None and found.branch_id not in branch_ids
    ):
        raise SubmissionUnknown()
    return found


def _page(
    uow: UnitOfWork,
    form_id: UUID,
    zone: ZoneInfo,
    from_: date | None,
    to: date | None,
    question: dict[str, Any],
) -> tuple[list[Submission], str | None]:
    since = None if from_ is None else _midnight(from_, zone)
    before = None if to is None or to == date.max else _midnight(to + timedelta(days=1), zone)
    with uow.read() as session:
        if forms.form(session, form_id) is None:
            raise FormUnknown()
        return stored.submissions_page(session, form_id, since=since, before=before, **question)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError:  # the first day of all, which began before there was time
        return datetime.min.replace(tzinfo=UTC)


def _columns(versions: Iterable[FormVersion]) -> dict[str, dict[str, str]]:
    """Return the newest label of every field that some version has.

    Columns only come to the right: a version that is published between two pages moves none.
    """
    return {
        field["key"]: field.get("label") or {"zh": field["key"]}
        for version in versions
        for field in version.definition["fields"]
        if field["kind"] != "section"
    }


def _head(submission: Submission, zone: ZoneInfo, language: str) -> list[str | None]:
    return [
        f"{submission.submitted_at.astimezone(zone):%Y-%m-%d %H:%M}",
        submission.channel,
        STATUS_WORDS[submission.status][language],
        submission.contact_name,
        submission.contact_phone,
    ]


def _cells(
    submission: Submission, seen: FormVersion, columns: dict[str, dict[str, str]], language: str
) -> Iterator[answered.Cell]:
    fields = {field["key"]: field for field in seen.definition["fields"]}
    for key in columns:
        field, value = fields.get(key), submission.answers.get(key)
        yield field and answered.cell(field, value, submission.labels, language)
