// The range of days the figures cover, by the branch's calendar.
import { addDays, todayIn } from "@kit/format";
import type { LocalDate } from "@kit/types";
import { computed, ref, type ComputedRef, type Ref } from "vue";

export type RangeName = "today" | "week" | "month" | "custom";

const DAYS: Record<Exclude<RangeName, "custom">, number> = { today: 1, week: 7, month: 30 };

export function useDashboardRange(timezone: () => string): {
  name: Ref<RangeName>;
  custom: Ref<{ from: LocalDate; to: LocalDate }>;
  range: ComputedRef<{ from: LocalDate; to: LocalDate }>;
} {
  const today = (): LocalDate => todayIn(timezone());
  const name = ref<RangeName>("week");
  const custom = ref({ from: addDays(today(), -13), to: today() });

  const range = computed(() => {
    if (name.value !== "custom") return { from: addDays(today(), 1 - DAYS[name.value]), to: today() };
    const { from, to } = custom.value;
    return from <= to ? { from, to } : { from: to, to: from };
  });

  return { name, custom, range };
}
