// One answer of the gateway on a page: the latest request wins, a refresh never blanks what is shown.
import { ApiProblem } from "@kit/client";
import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";

export interface Fetched<Value> {
  value: ShallowRef<Value | null>;
  problem: Ref<ApiProblem | null>;
  /** True while nothing can be shown yet. */
  waiting: ComputedRef<boolean>;
  /** True during every request. */
  busy: Ref<boolean>;
  /** Show another thing: forgets what is shown. */
  load: () => Promise<void>;
  /** Show the same thing anew: keeps what is shown, also when it fails. */
  refresh: () => Promise<void>;
  forget: () => void;
}

export function asProblem(reason: unknown): ApiProblem {
  if (reason instanceof ApiProblem) return reason;
  return new ApiProblem({ status: 0, code: "client.bug", message: String(reason) });
}

export function useFetched<Value>(fetchValue: (signal: AbortSignal) => Promise<Value>): Fetched<Value> {
  const value = shallowRef<Value | null>(null);
  const problem = ref<ApiProblem | null>(null) as Ref<ApiProblem | null>;
  const busy = ref(false);
  let running: AbortController | null = null;

  async function run(): Promise<void> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    busy.value = true;
    try {
      const answer = await fetchValue(mine.signal);
      if (running !== mine) return;
      value.value = answer;
      problem.value = null;
    } catch (reason) {
      if (running !== mine) return;
      if (value.value === null) problem.value = asProblem(reason);
    } finally {
      if (running === mine) busy.value = false;
    }
  }

  function forget(): void {
    running?.abort();
    running = null;
    busy.value = false;
    value.value = null;
    problem.value = null;
  }

  function load(): Promise<void> {
    forget();
    return run();
  }

  onScopeDispose(() => {
    running?.abort();
    running = null;
  });
  const waiting = computed(() => value.value === null && problem.value === null);
  return { value, problem, waiting, busy, load, refresh: run, forget };
}
