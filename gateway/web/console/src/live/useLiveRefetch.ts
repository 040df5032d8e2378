// Fetches a page's data again when a matching change arrives: soon, but once for a burst.
import type { Change, ChangeResource } from "@kit/types";
import { onScopeDispose } from "vue";
import { onChange } from "./connection";

const QUIET_MS = 120; // waits for the rest of a burst; staff must see a booking within a second
const LONGEST_WAIT_MS = 500;

export function useLiveRefetch(
  resources: ChangeResource[],
  refetch: () => unknown,
  concerns: (change: Change) => boolean = () => true,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let firstAt = 0;
  let missed = false;

  function run(): void {
    firstAt = 0;
    if (document.hidden) missed = true;
    else void refetch();
  }

  function schedule(): void {
    const now = Date.now();
    firstAt ||= now;
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(0, Math.min(QUIET_MS, firstAt + LONGEST_WAIT_MS - now)));
  }

  function catchUp(): void {
    if (document.hidden || !missed) return;
    missed = false;
    void refetch();
  }

  const stop = onChange((change) => {
    if (change === null || (resources.includes(change.resource) && concerns(change))) schedule();
  });
  document.addEventListener("visibilitychange", catchUp);
  onScopeDispose(() => {
    stop();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", catchUp);
  });
}
