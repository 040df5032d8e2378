// One day's bookings at a branch: read, matched with free times, and moved together.
import { addDays, todayIn } from "@kit/format";
import type { Cause } from "@kit/money";
import type { Booking, BookingListItem, LocalDate, Slot } from "@kit/types";
import { computed, ref, type ComputedRef, type Ref } from "vue";
import { api } from "../api";
import { desk } from "../booking/bookingApi";
import { asProblem, useFetched, type Fetched } from "../composables/useFetched";
import { noticeOwnChange } from "../live/connection";
import { BATCH, batches, canMove, DAYS_AHEAD, HERE, MOVABLE, outcomeOf, proposals, type MoveRow } from "./weatherModel";

const AT_ONCE = 6; // bookings read side by side: browsers open no more connections to one address

export interface Place {
  branchId: string;
  day: LocalDate;
  timezone: string;
}

interface Day {
  /** How many have come already, and stay. */
  stay: number;
}

export interface WeatherDay {
  day: Fetched<Day>;
  rows: Ref<MoveRow[]>;
  progress: Ref<{ done: number; all: number } | null>;
  running: ComputedRef<boolean>;
  /** What broke a run off, "" after one that went through. */
  broken: Ref<string>;
  move: (rows: MoveRow[], cause: Cause) => Promise<void>;
}

async function everyBooking({ branchId, day }: Place, signal: AbortSignal): Promise<BookingListItem[]> {
  const found: BookingListItem[] = [];
  for (let cursor: string | null = null, more = true; more; ) {
    const page = await api.bookings({ branch_id: branchId, from: day, to: day }, cursor, signal);
    found.push(...page.items);
    cursor = page.next_cursor;
    more = cursor !== null;
  }
  return found;
}

async function inFull(items: BookingListItem[], signal: AbortSignal): Promise<Booking[]> {
  const found: Booking[] = [];
  for (const some of batches(items, AT_ONCE)) {
    found.push(...(await Promise.all(some.map(({ id }) => api.booking(id, signal)))));
  }
  return found;
}

async function freeTimes(bookings: Booking[], { branchId, day, timezone }: Place, signal: AbortSignal): Promise<Map<string, Slot[]>> {
  const today = todayIn(timezone);
  const from = addDays(day < today ? today : day, 1);
  const span = { from, to: addDays(from, DAYS_AHEAD - 1) };
  const services = [...new Set(bookings.map(({ service }) => service.id))];
  const found = await Promise.all(
    services.map(async (id) => {
      const { slots } = await api.availability({ service_id: id, branch_id: branchId, ...span }, signal);
      return [id, slots] as const;
    }),
  );
  return new Map(found);
}

export function useWeatherDay(place: () => Place): WeatherDay {
  const rows = ref<MoveRow[]>([]);
  const progress = ref<{ done: number; all: number } | null>(null);
  const broken = ref("");

  const day = useFetched<Day>(async (signal) => {
    const asked = place();
    const listed = await everyBooking(asked, signal);
    const bookings = (await inFull(listed.filter(({ status }) => MOVABLE.includes(status)), signal))
      .filter(canMove)
      .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
    const proposed = proposals(bookings, await freeTimes(bookings, asked, signal), asked.timezone);
    if (signal.aborted) throw new DOMException("another day is shown", "AbortError");
    rows.value = bookings.map((booking) => {
      const target = proposed.get(booking.id) ?? "";
      return { booking, target, chosen: target !== "", outcome: null };
    });
    broken.value = "";
    return { stay: listed.filter(({ status }) => HERE.includes(status)).length };
  });

  async function moveSome(some: MoveRow[], cause: Cause): Promise<void> {
    const moves = some.map(({ booking, target }) => ({ booking_id: booking.id, start: target }));
    const { items } = await desk.moveMany(moves, cause);
    for (const item of items) {
      const row = some.find(({ booking }) => booking.id === item.booking_id);
      if (row) Object.assign(row, { outcome: outcomeOf(item), chosen: !item.moved });
    }
  }

  async function move(wanted: MoveRow[], cause: Cause): Promise<void> {
    if (progress.value) return;
    broken.value = "";
    progress.value = { done: 0, all: wanted.length };
    try {
      for (const some of batches(wanted, BATCH)) {
        await moveSome(some, cause);
        progress.value = { done: progress.value.done + some.length, all: wanted.length };
      }
    } catch (reason) {
      broken.value = asProblem(reason).message;
    } finally {
      progress.value = null;
      noticeOwnChange();
    }
  }

  return { day, rows, progress, running: computed(() => progress.value !== null), broken, move };
}
