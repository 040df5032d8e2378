// What a value of each kind of field looks like, and the limits it may be held to: the twin of
// services/booking/domain/forms/kinds.py.
import type { Text } from "../types";
import * as dates from "./dates";
import { isObject, lengthOf, member, numberOf, trimmed, type Json } from "./logic";
import { compilePattern, MAX_LENGTH } from "./patterns";
import { fault, type Fault } from "./sentences";

export interface Option {
  value: string;
  label: Text;
  colour?: string;
  children?: Option[];
}

export interface Field {
  key: string;
  kind: string;
  label?: Text;
  help?: Text;
  placeholder?: Text;
  statement?: Text;
  required?: boolean;
  default?: Json;
  section?: string;
  keep_when_hidden?: boolean;
  options?: Option[];
  source?: { [name: string]: string };
  other?: boolean;
  multiple?: boolean;
  of?: string;
  result?: string;
  validation?: { [name: string]: Json };
  ui?: { [name: string]: Json };
}

/** The clean value, null when there is none, and the code of what is wrong with it. */
export type Read = readonly [Json, string | null];
export type Shape = (raw: Json) => Read;
/** Is a clean value within a limit, given today's date? */
export type Limit = (value: Json, today: string | null) => boolean;

const MAX_LINE = 500;
const MAX_PARAGRAPH = 5000;
const MAX_RAW = 20_000;
const MAX_CENTS = 10 ** 12;
const MAX_CHOICES = 200;
const MAX_LEVELS = 6;
const MAX_FILES = 20;
const MAX_STROKES = 200;
const MAX_STROKE_NUMBERS = 4000;

const CONTROL = /[\x00-\x1f\x7f\ud800-\udfff]/u;
const CONTROL_IN_PARAGRAPH = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]/u;
const PHONE_NOISE = /[ ()\u00a0\u3000-]/g;
const MOBILE = /^(?:\+86|0086|86)?1[3-9][0-9]{9}$/;
const PHONE =
  /^(?:(?:\+86|0086|86)?1[3-9][0-9]{9}|0[1-9][0-9]{1,2}[1-9][0-9]{6,7}|(?:\+86|0086)(?:10|[2-9][0-9]{1,2})[1-9][0-9]{6,7}|400[0-9]{7}|\+(?!86)[1-9][0-9]{6,14})$/;
const EMAIL =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}$/;
const REFERENCE = /^[A-Za-z0-9_-]{1,64}$/;
const DATUMS = ["gcj02", "wgs84", "bd09"];

const NONE: Read = [null, null];

function bad(code: string): Read {
  return [null, code];
}

function line(raw: Json, control = CONTROL): Read {
  if (typeof raw !== "string" || lengthOf(raw) > MAX_RAW) return bad("form.text");
  const text = trimmed(raw);
  return control.test(text) ? bad("form.text") : [text === "" ? null : text, null];
}

function matching(expression: RegExp, code: string, noise: RegExp | null): Shape {
  return (raw) => {
    const [read, wrong] = line(raw);
    if (wrong !== null || typeof read !== "string") return wrong === null ? NONE : bad(code);
    const text = noise === null ? read : read.replace(noise, "");
    return text.length <= 254 && expression.test(text) ? [text, null] : bad(code);
  };
}

function numeric(raw: Json): Read {
  const value = typeof raw === "number" ? numberOf(raw) : null;
  return value === null ? bad("form.number") : [value, null];
}

function money(raw: Json): Read {
  const [value] = numeric(raw);
  const good = typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= MAX_CENTS;
  return good ? [value, null] : bad("form.money");
}

function date(raw: Json): Read {
  const good = typeof raw === "string" && raw.length === 10 && dates.day(raw) !== null;
  return good ? [raw, null] : bad("form.date");
}

function moment(raw: Json): Read {
  return dates.second(raw) !== null ? [raw, null] : bad("form.datetime");
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === "";
}

function timespan(of: string): Shape {
  return (raw) => {
    if (!isObject(raw)) return bad("form.timespan");
    const [start, end] = [member(raw, "start") ?? null, member(raw, "end") ?? null];
    if (isEmpty(start) && isEmpty(end)) return NONE;
    const read = of === "date" ? dates.day : of === "datetime" ? dates.second : dates.minute;
    const [first, last] = [read(start), read(end)];
    const isLoose = of === "date" && (date(start)[1] !== null || date(end)[1] !== null);
    if (first === null || last === null || isLoose) return bad("form.timespan");
    // A span of dates has its last day within; one of times ends at its end.
    if (last < first || (last === first && of !== "date")) return bad("form.timespan_order");
    return [{ start, end }, null];
  };
}

function choice(raw: Json): Read {
  const [text, wrong] = line(raw);
  const good = wrong === null && (typeof text !== "string" || lengthOf(text) <= MAX_CHOICES);
  return good ? [text, null] : bad("form.choice");
}

function cascade(raw: Json): Read {
  if (!Array.isArray(raw) || raw.length > MAX_LEVELS) return bad("form.choice");
  const path = raw.map((each) => choice(each)[0]);
  if (path.includes(null)) return bad("form.choice");
  return [path.length > 0 ? path : null, null];
}

function reference(code: string): Shape {
  return (raw) => {
    if (raw === "") return NONE;
    return typeof raw === "string" && REFERENCE.test(raw) ? [raw, null] : bad(code);
  };
}

/** A list of different values of one shape. */
function several(one: Shape, most: number, code: string): Shape {
  return (raw) => {
    if (!Array.isArray(raw) || raw.length > most) return bad(code);
    const values = raw.map((each) => one(each)[0]);
    if (values.includes(null) || new Set(values).size < values.length) return bad(code);
    return [values.length > 0 ? values : null, null];
  };
}

function address(raw: Json): Read {
  const wrong = bad("form.address");
  if (!isObject(raw)) return wrong;
  const words = member(raw, "text");
  const [text, badText] = line(words === undefined ? "" : words);
  const region = member(raw, "region") ?? null;
  const given = member(raw, "point") ?? null;
  const [names, badRegion] = region === null ? NONE : cascade(region);
  const place = point(given);
  if (badText !== null || badRegion !== null || (given !== null && place === null)) return wrong;
  if (typeof text === "string" && lengthOf(text) > MAX_LINE) return wrong;
  if (text === null && names === null && place === null) return NONE;
  const clean: { [name: string]: Json } = { text: text ?? "" };
  if (names !== null) clean.region = names;
  if (place !== null) clean.point = place;
  return [clean, null];
}

/** A place on the map; what Chinese maps give is gcj02. */
function point(raw: Json): Json {
  if (!isObject(raw)) return null;
  const [lat] = numeric(member(raw, "lat") ?? null);
  const [lng] = numeric(member(raw, "lng") ?? null);
  if (typeof lat !== "number" || typeof lng !== "number") return null;
  if (Math.abs(lat) > 90 || Math.abs(lng) > 180) return null;
  const { datum = "gcj02" } = raw;
  return typeof datum === "string" && DATUMS.includes(datum) ? { lat, lng, datum } : null;
}

/** A drawing as strokes [x, y, x, y, …] in whole points of a sheet. */
function signature(raw: Json): Read {
  const wrong = bad("form.signature");
  if (!isObject(raw)) return wrong;
  const strokes = member(raw, "strokes");
  if (!Array.isArray(strokes)) return wrong;
  if (strokes.length === 0) return NONE;
  const [width, height] = [member(raw, "width") ?? null, member(raw, "height") ?? null];
  if (!isPixels(width) || !isPixels(height) || strokes.length > MAX_STROKES) return wrong;
  let numbers = 0;
  for (const stroke of strokes) {
    if (!Array.isArray(stroke) || stroke.length === 0 || stroke.length % 2 !== 0) return wrong;
    numbers += stroke.length;
    if (numbers > MAX_STROKE_NUMBERS || !stroke.every(isPixels)) return wrong;
  }
  return [{ width, height, strokes }, null];
}

function isPixels(value: Json): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 10_000;
}

function consent(raw: Json): Read {
  return typeof raw === "boolean" ? [raw, null] : bad("form.consent");
}

/** A text, number, true or false; what rules compute and links carry. */
export function scalar(raw: Json): Read {
  if (typeof raw === "boolean") return [raw, null];
  if (typeof raw === "string") {
    const [text, wrong] = line(raw, CONTROL_IN_PARAGRAPH);
    const isLong = typeof text === "string" && lengthOf(text) > MAX_PARAGRAPH;
    return wrong !== null || isLong ? bad("form.text") : [text, null];
  }
  const value = numberOf(raw);
  return value === null ? bad("form.text") : [value, null];
}

const fileIds = several(reference("form.file"), MAX_FILES, "form.file");
const references = several(reference("form.reference"), MAX_CHOICES, "form.reference");
const choices = several(choice, MAX_CHOICES, "form.choice");

const SHAPES = new Map<string, (field: Field) => Shape>([
  ["text", () => line],
  ["paragraph", () => (raw) => line(raw, CONTROL_IN_PARAGRAPH)],
  ["phone", () => matching(PHONE, "form.phone", PHONE_NOISE)],
  ["email", () => matching(EMAIL, "form.email", null)],
  ["number", () => numeric],
  ["money", () => money],
  ["date", () => date],
  ["datetime", () => moment],
  ["timespan", (field) => timespan(field.of ?? "time")],
  ["single_choice", () => choice],
  ["multiple_choice", () => choices],
  ["dropdown", () => choice],
  ["status", () => choice],
  ["cascade", () => cascade],
  ["image", () => fileIds],
  ["file", () => fileIds],
  ["address", () => address],
  ["resource", referring],
  ["relation", referring],
  ["customer", () => reference("form.reference")],
  ["signature", () => signature],
  ["consent", () => consent],
  ["section", () => () => NONE],
  ["computed", () => scalar],
  ["hidden", () => scalar],
]);

function referring(field: Field): Shape {
  return field.multiple === true ? references : reference("form.reference");
}

/** How a field reads what was given; null is an answer that was taken back. */
export function shape(field: Field): Shape {
  const read = (SHAPES.get(field.kind) as (field: Field) => Shape)(field);
  return (raw) => (raw === null || raw === "" ? NONE : read(raw));
}

/** The values among options, which are values or objects that have one. */
export function listed(options: readonly Json[]): Set<Json> {
  const values = options.map((each) => (isObject(each) ? (member(each, "value") ?? null) : each));
  return new Set(values.filter((value) => typeof value === "string"));
}

/** The ways through a cascade, from its first level to its last. */
export function paths(options: readonly Option[], above: readonly string[] = []): Set<string> {
  const found = new Set<string>();
  for (const each of options) {
    const path = [...above, each.value];
    if (each.children === undefined) found.add(JSON.stringify(path));
    else paths(each.children, path).forEach((way) => found.add(way));
  }
  return found;
}

type Bound = (bound: number, value: Json) => boolean;
const atLeast: Bound = (bound, value) => (value as number) >= bound;
const atMost: Bound = (bound, value) => (value as number) <= bound;
const BOUNDS: readonly (readonly [string, string, Bound])[] = [
  ["min", "form.too_small", atLeast],
  ["max", "form.too_large", atMost],
  ["min_cents", "form.too_little", atLeast],
  ["max_cents", "form.too_much", atMost],
  ["min_items", "form.too_few", (bound, value) => (value as Json[]).length >= bound],
  ["max_items", "form.too_many", (bound, value) => (value as Json[]).length <= bound],
];

/** The limits on a field's values, each with what is said of a value beyond it. */
export function limits(field: Field): [Limit, Fault][] {
  const pointer = `/answers/${field.key}`;
  const given = field.validation ?? {};
  const found: [Limit, Fault][] = [];
  const add = (code: string, within: Limit, limit?: string | number): void => {
    found.push([within, fault(pointer, code, limit)]);
  };
  if (field.kind === "text" || field.kind === "paragraph") {
    const usual = field.kind === "text" ? MAX_LINE : MAX_PARAGRAPH;
    const most = (given.max_length as number | undefined) ?? usual;
    add("form.too_long", (value) => lengthOf(value as string) <= most, most);
    const least = given.min_length as number | undefined;
    if (least !== undefined) {
      add("form.too_short", (value) => lengthOf(value as string) >= least, least);
    }
  }
  if (typeof given.pattern === "string") {
    found.push(patterned(pointer, given.pattern, given.pattern_message as unknown as Text));
  }
  if (given.mobile === true) add("form.mobile", (value) => MOBILE.test(value as string));
  if (typeof given.decimals === "number") {
    const places = given.decimals;
    add("form.decimals", (value) => hasPlaces(value as number, places), places);
  }
  if (given.point === true) add("form.point", (value) => isObject(value) && "point" in value);
  for (const [name, code, holds] of BOUNDS) {
    const bound = given[name];
    if (typeof bound === "number") {
      const limit = name.endsWith("_cents") ? yuan(bound) : bound;
      add(code, (value) => holds(bound, value), limit);
    }
  }
  const { from, to, earliest_days: earliest, latest_days: latest } = given;
  if (typeof from === "string") {
    add("form.too_early", (value) => !dates.isBefore(value, from), from);
  }
  if (typeof to === "string") add("form.too_late", (value) => !dates.isBefore(to, value), to);
  if (field.kind === "money" && given.min_cents === undefined) {
    add("form.too_little", (value) => (value as number) >= 0, "0.00");
  }
  if (typeof earliest === "number") add("form.too_soon", fromToday(earliest, 1), earliest);
  if (typeof latest === "number") add("form.too_far", fromToday(latest, -1), latest);
  return found;
}

function patterned(pointer: string, written: string, message: Text | undefined): [Limit, Fault] {
  const expression = compilePattern(written);
  const said = fault(pointer, "form.pattern");
  if (message) said.message = { zh: message.zh, en: message.en || message.zh };
  return [
    (value) =>
      lengthOf(value as string) <= MAX_LENGTH &&
      (expression === null || expression.test(value as string)),
    said,
  ];
}

function hasPlaces(value: number, places: number): boolean {
  const scaled = value * 10 ** places;
  return Number.isFinite(scaled) && Math.abs(scaled - Math.floor(scaled + 0.5)) < 1e-6;
}

function fromToday(days: number, sign: number): Limit {
  return (value, today) => {
    const apart = dates.daysBetween(today, value);
    return apart === null || (apart - days) * sign >= 0;
  };
}

function yuan(cents: number): string {
  const whole = Math.abs(cents);
  const rest = String(whole % 100).padStart(2, "0");
  return `${cents < 0 ? "-" : ""}${Math.floor(whole / 100)}.${rest}`;
}
