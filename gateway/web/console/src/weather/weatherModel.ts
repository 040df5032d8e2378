// A day's bookings and where they could go instead; pure.
import type { MoveResult } from "@kit/drafts";
import { localDate, wallClock } from "@kit/format";
import type { Cause, Change } from "@kit/money";
import type { Booking, BookingStatus, Instant, Slot, Text } from "@kit/types";

/** The next days in which a free time is looked for. */
export const DAYS_AHEAD = 14;

/** Moved in one call; few enough that progress shows and no call takes long. */
export const BATCH = 10;

/** Whoever is here already stays; what is over is not asked for. */
export const MOVABLE: BookingStatus[] = ["held", "pending", "confirmed"];
export const HERE: BookingStatus[] = ["checked_in", "in_service"];

const PLACES = ["location", "studio_room"];

export interface Outcome {
  moved: boolean;
  /** Of the refusal; "" when it moved. */
  code: string;
  alternatives: Slot[];
}

export interface MoveRow {
  booking: Booking;
  chosen: boolean;
  /** "" while there is none. */
  target: Instant | "";
  outcome: Outcome | null;
}

export const canMove = (booking: Booking): boolean => booking.allowed_actions.includes("reschedule");

export const termsOf = (booking: Booking, cause: Cause): Change | null =>
  booking.changes.find((one) => one.cause === cause)?.move ?? null;

export interface Place {
  id: string;
  name: Text;
  isPlace: boolean;
}

/** Who and what serves these bookings, places first. */
export function placesOf(bookings: Booking[]): Place[] {
  const found = new Map<string, Place>();
  for (const { resource_id: id, name, resource_type: type } of bookings.flatMap(({ crew }) => crew)) {
    found.set(id, { id, name, isPlace: PLACES.includes(type) });
  }
  return [...found.values()].sort((a, b) => Number(b.isPlace) - Number(a.isPlace));
}

const minuteOf = (instant: Instant, timezone: string): number => {
  const { hour, minute } = wallClock(instant, timezone);
  return hour * 60 + minute;
};

/** Of the first day that has a free time, the one nearest to the booking's own hour. */
function nearest(slots: Slot[], start: Instant, timezone: string): Slot | null {
  const first = slots[0];
  if (!first) return null;
  const day = localDate(first.start, timezone);
  const hour = minuteOf(start, timezone);
  const away = (slot: Slot): number => Math.abs(minuteOf(slot.start, timezone) - hour);
  return slots
    .filter((slot) => localDate(slot.start, timezone) === day)
    .reduce((best, slot) => (away(slot) < away(best) ? slot : best));
}

/**
 * Propose a start for each booking, the earlier bookings first; two of one package share a start only if
 * it has room for both. Other packages may want the same people: the move itself decides.
 *
 * `free` holds the free times of each package in order, by its id.
 */
export function proposals(
  bookings: Pick<Booking, "id" | "start" | "service">[],
  free: Map<string, Slot[]>,
  timezone: string,
): Map<string, Instant> {
  const left = new Map([...free].map(([id, slots]) => [id, slots.map((slot) => ({ ...slot }))]));
  const proposed = new Map<string, Instant>();
  for (const { id, start, service } of [...bookings].sort((a, b) => Date.parse(a.start) - Date.parse(b.start))) {
    const open = (left.get(service.id) ?? []).filter((slot) => slot.remaining > 0);
    const slot = nearest(open, start, timezone);
    if (!slot) continue;
    slot.remaining -= 1;
    proposed.set(id, slot.start);
  }
  return proposed;
}

export function batches<Item>(items: Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

export const outcomeOf = ({ moved, error }: MoveResult): Outcome => ({
  moved,
  code: error?.code ?? "",
  alternatives: error?.details.alternatives ?? [],
});
