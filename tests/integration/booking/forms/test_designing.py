"""Drafts that several people edit, versions that stay, and links that share them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from services.contracts.errors import Invalid
from services.contracts.forms import (
    FormChanged,
    FormFaulty,
    FormKindFixed,
    FormLinkUnknown,
    FormUnknown,
    TableNotShared,
    TooManyFormLinks,
)
from tests.integration.booking.forms.desk import (
    BOOKING_FORM,
    NOW,
    Desk,
    ask,
    form_of,
    show,
    together,
    words,
)

SHORT = form_of(ask("name"))
CIRCLE = form_of(
    ask("one"), ask("two"), rules=[show("one", {"var": "two"}), show("two", {"var": "one"})]
)


def test_a_draft_shows_nobody_anything_until_it_is_published(desk: Desk) -> None:
    form = desk.define()
    assert (form["revision"], form["published_version"], form["links"]) == (1, None, [])
    live = desk.publish(form)
    assert (live["published_version"], live["published_revision"]) == (1, 1)
    (link,) = live["links"]
    assert link["channel"] == "web"
    assert link["short_url"] == f"https://studio.example/f/{link['code']}"
    assert link["url"].endswith(f"?code={link['code']}")
    assert f'data-yingqi-form="{link["code"]}"' in link["embed_html"]


def test_a_name_cannot_break_out_of_what_is_embedded(desk: Desk) -> None:
    form = desk.published(name=words('"><script>alert(1)</script>'))
    assert "<script>alert" not in form["links"][0]["embed_html"]


def test_a_draft_that_somebody_else_has_changed_is_not_overwritten(desk: Desk) -> None:
    form = desk.define()
    desk.define(SHORT, form_id=form["id"], revision=1)
    with pytest.raises(FormChanged) as refused:
        desk.define(form_of(ask("other")), form_id=form["id"], revision=1)
    assert refused.value.details == {"revision": 2}
    with pytest.raises(FormChanged):
        desk.define(form_of(ask("other")), form_id=form["id"])
    assert desk.get(form["id"])["definition"] == SHORT


def test_a_draft_that_is_sent_again_is_saved_once(desk: Desk) -> None:
    form = desk.define()
    assert desk.define(form_id=form["id"])["revision"] == 1
    for _ in range(2):
        assert desk.define(SHORT, form_id=form["id"], revision=1)["revision"] == 2


def test_a_form_of_nobody_cannot_be_changed(desk: Desk) -> None:
    with pytest.raises(FormUnknown):
        desk.define(revision=3)
    with pytest.raises(FormUnknown):
        desk.publish({"id": uuid4(), "revision": 1})
    with pytest.raises(FormUnknown):
        desk.get(uuid4())


def test_a_form_keeps_its_kind(desk: Desk) -> None:
    form = desk.define()
    with pytest.raises(FormKindFixed):
        desk.define(form_id=form["id"], revision=1, kind="survey")


def test_fields_that_depend_on_each_other_are_refused_even_in_a_draft(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        desk.define(CIRCLE)
    (fault,) = refused.value.details["errors"]
    assert (fault["pointer"], fault["code"]) == ("/definition/rules", "form.cycle")
    assert desk.page_of_forms() == []


def test_a_draft_may_be_unfinished_but_is_not_published_so(desk: Desk) -> None:
    form = desk.define(form_of(ask("day", "no such kind")))
    assert [fault["pointer"] for fault in form["faults"]] == ["/fields/0/kind"]
    with pytest.raises(FormFaulty) as refused:
        desk.publish(form)
    assert refused.value.details["errors"][0]["pointer"] == "/definition/fields/0/kind"
    assert desk.get(form["id"])["published_version"] is None


def test_a_form_bound_to_a_table_that_is_not_there_is_not_published(desk: Desk) -> None:
    for table_id, label in ((uuid4(), "name"), (uuid4(), "other")):
        source = {"kind": "table", "table_id": str(table_id), "label_field": label}
        form = desk.define(form_of(ask("pet", "relation", source=source)))
        with pytest.raises(FormFaulty) as refused:
            desk.publish(form)
        assert refused.value.details["errors"][0]["pointer"] == "/definition/fields/0/source"


def test_a_form_bound_to_a_field_that_its_table_has_not_is_not_published(desk: Desk) -> None:
    table = desk.published(SHORT, kind="table", public=True)
    source = {"kind": "table", "table_id": str(table["id"]), "label_field": "colour"}
    form = desk.define(form_of(ask("pet", "relation", source=source)))
    with pytest.raises(FormFaulty):
        desk.publish(form)
    right = form_of(ask("pet", "relation", source=source | {"label_field": "name"}))
    assert desk.changed(form, right)["published_version"] == 1


def test_only_the_draft_that_was_seen_is_published(desk: Desk) -> None:
    form = desk.define()
    desk.define(SHORT, form_id=form["id"], revision=1)
    with pytest.raises(FormChanged):
        desk.publish(form)


def test_a_draft_that_is_published_twice_is_one_version(desk: Desk) -> None:
    form = desk.define()
    first, *others = together(*[lambda: desk.publish(form)] * 6)
    assert first["published_version"] == 1
    assert all(other == first for other in others)


def test_everybody_who_publishes_at_once_makes_a_version_of_their_own(desk: Desk) -> None:
    form = desk.define()

    def editor(name: str) -> tuple[int, dict[str, Any]]:
        mine = form_of(ask("name", help=words(name)))
        while True:
            seen = desk.get(form["id"])
            try:
                live = desk.changed(seen, mine)
            except FormChanged:
                continue
            return live["published_version"], mine

    made = together(*[lambda n=n: editor(f"edit {n}") for n in range(6)])
    assert sorted(number for number, _ in made) == [1, 2, 3, 4, 5, 6]
    with desk.uow.read() as session:
        rows = session.execute(sa.text("SELECT number, definition FROM form_version")).all()
    assert {row.number: row.definition for row in rows} == dict(made)


@pytest.mark.parametrize(
    "change", ["UPDATE form_version SET number = 9", "DELETE FROM form_version"]
)
def test_a_version_never_changes(desk: Desk, change: str) -> None:
    desk.published()
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), desk.uow.begin() as tx:
        tx.session.execute(sa.text(change))


def test_forms_are_listed_in_pages_and_by_kind(desk: Desk) -> None:
    made = [desk.later(minutes=n).define(kind=kind) for n, kind in enumerate(("booking", "table"))]
    page = desk.listed(limit=1)
    assert [item["id"] for item in page["items"]] == [made[1]["id"]]
    rest = desk.listed(limit=1, cursor=page["next_cursor"])
    assert [item["id"] for item in rest["items"]] == [made[0]["id"]]
    assert rest["next_cursor"] is None
    assert [item["id"] for item in desk.page_of_forms(kind="table")] == [made[1]["id"]]
    with pytest.raises(Invalid):
        desk.listed(cursor="nonsense")


def test_forms_are_found_by_name_and_by_what_became_of_them(desk: Desk) -> None:
    draft = desk.define(name=words("样片征集 100%", "Model call"))
    live = desk.published(name=words("客户预约"))
    archived = desk.define(kind="other", active=False)

    def found(**question: Any) -> list[Any]:
        return [item["id"] for item in desk.listed(**question)["items"]]

    assert found(state="draft") == [draft["id"]]
    assert found(state="published") == [live["id"]]
    assert found(state="archived") == [archived["id"]]
    assert found(q="MODEL") == found(q="0%") == [draft["id"]]
    assert found(q="%") == [draft["id"]], "a sign of the database is a sign of a name"
    assert found(q="预约", state="draft") == []
    table = desk.define(kind="table")
    assert table["id"] in found()
    assert table["id"] not in found(without_tables=True)


def test_a_list_says_what_all_links_of_a_form_have_brought(desk: Desk) -> None:
    form = desk.published()
    desk.visit(form["links"][0]["code"])
    desk.visit(desk.link(form)["code"], "start")
    desk.submit(form)
    desk.later(days=1).submit(form)
    (item,) = desk.listed()["items"]
    assert (item["views"], item["starts"], item["submits"]) == (1, 1, 2)
    assert desk.get(form["id"])["submits"] == 2


def test_a_form_tells_its_versions_the_newest_first(desk: Desk) -> None:
    form = desk.later(days=1).changed(desk.published(), SHORT)
    assert [(one["number"], one["revision"]) for one in form["versions"]] == [(2, 2), (1, 1)]
    assert form["versions"][1]["published_at"] == NOW


def test_only_a_data_table_can_be_public(desk: Desk) -> None:
    with pytest.raises(Invalid) as refused:
        desk.define(kind="booking", public=True)
    assert [fault["pointer"] for fault in refused.value.details["errors"]] == ["/public"]
    desk.define(kind="booking")
    with pytest.raises(sa.exc.IntegrityError, match="form_public_check"), desk.uow.begin() as tx:
        tx.session.execute(sa.text("UPDATE form SET public = true"))


def test_a_form_for_customers_is_bound_to_public_tables_only(desk: Desk) -> None:
    table = desk.published(SHORT, kind="table")
    source = {"kind": "table", "table_id": str(table["id"]), "label_field": "name"}
    bound = form_of(ask("note"), ask("pet", "relation", source=source))
    form = desk.define(bound)
    with pytest.raises(FormFaulty) as refused:
        desk.publish(form)
    (fault,) = refused.value.details["errors"]
    assert fault["pointer"] == "/definition/fields/1/source"
    assert fault["code"] == "form.table_not_public"
    assert desk.published(bound, kind="table")["published_version"] == 1, "staff fill it in"
    desk.define(SHORT, form_id=table["id"], kind="table", revision=1, public=True)
    assert desk.publish(form)["published_version"] == 1


def test_each_channel_has_a_code_that_stays(desk: Desk) -> None:
    form = desk.published()
    link = desk.link(form, label="外滩海报", channel="poster")
    again = desk.link(form, link_id=str(link["id"]), label="新海报", disabled=True)
    assert again["code"] == link["code"] != form["links"][0]["code"]
    assert (again["label"], again["disabled"]) == ("新海报", True)
    assert len(desk.get(form["id"])["links"]) == 2


def test_a_link_belongs_to_one_form(desk: Desk) -> None:
    link = desk.link(desk.published())
    with pytest.raises(FormLinkUnknown):
        desk.link(desk.published(), link_id=str(link["id"]))
    with pytest.raises(FormUnknown):
        desk.link({"id": uuid4()})
    with pytest.raises(TableNotShared):
        desk.link(desk.published(SHORT, kind="table"))


def test_a_link_made_by_two_at_once_is_one(desk: Desk) -> None:
    form, link_id = desk.published(), str(uuid4())
    made = together(*[lambda: desk.link(form, link_id=link_id)] * 6)
    assert all(link == made[0] for link in made)
    assert len(desk.get(form["id"])["links"]) == 2


def test_a_form_has_so_many_links_and_no_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.booking.usecases.forms.sharing.MOST_LINKS", 2)
    form = desk.published()
    made = together(*[lambda: desk.link(form)] * 3)
    assert sum(isinstance(link, dict) for link in made) == 1
    assert all(isinstance(link, dict | TooManyFormLinks) for link in made)


@pytest.mark.parametrize("channel", ["", "Poster", "海报", "a b", "x" * 33])
def test_a_channel_is_a_word(desk: Desk, channel: str) -> None:
    form = desk.published()
    with pytest.raises(Invalid):
        desk.link(form, channel=channel)


def test_whoever_closes_a_form_closes_it_at_once(desk: Desk) -> None:
    form = desk.published()
    closed = desk.define(form_id=form["id"], revision=form["revision"], active=False)
    assert (closed["active"], closed["revision"]) == (False, form["revision"])
    assert desk.get(form["id"])["changed_at"] == NOW
    assert desk.later(days=1).define(BOOKING_FORM, form_id=form["id"])["active"]
    assert desk.get(form["id"])["changed_at"] - NOW == timedelta(0)
