// One event stream for all tabs of this browser: a browser allows about six connections per origin.
import { openEventStream, type EventStream, type LiveMessage } from "./eventStream";

const tabs = new Set<MessagePort>();
let stream: EventStream | null = null;

function tellAll(message: LiveMessage): void {
  for (const tab of tabs) tab.postMessage(message);
}

function join(tab: MessagePort): void {
  tabs.add(tab);
  stream ??= openEventStream(tellAll);
  tab.postMessage({ kind: "state", state: stream.state() } satisfies LiveMessage);
}

function leave(tab: MessagePort): void {
  tabs.delete(tab);
  if (tabs.size > 0) return;
  stream?.close();
  stream = null;
}

function accept(tab: MessagePort): void {
  tab.onmessage = (event: MessageEvent<"join" | "leave">) => (event.data === "join" ? join(tab) : leave(tab));
}

self.addEventListener("connect", (event) => {
  const tab = (event as MessageEvent).ports[0];
  if (tab) accept(tab);
});
