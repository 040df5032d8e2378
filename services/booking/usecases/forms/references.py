"""What answers name and must be there: rows of data tables, uploads and customers."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.booking.domain import answered
from services.booking.domain.forms.sentences import Fault, fault
from services.booking.domain.uploads import State
from services.booking.models import Upload
from services.booking.queries import answers as stored
from services.booking.queries import uploads as files
from services.booking.usecases import uploads
from services.booking.usecases.forms import sources
from services.contracts.crm import CustomerUnknown
from services.contracts.errors import Invalid, Unavailable

Definition = Mapping[str, Any]
Answers = Mapping[str, Any]

WAITING = {State.RECEIVING, State.CHECKING}


def check_customers(crm: Any, definition: Definition, kept: Answers) -> None:
    """Refuse customers whom crm does not know; outside of a transaction.

    While crm cannot be reached they are taken as they are: a form that nobody can send would cost
    the studio more than a customer who turns out to be gone.

    Errors:  Invalid with a pointer below /answers per unknown customer.
    """
    chosen = [f for f in definition["fields"] if f["kind"] == "customer" and kept.get(f["key"])]
    try:
        wrong = [field for field in chosen if not _is_known(crm, kept[field["key"]])]
    except Unavailable:
        return
    _refuse(fault(f"/answers/{field['key']}", "form.customer_unknown") for field in wrong)


def hold_rows(
    session: Session, definition: Definition, kept: Answers, *, changing: UUID | None = None
) -> None:
    """Keep the rows that answers refer to from being deleted until the transaction ends.

    Shapes:  `changing` is the row of a data table that is being written, locked with the others:
             two rows that refer to each other would else wait for each other for ever.
    Errors:  Invalid for a row that was deleted since the answers were looked at.
    """
    named = sources.chosen_rows(definition, kept)
    ids = {id for several in named.values() for id in several}
    if not ids:
        return
    also = set() if changing is None else {changing}
    there = stored.lock_rows(session, ids | also, shared=changing is None)
    gone = (key for key, several in named.items() if not set(several) <= there)
    _refuse(fault(f"/answers/{key}", "form.option") for key in gone)


def take_files(
    session: Session,
    *,
    definition: Definition,
    kept: Answers,
    form_id: UUID,
    taken_by: UUID,
) -> list[Upload]:
    """Give the files that answers name to what the answers belong to, for good; return them.

    To be called inside that one's transaction; repeated, it changes nothing.

    Errors:  Invalid with a pointer below /answers per file that is not there, is another form's,
             belongs to something else already, is not ready, or was refused.
    """
    named = answered.files_by_key(definition, kept)
    ids = sources.uuids([id for several in named.values() for id in several])
    found = {str(upload.id): upload for upload in files.lock_uploads(session, ids)}
    _refuse(
        fault(f"/answers/{key}", code)
        for key, several in named.items()
        for id in several
        if (code := _fault_of(found.get(id), form_id, taken_by))
    )
    uploads.take(session, upload_ids=ids, form_id=form_id, taken_by=taken_by)
    return list(found.values())


def _fault_of(upload: Upload | None, form_id: UUID, taken_by: UUID) -> str | None:
    """Return the code of what is wrong with a file."""
    if upload is None or upload.state == State.EXPIRED:
        return "form.upload_unknown"
    if upload.taken_by != taken_by:
        if upload.form_id != form_id:
            return "form.upload_unknown"
        if upload.taken_by is not None:
            return "form.upload_taken"
    if upload.state in WAITING:
        return "form.upload_not_ready"
    return "form.upload_refused" if upload.state == State.REFUSED else None


def _is_known(crm: Any, customer_id: str) -> bool:
    """Errors:  Unavailable when crm cannot be reached."""
    if not sources.uuids([customer_id]):
        return False
    try:
        crm.get_customer(customer_id=customer_id)
    except CustomerUnknown:
        return False
    return True


def _refuse(wrong: Iterable[Fault]) -> None:
    if errors := list(wrong):
        raise Invalid(errors=errors)
