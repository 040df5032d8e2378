"""Forms over the wire, in JSON, by the running services."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.context import Context
from services.contracts.errors import Invalid
from services.contracts.forms import FormChanged, FormLinkUnknown
from tests.harness import Running
from tests.integration.booking.forms.desk import ask, form_of, words

Run = Callable[..., Running]

FORM, BRANCH, WANG = (str(uuid4()) for _ in range(3))
SOURCE = {"kind": "resources", "resource_type": "photographer"}
DEFINITION = form_of(
    ask("name", required=True), ask("photographer", "resource", source=SOURCE, required=True)
)


@pytest.fixture
def system(running: Run) -> Running:
    return running("scheduling", "booking")


@pytest.fixture
def booking(system: Running) -> Any:
    """Booking as a customer calls it, beside a studio with one photographer."""
    scheduling = system.call("scheduling")
    scheduling.define_branch(
        id=BRANCH,
        name=words("外滩店"),
        address=words("中山东一路 1 号"),
        phone="021",
        timezone="Asia/Shanghai",
        holiday_calendar="CN",
        hours=[{"weekday": 1, "opens": "09:00", "closes": "18:00"}],
    )
    scheduling.define_resource(
        id=WANG, branch_id=BRANCH, resource_type="photographer", name=words("王芳")
    )
    return system.call("booking", Context(actor={"kind": "customer", "id": None}))


def test_a_form_from_its_draft_to_the_sheet(booking: Any) -> None:
    about = {"kind": "booking", "name": words("客户预约"), "definition": DEFINITION}
    draft = booking.define_form(form_id=FORM, **about)
    form = booking.publish_form(form_id=FORM, revision=draft["revision"])
    code = form["links"][0]["code"]
    assert [each["id"] for each in booking.list_forms()["items"]] == [FORM]
    assert booking.get_form(form_id=FORM) == form

    opened = booking.open_form(code=code)
    assert opened["options"]["photographer"] == [{"value": WANG, "label": words("王芳")}]
    assert booking.visit_form(code=code, step="view", visitor="visitor-1") == {"counted": True}
    answers = {"name": "王小丽", "photographer": WANG}
    sent = {"code": code, "version": 1, "idempotency_key": "k-1"}
    submitted = booking.submit_form(answers=answers, **sent)
    assert booking.submit_form(answers=answers, **sent) == submitted

    found = booking.list_submissions(form_id=FORM, where={"photographer": WANG})["items"]
    assert [each["id"] for each in found] == [submitted["submission_id"]]
    sheet = booking.export_submissions(form_id=FORM)
    assert sheet["rows"][0][-2:] == ["王小丽", "王芳"]
    detail = booking.get_submission(submission_id=submitted["submission_id"])
    assert detail["definition"] == DEFINITION
    marked = booking.mark_submission(submission_id=submitted["submission_id"], status="handled")
    assert marked["status"] == "handled"


def test_a_data_table_and_its_rows(booking: Any) -> None:
    table, row = str(uuid4()), {"row_id": str(uuid4())}
    definition = form_of(ask("name", required=True), ask("photographer", "resource", source=SOURCE))
    booking.define_form(form_id=table, kind="table", name=words("客户"), definition=definition)
    booking.publish_form(form_id=table, revision=1)
    assert booking.list_choices(form_id=table)["options"]["photographer"][0]["value"] == WANG
    answers = {"name": "王小丽", "photographer": WANG}
    made = booking.define_row(form_id=table, answers=answers, **row)
    assert made["labels"] == {WANG: words("王芳")}
    assert booking.get_row(form_id=table, **row) == made
    assert booking.delete_row(form_id=table, **row)["deleted_at"]
    assert booking.list_rows(form_id=table)["items"] == []
    assert booking.list_rows(form_id=table, deleted=True)["items"][0]["id"] == row["row_id"]
    assert booking.restore_row(form_id=table, **row) == made


def test_what_is_wrong_arrives_as_it_was_said(booking: Any) -> None:
    about = {"kind": "other", "name": words("调查"), "definition": DEFINITION}
    booking.define_form(form_id=FORM, **about)
    with pytest.raises(FormChanged) as changed:
        booking.define_form(form_id=FORM, **about | {"name": words("别的")}, revision=4)
    assert changed.value.details == {"revision": 1}
    with pytest.raises(FormLinkUnknown):
        booking.open_form(code="nothing")
    form = booking.publish_form(form_id=FORM, revision=1)
    with pytest.raises(Invalid) as refused:
        booking.submit_form(
            code=form["links"][0]["code"], version=1, answers={}, idempotency_key="k"
        )
    found = {fault["pointer"] for fault in refused.value.details["errors"]}
    assert found == {"/answers/name", "/answers/photographer"}
