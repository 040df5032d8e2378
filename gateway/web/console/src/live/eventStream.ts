// Keeps one EventSource open and alive; runs in the shared worker, or in the page where there is none.
import type { Change } from "@kit/types";

export type LiveState = "connecting" | "live" | "reconnecting";
export type LiveMessage = { kind: "state"; state: LiveState } | { kind: "change"; change: Change } | { kind: "resync" };

const URL = "/api/v1/stream";
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];

export interface EventStream {
  close(): void;
  state(): LiveState;
}

export function openEventStream(tell: (message: LiveMessage) => void): EventStream {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let state: LiveState = "connecting";
  let failures = 0;

  function become(next: LiveState): void {
    if (next === state) return;
    // whatever happened while we were away is fetched again rather than guessed
    const wasAway = state === "reconnecting" && next === "live";
    state = next;
    tell({ kind: "state", state });
    if (wasAway) tell({ kind: "resync" });
  }

  function onError(): void {
    become("reconnecting");
    if (source?.readyState !== EventSource.CLOSED) return; // the browser retries by itself
    source.close();
    clearTimeout(timer);
    timer = setTimeout(connect, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
  }

  function onOpen(): void {
    failures = 0;
    become("live");
  }

  function connect(): void {
    source = new EventSource(URL);
    source.onopen = onOpen;
    source.onerror = onError;
    source.addEventListener("change", (event: MessageEvent<string>) => {
      tell({ kind: "change", change: JSON.parse(event.data) as Change });
    });
  }

  connect();
  return {
    close: () => {
      clearTimeout(timer);
      source?.close();
    },
    state: () => state,
  };
}
