// What of a deposit is more than the law takes for earnest money (定金); pure.
import type { Deposit } from "@kit/money";

/** Percent of the price; Civil Code art. 586, as docs/sources.md says. */
const LIMIT_PERCENT = 20;

const WHOLE = 10_000;

/** How many cents of a deposit lie above the limit; nothing of an advance (订金) does. */
export function earnestExcess({ kind, value, money }: Deposit, priceCents: number): number {
  if (money !== "earnest" || kind === "none") return 0;
  const asked = kind === "full" ? priceCents : kind === "percent" ? Math.round((priceCents * value) / WHOLE) : value;
  return Math.max(0, Math.min(asked, priceCents) - Math.floor((priceCents * LIMIT_PERCENT) / 100));
}
