"""The state of a form: one pure function of a definition and values, here and in the browser.

A field is shown when its section is shown, one of its show rules holds (if it has any) and no hide
rule does. What is hidden is not required, has no errors, and loses its value unless the field says
`keep_when_hidden`; rules read a lost value as null. A default stands in while a field was never
touched: a value that was taken back (null or "") stays away. A kind `hidden` field is never seen,
but its value is kept.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from services.booking.domain.forms import kinds, logic
from services.booking.domain.forms.reads import order
from services.booking.domain.forms.sentences import Fault, fault

TODAY = "$today"
"""What rules call the date at the branch."""


@dataclass(slots=True)
class FieldState:
    """What a person sees of one field."""

    visible: bool
    required: bool
    value: Any
    errors: list[Fault]


@dataclass(slots=True)
class State:
    """Shapes:  values = what is kept of the answers, by key; errors as in a problem document."""

    fields: dict[str, FieldState] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """One field, ready to be evaluated."""

    key: str
    kind: str
    section: str | None
    is_required: bool
    is_kept: bool
    shape: kinds.Shape
    limits: list[tuple[kinds.Limit, Fault]]
    listed: frozenset[str] | None
    paths: frozenset[tuple[str, ...]] | None
    is_bound: bool
    default: Any
    needed: Fault
    gone: Fault
    show: list[logic.Rule]
    hide: list[logic.Rule]
    require: list[logic.Rule]
    compute: logic.Rule | None
    start: logic.Rule | None
    checks: list[tuple[logic.Rule, Fault]]


@dataclass(slots=True)
class Form:
    """A definition that is ready to be evaluated: `fields` as written, `order` by dependency."""

    fields: list[Plan]
    order: list[Plan]
    checks: list[tuple[logic.Rule, Fault]]


def state(
    definition: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    options: Mapping[str, Sequence[Any]] | None = None,
    today: str | None = None,
) -> State:
    """Compute visibility, requiredness, values and errors of every field.

    Shapes:  definition has passed `definition.check`; values may be anything.
             options = the live choices of bound fields, {key: ["id", …] or [{"value": "id"}, …]};
             a bound field that is not among them is not compared with any.
             today = "2027-05-01", the branch's date, for rules that read `$today`.
    """
    return evaluate(compiled(definition), values, options=options, today=today)


def compiled(definition: Mapping[str, Any]) -> Form:
    """Return a definition ready to be evaluated; one with the same content is compiled once."""
    return _compiled(json.dumps(definition, ensure_ascii=False, separators=(",", ":")))


@lru_cache(maxsize=256)
def _compiled(written: str) -> Form:
    definition = json.loads(written)
    rules = definition.get("rules") or []
    plans = {each["key"]: _plan(each, rules) for each in definition["fields"]}
    return Form(
        fields=list(plans.values()),
        order=[plans[key] for key in order(definition)],
        checks=[
            (logic.compiled(rule["check"]), _said("/answers", rule))
            for rule in rules
            if rule["effect"] == "validate" and "field" not in rule
        ],
    )


def _plan(given: Mapping[str, Any], rules: Iterable[Mapping[str, Any]]) -> Plan:
    key, kind = given["key"], given["kind"]
    own = [rule for rule in rules if key == rule.get("field") or key in rule.get("fields", ())]
    pointer, options = f"/answers/{key}", given.get("options")
    has_other = bool(given.get("other"))
    return Plan(
        key=key,
        kind=kind,
        section=given.get("section"),
        is_required=bool(given.get("required")),
        is_kept=bool(given.get("keep_when_hidden")),
        shape=kinds.shape(given),
        limits=kinds.limits(given),
        listed=None if options is None or has_other else kinds.listed(options),
        paths=kinds.paths(options) if options and kind == "cascade" else None,
        is_bound="source" in given and not has_other,
        default=given.get("default"),
        needed=fault(pointer, "form.consent" if kind == "consent" else "form.required"),
        gone=fault(pointer, "form.option"),
        show=_whens(own, "show"),
        hide=_whens(own, "hide"),
        require=_whens(own, "require"),
        compute=_value(own, "compute"),
        start=_value(own, "default"),
        checks=[
            (logic.compiled(rule["check"]), _said(pointer, rule))
            for rule in own
            if rule["effect"] == "validate"
        ],
    )


def _whens(rules: Iterable[Mapping[str, Any]], effect: str) -> list[logic.Rule]:
    return [logic.compiled(rule["when"]) for rule in rules if rule["effect"] == effect]


def _value(rules: Iterable[Mapping[str, Any]], effect: str) -> logic.Rule | None:
    return next((logic.compiled(each["value"]) for each in rules if each["effect"] == effect), None)


def _said(pointer: str, rule: Mapping[str, Any]) -> Fault:
    message = rule["message"]
    said = fault(pointer, "form.rule")
    said["message"] = {"zh": message["zh"], "en": message.get("en") or message["zh"]}
    return said


def evaluate(
    form: Form,
    values: Mapping[str, Any],
    *,
    options: Mapping[str, Sequence[Any]] | None = None,
    today: str | None = None,
) -> State:
    """Do what `state` does, for a form that is at hand."""
    data: dict[str, Any] = {} if today is None else {TODAY: today}
    shown: dict[str, bool] = {}
    wrong: dict[str, str] = {}
    for plan in form.order:
        is_shown = _is_shown(plan, shown, data)
        shown[plan.key] = is_shown
        if is_shown or plan.is_kept:
            value, code = _read(plan, values, data)
            if value is not None:
                data[plan.key] = value
            if code is not None and is_shown:
                wrong[plan.key] = code
    result = State()
    for plan in form.fields:
        _judge(plan, shown[plan.key], data, wrong.get(plan.key), options, today, result)
    result.errors += [dict(said) for check, said in form.checks if not logic.truthy(check(data))]
    return result


def _is_shown(plan: Plan, shown: Mapping[str, bool], data: Mapping[str, Any]) -> bool:
    if plan.section is not None and not shown.get(plan.section, False):
        return False
    if plan.show and not _any(plan.show, data):
        return False
    return not (plan.hide and _any(plan.hide, data))


def _any(rules: Iterable[logic.Rule], data: Mapping[str, Any]) -> bool:
    return any(logic.truthy(rule(data)) for rule in rules)


def _read(plan: Plan, values: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[Any, str | None]:
    """Return the value of a field and what is wrong with its shape."""
    if plan.compute is not None:
        return kinds.scalar(plan.compute(data))[0], None
    if plan.key in values and plan.kind not in kinds.DERIVED:
        return plan.shape(values[plan.key])
    given = plan.default
    if plan.start is not None and (started := plan.start(data)) is not None:
        given = started
    return plan.shape(given)


def _judge(
    plan: Plan,
    is_shown: bool,
    data: Mapping[str, Any],
    wrong: str | None,
    options: Mapping[str, Sequence[Any]] | None,
    today: str | None,
    result: State,
) -> None:
    """Add one field to the result."""
    visible = is_shown and plan.kind != "hidden"
    required = visible and (plan.is_required or (bool(plan.require) and _any(plan.require, data)))
    value = data.get(plan.key)
    errors: list[Fault] = []
    if wrong is not None:
        errors = [fault(f"/answers/{plan.key}", wrong)]
    elif value is None or (value is False and plan.kind == "consent"):
        errors = [dict(plan.needed)] if required else []
    elif is_shown:
        errors = [dict(said) for holds, said in plan.limits if not holds(value, today)]
        if not _is_offered(plan, value, options):
            errors.append(dict(plan.gone))
        for check, said in plan.checks:
            if not logic.truthy(check(data)):
                errors.append(dict(said))
    if value is not None:
        result.values[plan.key] = value
    result.fields[plan.key] = FieldState(visible, required, value, errors)
    result.errors += errors


def _is_offered(plan: Plan, value: Any, options: Mapping[str, Sequence[Any]] | None) -> bool:
    """Tell whether a value is among the options, listed or live, of its field."""
    if plan.paths is not None:
        return tuple(value) in plan.paths
    listed = plan.listed
    if plan.is_bound and options is not None and plan.key in options:
        listed = kinds.listed(options[plan.key])
    if listed is None:
        return True
    return all(each in listed for each in value) if isinstance(value, list) else value in listed
