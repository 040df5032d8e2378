// Where the calendar stands, kept in the address: the date and the view.
import { addDays, startOfWeek, todayIn } from "@kit/format";
import type { LocalDate } from "@kit/types";
import { computed, type ComputedRef, type WritableComputedRef } from "vue";
import { useRoute, useRouter } from "vue-router";
import { useNarrowScreen } from "../composables/useNarrowScreen";

export type CalendarView = "day" | "week" | "agenda";

export interface CalendarPlace {
  view: WritableComputedRef<CalendarView>;
  date: WritableComputedRef<LocalDate>;
  today: ComputedRef<LocalDate>;
  span: ComputedRef<{ from: LocalDate; to: LocalDate }>;
  step: (direction: 1 | -1) => void;
  goToday: () => void;
}

const VIEWS: readonly string[] = ["day", "week", "agenda"];

export function useCalendarPlace(timezone: () => string): CalendarPlace {
  const route = useRoute();
  const router = useRouter();
  const narrow = useNarrowScreen();
  const today = computed(() => todayIn(timezone()));

  function go(change: { view?: string; date?: string }): void {
    void router.replace({ query: { ...route.query, ...change } });
  }

  const view = computed<CalendarView>({
    get: () => {
      const asked = String(route.query.view ?? "");
      if (VIEWS.includes(asked)) return asked as CalendarView;
      return narrow.value ? "agenda" : "day";
    },
    set: (next) => go({ view: next }),
  });
  const date = computed<LocalDate>({
    get: () => (/^\d{4}-\d\d-\d\d$/.test(String(route.query.date)) ? String(route.query.date) : today.value),
    set: (next) => go({ date: next }),
  });
  const span = computed(() => {
    if (view.value !== "week") return { from: date.value, to: date.value };
    const monday = startOfWeek(date.value);
    return { from: monday, to: addDays(monday, 6) };
  });

  return {
    view,
    date,
    today,
    span,
    step: (direction) => (date.value = addDays(date.value, direction * (view.value === "week" ? 7 : 1))),
    goToday: () => (date.value = today.value),
  };
}
