/** One Idempotency-Key per attempt: kept while the content stays, new when it changes or was refused. */
import { newIdempotencyKey } from '@kit/client'

export function useIdempotencyKey() {
  let key = ''
  let fingerprint = ''

  function keyFor(content: unknown): string {
    const next = JSON.stringify(content)
    if (!key || next !== fingerprint) key = newIdempotencyKey()
    fingerprint = next
    return key
  }

  /** Call after a definite refusal: asking the same again is a new attempt. */
  function renew(): void {
    key = ''
  }

  return { keyFor, renew }
}
