"""How forms, links, submissions and rows are told to who asks for them."""

from typing import Any

from services.booking.domain.forms import definition
from services.booking.form_links import FormLinks
from services.booking.models import Form, FormLink, FormVersion, Submission, TableRow

UNSEEN = {"views": 0, "starts": 0, "submits": 0}


def item(form: Form, live: FormVersion | None, counted: dict[str, int] | None) -> dict[str, Any]:
    """Return what a list shows of a form."""
    return (counted or UNSEEN) | {
        "id": form.id,
        "kind": form.kind,
        "name": form.name,
        "revision": form.revision,
        "published_version": form.published_version,
        "published_revision": live and live.revision,
        "published_at": live and live.published_at,
        "active": form.active,
        "public": form.public,
        "changed_at": form.changed_at,
    }


def whole(
    form: Form,
    live: FormVersion | None,
    counted: dict[str, int] | None,
    *,
    found: list[FormLink],
    versions: list[FormVersion],
    links: FormLinks,
) -> dict[str, Any]:
    """Return a form as its designer sees it."""
    return item(form, live, counted) | {
        "versions": [
            {"number": one.number, "revision": one.revision, "published_at": one.published_at}
            for one in versions
        ],
        "definition": form.definition,
        "faults": definition.check(form.definition),
        "links": [link(each, form, links=links) for each in found],
    }


def opened(form: Form, live: FormVersion, code: str | None) -> dict[str, Any]:
    """Return what whoever fills a form in sees of it."""
    return {
        "code": code,
        "form_id": form.id,
        "kind": form.kind,
        "version": live.number,
        "name": live.name,
        "definition": live.definition,
    }


def checked(seen: FormVersion, answers: dict[str, Any], labels: dict[str, Any]) -> dict[str, Any]:
    """Return answers as they would be stored."""
    return {
        "form_id": seen.form_id,
        "version": seen.number,
        "answers": answers,
        "labels": labels,
    }


def link(link: FormLink, form: Form, *, links: FormLinks) -> dict[str, Any]:
    """Return a link with all the ways to share it."""
    return {
        "id": link.id,
        "form_id": link.form_id,
        "code": link.code,
        "label": link.label,
        "channel": link.channel,
        "branch_id": link.branch_id,
        "expires_at": link.expires_at,
        "disabled": link.disabled,
        "url": links.url(link.code),
        "short_url": links.short_url(link.code),
        "embed_html": links.embed_html(link.code, form.name["zh"]),
    }


def submission(submission: Submission) -> dict[str, Any]:
    """Return a submission as it was sent."""
    return {
        "id": submission.id,
        "form_id": submission.form_id,
        "version": submission.version,
        "link_id": submission.link_id,
        "channel": submission.channel,
        "booking_id": submission.booking_id,
        "branch_id": submission.branch_id,
        "contact": {"name": submission.contact_name, "phone": submission.contact_phone},
        "answers": submission.answers,
        "labels": submission.labels,
        "status": submission.status,
        "submitted_at": submission.submitted_at,
    }


def row(row: TableRow) -> dict[str, Any]:
    """Return a row of a data table."""
    return {
        "id": row.id,
        "form_id": row.form_id,
        "version": row.version,
        "revision": row.revision,
        "answers": row.answers,
        "labels": row.labels,
        "created_at": row.created_at,
        "changed_at": row.changed_at,
        "deleted_at": row.deleted_at,
    }
