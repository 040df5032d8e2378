// A value that follows another once it has been still for a moment, for search boxes.
import { onScopeDispose, ref, watch, type Ref } from "vue";

export function useDebounced<Value>(source: Ref<Value>, delayMs = 250): Ref<Value> {
  const settled = ref(source.value) as Ref<Value>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(source, (value) => {
    clearTimeout(timer);
    timer = setTimeout(() => (settled.value = value), delayMs);
  });
  onScopeDispose(() => clearTimeout(timer));
  return settled;
}
