// JsonLogic, evaluated: the twin of services/booking/domain/forms/logic.py, which says what is
// settled where JsonLogic leaves it to JavaScript. tests/vectors/forms holds both to the same.
import * as dates from "./dates";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Rule = (data: Json) => Json;
type Apply = (...values: Json[]) => Json;
type Make = (given: Rule[]) => Rule;

const MAX_DEPTH = 32;
const MAX_ITEMS = 1000;
const MAX_TEXT = 10_000;
const MAX_WHOLE = Number.MAX_SAFE_INTEGER;
const NUMBER = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const INDEX = /^(?:0|[1-9][0-9]{0,5})$/;
const BLANKS_AROUND = /^[ \t\r\n\u00a0\u3000\ufeff]+|[ \t\r\n\u00a0\u3000\ufeff]+$/g;

export function evaluate(rule: Json, data: Json): Json {
  return compiled(rule)(data);
}

const nothing: Rule = () => null;

/** A rule as a function of data. */
export function compiled(rule: Json, depth = 0): Rule {
  if (depth > MAX_DEPTH) return nothing;
  if (Array.isArray(rule)) {
    const parts = rule.map((each) => compiled(each, depth + 1));
    return (data) => parts.map((part) => part(data));
  }
  if (!isObject(rule)) return () => rule;
  const names = Object.keys(rule);
  if (names.length !== 1) return () => rule;
  const operator = names[0] as string;
  const written = rule[operator] as Json;
  const given = (Array.isArray(written) ? written : [written]).map((each) =>
    compiled(each, depth + 1),
  );
  const make = LAZY.get(operator);
  if (make !== undefined) return make(given);
  const apply = EAGER.get(operator);
  if (apply === undefined) return nothing;
  return (data) => apply(...given.map((each) => each(data)));
}

export function isObject(value: unknown): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own member, whatever its name is. */
export function member(holder: { readonly [name: string]: Json }, name: string): Json | undefined {
  return Object.prototype.hasOwnProperty.call(holder, name) ? holder[name] : undefined;
}

export function trimmed(text: string): string {
  return text.replace(BLANKS_AROUND, "");
}

export function isTruthy(value: Json): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** The number that a value is, or null. */
export function numberOf(value: Json): number | null {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return tidy(value);
  if (typeof value !== "string") return null;
  const text = trimmed(value);
  return NUMBER.test(text) ? tidy(Number(text)) : null;
}

/** A number that is finite and not -0, or null. */
export function tidy(value: number): number | null {
  return Number.isFinite(value) ? value + 0 : null;
}

/** A value as `cat` writes it. */
export function textOf(value: Json, depth = 0): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "";
  if (!Array.isArray(value) || depth > MAX_DEPTH) return "";
  return value.map((each) => textOf(each, depth + 1)).join(",");
}

/** Are two values equal and of one type? Lists and objects by content. */
export function same(a: Json, b: Json, depth = 0): boolean {
  if (typeof a === "number" && typeof b === "number") return numberOf(a) === numberOf(b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((each, position) => same(each, b[position] as Json, depth + 1));
  }
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => {
    const other = member(b, name);
    return other !== undefined && same(a[name] as Json, other, depth + 1);
  });
}

/** Are two values equal, numbers and texts by number? */
export function equal(a: Json, b: Json): boolean {
  if (typeof a === typeof b || typeof a === "object" || typeof b === "object") return same(a, b);
  const left = numberOf(a);
  return left !== null && left === numberOf(b);
}

/** What stands at a dotted path; an empty path is everything. */
export function lookup(data: Json, path: Json, missing: Json = null): Json {
  if (path === null || path === "") return data;
  let found = data;
  for (const part of textOf(path).split(".")) {
    let next: Json | undefined;
    if (Array.isArray(found)) next = INDEX.test(part) ? found[Number(part)] : undefined;
    else if (isObject(found)) next = member(found, part);
    if (next === undefined) return missing;
    found = next;
  }
  return found;
}

/** Order of two texts by code points: units put what is beyond U+FFFF before U+E000. */
function textOrder(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    const apart =
      ((left[at] as string).codePointAt(0) as number) -
      ((right[at] as string).codePointAt(0) as number);
    if (apart !== 0) return apart;
  }
  return left.length - right.length;
}

function compare(a: Json, b: Json): number | null {
  if (typeof a === "string" && typeof b === "string") return textOrder(a, b);
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left === null || right === null) return null;
  return left < right ? -1 : left > right ? 1 : 0;
}

function isLess(a: Json, b: Json): boolean {
  const order = compare(a, b);
  return order !== null && order < 0;
}

function isAtMost(a: Json, b: Json): boolean {
  const order = compare(a, b);
  return order !== null && order <= 0;
}

function between(holds: (a: Json, b: Json) => boolean): Apply {
  return (a = null, b = null, c?: Json) => holds(a, b) && (c === undefined || holds(b, c));
}

/** A function of many numbers; null as soon as one is none, or without any. */
function folded(step: (a: number, b: number) => number, start: number | null): Apply {
  return (...values) => {
    let total = start;
    for (let at = 0; at < values.length; at += 1) {
      const operand = numberOf(values[at] as Json);
      if (operand === null || (at > 0 && total === null)) return null;
      total = total === null ? operand : tidy(step(total, operand));
    }
    return total;
  };
}

function arithmetic(step: (a: number, b: number) => number): Apply {
  return (a = null, b = null) => {
    const [left, right] = [numberOf(a), numberOf(b)];
    return left === null || right === null ? null : tidy(step(left, right));
  };
}

/** Half away from zero, as invoices do. */
function rounded(value: Json = null): Json {
  const exact = numberOf(value);
  if (exact === null || Math.abs(exact) > MAX_WHOLE) return exact;
  let whole = Math.floor(Math.abs(exact));
  if (Math.abs(exact) - whole >= 0.5) whole += 1;
  return tidy(exact > 0 ? whole : -whole);
}

function contains(needle: Json = null, hay: Json = null): boolean {
  if (typeof hay === "string") return typeof needle === "string" && hay.includes(needle);
  return Array.isArray(hay) && hay.some((each) => same(needle, each));
}

/** The length of a text by code points. */
export function lengthOf(text: string): number {
  let pairs = 0;
  for (let at = 0; at + 1 < text.length; at += 1) {
    const [unit, next] = [text.charCodeAt(at), text.charCodeAt(at + 1)];
    if (unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) {
      pairs += 1;
      at += 1;
    }
  }
  return text.length - pairs;
}

function joined(...values: Json[]): Json {
  const text = values.map((each) => textOf(each)).join("");
  return lengthOf(text) <= MAX_TEXT ? text : null;
}

function part(source: Json = null, start: Json = null, length: Json = null): Json {
  const text = Array.from(textOf(source));
  const first = Math.trunc(numberOf(start) ?? 0);
  const wanted = numberOf(length);
  const rest = text.slice(first < 0 ? Math.max(text.length + first, 0) : first);
  if (wanted === null) return rest.join("");
  const whole = Math.trunc(wanted);
  return rest.slice(0, wanted < 0 ? Math.max(rest.length + whole, 0) : whole).join("");
}

function merged(...values: Json[]): Json {
  const all = values.reduce<Json[]>((list, each) => list.concat(each), []);
  return all.length <= MAX_ITEMS ? all : null;
}

function count(value: Json = null): Json {
  if (typeof value === "string") return lengthOf(value);
  return Array.isArray(value) ? value.length : 0;
}

function items(given: Rule[], data: Json): Json[] {
  const found = given[0] === undefined ? null : given[0](data);
  return Array.isArray(found) ? found : [];
}

const mapped: Make = (given) => (data) => items(given, data).map(given[1] ?? nothing);

const filtered: Make = (given) => {
  const body = given[1] ?? nothing;
  return (data) => items(given, data).filter((each) => isTruthy(body(each)));
};

const reduced: Make = (given) => {
  const body = given[1] ?? nothing;
  const start = given[2] ?? nothing;
  return (data) => {
    let total = start(data);
    for (const current of items(given, data)) total = body({ current, accumulator: total });
    return total;
  };
};

const all: Make = (given) => {
  const body = given[1] ?? nothing;
  return (data) => {
    const found = items(given, data);
    return found.length > 0 && found.every((each) => isTruthy(body(each)));
  };
};

const some: Make = (given) => {
  const body = given[1] ?? nothing;
  return (data) => items(given, data).some((each) => isTruthy(body(each)));
};

const none: Make = (given) => {
  const any = some(given);
  return (data) => !any(data);
};

const conditional: Make = (given) => (data) => {
  let at = 0;
  for (; at + 1 < given.length; at += 2) {
    if (isTruthy((given[at] as Rule)(data))) return (given[at + 1] as Rule)(data);
  }
  return at < given.length ? (given[at] as Rule)(data) : null;
};

/** The first value that settles it, or the last one. */
function until(settles: boolean): Make {
  return (given) => (data) => {
    let value: Json = null;
    for (const each of given) {
      value = each(data);
      if (isTruthy(value) === settles) return value;
    }
    return value;
  };
}

const variable: Make = (given) => {
  const path = given[0] ?? nothing;
  const missing = given[1] ?? nothing;
  return (data) => lookup(data, path(data), missing(data));
};

function absent(data: Json, keys: Json[]): Json[] {
  return keys.filter((key) => {
    const found = lookup(data, key);
    return found === null || found === "";
  });
}

const missing: Make = (given) => (data) => {
  const keys = given.map((each) => each(data));
  return absent(data, Array.isArray(keys[0]) ? keys[0] : keys);
};

const missingSome: Make = (given) => (data) => {
  const [needed, named] = given.map((each) => each(data));
  const keys = Array.isArray(named) ? named : [];
  const lacking = absent(data, keys);
  return keys.length - lacking.length >= (numberOf(needed ?? null) ?? 0) ? [] : lacking;
};

const LAZY = new Map<string, Make>([
  ["var", variable],
  ["missing", missing],
  ["missing_some", missingSome],
  ["if", conditional],
  ["?:", conditional],
  ["and", until(false)],
  ["or", until(true)],
  ["map", mapped],
  ["filter", filtered],
  ["reduce", reduced],
  ["all", all],
  ["some", some],
  ["none", none],
]);

const minus = arithmetic((a, b) => a - b);

const EAGER = new Map<string, Apply>([
  ["==", (a = null, b = null) => equal(a, b)],
  ["!=", (a = null, b = null) => !equal(a, b)],
  ["===", (a = null, b = null) => same(a, b)],
  ["!==", (a = null, b = null) => !same(a, b)],
  ["!", (value = null) => !isTruthy(value)],
  ["!!", (value = null) => isTruthy(value)],
  ["<", between(isLess)],
  ["<=", between(isAtMost)],
  [">", (a = null, b = null) => isLess(b, a)],
  [">=", (a = null, b = null) => isAtMost(b, a)],
  ["+", folded((a, b) => a + b, 0)],
  ["*", folded((a, b) => a * b, 1)],
  ["min", folded(Math.min, null)],
  ["max", folded(Math.max, null)],
  ["-", (...values) => (values.length === 1 ? minus(0, values[0] as Json) : minus(...values))],
  ["/", arithmetic((a, b) => a / b)],
  ["%", arithmetic((a, b) => a % b)],
  ["round", rounded],
  ["in", contains],
  ["cat", joined],
  ["substr", part],
  ["merge", merged],
  ["count", count],
  ["log", (value = null) => value],
  ["before", (a = null, b = null) => dates.isBefore(a, b)],
  ["after", (a = null, b = null) => dates.isBefore(b, a)],
  ["days_between", (a = null, b = null) => dates.daysBetween(a, b)],
  ["minutes_between", (a = null, b = null) => dates.minutesBetween(a, b)],
  ["add_days", (start = null, days = null) => dates.addDays(start, numberOf(days))],
  ["weekday", (value = null) => dates.weekday(value)],
  ["age", (birth = null, on = null) => dates.age(birth, on)],
]);
