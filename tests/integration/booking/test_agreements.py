"""Contracts: drawn up for a booking, shown, signed once, sealed, and never changed again."""

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pypdf
import pytest
import sqlalchemy as sa

from services.booking import agreement_papers
from services.booking.models import Agreement
from services.booking.usecases import agreements
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
from services.contracts.booking import BookingUnknown, ManageTokenInvalid
from tests.integration.booking import test_packs
from tests.integration.booking.studio import FREE_SERVICE, HARBOUR, NOW, START, Studio, with_token

TEMPLATE = UUID(int=900)
LATER = START + timedelta(days=1)
STROKES = [[[100, 100], [300, 250], [500, 120]], [[520, 100], [640, 300]]]
TEXT = {
    "zh": "甲方：{{customer_name}}\n"
    "套餐：{{service_name}}，总价 {{price}}（{{price_in_words}}）。\n"
    "{{deposit_money}} {{deposit}}，尾款 {{balance}}。拍摄：{{starts_on}} {{starts_at}}。",
    "en": "Customer: {{customer_name}}. Price: {{price}}.",
}

FORGERIES = (
    "title = '{}'",
    "text = jsonb_set(text, '{zh}', '\"全免费\"')",
    "facts = facts || '{\"price\": {}}'",
    "strokes = '[[[0, 0], [900, 300]]]'",
    "signer_name = '李四'",
    "signed_at = signed_at - interval '1 microsecond'",
    "ip = '192.0.2.1'",
    "user_agent = ''",
    "order_id = gen_random_uuid()",
)
"""What somebody might like to change in a signed agreement."""


class Desk:
    """The verbs of agreements on one studio; by default as its customer."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.booking_id = studio.confirmed()
        self.customer = studio.customer(self.booking_id)
        self.staff = studio.staff()

    def define(self, template_id: UUID = TEMPLATE, **changes: Any) -> dict[str, Any]:
        template: dict[str, Any] = {
            "name": {"zh": "婚纱合同", "en": ""},
            "service_ids": [],
            "package_ids": [],
            "title": {"zh": "摄影服务合同", "en": "Agreement"},
            "text": TEXT,
            "active": True,
        }
        return agreements.define_agreement_template(
            uow=self.studio.uow, now=self.studio.now, template_id=template_id, **template | changes
        )

    def templates(self, booking_id: UUID | None = None) -> set[UUID]:
        """Those in use for a booking."""
        listed = agreements.list_agreement_templates(
            uow=self.studio.uow, booking_id=booking_id or self.booking_id
        )
        return {item["id"] for item in listed["items"]}

    def draw_up(self, template_id: UUID = TEMPLATE, **who: Any) -> dict[str, Any]:
        return agreements.draw_up_agreement(
            **self.telling, **self.asked(self.staff, who), template_id=template_id
        )

    def read(self, agreement_id: UUID, **who: Any) -> dict[str, Any]:
        return agreements.read_agreement(
            **self.telling, **self.asked(self.customer, who), agreement_id=agreement_id
        )

    def listed(self, **who: Any) -> list[UUID]:
        telling = {"uow": self.studio.uow, "links": self.studio.links}
        found = agreements.list_agreements(**telling, **self.asked(self.customer, who))
        return [item["id"] for item in found["items"]]

    def sign(self, agreement_id: UUID, **changes: Any) -> dict[str, Any]:
        signature: dict[str, Any] = {
            "signer_name": "王小明",
            "strokes": STROKES,
            "ip": "203.0.113.7",
            "user_agent": "WeChat/8.0",
        }
        who = {name: changes.pop(name) for name in ("access", "booking_id") if name in changes}
        return agreements.sign_agreement(
            **self.telling,
            **self.asked(self.customer, who),
            agreement_id=agreement_id,
            **signature | changes,
        )

    def void(self, agreement_id: UUID, reason: str = "客户换了套餐") -> dict[str, Any]:
        return agreements.void_agreement(
            **self.telling, **self.asked(self.staff, {}), agreement_id=agreement_id, reason=reason
        )

    def paper(self, agreement_id: UUID, **who: Any) -> str:
        made = agreements.print_agreement(
            **self.telling, **self.asked(self.customer, who), agreement_id=agreement_id
        )
        reader = pypdf.PdfReader(io.BytesIO(base64.b64decode(made["content"])))
        return "\n".join(page.extract_text() for page in reader.pages)

    def signed(self) -> UUID:
        """An agreement that is drawn up, shown and signed."""
        agreement_id: UUID = self.draw_up()["id"]
        self.read(agreement_id)
        self.sign(agreement_id)
        return agreement_id

    def execute(self, statement: str, **values: Any) -> None:
        with self.studio.uow.engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def asked(self, access: dict[str, Any], who: dict[str, Any]) -> dict[str, Any]:
        return {"booking_id": self.booking_id, "access": access} | who

    @property
    def telling(self) -> dict[str, Any]:
        return self.studio.telling


@pytest.fixture
def desk(studio: Studio) -> Desk:
    made = Desk(studio)
    made.define()
    return made


# --- templates


def test_a_template_that_names_what_nobody_knows_is_refused_and_not_kept(desk: Desk) -> None:
    with pytest.raises(PlaceholderUnknown) as refused:
        desk.define(text={"zh": "{{customer}} {{price", "en": ""})
    assert refused.value.details["placeholders"] == ["{{customer}}", "{{"]
    with pytest.raises(PlaceholderUnknown):
        agreements.preview_agreement(title={"zh": "{{nobody}}"}, text=TEXT)
    [kept] = agreements.list_agreement_templates(uow=desk.studio.uow, booking_id=None)["items"]
    assert (kept["version"], kept["text"]) == (1, TEXT)


def test_only_another_text_is_another_version_and_agreements_keep_theirs(desk: Desk) -> None:
    before = desk.draw_up()
    assert desk.define(name={"zh": "新名字", "en": ""})["version"] == 1
    changed = desk.define(text={"zh": "另一份 {{price}}", "en": ""})
    assert (changed["version"], changed["text"]["zh"]) == (2, "另一份 {{price}}")
    assert desk.draw_up() == before
    with pytest.raises(sa.exc.IntegrityError, match="append-only"):
        desk.execute("UPDATE agreement_template_version SET text = '{}'")


def test_templates_are_in_use_for_their_packages_while_they_are_active(desk: Desk) -> None:
    desk.define(UUID(int=901), service_ids=[FREE_SERVICE])
    desk.define(UUID(int=902), active=False)
    assert desk.templates() == {TEMPLATE}
    free = desk.studio.request("free", service_id=FREE_SERVICE, start=LATER)["id"]
    assert desk.templates(free) == {TEMPLATE, UUID(int=901)}
    for unfit in (UUID(int=901), UUID(int=902)):
        with pytest.raises(AgreementTemplateUnfit):
            desk.draw_up(unfit)
    with pytest.raises(AgreementTemplateUnknown):
        desk.draw_up(UUID(int=903))
    with pytest.raises(BookingUnknown):
        desk.templates(UUID(int=904))


def test_a_package_has_its_own_agreement_for_each_of_its_appointments(desk: Desk) -> None:
    of_package = {"zh": "{{order_title}}：\n{{items}}", "en": ""}
    desk.define(UUID(int=901), package_ids=[test_packs.GROWTH], text=of_package)
    desk.define(UUID(int=902), package_ids=[UUID(int=77)])
    desk.define(UUID(int=903), service_ids=[FREE_SERVICE], package_ids=[test_packs.GROWTH])
    first = test_packs.bought(desk.studio, start=LATER)
    second = test_packs.further(desk.studio, first)["id"]
    for sold in (first, second):
        assert desk.templates(sold) == {TEMPLATE, UUID(int=901), UUID(int=903)}
        drawn = desk.draw_up(UUID(int=901), booking_id=sold)
        assert drawn["text"]["zh"] == "宝宝成长套系：\n拍摄 × 1\n拍摄 × 2\n相册 × 1"
    assert desk.templates() == {TEMPLATE}, "sold alone, a service is no part of the package"


def test_a_preview_shows_a_word_for_each_placeholder() -> None:
    shown = agreements.preview_agreement(title={"zh": "合同"}, text={"zh": "{{customer_name}}"})
    assert shown["text"]["zh"] == "〔客户姓名〕"


# --- drawing up and showing


def test_an_agreement_is_filled_from_its_booking(desk: Desk) -> None:
    drawn = desk.draw_up()
    assert drawn["state"] == "draft"
    assert drawn["text"]["zh"] == (
        "甲方：李娜\n套餐：复古婚纱套系，总价 ¥3,999.00（人民币叁仟玖佰玖拾玖元整）。\n"
        "订金 ¥500.00，尾款 ¥3,499.00。拍摄：2026年11月7日 10:00。"
    )
    assert drawn["text"]["en"] == "Customer: 李娜. Price: ¥3,999.00."


def test_drawing_up_twice_gives_the_same_agreement_also_at_the_same_time(desk: Desk) -> None:
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: desk.draw_up()["id"], range(8)))
    assert len({*drawn, desk.draw_up()["id"]}) == 1
    assert desk.listed() == [drawn[0]]


def test_that_the_customer_has_seen_it_is_kept_and_staff_do_not_count(desk: Desk) -> None:
    agreement_id = desk.draw_up()["id"]
    assert desk.read(agreement_id, access=desk.staff)["state"] == "draft"
    with pytest.raises(AgreementStateRefused) as refused:
        desk.sign(agreement_id)
    assert refused.value.details == {"state": "draft"}
    first = desk.read(agreement_id)
    assert (first["state"], first["shown_at"]) == ("shown", desk.studio.now)
    desk.studio.now += timedelta(hours=1)
    assert desk.read(agreement_id)["shown_at"] == first["shown_at"]


def test_nobody_sees_the_agreement_of_a_booking_that_is_not_theirs(desk: Desk) -> None:
    agreement_id = desk.draw_up()["id"]
    desk.read(agreement_id)
    other = desk.studio.request("key-2", service_id=FREE_SERVICE, start=NOW + timedelta(days=6))
    others: dict[str, Any] = {
        "booking_id": other["id"],
        "access": desk.studio.customer(other["id"]),
    }
    assert desk.listed(**others) == []
    for ask in (desk.read, desk.paper, desk.sign):
        with pytest.raises(AgreementUnknown):
            ask(agreement_id, **others)
        with pytest.raises(ManageTokenInvalid):
            ask(agreement_id, access=with_token("forged"))
    for ask in (desk.read, desk.paper):
        with pytest.raises(BookingUnknown):
            ask(agreement_id, access=desk.studio.staff(HARBOUR))


# --- signing


def test_a_signature_is_kept_with_when_where_and_a_seal(desk: Desk) -> None:
    agreement_id = desk.draw_up()["id"]
    desk.read(agreement_id)
    signed = desk.sign(agreement_id, user_agent="x" * 1000)
    assert (signed["state"], signed["signed_at"]) == ("signed", desk.studio.now)
    assert (signed["signer_name"], signed["intact"]) == ("王小明", True)
    assert signed["signature_svg"].count("<polyline") == 2
    with desk.studio.uow.read() as session:
        kept = session.get_one(Agreement, agreement_id)
    assert (kept.ip, len(kept.user_agent or "")) == ("203.0.113.7", 300)
    [told] = desk.studio.facts("agreement.signed")
    assert told.payload["sha256"] == signed["sha256"] and len(signed["sha256"]) == 64


def test_a_signature_that_is_sent_again_signs_once(desk: Desk) -> None:
    agreement_id = desk.signed()
    first = desk.read(agreement_id)
    desk.studio.now += timedelta(minutes=5)
    assert desk.sign(agreement_id, ip="198.51.100.1") == first
    assert len(desk.studio.facts("agreement.signed")) == 1
    with pytest.raises(AgreementStateRefused):
        desk.sign(agreement_id, signer_name="李四")
    assert desk.read(agreement_id) == first


def test_of_many_signatures_at_once_one_is_taken(desk: Desk) -> None:
    agreement_id = desk.draw_up()["id"]
    desk.read(agreement_id)

    def sign(number: int) -> bool:
        try:
            return bool(desk.sign(agreement_id, signer_name=f"签名人{number}"))
        except AgreementStateRefused:
            return False

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(sign, range(8)))
    assert taken.count(True) == 1
    assert desk.read(agreement_id)["signer_name"] == f"签名人{taken.index(True)}"
    assert len(desk.studio.facts("agreement.signed")) == 1


def test_staff_do_not_sign_for_customers(desk: Desk) -> None:
    agreement_id = desk.draw_up()["id"]
    desk.read(agreement_id)
    with pytest.raises(SignerMustBeCustomer):
        desk.sign(agreement_id, access=desk.staff)


def test_what_is_no_signature_is_refused_and_nothing_is_written(desk: Desk) -> None:
    agreement_id = desk.draw_up()["id"]
    desk.read(agreement_id)
    far, flood = [[[0, 0], [400, 5_000]]], [[[n % 900, 0] for n in range(6_000)]]
    for strokes in ([], [[[5, 5]]], far, flood):
        with pytest.raises(SignatureUnusable) as refused:
            desk.sign(agreement_id, strokes=strokes)
        assert refused.value.details["errors"][0]["pointer"] == "/strokes"
    assert desk.read(agreement_id)["state"] == "shown"


# --- frozen


def test_the_database_refuses_to_change_what_is_signed(desk: Desk) -> None:
    agreement_id = desk.signed()
    for change in (
        *FORGERIES,
        "sha256 = 'f'",
        "state = 'shown', signed_at = NULL, signer_name = NULL, ip = NULL, user_agent = NULL,"
        " strokes = NULL, sha256 = NULL",
    ):
        with pytest.raises(sa.exc.IntegrityError, match="is kept as it is"):
            desk.execute(f"UPDATE agreement SET {change}")
    assert desk.read(agreement_id)["intact"] is True


def test_whoever_gets_around_the_database_is_found_out_by_the_seal(desk: Desk) -> None:
    agreement_id = desk.signed()
    desk.execute("ALTER TABLE agreement DISABLE TRIGGER USER")  # as its owner, who means harm
    desk.execute("CREATE TABLE original AS TABLE agreement")
    for change in FORGERIES:
        desk.execute(f"UPDATE agreement SET {change}")
        assert desk.read(agreement_id)["intact"] is False, change
        desk.execute("DELETE FROM agreement")
        desk.execute("INSERT INTO agreement TABLE original")
        assert desk.read(agreement_id)["intact"] is True


def test_the_database_refuses_to_delete_agreements(desk: Desk) -> None:
    desk.draw_up()
    for deletion in ("DELETE FROM agreement", "TRUNCATE agreement CASCADE"):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"):
            desk.execute(deletion)


def test_the_text_is_frozen_from_the_beginning(desk: Desk) -> None:
    desk.draw_up()
    with pytest.raises(sa.exc.IntegrityError, match="is kept as it is"):
        desk.execute("UPDATE agreement SET title = '{}'")


# --- voiding


def test_a_void_agreement_makes_room_for_another_and_stays_to_be_read(desk: Desk) -> None:
    agreement_id = desk.signed()
    void = desk.void(agreement_id)
    assert (void["state"], void["void_reason"], void["intact"]) == ("void", "客户换了套餐", True)
    with pytest.raises(AgreementStateRefused):
        desk.void(agreement_id)
    with pytest.raises(sa.exc.IntegrityError, match="is kept as it is"):
        desk.execute("UPDATE agreement SET state = 'signed', voided_at = NULL")
    again = desk.draw_up()["id"]
    assert desk.listed() == [agreement_id, again]
    assert "已作废" in desk.paper(agreement_id)


def test_what_was_withdrawn_unsigned_is_no_affair_of_the_customer(desk: Desk) -> None:
    agreement_id = desk.draw_up()["id"]
    desk.void(agreement_id)
    assert desk.listed() == []
    assert desk.listed(access=desk.staff) == [agreement_id]
    with pytest.raises(AgreementUnknown):
        desk.read(agreement_id)


# --- on paper


def test_the_paper_has_the_text_the_signature_and_its_proof(desk: Desk) -> None:
    agreement_id = desk.signed()
    paper = desk.paper(agreement_id)
    signed = desk.read(agreement_id)
    for words in (
        "摄影服务合同",
        "甲方：李娜",
        "Customer: 李娜.",
        "王小明",
        "2026-11-02 10:00:00 (Asia/Shanghai)",
        "203.0.113.7",
        "1 / ",
    ):
        assert words in paper
    assert signed["sha256"] in "".join(paper.split())
    assert desk.paper(agreement_id, access=desk.staff) == paper


def test_the_paper_of_a_signed_agreement_is_never_made_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement_id = desk.signed()
    with ThreadPoolExecutor(4) as pool:
        papers = {*pool.map(lambda _: desk.paper(agreement_id), range(8))}
    assert len(papers) == 1
    monkeypatch.setattr(agreement_papers, "SEALED", "another wording")
    desk.void(agreement_id)
    assert desk.paper(agreement_id) in papers
    with pytest.raises(sa.exc.IntegrityError, match="append-only"):
        desk.execute("UPDATE agreement_paper SET content = ''")


def test_what_no_longer_holds_is_not_signed(desk: Desk) -> None:
    agreement_id = desk.draw_up()["id"]
    assert desk.read(agreement_id)["outdated"] is False
    desk.studio.reschedule(desk.booking_id, START + timedelta(days=3), access=desk.staff)
    assert desk.read(agreement_id)["outdated"] is True
    with pytest.raises(AgreementOutdated):
        desk.sign(agreement_id)
    assert desk.read(agreement_id)["state"] == "shown"
    desk.void(agreement_id)
    again = desk.draw_up()["id"]
    desk.read(again)
    assert desk.sign(again)["outdated"] is False
    desk.studio.reschedule(desk.booking_id, START + timedelta(days=5), access=desk.staff)
    assert desk.read(again)["state"] == "signed", "what was signed stays what was agreed"


def test_the_paper_of_an_unsigned_agreement_says_so(desk: Desk) -> None:
    paper = desk.paper(desk.draw_up()["id"], access=desk.staff)
    assert "尚未签署" in paper and "SHA-256" not in paper
