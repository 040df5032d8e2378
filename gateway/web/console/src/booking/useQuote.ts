// What a wish costs now, asked anew a moment after it has changed; the last price stays until the next.
import type { ApiProblem } from "@kit/client";
import type { Quote, QuoteRequest } from "@kit/money";
import { computed, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from "vue";
import { useDebounced } from "../composables/useDebounced";
import { useFetched } from "../composables/useFetched";
import { desk } from "./bookingApi";

const NOTHING = "null";

export interface AskedQuote {
  quote: ShallowRef<Quote | null>;
  asking: ComputedRef<boolean>;
  problem: Ref<ApiProblem | null>;
}

/** `wish` is null while there is nothing to ask for. */
export function useQuote(wish: () => QuoteRequest | null): AskedQuote {
  const wanted = computed(() => JSON.stringify(wish()));
  const asked = useDebounced(wanted);
  const quote = shallowRef<Quote | null>(null);
  const { value, problem, busy, load, forget } = useFetched((signal) =>
    desk.quote(JSON.parse(asked.value) as QuoteRequest, signal),
  );

  watch(asked, (now) => {
    if (now !== NOTHING) return void load();
    forget();
    quote.value = null;
  });
  watch(value, (found) => found && (quote.value = found));
  watch(problem, (found) => found && (quote.value = null));

  const asking = computed(() => wanted.value !== NOTHING && (busy.value || wanted.value !== asked.value));
  return { quote, asking, problem };
}
