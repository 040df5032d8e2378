// What the cash desk pays out, and how the providers' statements agree with our books.
import type { Instant, LocalDate } from "./types";

export type PayoutMethod = "cash" | "card" | "transfer" | "wechat" | "alipay" | "other";

/** Money that the studio paid a customer beyond what was paid to it. */
export interface Payout {
  id: string;
  method: PayoutMethod;
  amount_cents: number;
  note: string;
  paid_at: Instant;
}

export interface Payouts {
  /** What the studio still owes beyond what was paid to it. */
  owed_cents: number;
  currency: string;
  items: Payout[];
}

export interface PayoutRequest {
  method: PayoutMethod;
  amount_cents: number;
  note: string;
}

/** Money that moved; `kind` is payment or refund. */
export interface Movement {
  kind: string;
  number: string;
  reference: string;
  amount_cents: number;
  currency: string;
  settled_at: Instant;
}

/** What a provider's statement and our books do not agree on. */
export interface Reconciliation {
  matched: number;
  differing: { ours: Movement; theirs: Movement }[];
  missing_here: Movement[];
  missing_there: Movement[];
  repeated: Movement[];
}

export interface DailyReconciliation {
  provider: string;
  day: LocalDate;
  /** Null until the statement was compared. */
  agrees: boolean | null;
  found: Reconciliation | null;
  /** Why the statement could not be compared, the last time. */
  error: string | null;
  checked_at: Instant | null;
  /** When it is asked for again; null when it is compared or nobody asks any more. */
  ask_at: Instant | null;
}
