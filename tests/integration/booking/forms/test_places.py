"""Where a submission belongs: its branch, the staff who see it, and what it may name."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts.errors import Forbidden, Invalid
from services.contracts.forms import FormFieldUnknown
from services.contracts.submissions import FORM_SUBMITTED, SubmissionUnknown
from tests.integration.booking.forms import test_surveys
from tests.integration.booking.forms.desk import BUND, HARBOUR, LI, WANG, Desk, ask, form_of, person
from tests.integration.booking.studio import BUND as STUDIO_BUND
from tests.integration.booking.studio import Studio

PHOTOGRAPHER = ask(
    "photographer",
    "resource",
    source={"kind": "resources", "resource_type": "photographer"},
    multiple=True,
)


@pytest.fixture
def form(desk: Desk) -> dict[str, Any]:
    desk.scheduling.people[HARBOUR].append(person(LI, "李雷"))
    return desk.published(form_of(ask("name"), PHOTOGRAPHER))


def branches(desk: Desk, form: dict[str, Any], **question: Any) -> list[str | None]:
    found = desk.found(form, **question)
    return [each["branch_id"] and str(each["branch_id"]) for each in found]


def test_what_comes_by_the_link_of_a_branch_belongs_to_it(desk: Desk, form: dict[str, Any]) -> None:
    code = desk.link(form, branch_id=HARBOUR)["code"]
    desk.submit(form, {"name": "林小满"}, code=code)
    assert branches(desk, form) == [HARBOUR]
    told = [each for each in desk.told() if each["type"] == FORM_SUBMITTED.type]
    assert told[0]["payload"]["branch_id"] == HARBOUR


@pytest.mark.parametrize(
    ("chosen", "branch"),
    [([LI], HARBOUR), ([WANG], None), ([LI, WANG], None), (None, None)],
)
def test_who_works_at_one_branch_says_which(
    desk: Desk, form: dict[str, Any], chosen: list[str] | None, branch: str | None
) -> None:
    desk.submit(form, {"name": "林小满", "photographer": chosen})
    assert branches(desk, form) == [branch]


def test_a_survey_belongs_to_the_branch_of_its_booking(studio: Studio) -> None:
    desk = Desk(studio.uow)
    survey = desk.published(test_surveys.STARS, kind="survey")
    asked = test_surveys.link(desk, survey, studio.request()["id"])
    desk.submit(survey, {"stars": 5}, code=asked["code"], token=asked["token"])
    assert branches(desk, survey) == [str(STUDIO_BUND)]


def test_staff_of_a_branch_see_theirs_and_what_belongs_to_none(
    desk: Desk, form: dict[str, Any]
) -> None:
    for branch in (BUND, HARBOUR, None):
        code = desk.link(form, branch_id=branch)["code"]
        desk.submit(form, {"name": "林小满"}, code=code)
    assert set(branches(desk, form)) == {BUND, HARBOUR, None}
    assert set(branches(desk, form, branch_ids=[BUND])) == {BUND, None}
    assert branches(desk, form, branch_id=HARBOUR) == [HARBOUR]
    assert branches(desk, form, branch_id=HARBOUR, branch_ids=[BUND]) == []
    assert len(desk.sheet(form, branch_ids=[BUND])["rows"]) == 2
    for each in desk.found(form):
        seen = each["branch_id"] in {None, UUID(BUND)}
        for attempt in (desk.submission, lambda id, b: desk.mark(id, "handled", b)):
            if seen:
                assert attempt(each["id"], [UUID(BUND)])["id"] == each["id"]
            else:
                with pytest.raises(SubmissionUnknown):
                    attempt(each["id"], [UUID(BUND)])


def test_staff_of_a_branch_make_links_for_no_other(desk: Desk, form: dict[str, Any]) -> None:
    theirs = desk.link(form, branch_id=BUND, branch_ids=[BUND])
    with pytest.raises(Forbidden):
        desk.link(form, branch_id=HARBOUR, branch_ids=[BUND])
    with pytest.raises(Forbidden):
        desk.link(form, link_id=str(theirs["id"]), branch_id=HARBOUR, branch_ids=[HARBOUR])
    links = desk.get(form["id"])["links"]
    assert {link["branch_id"] for link in links} == {None, UUID(BUND)}


# --- customers


def test_a_customer_who_is_named_must_exist(desk: Desk) -> None:
    form = desk.published(form_of(ask("customer", "customer"), ask("friend", "customer")))
    wang, nobody = str(uuid4()), str(uuid4())
    desk.crm.customers = {wang}
    desk.submit(form, {"customer": wang})
    for wrong in (nobody, "wang"):
        with pytest.raises(Invalid) as refused:
            desk.submit(form, {"customer": wang, "friend": wrong})
        (fault,) = refused.value.details["errors"]
        assert (fault["pointer"], fault["code"]) == ("/answers/friend", "form.customer_unknown")
    assert len(desk.stored()) == 1


def test_a_form_is_taken_while_nobody_can_say_who_is_a_customer(desk: Desk) -> None:
    form = desk.published(form_of(ask("customer", "customer")))
    desk.crm.is_away = True
    desk.submit(form, {"customer": str(uuid4())})
    assert len(desk.stored()) == 1


# --- long tables


@pytest.fixture
def pets(desk: Desk) -> dict[str, Any]:
    table = desk.published(form_of(ask("name"), ask("owner")), kind="table", public=True)
    for minute, name in enumerate(("旺财", "Lucky One", "来福")):
        desk.later(minutes=minute).row(table, {"name": name, "owner": "王小丽"})
    return table


@pytest.fixture
def walk(desk: Desk, pets: dict[str, Any]) -> dict[str, Any]:
    source = {"kind": "table", "table_id": str(pets["id"]), "label_field": "name"}
    return desk.published(form_of(ask("note"), ask("pet", "relation", source=source)))


def labels(page: dict[str, Any]) -> list[str]:
    return [each["label"]["zh"] for each in page["items"]]


def test_a_choice_is_found_by_what_it_is_called_and_by_nothing_else(
    desk: Desk, walk: dict[str, Any]
) -> None:
    code = walk["links"][0]["code"]
    assert labels(desk.searched(code, "pet")) == ["来福", "Lucky One", "旺财"]
    assert labels(desk.searched(code, "pet", q="福")) == ["来福"]
    assert labels(desk.searched(code, "pet", q="KYON")) == ["Lucky One"]
    assert labels(desk.searched(code, "pet", q="王小丽")) == [], "the owner is not to be found out"
    first = desk.searched(code, "pet", limit=2)
    rest = desk.searched(code, "pet", limit=2, cursor=first["next_cursor"])
    assert labels(first) + labels(rest) == ["来福", "Lucky One", "旺财"]
    assert rest["next_cursor"] is None


def test_only_fields_of_public_tables_are_searched(
    desk: Desk, walk: dict[str, Any], pets: dict[str, Any]
) -> None:
    code = walk["links"][0]["code"]
    for field in ("note", "owner"):
        with pytest.raises(FormFieldUnknown):
            desk.searched(code, field)
    (row, *_) = desk.rows(pets)
    desk.define(pets["definition"], form_id=pets["id"], kind="table", revision=1, public=False)
    with pytest.raises(FormFieldUnknown):
        desk.searched(code, "pet")
    assert desk.open(code)["options"] == {"pet": []}
    with pytest.raises(Invalid):
        desk.submit(walk, {"pet": str(row["id"])})


def test_a_list_that_goes_on_says_so(
    desk: Desk, walk: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = walk["links"][0]["code"]
    assert desk.open(code)["more"] == []
    monkeypatch.setattr("services.booking.usecases.forms.sources.MOST_CHOICES", 2)
    opened = desk.open(code)
    assert opened["more"] == ["pet"]
    assert [each["label"]["zh"] for each in opened["options"]["pet"]] == ["旺财", "Lucky One"]
