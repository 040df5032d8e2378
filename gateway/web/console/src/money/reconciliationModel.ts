// What of a provider's statement does not agree with our books, as rows of one list; pure.
import type { DailyReconciliation, Movement, Reconciliation } from "@kit/cashdesk";

export type Difference = "differing" | "missingHere" | "missingThere" | "repeated";

export interface DifferenceRow {
  key: string;
  what: Difference;
  movement: Movement;
  /** What the provider says where it says another amount. */
  theirs: Movement | null;
}

const rows = (what: Difference, movements: Movement[]): DifferenceRow[] =>
  movements.map((movement, index) => ({ key: `${what} ${index} ${movement.kind} ${movement.number}`, what, movement, theirs: null }));

/** Every difference, the amounts first. */
export function differencesOf(found: Reconciliation): DifferenceRow[] {
  const amounts = found.differing.map(({ ours, theirs }) => ({
    key: `differing ${ours.kind} ${ours.number}`,
    what: "differing" as const,
    movement: ours,
    theirs,
  }));
  return [
    ...amounts,
    ...rows("missingHere", found.missing_here),
    ...rows("missingThere", found.missing_there),
    ...rows("repeated", found.repeated),
  ];
}

export type DayState = "agrees" | "differs" | "waiting" | "given";

/** Where the comparison of one day stands; `given` is given up. */
export function stateOf(day: DailyReconciliation): DayState {
  if (day.agrees === null) return day.ask_at === null ? "given" : "waiting";
  return day.agrees ? "agrees" : "differs";
}
