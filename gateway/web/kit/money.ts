// Shapes of what is sold and of its money over HTTP: add-ons, prices, orders, the cash desk; nothing here runs.
import type { ClockTime, DayCode } from "./scheduling";
import type { Instant, LocalDate, Text } from "./types";

// --- what is sold

export interface Deposit {
  kind: "none" | "fixed" | "percent" | "full";
  /** Cents when fixed, basis points of the price when a percentage. */
  value: number;
  due: "booking" | "service";
  /** What the law takes it for: earnest money (定金) or an advance (订金). */
  money: "earnest" | "advance";
}

export type Cause = "customer" | "studio" | "weather";

/** Cents, or basis points of the price; at most one of them is not zero. */
export interface Fee {
  cents: number;
  basis_points: number;
}

/** Terms of moves and cancellations from so many hours before the start on; parts in basis points. */
export interface Tier {
  cause: Cause;
  from_hours: number;
  /** Whether customers may do it alone. */
  moves: boolean;
  cancels: boolean;
  free_moves: number;
  move_fee: Fee;
  cancel_fee: Fee;
  /** What goes back of the earnest money, and of everything else that was paid. */
  earnest_return: number;
  other_return: number;
  /** How long what is kept may be used for another booking; 0 for not at all. */
  transfer_days: number;
}

/** A part of a payment schedule; `value` in cents, or in basis points of the total. */
export interface Part {
  kind: "deposit" | "balance" | "extra";
  part: "amount" | "percent" | "rest";
  value: number;
  anchor: "booking" | "start" | "event";
  /** After the anchor; negative before it. */
  days: number;
  /** What the third anchor waits for. */
  event: string | null;
}

export type ItemKind = "session" | "retouch" | "garment" | "album" | "frame" | "print" | "digital" | "gift" | "other";

/** One thing that a package holds; of a session, how many appointments of which service. */
export interface PackageItem {
  kind: ItemKind;
  label: Text;
  quantity: number;
  service_id: string | null;
}

/** A package (套系): one price for appointments and what comes with them. */
export interface Package {
  id: string;
  version: number;
  name: Text;
  category: Text;
  summary: Text;
  items: PackageItem[];
  price_cents: number;
  /** At the plain price, as of a service. */
  deposit_cents: number;
  deposit: Deposit;
  /** Empty: the default terms; likewise the schedule. */
  policy: Tier[];
  schedule: Part[];
  needs_approval: boolean;
  currency: string;
  cover: string | null;
  /** How long after the sale its appointments may be made; null for ever. */
  valid_days: number | null;
  position: number;
  active: boolean;
}

export type PackageDraft = Omit<Package, "id" | "version" | "deposit_cents">;

/** An appointment that an order of several entitles to, and the booking that was made of it. */
export interface OrderSession {
  id: string;
  service_id: string;
  label: Text;
  state: "open" | "booked" | "used" | "forfeited" | "void";
  expires_on: LocalDate | null;
  booking_id: string | null;
  number: string | null;
  start: Instant | null;
}

export interface AddOn {
  id: string;
  name: Text;
  summary: Text | null;
  price_cents: number;
  currency: string;
  /** Null: as many as are wanted; `left` likewise. */
  stock: number | null;
  left: number | null;
  max_quantity: number;
  /** With which packages it goes; none means with all. */
  service_ids: string[];
  position: number;
  active: boolean;
}

export type AddOnDraft = Omit<AddOn, "id" | "left">;

export interface PickedAddOn {
  id: string;
  quantity: number;
}

export interface QuoteRequest {
  service_id: string;
  also?: string[];
  package_id?: string;
  resource_ids?: string[];
  branch_id: string;
  start: Instant;
  add_ons: PickedAddOn[];
  coupon_code?: string;
}

/** A price line by line; nothing is held by asking for it. */
export interface Quote {
  lines: OrderLine[];
  total_cents: number;
  deposit_cents: number;
  /** What of the deposit lies above the fifth that the law recognises as earnest money. */
  earnest_excess_cents: number;
  currency: string;
}

export interface DateRange {
  first: LocalDate;
  last: LocalDate;
  /** Only month and day count, every year. */
  yearly: boolean;
}

/** When a rule holds: in every respect that is not null. */
export interface PriceMatch {
  weekdays: DayCode[] | null;
  dates: DateRange[] | null;
  branch_ids: string[] | null;
  service_ids: string[] | null;
  skill: string | null;
  skill_levels: number[] | null;
  from_time: ClockTime | null;
  to_time: ClockTime | null;
}

export type PriceEffect = "set" | "add" | "percent";

export interface PriceRule {
  id: string;
  label: Text;
  effect: PriceEffect;
  /** Cents, which may be negative when added; of a percentage basis points. */
  value: number;
  match: PriceMatch;
  priority: number;
  /** No rule after this one counts. */
  exclusive: boolean;
  active: boolean;
}

// --- an order and its money

/** What was bought, a fee or a rebate; quantity × unit_cents counts into the total. */
export interface OrderLine {
  kind: string;
  label: Text;
  quantity: number;
  unit_cents: number;
}

/** A line of the payment schedule; `on` is null until its day is known. */
export interface Due {
  kind: string;
  amount_cents: number;
  paid_cents: number;
  on: LocalDate | null;
}

export type PaymentKind = "deposit" | "balance";
export type PaymentState = "pending" | "succeeded" | "failed" | "refunding" | "refunded";

export interface Payment {
  id: string;
  /** A PaymentKind, or what else was paid for at the desk. */
  kind: string;
  provider: string;
  /** How it was paid at the desk; null of payments by the customer. */
  method: string | null;
  amount_cents: number;
  received_cents: number | null;
  refunded_cents: number;
  currency: string;
  state: PaymentState;
  late: boolean;
  created_at: Instant;
  paid_at: Instant | null;
}

export type RefundState = "pending" | "succeeded" | "failed";

export interface Refund {
  id: string;
  payment_id: string;
  amount_cents: number;
  reason: string;
  state: RefundState;
  requested_at: Instant;
  settled_at: Instant | null;
}

/** What a move or a cancellation would mean by the policy, were it made now. */
export interface Change {
  /** Whether the customer may make it alone; staff may in any case. */
  allowed: boolean;
  fee_cents: number;
  refund_cents: number;
  forfeited_cents: number;
  /** What the studio owes beyond what was paid: the second half of a double return. */
  compensation_cents: number;
  counts_as_move: boolean;
  free_moves_left: number;
  reason: Text;
  /** Whether cancelling gives the session of a package back or uses it up; null where money is at stake. */
  session: "returned" | "forfeited" | null;
}

/** What a move to one start would mean: its day may cost more, or less. */
export interface MoveTerms extends Change {
  difference_cents: number;
  /** What the order would cost, with fee and difference. */
  total_cents: number;
}

export interface Changes {
  cause: Cause;
  move: Change;
  cancel: Change;
}

// --- paying

export interface PaymentProvider {
  name: string;
  title: Text;
}

/** How the payer gets to pay: by going to `pay_url`, by its QR code, or with `params` in WeChat. */
export interface PaymentStart {
  payment_id: string;
  kind: "redirect" | "qr" | "jsapi";
  pay_url: string;
  params: Record<string, string>;
}

// --- the cash desk

export type CashKind = PaymentKind | "extra" | "product";
export type CashMethod = "cash" | "card" | "transfer" | "wechat" | "alipay" | "other" | "stored_value" | "points";
export type ChargeKind = "extra" | "product" | "fee" | "discount";

export interface CashTaken {
  kind: CashKind;
  method: CashMethod;
  amount_cents: number;
  note: string;
}

export interface RefundRequest {
  payment_id: string;
  amount_cents: number;
  reason: string;
}

export interface ChargeRequest {
  kind: ChargeKind;
  label: Text;
  quantity: number;
  unit_cents: number;
}

export interface CashTotal {
  provider: string;
  method: string | null;
  kind: string;
  currency: string;
  count: number;
  received_cents: number;
  refunded_cents: number;
}

/** What the next close in a currency takes: all since the one before, which is the last. */
export interface CashOpen {
  currency: string;
  previous_id: string | null;
  since: Instant | null;
  /** What of it must lie in the drawer. */
  expected_cents: number;
  totals: CashTotal[];
}

export interface CashClosing {
  id: string;
  /** When the desk was closed before; null for the first close. */
  since: Instant | null;
  totals: CashTotal[];
  expected_cents: number;
  counted_cents: number;
  /** What was counted above what was expected. */
  difference_cents: number;
  currency: string;
  note: string;
  closed_by: string;
  closed_at: Instant;
}

/** What moved at a branch on a day, how its desk was closed for it, and what is in no close yet. */
export interface CashReport {
  branch_id: string;
  day: LocalDate;
  totals: CashTotal[];
  open: CashOpen[];
  closings: CashClosing[];
}

export interface CloseRequest {
  day: LocalDate;
  currency: string;
  /** The last close that whoever has counted knows of. */
  previous_id: string | null;
  counted_cents: number;
  note: string;
}
