// Where the calendar stands, kept in the address: the date, the view, and whom it shows.
import { addDays, todayIn } from "@kit/format";
import type { LocalDate } from "@kit/types";
import { computed, type ComputedRef, type WritableComputedRef } from "vue";
import { useRoute, useRouter } from "vue-router";
import { useNarrowScreen } from "../composables/useNarrowScreen";

export type CalendarView = "day" | "timeline" | "kanban" | "agenda" | "load";

export interface CalendarPlace {
  view: WritableComputedRef<CalendarView>;
  date: WritableComputedRef<LocalDate>;
  /** A type of resource, "" for all. */
  type: WritableComputedRef<string>;
  /** Only the reader's own time. */
  mine: WritableComputedRef<boolean>;
  today: ComputedRef<LocalDate>;
  span: ComputedRef<{ from: LocalDate; to: LocalDate }>;
  /** Whether several days are shown. */
  wide: ComputedRef<boolean>;
  step: (direction: 1 | -1) => void;
  goToday: () => void;
}

const VIEWS: readonly string[] = ["day", "timeline", "kanban", "agenda", "load"];
const WIDE_DAYS = 8; // a day and the seven after it

export function useCalendarPlace(timezone: () => string): CalendarPlace {
  const route = useRoute();
  const router = useRouter();
  const narrow = useNarrowScreen();
  const today = computed(() => todayIn(timezone()));

  function go(change: Record<string, string | undefined>): void {
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
  const type = computed<string>({
    get: () => (typeof route.query.type === "string" ? route.query.type : ""),
    set: (next) => go({ type: next || undefined }),
  });
  const mine = computed<boolean>({
    get: () => route.query.mine === "1",
    set: (next) => go({ mine: next ? "1" : undefined }),
  });
  const wide = computed(() => view.value === "timeline" || view.value === "load");
  const span = computed(() => ({
    from: date.value,
    to: wide.value ? addDays(date.value, WIDE_DAYS - 1) : date.value,
  }));

  return {
    view,
    date,
    type,
    mine,
    today,
    span,
    wide,
    step: (direction) => (date.value = addDays(date.value, direction * (wide.value ? 7 : 1))),
    goToday: () => (date.value = today.value),
  };
}
