// A roster as a grid of weeks and kinds of days, and back to the rules that the API keeps; pure.
import { startOfWeek } from "@kit/format";
import type { DayCode, DayHours, RosterRule } from "@kit/scheduling";
import type { LocalDate } from "@kit/types";

/** Hours at one branch; a person may work at two on one day. */
export interface RosterSpan extends DayHours {
  branchId: string;
}

/** One kind of day: `none` has no rule (a holiday then is as its weekday), `off` is surely free. */
export interface RosterCell {
  kind: "none" | "off" | "hours";
  spans: RosterSpan[];
  breaks: DayHours[];
}

export interface RosterGrid {
  /** weeks[n][code - 1]; one week unless the roster rotates. */
  weeks: RosterCell[][];
  cycleFrom: LocalDate | null;
  /** Rules that the grid cannot show: for some dates, extra hours, other priorities. */
  others: RosterRule[];
}

export const DAY_CODES: DayCode[] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
export const WEEKDAYS: DayCode[] = [1, 2, 3, 4, 5, 6, 7];
const MAX_WEEKS = 8; // more weeks do not fit a screen, and nobody could check them

export const emptyCell = (): RosterCell => ({ kind: "none", spans: [], breaks: [] });
export const emptyWeek = (): RosterCell[] => DAY_CODES.map(emptyCell);
export const copyOf = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

const divisor = (a: number, b: number): number => (b ? divisor(b, a % b) : a);
const multiple = (a: number, b: number): number => (a * b) / divisor(a, b);

function fitsGrid(rule: RosterRule, cycleFrom: LocalDate | null): boolean {
  const always = !rule.first_day && !rule.last_day && !rule.extra && rule.priority === 0;
  return always && (rule.cycle_weeks === 1 || (rule.cycle_weeks <= MAX_WEEKS && rule.cycle_from === cycleFrom));
}

function add(cell: RosterCell, rule: RosterRule): void {
  cell.kind = rule.hours.length ? "hours" : cell.kind === "hours" ? "hours" : "off";
  cell.spans.push(...rule.hours.map((hours) => ({ ...hours, branchId: rule.branch_id })));
  for (const pause of rule.breaks) {
    if (!cell.breaks.some((known) => known.opens === pause.opens && known.closes === pause.closes)) cell.breaks.push({ ...pause });
  }
}

export function toGrid(rules: RosterRule[]): RosterGrid {
  const cycleFrom = rules.find((rule) => rule.cycle_weeks > 1)?.cycle_from ?? null;
  const fitting = rules.filter((rule) => fitsGrid(rule, cycleFrom));
  const count = fitting.reduce((weeks, rule) => multiple(weeks, rule.cycle_weeks), 1);
  const shown = count <= MAX_WEEKS ? fitting : fitting.filter((rule) => rule.cycle_weeks === 1);
  const weeks = Array.from({ length: count <= MAX_WEEKS ? count : 1 }, emptyWeek);
  weeks.forEach((week, index) => {
    for (const rule of shown) {
      if (index % rule.cycle_weeks !== rule.cycle_week) continue;
      for (const code of rule.weekdays) add(week[code - 1]!, rule);
    }
  });
  return { weeks, cycleFrom, others: rules.filter((rule) => !shown.includes(rule)) };
}

/** The rules of one cell: one for each branch that is worked at, with the day's breaks. */
function cellRules(cell: RosterCell, homeBranch: string): Pick<RosterRule, "branch_id" | "hours" | "breaks">[] {
  if (cell.kind === "none") return [];
  if (cell.kind === "off") return [{ branch_id: homeBranch, hours: [], breaks: [] }];
  const branches = [...new Set(cell.spans.map((span) => span.branchId))];
  return branches.map((branch_id) => ({
    branch_id,
    hours: cell.spans.filter((span) => span.branchId === branch_id).map(({ opens, closes }) => ({ opens, closes })),
    breaks: copyOf(cell.breaks),
  }));
}

export function toRules(grid: RosterGrid, homeBranch: string, today: LocalDate): RosterRule[] {
  const same = grid.weeks.every((week) => JSON.stringify(week) === JSON.stringify(grid.weeks[0]));
  const weeks = same ? grid.weeks.slice(0, 1) : grid.weeks;
  const rules = new Map<string, RosterRule>();
  weeks.forEach((week, cycle_week) => {
    DAY_CODES.forEach((code) => {
      for (const part of cellRules(week[code - 1]!, homeBranch)) {
        const key = JSON.stringify([cycle_week, part]);
        const rule = rules.get(key) ?? {
          ...part,
          priority: 0,
          extra: false,
          weekdays: [],
          first_day: null,
          last_day: null,
          cycle_weeks: weeks.length,
          cycle_week,
          cycle_from: same ? null : (grid.cycleFrom ?? startOfWeek(today)),
        };
        rule.weekdays.push(code);
        rules.set(key, rule);
      }
    });
  });
  return [...rules.values(), ...grid.others];
}

/** Minutes of a span; an end that is not later lies on the next day. */
export function minutesOf({ opens, closes }: DayHours): number {
  const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
  const length = minutes(closes) - minutes(opens);
  return length > 0 ? length : length + 1440;
}

/** Minutes worked in a week's seven days, breaks taken off. */
export function weekMinutes(week: RosterCell[]): number {
  const sum = (spans: DayHours[]): number => spans.reduce((total, span) => total + minutesOf(span), 0);
  return week.slice(0, 7).reduce((total, cell) => total + Math.max(0, sum(cell.spans) - (cell.spans.length ? sum(cell.breaks) : 0)), 0);
}
