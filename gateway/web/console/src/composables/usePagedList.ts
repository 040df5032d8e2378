// A list read page by page; a refresh reads as many rows as are shown.
import type { ApiProblem } from "@kit/client";
import type { Page } from "@kit/types";
import { computed, ref, type ComputedRef, type Ref } from "vue";
import { asProblem, useFetched } from "./useFetched";

export interface PagedList<Item> {
  items: ComputedRef<Item[]>;
  problem: Ref<ApiProblem | null>;
  moreProblem: Ref<ApiProblem | null>;
  waiting: ComputedRef<boolean>;
  hasMore: ComputedRef<boolean>;
  loadingMore: Ref<boolean>;
  load: () => Promise<void>;
  refresh: () => Promise<void>;
  more: () => Promise<void>;
}

export function usePagedList<Item>(
  fetchPage: (cursor: string | null, signal?: AbortSignal) => Promise<Page<Item>>,
): PagedList<Item> {
  let pagesShown = 1;
  const loadingMore = ref(false);
  const moreProblem = ref<ApiProblem | null>(null) as Ref<ApiProblem | null>;

  async function fetchShown(signal: AbortSignal): Promise<Page<Item>> {
    const shown: Page<Item> = { items: [], next_cursor: null };
    for (let page = 0; page < pagesShown; page += 1) {
      const next = await fetchPage(shown.next_cursor, signal);
      shown.items = [...shown.items, ...next.items];
      shown.next_cursor = next.next_cursor;
      if (next.next_cursor === null) break;
    }
    return shown;
  }

  const fetched = useFetched(fetchShown);

  function load(): Promise<void> {
    pagesShown = 1;
    moreProblem.value = null;
    return fetched.load();
  }

  async function more(): Promise<void> {
    const shown = fetched.value.value;
    if (!shown?.next_cursor || loadingMore.value) return;
    loadingMore.value = true;
    moreProblem.value = null;
    try {
      const next = await fetchPage(shown.next_cursor);
      if (fetched.value.value !== shown) return; // refreshed meanwhile
      pagesShown += 1;
      fetched.value.value = { items: [...shown.items, ...next.items], next_cursor: next.next_cursor };
    } catch (reason) {
      moreProblem.value = asProblem(reason);
    } finally {
      loadingMore.value = false;
    }
  }

  return {
    items: computed(() => fetched.value.value?.items ?? []),
    problem: fetched.problem,
    moreProblem,
    waiting: fetched.waiting,
    hasMore: computed(() => Boolean(fetched.value.value?.next_cursor)),
    loadingMore,
    load,
    refresh: fetched.refresh,
    more,
  };
}
