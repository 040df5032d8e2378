// Shapes of what staff have begun to write down, and of many bookings moved at once; nothing here runs.
import type { PickedAddOn } from "./money";
import type { Channel, Contact, Instant, Slot } from "./types";

/** What is known so far of a booking; anything may be missing. */
export interface Wish {
  service_id?: string;
  start?: Instant;
  contact?: Partial<Contact>;
  add_ons?: PickedAddOn[];
  coupon_code?: string | null;
  channel?: Channel;
  note?: string;
}

export interface DraftBody {
  branch_id: string;
  wish: Wish;
  /** For staff alone. */
  note: string;
  /** The one that was seen; null for a draft that is new. */
  version: number | null;
}

export interface Draft extends Omit<DraftBody, "version"> {
  id: string;
  version: number;
  created_by: string;
  created_at: Instant;
  updated_at: Instant;
}

export interface Move {
  booking_id: string;
  start: Instant;
}

export interface MoveResult {
  booking_id: string;
  moved: boolean;
  error: { code: string; details: { alternatives?: Slot[] } } | null;
}
