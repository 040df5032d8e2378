// Dates, times and instants as they are written in answers: the twin of domain/forms/dates.py.

const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const CLOCK = /^([01][0-9]|2[0-3]):([0-5][0-9])$/;
const INSTANT =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]{1,9})?)?(?:Z|([+-])([01][0-9]):([0-5][0-9]))$/;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** 9999-12-31 counted from 0001-01-01, which is day 0 and a Monday. */
const LAST_DAY = 3652058;

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function lengthOf(year: number, month: number): number {
  return (MONTH_DAYS[month - 1] as number) + (month === 2 && isLeap(year) ? 1 : 0);
}

function beforeYear(year: number): number {
  const past = year - 1;
  return past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
}

/** Days since 0001-01-01 of a date, or of an instant's date as it is written. */
export function day(text: unknown): number | null {
  if (typeof text !== "string") return null;
  const found = DATE.exec(text.slice(0, 10));
  if (found === null || (text.length > 10 && !INSTANT.test(text))) return null;
  const [year, month, ofMonth] = [Number(found[1]), Number(found[2]), Number(found[3])];
  if (year < 1 || month < 1 || month > 12 || ofMonth < 1 || ofMonth > lengthOf(year, month)) {
    return null;
  }
  let days = beforeYear(year) + ofMonth - 1;
  for (let each = 1; each < month; each += 1) days += lengthOf(year, each);
  return days;
}

/** Seconds since 0001-01-01T00:00Z of an instant; fractions are cut off. */
export function second(text: unknown): number | null {
  const found = typeof text === "string" ? INSTANT.exec(text) : null;
  const at = found === null ? null : day(found[1]);
  if (found === null || at === null) return null;
  const local =
    at * 86400 + Number(found[2]) * 3600 + Number(found[3]) * 60 + Number(found[4] ?? 0);
  if (found[5] === undefined) return local;
  const offset = Number(found[6]) * 3600 + Number(found[7]) * 60;
  return found[5] === "+" ? local - offset : local + offset;
}

/** The minute of the day of a time on the clock, "09:30". */
export function minute(text: unknown): number | null {
  const found = typeof text === "string" ? CLOCK.exec(text) : null;
  return found === null ? null : Number(found[1]) * 60 + Number(found[2]);
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** A day as a date, or null beyond the year 9999. */
export function written(at: number): string | null {
  if (at < 0 || at > LAST_DAY) return null;
  let year = Math.floor(at / 366) + 1;
  while (beforeYear(year + 1) <= at) year += 1;
  let rest = at - beforeYear(year);
  let month = 1;
  while (rest >= lengthOf(year, month)) {
    rest -= lengthOf(year, month);
    month += 1;
  }
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(rest + 1, 2)}`;
}

/** Is one moment before another: instants as such, anything else by its date? */
export function isBefore(first: unknown, last: unknown): boolean {
  let [a, b] = [second(first), second(last)];
  if (a === null || b === null) [a, b] = [day(first), day(last)];
  return a !== null && b !== null && a < b;
}

export function daysBetween(first: unknown, last: unknown): number | null {
  const [a, b] = [day(first), day(last)];
  return a === null || b === null ? null : b - a;
}

/** Whole minutes between two times on the clock or two instants, rounded down. */
export function minutesBetween(first: unknown, last: unknown): number | null {
  let [a, b] = [minute(first), minute(last)];
  if (a !== null && b !== null) return b - a;
  [a, b] = [second(first), second(last)];
  return a === null || b === null ? null : Math.floor((b - a) / 60);
}

export function addDays(start: unknown, count: number | null): string | null {
  const at = day(start);
  if (at === null || count === null || count !== Math.floor(count) || Math.abs(count) > LAST_DAY) {
    return null;
  }
  return written(at + count);
}

/** 1 for Monday to 7 for Sunday. */
export function weekday(text: unknown): number | null {
  const at = day(text);
  return at === null ? null : (at % 7) + 1;
}

/** Full years; who was born on 29 February is a year older on 1 March. */
export function age(birth: unknown, on: unknown): number | null {
  if (typeof birth !== "string" || typeof on !== "string") return null;
  if (day(birth) === null || day(on) === null) return null;
  const years = Number(on.slice(0, 4)) - Number(birth.slice(0, 4));
  return on.slice(5, 10) >= birth.slice(5, 10) ? years : years - 1;
}
