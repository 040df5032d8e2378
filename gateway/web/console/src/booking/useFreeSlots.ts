// Free times of a service at a branch, a week of days at a time.
import { addDays, localDate, todayIn, wallClock } from "@kit/format";
import type { LocalDate, Slot } from "@kit/types";
import { computed, ref, watch, type ComputedRef, type Ref } from "vue";
import { api } from "../api";
import { useFetched, type Fetched } from "../composables/useFetched";

export const DAYS_SHOWN = 7;

export interface DayPart {
  name: "morning" | "afternoon" | "evening";
  slots: Slot[];
}

function partOf(slot: Slot, timezone: string): DayPart["name"] {
  const { hour } = wallClock(slot.start, timezone);
  if (hour < 12) return "morning";
  return hour < 18 ? "afternoon" : "evening";
}

export function dayParts(slots: Slot[], timezone: string): DayPart[] {
  const names: DayPart["name"][] = ["morning", "afternoon", "evening"];
  return names
    .map((name) => ({ name, slots: slots.filter((slot) => partOf(slot, timezone) === name) }))
    .filter((part) => part.slots.length > 0);
}

export interface FreeSlots {
  first: Ref<LocalDate>;
  today: ComputedRef<LocalDate>;
  days: ComputedRef<LocalDate[]>;
  slotsOn: (day: LocalDate) => Slot[];
  fetched: Fetched<Slot[]>;
  /** Show the week that begins on a day, never one before today. */
  showFrom: (day: LocalDate) => void;
}

export function useFreeSlots(wanted: () => { serviceId: string; branchId: string; timezone: string }): FreeSlots {
  const today = computed(() => todayIn(wanted().timezone));
  const first = ref(today.value);
  const days = computed(() => Array.from({ length: DAYS_SHOWN }, (_, index) => addDays(first.value, index)));

  const fetched = useFetched(async (signal) => {
    const { serviceId, branchId } = wanted();
    const span = { from: first.value, to: addDays(first.value, DAYS_SHOWN - 1) };
    const answer = await api.availability({ service_id: serviceId, branch_id: branchId, ...span }, signal);
    return answer.slots.filter((slot) => slot.remaining > 0);
  });

  watch(
    () => [wanted().serviceId, wanted().branchId, first.value],
    ([serviceId, branchId]) => (serviceId && branchId ? void fetched.load() : fetched.forget()),
    { immediate: true },
  );

  function slotsOn(day: LocalDate): Slot[] {
    const { timezone } = wanted();
    return (fetched.value.value ?? []).filter((slot) => localDate(slot.start, timezone) === day);
  }

  function showFrom(day: LocalDate): void {
    first.value = day < today.value ? today.value : day;
  }

  return { first, today, days, slotsOn, fetched, showFrom };
}
