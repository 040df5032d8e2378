// A year of a branch as twelve months of days, each with what is out of the ordinary; pure.
import { addDays, weekdayOf } from "@kit/format";
import type { BranchDay, BranchDays, Closure, SpecialDay } from "@kit/scheduling";
import type { LocalDate } from "@kit/types";

export interface DayFacts {
  day: LocalDate;
  closure: Closure | null;
  special: SpecialDay | null;
  own: BranchDay | null;
}

/** What colours a day: the strongest of its facts. */
export type DayLook = "closed" | "holiday" | "work_day" | "own" | "plain";

export function lookOfDay({ closure, special, own }: DayFacts): DayLook {
  if (closure) return "closed";
  if (own) return "own";
  if (special?.kind === "holiday") return "holiday";
  return special?.kind === "work_day" ? "work_day" : "plain";
}

const two = (value: number): string => String(value).padStart(2, "0");

export interface MonthOfDays {
  month: number;
  /** Empty cells before the first, Monday being the first of a week. */
  lead: number;
  days: DayFacts[];
}

export function monthsOf(year: number, found: BranchDays): MonthOfDays[] {
  const special = new Map(found.special_days.map((one) => [one.day, one]));
  const own = new Map(found.days.filter((one) => one.hours.length).map((one) => [one.day, one]));
  const closureOn = (day: LocalDate): Closure | null =>
    found.closures.find((one) => one.first_day <= day && day <= one.last_day) ?? null;
  return Array.from({ length: 12 }, (_, index) => {
    const first = `${year}-${two(index + 1)}-01`;
    const count = new Date(Date.UTC(year, index + 1, 0)).getUTCDate();
    const days = Array.from({ length: count }, (_unused, at) => {
      const day = addDays(first, at);
      return { day, closure: closureOn(day), special: special.get(day) ?? null, own: own.get(day) ?? null };
    });
    return { month: index + 1, lead: (weekdayOf(year, index + 1, 1) + 6) % 7, days };
  });
}
