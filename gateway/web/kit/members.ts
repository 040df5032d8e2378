// Member levels, coupons and customers' accounts as the gateway tells of them.
import type { CashMethod } from "./money";
import type { Instant, Text } from "./types";

/** `discount_basis_points` off every price; `points_per_hundred` earned with every hundred paid. */
export interface MemberLevel {
  id: string;
  name: Text;
  discount_basis_points: number;
  points_per_hundred: number;
  active: boolean;
}

export type LevelDraft = Omit<MemberLevel, "id">;

/** It takes off an amount or a share; null stock and maximum mean no limit. */
export interface Coupon {
  id: string;
  code: string;
  label: Text;
  amount_cents: number | null;
  basis_points: number | null;
  minimum_cents: number;
  service_ids: string[];
  valid_from: Instant;
  valid_to: Instant;
  stock: number | null;
  per_customer: number | null;
  /** Bookings that use it or are about to. */
  taken: number;
  active: boolean;
  /** Whose own it is; null is for everybody. */
  phone: string | null;
}

export type CouponDraft = Omit<Coupon, "id" | "taken" | "phone">;

export type AccountName = "stored_value" | "points";

export interface MemberAccount {
  customer_id: string;
  level: MemberLevel | null;
  stored_value_cents: number;
  points: number;
  /** What a point is worth when it is spent. */
  point_cents: number;
  currency: string;
}

export type EntryKind = "top_up" | "gift" | "spend" | "return" | "adjust" | "earn" | "opening";

/** `amount` in cents or points; its sign is what it does to the balance. */
export interface AccountEntry {
  id: string;
  account: AccountName;
  kind: EntryKind;
  amount: number;
  booking_id: string | null;
  note: string;
  entered_at: Instant;
}

export interface TopUpRequest {
  branch_id: string;
  method: Exclude<CashMethod, AccountName>;
  amount_cents: number;
  gift_cents: number;
  note: string;
}

export interface EntryRequest {
  account: AccountName;
  amount: number;
  note: string;
}
