// The state of a form: the twin of services/booking/domain/forms/state.py, which says what it means.
import type { Text } from "../types";
import * as kinds from "./kinds";
import type { Field } from "./kinds";
import * as logic from "./logic";
import type { Json, Rule } from "./logic";
import { fault, type Fault } from "./sentences";

export interface WrittenRule {
  effect: "show" | "hide" | "require" | "compute" | "default" | "validate";
  field?: string;
  fields?: string[];
  when?: Json;
  value?: Json;
  check?: Json;
  message?: Text;
}

export interface Definition {
  fields: Field[];
  rules?: WrittenRule[];
}

export interface FieldState {
  visible: boolean;
  required: boolean;
  value: Json;
  errors: Fault[];
}

export interface State {
  fields: { [key: string]: FieldState };
  /** What is kept of the answers. */
  values: { [key: string]: Json };
  errors: Fault[];
}

export interface Circumstances {
  /** The live choices of bound fields, by key. */
  options?: { readonly [key: string]: readonly Json[] } | null;
  /** The branch's date, for rules that read `$today`. */
  today?: string | null;
}

interface Plan {
  field: Field;
  shape: kinds.Shape;
  limits: [kinds.Limit, Fault][];
  listed: Set<Json> | null;
  paths: Set<string> | null;
  show: Rule[];
  hide: Rule[];
  require: Rule[];
  compute: Rule | null;
  start: Rule | null;
  checks: [Rule, Fault][];
}

interface Form {
  fields: Plan[];
  order: Plan[];
  checks: [Rule, Fault][];
}

const TODAY = "$today";
const LOOPS = new Set(["map", "filter", "reduce", "all", "some", "none"]);
const MISSING = new Set(["missing", "missing_some"]);
const forms = new WeakMap<Definition, Form>();

/** Visibility, requiredness, values and errors of every field; the definition has passed its check. */
export function state(
  definition: Definition,
  values: { readonly [key: string]: Json },
  circumstances: Circumstances = {},
): State {
  const form = compiled(definition);
  const today = circumstances.today ?? null;
  const data: { [key: string]: Json } = today === null ? {} : { [TODAY]: today };
  const shown = new Map<string, boolean>();
  const wrong = new Map<string, string>();
  for (const plan of form.order) {
    const { key } = plan.field;
    const visible = isShown(plan, shown, data);
    shown.set(key, visible);
    if (!visible && plan.field.keep_when_hidden !== true) continue;
    const [value, code] = read(plan, values, data);
    if (value !== null) data[key] = value;
    if (code !== null && visible) wrong.set(key, code);
  }
  const result: State = { fields: {}, values: {}, errors: [] };
  for (const plan of form.fields) {
    const { key } = plan.field;
    const one = judged(plan, shown.get(key) === true, data, wrong.get(key), circumstances);
    result.fields[key] = one;
    if (one.value !== null) result.values[key] = one.value;
    result.errors.push(...one.errors);
  }
  result.errors.push(...failing(form.checks, data));
  return result;
}

/** A definition ready to be evaluated; the same object is compiled once. */
function compiled(definition: Definition): Form {
  let form = forms.get(definition);
  if (form === undefined) {
    form = compile(definition);
    forms.set(definition, form);
  }
  return form;
}

function compile(definition: Definition): Form {
  const rules = definition.rules ?? [];
  const plans = new Map(definition.fields.map((each) => [each.key, plan(each, rules)]));
  return {
    fields: [...plans.values()],
    order: order(definition).map((key) => plans.get(key) as Plan),
    checks: checks(
      rules.filter((rule) => rule.field === undefined),
      "/answers",
    ),
  };
}

function plan(field: Field, rules: readonly WrittenRule[]): Plan {
  const own = rules.filter(
    (rule) => rule.field === field.key || (rule.fields ?? []).includes(field.key),
  );
  const isListed = field.options !== undefined && field.other !== true;
  return {
    field,
    shape: kinds.shape(field),
    limits: kinds.limits(field),
    listed: isListed ? kinds.listed(field.options as unknown as Json[]) : null,
    paths: field.options && field.kind === "cascade" ? kinds.paths(field.options) : null,
    show: whens(own, "show"),
    hide: whens(own, "hide"),
    require: whens(own, "require"),
    compute: formula(own, "compute"),
    start: formula(own, "default"),
    checks: checks(own, `/answers/${field.key}`),
  };
}

function whens(rules: readonly WrittenRule[], effect: string): Rule[] {
  return rules
    .filter((rule) => rule.effect === effect)
    .map((rule) => logic.compiled(rule.when as Json));
}

function formula(rules: readonly WrittenRule[], effect: string): Rule | null {
  const found = rules.find((rule) => rule.effect === effect);
  return found === undefined ? null : logic.compiled(found.value as Json);
}

function checks(rules: readonly WrittenRule[], pointer: string): [Rule, Fault][] {
  return rules
    .filter((rule) => rule.effect === "validate")
    .map((rule) => {
      const { zh, en } = rule.message as Text;
      const said = { pointer, code: "form.rule", message: { zh, en: en || zh } };
      return [logic.compiled(rule.check as Json), said];
    });
}

function isShown(plan: Plan, shown: Map<string, boolean>, data: Json): boolean {
  const { section } = plan.field;
  if (section !== undefined && section !== null && shown.get(section) !== true) return false;
  if (plan.show.length > 0 && !holdsAny(plan.show, data)) return false;
  return !holdsAny(plan.hide, data);
}

function holdsAny(rules: readonly Rule[], data: Json): boolean {
  return rules.some((rule) => logic.isTruthy(rule(data)));
}

function failing(rules: readonly [Rule, Fault][], data: Json): Fault[] {
  return rules.filter(([rule]) => !logic.isTruthy(rule(data))).map(([, said]) => said);
}

function read(
  plan: Plan,
  values: { readonly [key: string]: Json },
  data: { [key: string]: Json },
): kinds.Read {
  if (plan.compute !== null) return [kinds.scalar(plan.compute(data))[0], null];
  const given = logic.member(values, plan.field.key);
  if (given !== undefined && plan.field.kind !== "computed") return plan.shape(given);
  const started = plan.start === null ? null : plan.start(data);
  return plan.shape(started ?? plan.field.default ?? null);
}

function judged(
  plan: Plan,
  isHere: boolean,
  data: { [key: string]: Json },
  wrong: string | undefined,
  circumstances: Circumstances,
): FieldState {
  const { key, kind } = plan.field;
  const visible = isHere && kind !== "hidden";
  const required = visible && (plan.field.required === true || holdsAny(plan.require, data));
  const value = logic.member(data, key) ?? null;
  let errors: Fault[] = [];
  if (wrong !== undefined) {
    errors = [fault(`/answers/${key}`, wrong)];
  } else if (value === null || (value === false && kind === "consent")) {
    const code = kind === "consent" ? "form.consent" : "form.required";
    errors = required ? [fault(`/answers/${key}`, code)] : [];
  } else if (isHere) {
    const today = circumstances.today ?? null;
    errors = plan.limits.filter(([holds]) => !holds(value, today)).map(([, said]) => said);
    if (!isOffered(plan, value, circumstances)) {
      errors.push(fault(`/answers/${key}`, "form.option"));
    }
    errors.push(...failing(plan.checks, data));
  }
  return { visible, required, value, errors };
}

/** Is a value among the options, listed or live, of its field? */
function isOffered(plan: Plan, value: Json, circumstances: Circumstances): boolean {
  if (plan.paths !== null) return plan.paths.has(JSON.stringify(value));
  const { key, source, other } = plan.field;
  const live = circumstances.options ? logic.member(circumstances.options as never, key) : undefined;
  const isBound = source !== undefined && other !== true && Array.isArray(live);
  const offered = isBound ? kinds.listed(live) : plan.listed;
  if (offered === null) return true;
  return (Array.isArray(value) ? value : [value]).every((each) => offered.has(each));
}

/** The keys so that each comes after what its value and visibility hang on. */
function order(definition: Definition): string[] {
  const waiting = dependencies(definition);
  const sorted: string[] = [];
  for (;;) {
    const ready = [...waiting.keys()].filter((key) =>
      (waiting.get(key) as string[]).every((name) => !waiting.has(name)),
    );
    if (ready.length === 0) return [...sorted, ...waiting.keys()];
    ready.forEach((key) => waiting.delete(key));
    sorted.push(...ready);
  }
}

function dependencies(definition: Definition): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const field of definition.fields) {
    found.set(field.key, field.section ? [field.section] : []);
  }
  for (const { effect, field, fields = [], when = null, value = null } of definition.rules ?? []) {
    if (effect === "show" || effect === "hide") {
      fields.forEach((key) => found.get(key)?.push(...reads(when)));
    } else if ((effect === "compute" || effect === "default") && field !== undefined) {
      found.get(field)?.push(...reads(value));
    }
  }
  return found;
}

/** The names that a rule reads; inside a loop, names belong to the items. */
function reads(rule: Json): string[] {
  if (Array.isArray(rule)) return rule.flatMap(reads);
  if (!logic.isObject(rule) || Object.keys(rule).length !== 1) return [];
  const [operator, written] = Object.entries(rule)[0] as [string, Json];
  const given = Array.isArray(written) ? written : [written];
  if (operator === "var" && typeof given[0] === "string") {
    return [head(given[0]), ...reads(given.slice(1))];
  }
  if (MISSING.has(operator)) {
    const keys = given.flatMap((each) => each);
    return keys.filter((key) => typeof key === "string").map((key) => head(key as string));
  }
  return reads(LOOPS.has(operator) ? [...given.slice(0, 1), ...given.slice(2)] : given);
}

function head(path: string): string {
  return path.split(".")[0] as string;
}
