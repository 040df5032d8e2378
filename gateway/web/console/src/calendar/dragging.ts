// Reads what a drag on the board meant: the new start, end and resource of an entry; pure.
import { atWallClock, shifted } from "@kit/format";
import type { CalendarEntry, CalendarResource } from "@kit/scheduling";
import type { Instant } from "@kit/types";
import type { Calendar as Board } from "@event-calendar/core";

/** A wanted change of one entry: moved as it is, or stretched when there is an `end`. */
export interface Rearrangement {
  entry: CalendarEntry;
  start: Instant;
  end?: Instant;
  /** Another resource of the same type. */
  resourceId?: string;
}

export interface Selection {
  resourceId: string;
  start: Instant;
  end: Instant;
}

export const entryOf = (event: Board.Event): CalendarEntry | undefined =>
  event.extendedProps.entry as CalendarEntry | undefined;

const secondsBetween = (from: Date, to: Date): number => Math.round((to.getTime() - from.getTime()) / 1000);

export function moveMeant(info: Board.EventDropInfo, timezone: string): Rearrangement | null {
  const entry = entryOf(info.event);
  if (!entry) return null;
  const seconds = info.delta.days * 86400 + info.delta.seconds;
  const resourceId = info.newResource ? String(info.newResource.id) : undefined;
  if (!seconds && !resourceId) return null;
  return { entry, start: shifted(entry.start, seconds, timezone), resourceId };
}

export function resizeMeant(info: Board.EventResizeInfo, timezone: string): Rearrangement | null {
  const entry = entryOf(info.event);
  if (!entry) return null;
  const atStart = secondsBetween(info.oldEvent.start, info.event.start);
  const atEnd = secondsBetween(info.oldEvent.end, info.event.end);
  if (!atStart && !atEnd) return null;
  return { entry, start: shifted(entry.start, atStart, timezone), end: shifted(entry.end, atEnd, timezone) };
}

/** The library writes a selection as the branch's wall clock, without an offset. */
export function selectionMeant(info: Board.SelectInfo, timezone: string): Selection | null {
  const resourceId = String(info.resource?.id ?? "");
  if (!resourceId || resourceId.startsWith("group:")) return null;
  const instant = (written: string): Instant => atWallClock(written.slice(0, 10), written.slice(11, 16), timezone);
  return { resourceId, start: instant(info.startStr), end: instant(info.endStr) };
}

/** Whether an entry may be dropped on a row: one of the same type; a block stays with its resource. */
export function mayLandOn(entry: CalendarEntry, rowId: string, resources: CalendarResource[]): boolean {
  if (rowId === entry.resource_id) return true;
  const typeOf = (id: string): string | undefined => resources.find((one) => one.id === id)?.resource_type;
  return typeOf(rowId) !== undefined && typeOf(rowId) === typeOf(entry.resource_id);
}
