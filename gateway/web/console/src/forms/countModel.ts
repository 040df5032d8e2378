// Adding up what the links of a form brought: by channel and by day.
import type { FormDay } from "./types";

export interface Counted {
  name: string;
  views: number;
  starts: number;
  submits: number;
}

/** One line for each different value of `key`, in the order in which they first come. */
export function addedUp(days: readonly FormDay[], key: "channel" | "day"): Counted[] {
  const lines = new Map<string, Counted>();
  for (const day of days) {
    const line = lines.get(day[key]) ?? { name: day[key], views: 0, starts: 0, submits: 0 };
    line.views += day.views;
    line.starts += day.starts;
    line.submits += day.submits;
    lines.set(day[key], line);
  }
  return [...lines.values()];
}

export function total(lines: readonly Counted[], name: string): Counted {
  const sum = (key: "views" | "starts" | "submits"): number => lines.reduce((all, line) => all + line[key], 0);
  return { name, views: sum("views"), starts: sum("starts"), submits: sum("submits") };
}
