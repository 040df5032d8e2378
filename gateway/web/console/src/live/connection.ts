// The page's end of the live updates: joins the shared stream and hands changes to whoever listens.
import { readonly, ref } from "vue";
import { openEventStream, type LiveMessage, type LiveState } from "./eventStream";
import type { Change } from "@kit/types";

export type ChangeListener = (change: Change | null) => void;

const state = ref<LiveState>("connecting");
const listeners = new Set<ChangeListener>();
let leave: (() => void) | null = null;

function receive(message: LiveMessage): void {
  if (message.kind === "state") state.value = message.state;
  else for (const listener of listeners) listener(message.kind === "change" ? message.change : null);
}

function joinSharedStream(): () => void {
  const worker = new SharedWorker(new URL("./streamWorker.ts", import.meta.url), { type: "module", name: "yingqi-live" });
  worker.port.onmessage = (event: MessageEvent<LiveMessage>) => receive(event.data);
  worker.port.postMessage("join");
  return () => worker.port.postMessage("leave");
}

function openOwnStream(): () => void {
  const stream = openEventStream(receive);
  return () => stream.close();
}

export function goLive(): void {
  leave ??= "SharedWorker" in window ? joinSharedStream() : openOwnStream();
}

export function goQuiet(): void {
  leave?.();
  leave = null;
  state.value = "connecting";
}

/** Hear of every change; `null` means "something was missed, fetch everything again". */
export function onChange(listener: ChangeListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** This tab changed something itself: what is shown is fetched again without waiting for the stream. */
export function noticeOwnChange(): void {
  for (const listener of listeners) listener(null);
}

export const liveState = readonly(state);

// a page that leaves must not keep the stream open; one that comes back from the cache joins again
window.addEventListener("pagehide", () => leave?.());
window.addEventListener("pageshow", (event) => {
  if (!event.persisted || !leave) return;
  leave = null;
  goLive();
  for (const listener of listeners) listener(null);
});
