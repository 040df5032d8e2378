// Writes money, dates and texts for people, in the branch's zone; pure, and works where Intl has no zones.
import type { Instant, LocalDate, Locale, MetricUnit, Text } from "./types";

export interface WallClock {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  /** 0 = Sunday. */
  weekday: number;
}

const WEEKDAYS: Record<Locale, string[]> = {
  zh: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
  en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
};
const MONTHS_EN = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const SYMBOLS: Record<string, string> = { CNY: "¥", USD: "$", EUR: "€", GBP: "£", HKD: "HK$", TWD: "NT$" };

/** Pick the reader's language, falling back to whichever exists. */
export function pickText(text: Partial<Text> | null | undefined, locale: Locale): string {
  if (!text) return "";
  return text[locale] || text.zh || text.en || "";
}

const two = (value: number): string => String(value).padStart(2, "0");

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Write integer cents: ¥1,299 or, with cents, ¥1,299.50. */
export function formatMoney(cents: number, currency = "CNY"): string {
  const absolute = Math.abs(Math.round(cents));
  const rest = absolute % 100;
  const amount = grouped(Math.floor(absolute / 100)) + (rest ? `.${two(rest)}` : "");
  const symbol = SYMBOLS[currency] ?? `${currency} `;
  return `${cents < 0 ? "−" : ""}${symbol}${amount}`;
}

/** Read an amount that people typed (1,299 or ¥1299.50) as cents; null when it is none. */
export function readMoney(typed: string): number | null {
  const text = typed.replace(/[\s,，¥￥]/g, "").replace("−", "-");
  if (!/^-?\d{1,9}(\.\d{0,2})?$/.test(text)) return null;
  return Math.round(Number(text) * 100);
}

/** Write cents as one types them: 1299.50, without a symbol. */
export function typedMoney(cents: number): string {
  return (cents / 100).toFixed(cents % 100 ? 2 : 0);
}

/** Write a part that is given in basis points: 12.5%. */
export function formatBasisPoints(points: number): string {
  return `${points < 0 ? "−" : ""}${Math.abs(points) / 100}%`;
}

export function formatCount(value: number): string {
  return (value < 0 ? "−" : "") + grouped(Math.abs(Math.round(value)));
}

export function formatRatio(value: number): string {
  return `${(value * 100).toFixed(1).replace(/\.0$/, "")}%`;
}

export function formatMetric(value: number | null | undefined, unit: MetricUnit, currency = "CNY"): string {
  if (value === null || value === undefined) return "—";
  if (unit === "cents") return formatMoney(value, currency);
  return unit === "ratio" ? formatRatio(value) : formatCount(value);
}

const zoneFormats: Record<string, Intl.DateTimeFormat | null> = {};

function zoneFormat(timezone: string): Intl.DateTimeFormat | null {
  if (timezone in zoneFormats) return zoneFormats[timezone] ?? null;
  let format: Intl.DateTimeFormat | null = null;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
  } catch {
    format = null; // no Intl here, or an unknown zone: the instant's own offset is used
  }
  zoneFormats[timezone] = format;
  return format;
}

export function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}

function writtenWallClock(instant: Instant): WallClock {
  const parts = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?/.exec(instant);
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0] = (parts ?? [])
    .slice(1)
    .map((part) => Number(part ?? 0));
  return { year, month, day, hour, minute, weekday: weekdayOf(year, month, day) };
}

/** The wall clock at an instant; without a zone, the instant's own offset (the API writes the branch's). */
export function wallClock(instant: Instant, timezone?: string): WallClock {
  const format = timezone ? zoneFormat(timezone) : null;
  if (!format?.formatToParts) return writtenWallClock(instant);
  const value: Record<string, number> = {};
  for (const part of format.formatToParts(new Date(instant))) value[part.type] = Number(part.value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0 } = value;
  return { year, month, day, hour: hour % 24, minute, weekday: weekdayOf(year, month, day) };
}

export function localDate(instant: Instant, timezone?: string): LocalDate {
  const { year, month, day } = wallClock(instant, timezone);
  return `${year}-${two(month)}-${two(day)}`;
}

/** The zone's offset at an instant as ±HH:MM. */
export function offsetOf(timezone: string, at: Date): string {
  const clock = wallClock(at.toISOString(), timezone);
  const asUtc = Date.UTC(clock.year, clock.month - 1, clock.day, clock.hour, clock.minute);
  const minutes = Math.round((asUtc - at.getTime()) / 60000);
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`;
}

/** The instant at which a zone's clocks show a date and HH:MM. */
export function atWallClock(date: LocalDate, time: string, timezone: string): Instant {
  const written = `${date}T${time}:00`;
  const guess = offsetOf(timezone, new Date(`${written}Z`));
  // asked again at the instant itself: around a change of the clocks the first answer is a day's other one
  return written + offsetOf(timezone, new Date(written + guess));
}

/** Move an instant; whole days keep the time on the clock. */
export function shifted(instant: Instant, seconds: number, timezone: string): Instant {
  const days = seconds / 86400;
  if (!Number.isInteger(days)) {
    const moved = new Date(Date.parse(instant) + seconds * 1000).toISOString();
    return atWallClock(localDate(moved, timezone), formatTime(moved, timezone), timezone);
  }
  return atWallClock(addDays(localDate(instant, timezone), days), formatTime(instant, timezone), timezone);
}

/** The branch's date now. */
export function todayIn(timezone: string, now: Date = new Date()): LocalDate {
  return localDate(now.toISOString(), timezone);
}

export function addDays(date: LocalDate, days: number): LocalDate {
  const { year, month, day } = writtenWallClock(date);
  return new Date(Date.UTC(year, month - 1, day + days)).toISOString().slice(0, 10);
}

/** The Monday of a date's week. */
export function startOfWeek(date: LocalDate): LocalDate {
  return addDays(date, -((writtenWallClock(date).weekday + 6) % 7));
}

export function formatTime(instant: Instant, timezone?: string): string {
  const { hour, minute } = wallClock(instant, timezone);
  return `${two(hour)}:${two(minute)}`;
}

export function formatTimeRange(start: Instant, end: Instant, timezone?: string): string {
  return `${formatTime(start, timezone)}–${formatTime(end, timezone)}`;
}

function dayWords({ month, day, weekday }: WallClock, locale: Locale): string {
  if (locale === "zh") return `${month}月${day}日 ${WEEKDAYS.zh[weekday]}`;
  return `${WEEKDAYS.en[weekday]}, ${day} ${MONTHS_EN[month - 1]}`;
}

/** 11月25日 周三, or Wed, 25 Nov; takes an instant or a date. */
export function formatDay(when: Instant | LocalDate, locale: Locale, timezone?: string): string {
  return dayWords(wallClockOfAny(when, timezone), locale);
}

export function formatLongDay(when: Instant | LocalDate, locale: Locale, timezone?: string): string {
  const clock = wallClockOfAny(when, timezone);
  if (locale === "zh") return `${clock.year}年${dayWords(clock, "zh")}`;
  return `${dayWords(clock, "en")} ${clock.year}`;
}

/** A date has no zone; an instant is read in the given one. */
function wallClockOfAny(when: Instant | LocalDate, timezone?: string): WallClock {
  return when.length === 10 ? writtenWallClock(when) : wallClock(when, timezone);
}

export function formatWeekday(when: Instant | LocalDate, locale: Locale, timezone?: string): string {
  return WEEKDAYS[locale][wallClockOfAny(when, timezone).weekday] ?? "";
}

export function formatMonthDay(when: Instant | LocalDate, locale: Locale, timezone?: string): string {
  const { month, day } = wallClockOfAny(when, timezone);
  return locale === "zh" ? `${month}月${day}日` : `${day} ${MONTHS_EN[month - 1]}`;
}

/** 11月25日 周三 14:00, or Wed, 25 Nov 14:00. */
export function formatDayTime(instant: Instant, locale: Locale, timezone?: string): string {
  return `${formatDay(instant, locale, timezone)} ${formatTime(instant, timezone)}`;
}

/** 2026-11-25 14:00, for tables. */
export function formatStamp(instant: Instant, timezone?: string): string {
  return `${localDate(instant, timezone)} ${formatTime(instant, timezone)}`;
}

export function formatMinutes(minutes: number, locale: Locale): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (locale === "zh") return [hours ? `${hours}小时` : "", rest ? `${rest}分钟` : ""].join("") || "0分钟";
  return [hours ? `${hours} h` : "", rest ? `${rest} min` : ""].filter(Boolean).join(" ") || "0 min";
}

/** Seconds left until an instant, never negative. */
export function secondsUntil(instant: Instant, now: Date = new Date()): number {
  return Math.max(0, Math.ceil((Date.parse(instant) - now.getTime()) / 1000));
}

/** 14:59, or 1:04:59. */
export function formatCountdown(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${two(minutes)}:${rest}`;
}

/** 138 0013 8000 for a mainland mobile number, others unchanged. */
export function formatPhone(phone: string): string {
  const match = /^(?:\+?86)?(1\d{2})(\d{4})(\d{4})$/.exec(phone.replace(/[\s-]/g, ""));
  return match ? `${match[1]} ${match[2]} ${match[3]}` : phone;
}
