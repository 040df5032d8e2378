// One Idempotency-Key per attempt: kept while the content stays, new when it changes or was refused.
import { newIdempotencyKey } from "./client";

export interface IdempotencyKey {
  keyFor: (content: unknown) => string;
  /** Call after a definite refusal: asking the same again is a new attempt. */
  renew: () => void;
}

export function useIdempotencyKey(): IdempotencyKey {
  let key = "";
  let fingerprint = "";

  function keyFor(content: unknown): string {
    const next = JSON.stringify(content);
    if (!key || next !== fingerprint) key = newIdempotencyKey();
    fingerprint = next;
    return key;
  }

  return { keyFor, renew: () => (key = "") };
}
