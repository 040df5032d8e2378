"""Forms as customers meet them: opened, seen, begun and sent, once and in the version they saw."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.booking.usecases.forms import answering
from services.contracts.errors import Invalid, KeyReused
from services.contracts.forms import (
    FormClosed,
    FormLinkUnknown,
    FormNotPublished,
    FormOutdated,
    SurveyTokenInvalid,
)
from tests.integration.booking.forms.desk import (
    ANSWERS,
    BOOKING_FORM,
    LI,
    NOW,
    WANG,
    Desk,
    ask,
    form_of,
    person,
    together,
    words,
)

PHOTOGRAPHER = {"kind": "resources", "resource_type": "photographer"}
WITH_PHOTOGRAPHER = form_of(ask("photographer", "resource", source=PHOTOGRAPHER))


def code_of(form: dict[str, Any]) -> str:
    return str(form["links"][0]["code"])


def pointers(refused: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {fault["pointer"]: fault["code"] for fault in refused.value.details["errors"]}


# --- opening


def test_whoever_has_the_code_sees_the_published_form(desk: Desk) -> None:
    form = desk.published()
    desk.define(form_of(ask("draft")), form_id=form["id"], revision=1)
    opened = desk.open(code_of(form).upper())
    assert (opened["version"], opened["definition"], opened["options"]) == (1, BOOKING_FORM, {})


def test_a_photographer_who_comes_is_offered_at_once_and_only_by_name(desk: Desk) -> None:
    form = desk.published(WITH_PHOTOGRAPHER)
    wang = {"value": WANG, "label": words("王芳")}
    assert desk.open(code_of(form))["options"] == {"photographer": [wang]}
    people = next(iter(desk.scheduling.people.values()))
    people.append(person(LI, "李雷"))
    offered = desk.open(code_of(form))["options"]["photographer"]
    assert [each["value"] for each in offered] == [WANG, LI]


def test_a_change_of_the_form_is_live_at_once(desk: Desk) -> None:
    form = desk.published()
    other = form_of(ask("wish", "paragraph"))
    desk.changed(form, other)
    assert desk.open(code_of(form))["definition"] == other


def test_an_unknown_code_opens_nothing(desk: Desk) -> None:
    desk.published()
    for code in ("nothing1", "x", "'; --"):
        with pytest.raises(FormLinkUnknown):
            desk.open(code)
        with pytest.raises(FormLinkUnknown):
            desk.visit(code)


@pytest.mark.parametrize(
    "about", [{"disabled": True}, {"expires_at": (NOW + timedelta(hours=1)).isoformat()}]
)
def test_a_link_that_is_shut_takes_nothing_while_the_others_do(
    desk: Desk, about: dict[str, Any]
) -> None:
    form = desk.published()
    link = desk.link(form, **about)
    after = desk.later(hours=1)
    for attempt in (
        lambda: after.open(link["code"]),
        lambda: after.visit(link["code"]),
        lambda: after.submit(form, code=link["code"]),
    ):
        with pytest.raises(FormClosed):
            attempt()
    assert after.submit(form)["version"] == 1
    assert len(desk.stored()) == 1


def test_a_form_that_is_not_active_takes_nothing(desk: Desk) -> None:
    form = desk.published()
    desk.define(form_id=form["id"], active=False)
    with pytest.raises(FormClosed):
        desk.submit(form)
    assert desk.stored() == []


def test_a_link_made_before_the_form_is_published_leads_nowhere_yet(desk: Desk) -> None:
    link = desk.link(desk.define())
    with pytest.raises(FormNotPublished):
        desk.open(link["code"])


# --- submitting


def test_what_was_sent_is_kept_and_told(desk: Desk) -> None:
    form = desk.published()
    sent = desk.submit(form)
    (stored,) = desk.stored()
    assert stored.id == sent["submission_id"]
    assert stored.answers == ANSWERS | {"phone": "+8613800001111"}
    assert (stored.contact_name, stored.contact_phone) == ("王小丽", "+8613800001111")
    assert (stored.version, stored.channel, stored.status) == (1, "web", "new")
    (fact,) = desk.told()
    assert (fact["type"], fact["subject"]) == ("form.submitted", str(stored.id))
    assert fact["payload"]["contact"] == {"name": "王小丽", "phone": "+8613800001111"}
    assert fact["payload"]["form_name"] == words("客户预约", "Booking request")


def test_a_replayed_submit_writes_once(desk: Desk) -> None:
    form = desk.published()
    answers = together(*[lambda: desk.submit(form, key="one key")] * 8)
    assert all(answer == answers[0] for answer in answers)
    assert desk.later(days=9).submit(form, key="one key") == answers[0]
    assert len(desk.stored()) == len(desk.told()) == 1
    assert desk.counts(form, "2026-11-02", "2026-11-02")[0]["submits"] == 1


def test_a_key_is_not_used_for_other_answers(desk: Desk) -> None:
    form = desk.published()
    desk.submit(form, key="one key")
    with pytest.raises(KeyReused):
        desk.submit(form, ANSWERS | {"name": "别人"}, key="one key")
    assert len(desk.stored()) == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": ""}, {"/answers/name": "form.required"}),
        ({"name": None}, {"/answers/name": "form.required"}),
        ({"phone": "123"}, {"/answers/phone": "form.phone"}),
        ({"service": "newborn"}, {"/answers/service": "form.option"}),
        ({"service": "wedding"}, {"/answers/groom": "form.required"}),
        (
            {"name": "", "service": ""},
            {"/answers/name": "form.required", "/answers/service": "form.required"},
        ),
    ],
)
def test_a_wrong_answer_is_refused_with_its_place_and_nothing_is_written(
    desk: Desk, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    form = desk.published()
    with pytest.raises(Invalid) as refused:
        desk.submit(form, ANSWERS | changes, key="one key")
    assert pointers(refused) == expected
    assert (desk.stored(), desk.told()) == ([], [])
    assert desk.counts(form, "2026-11-02", "2026-11-02") == []
    assert desk.submit(form, key="one key")["version"] == 1


def test_an_answer_of_the_wrong_type_is_refused(desk: Desk) -> None:
    form = desk.published()
    with pytest.raises(Invalid) as refused:
        desk.submit(form, ANSWERS | {"name": {"first": "小丽"}})
    assert set(pointers(refused)) == {"/answers/name"}


def test_a_required_field_that_is_hidden_does_not_stand_in_the_way(desk: Desk) -> None:
    form = desk.published()
    desk.submit(form, ANSWERS | {"groom": "没有人"})
    assert "groom" not in desk.stored()[0].answers
    desk.submit(form, ANSWERS | {"service": "wedding", "groom": "李雷"})
    assert desk.stored()[1].answers["groom"] == "李雷"


def test_what_the_form_does_not_ask_is_not_kept(desk: Desk) -> None:
    form = desk.published()
    desk.submit(form, ANSWERS | {"is_admin": True})
    assert "is_admin" not in desk.stored()[0].answers


def test_only_who_is_there_can_be_chosen_and_keeps_the_name_of_that_day(desk: Desk) -> None:
    form = desk.published(WITH_PHOTOGRAPHER)
    for wrong in (LI, "no id at all"):
        with pytest.raises(Invalid) as refused:
            desk.submit(form, {"photographer": wrong})
        assert set(pointers(refused)) == {"/answers/photographer"}
    desk.submit(form, {"photographer": WANG})
    (stored,) = desk.stored()
    assert stored.labels == {WANG: words("王芳")}
    assert [each["id"] for each in desk.found(form, q="王芳")] == [stored.id]


def test_a_row_of_a_data_table_can_be_chosen_until_it_is_deleted(desk: Desk) -> None:
    pets = desk.published(form_of(ask("name")), kind="table", public=True)
    row = desk.row(pets, {"name": "旺财"})
    source = {"kind": "table", "table_id": str(pets["id"]), "label_field": "name"}
    form = desk.published(form_of(ask("pet", "relation", source=source)))
    offered = [{"value": str(row["id"]), "label": {"zh": "旺财", "en": "旺财"}}]
    assert desk.open(code_of(form))["options"] == {"pet": offered}
    desk.submit(form, {"pet": str(row["id"])})
    for wrong in (str(uuid4()), "旺财", str(row["id"]).upper()):
        with pytest.raises(Invalid):
            desk.submit(form, {"pet": wrong})
    desk.delete(pets, row)
    assert desk.open(code_of(form))["options"] == {"pet": []}
    with pytest.raises(Invalid):
        desk.submit(form, {"pet": str(row["id"])})
    assert len(desk.stored()) == 1


# --- versions


def test_who_was_filling_in_the_old_version_may_finish(desk: Desk) -> None:
    old = desk.published()
    new = desk.later(minutes=1).changed(old, form_of(ask("wish", required=True)))
    assert desk.later(hours=1).submit(old)["version"] == 1
    assert desk.later(hours=1).submit(new, {"wish": "海边"})["version"] == 2
    with pytest.raises(FormOutdated) as refused:
        desk.later(days=2).submit(old)
    assert refused.value.details == {"version": 2}
    assert [each.version for each in desk.stored()] == [1, 2]


def test_a_version_that_never_was_is_outdated(desk: Desk) -> None:
    form = desk.published()
    with pytest.raises(FormOutdated):
        desk.submit(form, version=7)


def test_old_submissions_keep_their_version(desk: Desk) -> None:
    form = desk.published()
    sent = desk.submit(form)
    desk.changed(form, form_of(ask("wish")))
    detail = desk.submission(sent["submission_id"])
    assert (detail["version"], detail["definition"]) == (1, BOOKING_FORM)


# --- counts


def test_a_visitor_counts_once_a_day_for_each_step(desk: Desk) -> None:
    form = desk.published()
    code = code_of(form)
    assert [desk.visit(code), desk.visit(code), desk.visit(code, "start")] == [True, False, True]
    assert desk.visit(code, visitor="visitor-2")
    # 2026-11-02 16:00 UTC is midnight in Shanghai.
    assert not desk.later(hours=13, minutes=59).visit(code)
    assert desk.later(hours=14).visit(code)
    days = desk.counts(form, "2026-11-01", "2026-11-30")
    figures = [(str(each["day"]), each["views"], each["starts"]) for each in days]
    assert figures == [("2026-11-02", 2, 1), ("2026-11-03", 1, 0)]


def test_every_link_counts_for_itself(desk: Desk) -> None:
    form = desk.published()
    poster = desk.link(form)
    desk.visit(poster["code"])
    desk.submit(form, code=poster["code"])
    desk.visit(code_of(form))
    days = desk.counts(form, "2026-11-02", "2026-11-02")
    figures = {each["channel"]: (each["views"], each["submits"]) for each in days}
    assert figures == {"web": (1, 0), "poster": (1, 1)}


def test_visitors_who_come_at_once_are_all_counted(desk: Desk) -> None:
    form = desk.published()
    visits = [lambda n=n: desk.visit(code_of(form), visitor=f"visitor-{n % 4}") for n in range(12)]
    assert sum(together(*visits)) == 4
    assert desk.counts(form, "2026-11-02", "2026-11-02")[0]["views"] == 4


def test_visitors_are_forgotten_when_their_day_is_over_and_the_counts_stay(desk: Desk) -> None:
    form = desk.published()
    desk.visit(code_of(form))
    answering.forget_visitors(uow=desk.uow, now=NOW)
    assert not desk.visit(code_of(form))
    answering.forget_visitors(uow=desk.uow, now=NOW + timedelta(days=4))
    assert desk.visit(code_of(form)), "only the test goes back in time"
    assert desk.counts(form, "2026-11-02", "2026-11-02")[0]["views"] == 2


@pytest.mark.parametrize(
    ("from_", "to"), [("2026-11-02", "2026-11-01"), ("2026-01-01", "2026-12-31")]
)
def test_counts_are_asked_for_days_in_order_and_not_too_many(
    desk: Desk, from_: str, to: str
) -> None:
    with pytest.raises(Invalid) as refused:
        desk.counts(desk.published(), from_, to)
    assert set(pointers(refused)) == {"/to"}


def test_a_token_that_nobody_signed_opens_no_survey(desk: Desk) -> None:
    form = desk.published(kind="survey")
    other = desk.links.survey_token(uuid4(), uuid4())
    for token in ("", "nonsense", "ü", other, desk.links.survey_token(form["id"], uuid4())):
        with pytest.raises(SurveyTokenInvalid):
            desk.open(code_of(form), token)
        with pytest.raises(SurveyTokenInvalid):
            desk.submit(form, token=token)
    assert desk.stored() == []
