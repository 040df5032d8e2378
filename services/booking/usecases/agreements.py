"""Contracts: writing their templates, drawing them up, showing, signing and voiding them."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid6
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.booking import agreement_papers, pdf
from services.booking.domain import agreements as rules
from services.booking.domain.agreements import State
from services.booking.links import Links
from services.booking.models import (
    Agreement,
    AgreementPaper,
    AgreementTemplate,
    AgreementTemplateVersion,
    Booking,
)
from services.booking.queries import accounts, agreements, bookings
from services.booking.usecases import steps
from services.chassis.db import Transaction, UnitOfWork
from services.contracts.agreements import (
    AgreementOutdated,
    AgreementStateRefused,
    AgreementTemplateUnfit,
    AgreementTemplateUnknown,
    AgreementUnknown,
    PlaceholderUnknown,
    SignatureUnusable,
    SignerMustBeCustomer,
)
from services.contracts.booking import BookingUnknown

USER_AGENT_CHARACTERS = 300
"""Enough to tell a device by; the header itself has no limit."""

Json = dict[str, Any]


def define_agreement_template(
    *, uow: UnitOfWork, now: datetime, template_id: UUID, title: Json, text: Json, **values: Any
) -> Json:
    """Create a template or change it; another text is another version, and earlier ones stay.

    Errors:  PlaceholderUnknown.
    """
    _check_placeholders(title, text)
    with uow.begin() as tx:
        tx.session.execute(
            insert(AgreementTemplate)
            .values(id=template_id, version=0, changed_at=now, **values)
            .on_conflict_do_nothing(index_elements=[AgreementTemplate.id])
        )
        template = agreements.lock_template(tx.session, template_id)
        assert template is not None, "it was just inserted, or was there"
        for name, value in values.items():
            setattr(template, name, value)
        template.changed_at = now
        words = _keep_text(tx, template, title, text, now)
        return _template(template, words)


def list_agreement_templates(*, uow: UnitOfWork, booking_id: UUID | None) -> Json:
    """Return the templates, all or those in use for a booking, and what their texts may name.

    Errors:  BookingUnknown.
    """
    with uow.read() as session:
        found = agreements.templates(session)
        if booking_id is not None:
            booking = bookings.booking(session, booking_id)
            if booking is None:
                raise BookingUnknown()
            sold = _sold(session, booking)
            found = [each for each in found if _fits(each[0], sold)]
        items = [_template(*each) for each in found]
    placeholders = [{"name": name, "label": label} for name, label in rules.PLACEHOLDERS.items()]
    return {"items": items, "placeholders": placeholders}


def preview_agreement(*, title: Json, text: Json) -> Json:
    """Return a text as it will look, with a word for each placeholder.

    Errors:  PlaceholderUnknown.
    """
    _check_placeholders(title, text)
    sample = rules.sample()
    return {"title": rules.fill(title, sample), "text": rules.fill(text, sample)}


def draw_up_agreement(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    template_id: UUID,
) -> Json:
    """Return the agreement of a booking from a template, filled in now if there is none.

    Whoever wants other terms voids it first: its text never changes.

    Errors:  BookingUnknown, AgreementTemplateUnknown, AgreementTemplateUnfit.
    """
    with uow.begin() as tx:
        booking = steps.check_access(bookings.booking(tx.session, booking_id), access, links)
        found = agreements.template(tx.session, template_id)
        if found is None:
            raise AgreementTemplateUnknown()
        template, words = found
        if not _fits(template, _sold(tx.session, booking)):
            raise AgreementTemplateUnfit()
        _insert(tx, booking, words, now)
        agreement = agreements.standing(tx.session, booking_id, template_id)
        assert agreement is not None, "it was just inserted, or was there"
        return _told(tx.session, booking, agreement, now)


def list_agreements(
    *, uow: UnitOfWork, links: Links, booking_id: UUID, access: steps.Access
) -> Json:
    """Return the agreements of a booking that the asker may see, oldest first.

    Errors:  BookingUnknown, ManageTokenInvalid.
    """
    with uow.read() as session:
        steps.check_access(bookings.booking(session, booking_id), access, links)
        found = agreements.agreements_of(session, booking_id)
    return {"items": [agreement_papers.item(each) for each in found if _may_see(each, access)]}


def read_agreement(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    agreement_id: UUID,
) -> Json:
    """Return an agreement; that its customer has seen it is kept, for only then can it be signed.

    Errors:  BookingUnknown, ManageTokenInvalid, AgreementUnknown.
    """
    with uow.begin() as tx:
        booking, agreement = _lock(tx, links, booking_id, access, agreement_id)
        if agreement.state == State.DRAFT and not steps.is_staff(access):
            agreement.state, agreement.shown_at = State.SHOWN, now
        return _told(tx.session, booking, agreement, now)


def sign_agreement(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    agreement_id: UUID,
    signer_name: str,
    strokes: list[list[list[int]]],
    ip: str,
    user_agent: str,
) -> Json:
    """Sign an agreement and seal it; the same signature again changes nothing.

    Errors:  SignerMustBeCustomer for staff; SignatureUnusable; AgreementStateRefused before it was
             shown, after it was voided, and for another signature; AgreementOutdated; those of
             `read_agreement`.
    """
    if steps.is_staff(access):
        raise SignerMustBeCustomer()
    if not rules.is_signature(strokes):
        raise SignatureUnusable(errors=[_fault("/strokes", SignatureUnusable)])
    with uow.begin() as tx:
        booking, agreement = _lock(tx, links, booking_id, access, agreement_id)
        signed = agreement.state == State.SIGNED
        if not signed or (agreement.signer_name, agreement.strokes) != (signer_name, strokes):
            _check_transition(agreement, State.SIGNED)
            if _is_outdated(tx.session, booking, agreement, now):
                raise AgreementOutdated()
            agreement.state, agreement.signed_at = State.SIGNED, now
            agreement.signer_name, agreement.strokes = signer_name, strokes
            agreement.ip, agreement.user_agent = ip, user_agent[:USER_AGENT_CHARACTERS]
            agreement.sha256 = agreement_papers.seal_of(agreement)
            tx.session.flush()
            tx.emit("agreement.signed", agreement_papers.fact(agreement, booking))
        return _told(tx.session, booking, agreement, now)


def void_agreement(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    agreement_id: UUID,
    reason: str,
) -> Json:
    """Declare an agreement void; what was signed stays to be read.

    Errors:  BookingUnknown, AgreementUnknown; AgreementStateRefused when it is void already.
    """
    with uow.begin() as tx:
        booking, agreement = _lock(tx, links, booking_id, access, agreement_id)
        _check_transition(agreement, State.VOID)
        agreement.state, agreement.voided_at, agreement.void_reason = State.VOID, now, reason
        return _told(tx.session, booking, agreement, now)


def print_agreement(
    *,
    uow: UnitOfWork,
    now: datetime,
    links: Links,
    booking_id: UUID,
    access: steps.Access,
    agreement_id: UUID,
) -> Json:
    """Return an agreement as PDF: the one that is kept since it was signed, or how it looks now.

    A signature is followed by this at once; were the process to end in between, whoever asks first
    has it made and kept.

    Errors:  BookingUnknown, ManageTokenInvalid, AgreementUnknown.
    """
    with uow.read() as session:
        booking = steps.check_access(bookings.booking(session, booking_id), access, links)
        agreement = _visible(session, booking, access, agreement_id)
        paper = agreements.paper(session, agreement_id)
        is_signed, number = agreement.state == State.SIGNED, booking.number
        document = agreement_papers.paper(agreement, booking)
    if paper is None:
        paper = pdf.render(document)
        if is_signed:
            paper = _keep_paper(uow, agreement_id, paper, now)
    content = base64.b64encode(paper).decode()
    return {"filename": f"agreement-{number}.pdf", "content": content}


def _keep_paper(uow: UnitOfWork, agreement_id: UUID, paper: bytes, now: datetime) -> bytes:
    """Keep the PDF of a signed agreement; return it, or the one that was kept a moment before."""
    with uow.begin() as tx:
        tx.session.execute(
            insert(AgreementPaper)
            .values(agreement_id=agreement_id, content=paper, kept_at=now)
            .on_conflict_do_nothing(index_elements=[AgreementPaper.agreement_id])
        )
        kept = agreements.paper(tx.session, agreement_id)
        assert kept is not None, "it was just inserted, or was there"
        return kept


def _told(session: Session, booking: Booking, agreement: Agreement, now: datetime) -> Json:
    waits = agreement.state in (State.DRAFT, State.SHOWN)
    outdated = waits and _is_outdated(session, booking, agreement, now)
    return agreement_papers.whole(agreement) | {"outdated": outdated}


def _is_outdated(session: Session, booking: Booking, agreement: Agreement, now: datetime) -> bool:
    return agreement_papers.is_outdated(agreement, _facts(session, booking, now))


def _facts(session: Session, booking: Booking, now: datetime) -> agreement_papers.Facts:
    lines = accounts.lines_of(session, booking.order_id)
    money = accounts.account(session, booking.order_id)
    return agreement_papers.facts(booking, lines, money, now)


def _check_placeholders(*texts: Mapping[str, str]) -> None:
    unknown = rules.unknown_placeholders(*texts)
    if unknown:
        raise PlaceholderUnknown(placeholders=unknown, errors=[_fault("/text", PlaceholderUnknown)])


def _fault(pointer: str, error: type[PlaceholderUnknown | SignatureUnusable]) -> Json:
    return {"pointer": pointer, "code": error.code, "message": dict(error.sentence)}


def _keep_text(
    tx: Transaction, template: AgreementTemplate, title: Json, text: Json, now: datetime
) -> AgreementTemplateVersion:
    newest = agreements.template_version(tx.session, template.id, template.version)
    if newest is not None and (newest.title, newest.text) == (title, text):
        return newest
    template.version += 1
    words = AgreementTemplateVersion(
        template_id=template.id,
        version=template.version,
        title=title,
        text=text,
        created_at=now,
    )
    tx.session.add(words)
    return words


def _template(template: AgreementTemplate, words: AgreementTemplateVersion) -> Json:
    return {
        "id": template.id,
        "name": template.name,
        "service_ids": template.service_ids,
        "package_ids": template.package_ids,
        "active": template.active,
        "version": template.version,
        "title": words.title,
        "text": words.text,
        "changed_at": template.changed_at,
    }


def _sold(session: Session, booking: Booking) -> set[UUID]:
    """Return what a booking was sold as: its service, and the package that it belongs to."""
    return {booking.service_id} | agreements.packages_of(session, booking.order_id)


def _fits(template: AgreementTemplate, sold: set[UUID]) -> bool:
    meant = {*template.service_ids, *template.package_ids}
    return template.active and (not meant or bool(meant & sold))


def _insert(
    tx: Transaction, booking: Booking, words: AgreementTemplateVersion, now: datetime
) -> None:
    """Fill in a template for a booking, unless it has that agreement already."""
    facts = _facts(tx.session, booking, now)
    tx.session.execute(
        insert(Agreement)
        .values(
            id=uuid6.uuid7(),
            booking_id=booking.id,
            order_id=booking.order_id,
            template_id=words.template_id,
            template_version=words.version,
            title=rules.fill(words.title, facts),
            text=rules.fill(words.text, facts),
            facts=facts,
            state=State.DRAFT,
            created_at=now,
            void_reason="",
        )
        .on_conflict_do_nothing(
            index_elements=[Agreement.booking_id, Agreement.template_id],
            index_where=Agreement.state != "void",
        )
    )


def _lock(
    tx: Transaction, links: Links, booking_id: UUID, access: steps.Access, agreement_id: UUID
) -> tuple[Booking, Agreement]:
    booking = steps.check_access(bookings.booking(tx.session, booking_id), access, links)
    agreement = agreements.lock_agreement_of(tx.session, booking_id, agreement_id)
    return booking, _seen(agreement, access)


def _visible(
    session: Session, booking: Booking, access: steps.Access, agreement_id: UUID
) -> Agreement:
    return _seen(agreements.agreement_of(session, booking.id, agreement_id), access)


def _seen(agreement: Agreement | None, access: steps.Access) -> Agreement:
    """Return an agreement to who may see it; one withdrawn unsigned is no affair of customers.

    Errors:  AgreementUnknown.
    """
    if agreement is None or not _may_see(agreement, access):
        raise AgreementUnknown()
    return agreement


def _may_see(agreement: Agreement, access: steps.Access) -> bool:
    withdrawn = agreement.state == State.VOID and agreement.signed_at is None
    return steps.is_staff(access) or not withdrawn


def _check_transition(agreement: Agreement, to: State) -> None:
    if to not in rules.MAY_BECOME[agreement.state]:
        raise AgreementStateRefused(state=str(agreement.state))
