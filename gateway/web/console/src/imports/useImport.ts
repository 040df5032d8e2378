// One import on a page: read again once a second while the gateway works at it.
import { onScopeDispose, watch } from "vue";
import { useFetched, type Fetched } from "../composables/useFetched";
import { isWorking } from "./importModel";
import type { Import } from "./importTypes";
import { imports } from "./importsApi";

const AGAIN_MS = 1000;

export function useImport(importId: () => string): Fetched<Import> {
  const fetched = useFetched((signal) => imports.read(importId(), signal));
  let timer: ReturnType<typeof setTimeout> | undefined;

  watch(importId, () => void fetched.load(), { immediate: true });
  watch(fetched.busy, (busy) => {
    clearTimeout(timer);
    const found = fetched.value.value;
    if (!busy && found && isWorking(found.state)) timer = setTimeout(() => void fetched.refresh(), AGAIN_MS);
  });
  onScopeDispose(() => clearTimeout(timer));
  return fetched;
}
