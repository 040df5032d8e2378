/** The server's time, so that a wrong phone clock does not distort the hold countdown. */

/** Below this a difference is network delay, not a wrong clock. */
const TOLERANCE_MS = 3_000

let offsetMs = 0

/** Learn from an answer's Date header. */
export function learnServerTime(date: string | null): void {
  const difference = date ? Date.parse(date) - Date.now() : NaN
  if (!Number.isNaN(difference)) offsetMs = Math.abs(difference) > TOLERANCE_MS ? difference : 0
}

export const serverNow = () => new Date(Date.now() + offsetMs)
