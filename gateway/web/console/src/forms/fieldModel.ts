// What the plain editor does to a definition: pure, so that it can be told without a page.
import type { Field, Option } from "@kit/forms/kinds";
import type { Definition, WrittenRule } from "@kit/forms/state";
import type { Text } from "@kit/types";

/** Kinds in the order in which they are offered; `section` groups the ones after it. */
export const KINDS = [
  "text",
  "paragraph",
  "phone",
  "email",
  "number",
  "money",
  "date",
  "datetime",
  "timespan",
  "single_choice",
  "multiple_choice",
  "dropdown",
  "status",
  "cascade",
  "image",
  "file",
  "address",
  "resource",
  "relation",
  "customer",
  "signature",
  "consent",
  "section",
  "computed",
  "hidden",
] as const;
export type Kind = (typeof KINDS)[number];

export const CHOICES = new Set(["single_choice", "multiple_choice", "dropdown", "status"]);
const UNASKED = new Set(["section", "computed", "hidden"]);
/** Properties that every kind has; the rest is dropped when a field changes its kind. */
const COMMON = ["key", "label", "help", "placeholder", "required", "section", "keep_when_hidden", "ui"] as const;

export const canBeRequired = (field: Field): boolean => !UNASKED.has(field.kind);

/** The first of `stem`, `stem_2`, `stem_3` … that is not taken. */
export function freeName(stem: string, taken: readonly string[]): string {
  let name = stem;
  for (let count = 2; taken.includes(name); count += 1) name = `${stem}_${count}`;
  return name;
}

/** A field of a kind as it is right after it was added. */
export function newField(kind: string, label: Text, fields: readonly Field[]): Field {
  return ofKind({ key: freeName(kind, fields.map(({ key }) => key)), kind, label }, kind);
}

/** The same question as another kind: keeps what both have, and has what the new one needs. */
export function ofKind(field: Field, kind: string): Field {
  const kept: Field = { key: field.key, kind };
  for (const name of COMMON) {
    if (field[name] !== undefined) Object.assign(kept, { [name]: field[name] });
  }
  if (UNASKED.has(kind)) delete kept.required;
  if (kind === "resource") kept.source = { kind: "resources", resource_type: "photographer" };
  if (kind === "relation") kept.source = { kind: "table", table_id: "", label_field: "" };
  if (CHOICES.has(kind) || kind === "cascade") kept.options = field.options?.length ? field.options : [newOption([])];
  if (kind === "computed") kept.result = "number";
  return kept;
}

export function newOption(options: readonly Option[]): Option {
  const value = freeName(`option_${options.length + 1}`, options.map((each) => each.value));
  return { value, label: { zh: "", en: "" } };
}

/** The list with the item at `at` moved by `step`; the same list when there is no such place. */
export function moved<Item>(list: readonly Item[], at: number, step: number): Item[] {
  const next = [...list];
  const to = at + step;
  if (to < 0 || to >= next.length) return next;
  next.splice(to, 0, ...next.splice(at, 1));
  return next;
}

/** The definition without a field: nothing in it names the field any more, except in formulas. */
export function without(definition: Definition, key: string): Definition {
  const fields = definition.fields.filter((field) => field.key !== key);
  return {
    ...definition,
    fields: fields.map(({ section, ...field }) => (section === key || !section ? field : { ...field, section })),
    rules: (definition.rules ?? []).flatMap((rule) => ruleWithout(rule, key)),
  };
}

function ruleWithout(rule: WrittenRule, key: string): WrittenRule[] {
  if (rule.field === key) return [];
  if (!rule.fields) return [rule];
  const fields = rule.fields.filter((each) => each !== key);
  return fields.length ? [{ ...rule, fields }] : [];
}

/** The rules as JSON that a person may edit, or null for what is no list of rules. */
export function readRules(written: string): WrittenRule[] | null {
  if (!written.trim()) return [];
  try {
    const rules: unknown = JSON.parse(written);
    return Array.isArray(rules) ? (rules as WrittenRule[]) : null;
  } catch {
    return null;
  }
}

/** What is said at a place and below it; `/definition` before it is the gateway's. */
export function faultsAt<Each extends { pointer: string }>(faults: readonly Each[], pointer: string): Each[] {
  return faults.filter((each) => {
    const place = each.pointer.replace(/^\/definition(?=\/|$)/, "");
    return place === pointer || place.startsWith(`${pointer}/`);
  });
}
