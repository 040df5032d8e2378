"""Live data behind forms: the resources and the rows of data tables that their fields offer."""

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.booking.domain import answered
from services.booking.domain.forms.sentences import fault
from services.booking.models import FormVersion, TableRow
from services.booking.queries import answers as stored
from services.booking.queries import forms
from services.chassis.db import UnitOfWork

Field = Mapping[str, Any]
Definition = Mapping[str, Any]
Values = Mapping[str, Any]
Choices = dict[str, list[dict[str, Any]]]
"""{key of a field: [{"value": id, "label": {zh, en}}, …]}; a resource has its `branch_ids` too."""

MOST_CHOICES = 500
"""Rows that a page offers of one table; of a longer one the rest is searched (`search`). What is
sent is compared with all rows."""

RESOURCES_PAGE = 200


def offered(
    *, uow: UnitOfWork, scheduling: Any, definition: Definition, public: bool
) -> dict[str, Any]:
    """Return what the bound fields of a form offer now, as contracts.forms.ChoiceLists has it.

    Shapes:  `public` says that anybody may ask: then only tables that are public have rows to
             choose. `more` are the keys of fields whose table is longer than its list.
    """
    types = {_resource_type(field) for field in _bound(definition, "resources")}

    def rows_for(session: Session, field: Field) -> list[TableRow]:
        return stored.first_rows(session, _table_id(field), MOST_CHOICES + 1)

    found = _choices(uow, scheduling, definition, types, rows_for, public)
    tables = [field["key"] for field in _bound(definition, "table")]
    more = [key for key in tables if len(found[key]) > MOST_CHOICES]
    for key in more:
        found[key].pop()
    options = {
        key: [{"value": one["value"], "label": one["label"]} for one in several]
        for key, several in found.items()
    }
    return {"options": options, "more": more}


def offered_of(
    *, uow: UnitOfWork, scheduling: Any, definition: Definition, values: Values, public: bool
) -> Choices:
    """Return what the bound fields of a form offer now, as far as somebody's choice is about it.

    Shapes:  `values` is what was sent, unchecked. Resources are asked for only if some are chosen;
             of a table's rows there are only those chosen. `public` as for `offered`.
    """
    fields = _bound(definition, "resources")
    types = {_resource_type(field) for field in fields if _ids(values, field)}

    def rows_for(session: Session, field: Field) -> list[TableRow]:
        return stored.existing_rows(session, _table_id(field), uuids(_ids(values, field)))

    return _choices(uow, scheduling, definition, types, rows_for, public)


def search(
    session: Session, definition: Definition, *, field: str, **asked: Any
) -> tuple[list[dict[str, Any]], str | None] | None:
    """Return a page of what a field offers of a public table; None for a field that is none such.

    Shapes:  `asked` is q, cursor and limit.
    Errors:  Invalid for a cursor that is none.
    """
    tables = _tables(session, definition, public=True)
    bound = next((f for f in _bound(definition, "table") if f["key"] == field), None)
    table = None if bound is None else tables.get(_table_id(bound))
    if bound is None or table is None:
        return None
    key = bound["source"]["label_field"]
    rows, more = stored.choices_page(session, table.form_id, key=key, **asked)
    return [_choice(row, table, bound) for row in rows], more


def chosen_rows(definition: Definition, kept: Values) -> dict[str, list[UUID]]:
    """Return the rows that answers refer to, by the key of their field."""
    named = {field["key"]: uuids(_ids(kept, field)) for field in _bound(definition, "table")}
    return {key: ids for key, ids in named.items() if ids}


def branch_of(definition: Definition, kept: Values, choices: Choices) -> UUID | None:
    """Return the one branch at which everybody is who was chosen; None for none or several."""
    found = {
        branch
        for field in _bound(definition, "resources")
        for each in choices.get(field["key"], ())
        if each["value"] in _ids(kept, field)
        for branch in each["branch_ids"]
    }
    return UUID(found.pop()) if len(found) == 1 else None


def labels(definition: Definition, values: Values, choices: Choices) -> dict[str, Any]:
    """Return what the chosen ones of some choices are called, by their ids."""
    return {
        each["value"]: each["label"]
        for field in _bound(definition, "resources", "table")
        for each in choices.get(field["key"], ())
        if each["value"] in _ids(values, field)
    }


def row_labels(session: Session, definition: Definition, rows: list[TableRow]) -> dict[str, Any]:
    """Return what the rows to which some rows refer are called now."""
    tables, found = _tables(session, definition), {}
    for field in _bound(definition, "table"):
        table = tables.get(_table_id(field))
        ids = {id for row in rows for id in uuids(_ids(row.answers, field))}
        if table is not None and ids:
            for related in stored.existing_rows(session, table.form_id, ids):
                found[str(related.id)] = _label(related, table, field)
    return found


def table_faults(session: Session, definition: Definition, *, public: bool) -> list[dict[str, Any]]:
    """Return a fault for each field that is bound to what is no published data table, to a field
    that the table does not have, or, if the form is public, to a table that is not."""
    tables = _tables(session, definition)
    open_ones = _tables(session, definition, public=True) if public else tables
    return [
        fault(f"/fields/{position}/source", code)
        for position, field in enumerate(definition["fields"])
        if _is_bound(field, "table") and (code := _fault_of(field, tables, open_ones))
    ]


def _fault_of(
    field: Field, tables: Mapping[UUID, FormVersion], open_ones: Mapping[UUID, FormVersion]
) -> str | None:
    if not _has_label(field, tables):
        return "form.source"
    return None if _table_id(field) in open_ones else "form.table_not_public"


def _has_label(field: Field, tables: Mapping[UUID, FormVersion]) -> bool:
    table = tables.get(_table_id(field))
    return table is not None and _label_field(table, field) is not None


def _choices(
    uow: UnitOfWork,
    scheduling: Any,
    definition: Definition,
    types: Collection[str],
    rows_for: Callable[[Session, Field], list[TableRow]],
    public: bool,
) -> Choices:
    found: Choices = {}
    with uow.read() as session:
        tables = _tables(session, definition, public=public)
        for field in _bound(definition, "table"):
            table = tables.get(_table_id(field))
            found[field["key"]] = (
                [_choice(row, table, field) for row in rows_for(session, field)] if table else []
            )
    resources = _resources(scheduling, types)
    for field in _bound(definition, "resources"):
        if _resource_type(field) in resources:
            found[field["key"]] = resources[_resource_type(field)]
    return found


def _bound(definition: Definition, *kinds: str) -> list[Field]:
    """Return the fields that are bound to these kinds of sources."""
    return [field for field in definition["fields"] if _is_bound(field, *kinds)]


def _is_bound(field: Field, *kinds: str) -> bool:
    return field.get("source", {}).get("kind") in kinds


def _resource_type(field: Field) -> str:
    return str(field["source"]["resource_type"])


def _table_id(field: Field) -> UUID:
    """Return the table of a field; what is no id of a table is the id of none."""
    return next(iter(uuids([field["source"]["table_id"]])), UUID(int=0))


def _tables(
    session: Session, definition: Definition, *, public: bool = False
) -> dict[UUID, FormVersion]:
    ids = {_table_id(field) for field in _bound(definition, "table")}
    return forms.published_tables(session, ids, public_only=public) if ids else {}


def _ids(values: Values, field: Field) -> list[str]:
    """Return what was chosen in a field: one id, several, or something else, which is none."""
    value = values.get(field["key"])
    several = value if isinstance(value, list) else [value]
    return [each for each in several if isinstance(each, str)]


def uuids(texts: Collection[str]) -> list[UUID]:
    """Return those of some ids that are written as those of rows, uploads and customers are."""
    found = []
    for text in texts:
        try:
            id = UUID(text)
        except ValueError:
            continue
        if str(id) == text:
            found.append(id)
    return found


def _choice(row: TableRow, table: FormVersion, field: Field) -> dict[str, Any]:
    return {"value": str(row.id), "label": _label(row, table, field)}


def _label(row: TableRow, table: FormVersion, field: Field) -> dict[str, str]:
    named = _label_field(table, field)
    value = row.answers.get(field["source"]["label_field"])
    cells = (named and answered.cell(named, value, row.labels, each) for each in ("zh", "en"))
    zh, en = (str(each or "—") for each in cells)
    return {"zh": zh, "en": en}


def _label_field(table: FormVersion, field: Field) -> Field | None:
    key = field["source"]["label_field"]
    return next((each for each in table.definition["fields"] if each["key"] == key), None)


def _resources(scheduling: Any, types: Collection[str]) -> Choices:
    """Return by type the resources that customers may ask for by name, at every branch."""
    found: dict[str, dict[str, Any]] = {each: {} for each in types}
    branches = scheduling.list_branches()["items"] if types else []
    for branch in branches:
        for each in types:
            for id, name in _at_branch(scheduling, branch["id"], each).items():
                one = found[each].setdefault(id, {"value": id, "label": name, "branch_ids": []})
                one["branch_ids"].append(branch["id"])
    return {each: list(ones.values()) for each, ones in found.items()}


def _at_branch(scheduling: Any, branch_id: str, resource_type: str) -> dict[str, Any]:
    """Return the names of a branch's resources of one type, by their ids."""
    names: dict[str, Any] = {}
    cursor = None
    while True:
        page = scheduling.list_resources(
            branch_id=branch_id, resource_type=resource_type, limit=RESOURCES_PAGE, cursor=cursor
        )
        names |= {one["id"]: one["name"] for one in page["items"] if one["bookable_by_name"]}
        cursor = page["next_cursor"]
        if cursor is None:
            return names
