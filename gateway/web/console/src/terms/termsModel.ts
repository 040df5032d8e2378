// Terms of changes and payment schedules: from the wire to what fields show, and back; pure.
import type { Cause, Deposit, Fee, Part, Tier } from "@kit/money";

export const CAUSES: Cause[] = ["customer", "studio", "weather"];
export const MOST_TIERS = 40;
export const MOST_PARTS = 12;

const WHOLE = 10_000;
const MOST_HOURS = 8784;

/** Basis points and cents alike are hundredths of what is typed. */
export const typedOf = (hundredths: number): number => hundredths / 100;
export const hundredthsOf = (typed: number | null | undefined): number => Math.round((typed ?? 0) * 100);

// --- terms of changes

const tier = (terms: Partial<Tier> & { cause: Cause }): Tier => ({
  from_hours: 0,
  moves: true,
  cancels: true,
  free_moves: 0,
  move_fee: { cents: 0, basis_points: 0 },
  cancel_fee: { cents: 0, basis_points: 0 },
  earnest_return: WHOLE,
  other_return: WHOLE,
  transfer_days: 0,
  ...terms,
});

const percent = (of: number): Fee => ({ cents: 0, basis_points: of * 100 });

/** The terms that hold where none are written; the booking service has the same. */
export function defaultPolicy(): Tier[] {
  return [
    tier({ cause: "customer", from_hours: 7 * 24, free_moves: 2 }),
    tier({ cause: "customer", from_hours: 3 * 24, free_moves: 1, move_fee: percent(5), earnest_return: 0, transfer_days: 180 }),
    tier({ cause: "customer", from_hours: 24, move_fee: percent(10), cancel_fee: percent(10), earnest_return: 0 }),
    tier({ cause: "customer", moves: false, cancels: false, move_fee: percent(20), cancel_fee: percent(30), earnest_return: 0 }),
    tier({ cause: "studio" }),
    tier({ cause: "weather" }),
  ];
}

/** One more tier: as the one with the longest notice and a day earlier, so that it is not harder. */
export function addTier(policy: Tier[], cause: Cause): Tier[] {
  const [longest] = policy.filter((each) => each.cause === cause).sort((a, b) => b.from_hours - a.from_hours);
  if (!longest) return [...policy, tier({ cause })];
  const from_hours = Math.min(longest.from_hours + 24, MOST_HOURS);
  return [...policy, { ...longest, from_hours, move_fee: { ...longest.move_fee }, cancel_fee: { ...longest.cancel_fee } }];
}

export interface Notice {
  days: number;
  hours: number;
}

export const noticeOf = (fromHours: number): Notice => ({ days: Math.floor(fromHours / 24), hours: fromHours % 24 });
export const fromHoursOf = ({ days, hours }: Notice): number => Math.min(days * 24 + hours, MOST_HOURS);

export type FeeUnit = "percent" | "money";

export interface TypedFee {
  unit: FeeUnit;
  /** Percent of the price, or units of the currency. */
  amount: number;
}

export function typedFee(fee: Fee): TypedFee {
  return fee.cents ? { unit: "money", amount: typedOf(fee.cents) } : { unit: "percent", amount: typedOf(fee.basis_points) };
}

export function feeOf({ unit, amount }: TypedFee): Fee {
  const value = hundredthsOf(amount);
  return unit === "money" ? { cents: value, basis_points: 0 } : { cents: 0, basis_points: value };
}

// --- payment schedules

export const KINDS: Part["kind"][] = ["deposit", "balance", "extra"];
export const PARTS: Part["part"][] = ["percent", "amount", "rest"];

/** From when a part is due; an event is one that the system itself notes. */
export type When = "booking" | "before" | "start" | "confirmed" | "checked_in" | "completed";
export const WHENS: When[] = ["booking", "before", "start", "confirmed", "checked_in", "completed"];

export interface TypedDue {
  when: When;
  /** Before the start, else after what is named. */
  days: number;
}

const part = (terms: Partial<Part> & Pick<Part, "kind" | "part">): Part => ({ value: 0, anchor: "booking", days: 0, event: null, ...terms });

/** What is agreed where nothing is written: the deposit with the booking, the rest on the day. */
export function usualSchedule(deposit: Deposit | null): Part[] {
  const rest = part({ kind: "balance", part: "rest", anchor: "start" });
  if (!deposit || deposit.kind === "none") return [rest];
  if (deposit.kind === "full") return [part({ kind: "deposit", part: "percent", value: WHOLE }), rest];
  if (!deposit.value) return [rest];
  return [part({ kind: "deposit", part: deposit.kind === "fixed" ? "amount" : "percent", value: deposit.value }), rest];
}

/** One more part, before the one that takes what is left. */
export function addPart(schedule: Part[]): Part[] {
  const rest = schedule.findIndex((each) => each.part === "rest");
  const place = rest < 0 ? schedule.length : rest;
  return [...schedule.slice(0, place), part({ kind: "balance", part: "percent", value: 1_000 }), ...schedule.slice(place)];
}

export function typedDue({ anchor, days, event }: Part): TypedDue {
  if (anchor === "event") return { when: event as When, days };
  if (anchor === "start" && days < 0) return { when: "before", days: -days };
  return { when: anchor, days };
}

export function dueOf({ when, days }: TypedDue): Pick<Part, "anchor" | "days" | "event"> {
  if (when === "before") return { anchor: "start", days: -days, event: null };
  if (when === "booking" || when === "start") return { anchor: when, days, event: null };
  return { anchor: "event", days, event: when };
}

/** Another moment: before the start there is at least a day, as the day itself is a choice of its own. */
export const whenChosen = (when: When, { days }: TypedDue): TypedDue => ({ when, days: when === "before" ? Math.max(days, 1) : Math.max(days, 0) });

/** A part said in another way starts anew: cents are no basis points. */
export const partChosen = (of: Part, chosen: Part["part"]): Part => ({ ...of, part: chosen, value: chosen === "percent" ? 1_000 : 0 });

// --- refusals

interface Pointed {
  pointer: string;
}

/** What is said of a place or of what lies in it. */
export function faultsAt<Fault extends Pointed>(faults: Fault[], place: string): Fault[] {
  return faults.filter(({ pointer }) => pointer === place || pointer.startsWith(`${place}/`));
}

/** What is said of a whole list, and of no row in it. */
export const faultsOf = <Fault extends Pointed>(faults: Fault[], list: string): Fault[] => faults.filter(({ pointer }) => pointer === list);

/** The refusals that the terms show at their rows, and those that are left for the form. */
export function splitFaults<Fault extends Pointed>(faults: Fault[]): { terms: Fault[]; rest: Fault[] } {
  const terms = ["/policy", "/schedule"].flatMap((list) => faultsAt(faults, list));
  return { terms, rest: faults.filter((each) => !terms.includes(each)) };
}
