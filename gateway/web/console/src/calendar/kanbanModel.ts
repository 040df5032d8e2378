// The day as columns of states, and which card may go where; pure.
import type { Calendar } from "@kit/scheduling";
import type { BookingStatus } from "@kit/types";
import { agendaOf, type AgendaItem } from "./boardModel";

export type KanbanColumn = "held" | "confirmed" | "checked_in" | "completed" | "no_show";
export type KanbanAction = "approve" | "checkIn" | "complete" | "noShow";

export const COLUMNS: KanbanColumn[] = ["held", "confirmed", "checked_in", "completed", "no_show"];

const COLUMN_OF: Partial<Record<BookingStatus, KanbanColumn>> = {
  held: "held",
  pending: "held",
  confirmed: "confirmed",
  checked_in: "checked_in",
  in_service: "checked_in",
  completed: "completed",
  no_show: "no_show",
};

/** What a drop does; of what is held only that which waits for the studio becomes a booking by hand. */
const ACTIONS: Partial<Record<KanbanColumn, Partial<Record<KanbanColumn, KanbanAction>>>> = {
  held: { confirmed: "approve" },
  confirmed: { checked_in: "checkIn", no_show: "noShow" },
  checked_in: { completed: "complete" },
};

export const columnOf = (item: AgendaItem): KanbanColumn | undefined =>
  item.entry.booking ? COLUMN_OF[item.entry.booking.status] : undefined;

export const actionBetween = (from: KanbanColumn, to: KanbanColumn): KanbanAction | undefined => ACTIONS[from]?.[to];

export function columnsOf(calendar: Calendar): Record<KanbanColumn, AgendaItem[]> {
  const columns: Record<KanbanColumn, AgendaItem[]> = { held: [], confirmed: [], checked_in: [], completed: [], no_show: [] };
  for (const item of agendaOf(calendar)) {
    const column = columnOf(item);
    if (column) columns[column].push(item);
  }
  return columns;
}
