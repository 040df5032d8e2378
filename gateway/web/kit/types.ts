// Shapes of the HTTP API's answers and requests; nothing here runs. Scheduling's own are in scheduling.ts,
// those of prices and money in money.ts.
import type {
  Changes,
  Deposit,
  Due,
  OrderLine,
  OrderSession,
  PackageItem,
  Payment,
  PickedAddOn,
  Refund,
} from "./money";
import type { Alternative, Obstacle } from "./scheduling";

export type Locale = "zh" | "en";

/** A multilingual text as the API answers it. */
export interface Text {
  zh: string;
  en: string;
}

/** RFC 3339 with the branch's offset, e.g. 2026-11-25T10:00:00+08:00. */
export type Instant = string;
/** A calendar day in the branch's zone, YYYY-MM-DD. */
export type LocalDate = string;

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export interface FieldError {
  pointer: string;
  code: string;
  message: string;
}

export interface Problem {
  type?: string;
  title?: string;
  status: number;
  code: string;
  message: string;
  detail?: string;
  errors?: FieldError[];
  correlation_id?: string;
  alternatives?: Alternative[];
  obstacles?: Obstacle[];
  [extra: string]: unknown;
}

export interface Branch {
  id: string;
  name: Text;
  address: Text;
  phone: string;
  timezone: string;
}

export interface ServiceRole {
  resource_type: string;
  name: Text;
  quantity: number;
  offset_minutes: number;
  length_minutes: number;
}

export interface Service {
  id: string;
  version: number;
  name: Text;
  category: Text;
  summary: Text;
  content: Text[];
  duration_minutes: number;
  price_cents: number;
  /** At the plain price; a quote tells that of a certain day. */
  deposit_cents: number;
  deposit: Deposit;
  needs_approval: boolean;
  currency: string;
  cover: string | null;
  roles: ServiceRole[];
  branch_ids: string[];
  /** The form that is answered with the request, if any. */
  form_id: string | null;
}

/** What everybody sees of a person, a room or a thing; staff see more (scheduling.ts). */
export interface Resource {
  id: string;
  branch_id: string;
  resource_type: string;
  name: Text;
  level: Text | null;
  bookable_by_name: boolean;
}

export interface Slot {
  start: Instant;
  end: Instant;
  remaining: number;
}

export interface Availability {
  timezone: string;
  slots: Slot[];
}

export type BookingStatus =
  | "held"
  | "pending"
  | "confirmed"
  | "checked_in"
  | "in_service"
  | "completed"
  | "cancelled"
  | "expired"
  | "rejected"
  | "no_show";

/** Where an order stands: to be confirmed, served or paid, or over. */
export type OrderStatus = "to_confirm" | "to_serve" | "to_pay" | "done" | "closed";
export type PaymentStatus =
  | "unpaid"
  | "deposit_paid"
  | "partly_paid"
  | "paid"
  | "overpaid"
  | "refunding"
  | "refunded";
export type BookingAction =
  | "pay_deposit"
  | "pay_balance"
  | "reschedule"
  | "cancel"
  | "approve"
  | "reject"
  | "check_in"
  | "start"
  | "complete"
  | "no_show";
export type Channel = "web" | "wechat" | "mini_program" | "phone" | "walk_in";

export interface Contact {
  name: string;
  phone: string;
}

export interface CrewMember {
  resource_id: string;
  resource_type: string;
  name: Text;
  start: Instant;
  end: Instant;
}

export interface Message {
  id: string;
  sent_at: Instant;
  subject: string;
  body: string;
}

export interface Booking {
  id: string;
  number: string;
  order: { id: string; number: string };
  status: BookingStatus;
  /** Somebody who serves it is not there any more. */
  in_conflict: boolean;
  /** Why it was rejected or cancelled, if somebody said. */
  reason: string;
  deposit_money: Deposit["money"];
  order_status: OrderStatus;
  payment_status: PaymentStatus;
  service: { id: string; name: Text };
  /** What comes right after it, in the same visit. */
  also: AlsoService[];
  /** What its package holds, if it was bought as one; of several appointments the `sessions`. */
  items: PackageItem[];
  sessions: OrderSession[];
  branch: Branch;
  start: Instant;
  end: Instant;
  contact: Contact;
  note: string | null;
  /** The form of its first service, if any; answered with the request, or by the private link. */
  form_id: string | null;
  answers: Record<string, unknown>;
  channel: string;
  hold_expires_at: Instant | null;
  deposit_cents: number;
  total_cents: number;
  paid_cents: number;
  balance_cents: number;
  currency: string;
  reschedule_count: number;
  crew: CrewMember[];
  lines: OrderLine[];
  schedule: Due[];
  payments: Payment[];
  refunds: Refund[];
  /** One for every cause the reader may name; none when it is over. */
  changes: Changes[];
  messages: Message[];
  allowed_actions: BookingAction[];
  manage_url: string;
  /** What opens it together with the phone of its contact. */
  lookup_code: string;
  requested_at: Instant;
  confirmed_at: Instant | null;
  cancelled_at: Instant | null;
}

/** A service right after the first one; `form_id` is null when a service before it asks the same. */
export interface AlsoService {
  id: string;
  name: Text;
  form_id: string | null;
  answers: Record<string, unknown>;
}

export interface BookingRequest {
  service_id: string;
  also?: string[];
  package_id?: string;
  session_id?: string;
  session_token?: string;
  branch_id: string;
  start: Instant;
  contact: Contact;
  resource_ids?: string[];
  add_ons?: PickedAddOn[];
  /** The draft that this booking is made of; it is then gone. */
  draft_id?: string;
  /** To the form of the first service; to those of the others by the id of the form. */
  answers?: Record<string, unknown>;
  also_answers?: Record<string, Record<string, unknown>>;
  channel?: Channel;
  note?: string;
}

export interface BookingReceipt {
  id: string;
  number: string;
  status: BookingStatus;
  hold_expires_at: Instant | null;
  manage_url: string;
  manage_token: string;
  deposit_cents: number;
  total_cents: number;
  currency: string;
}

export interface Staff {
  id: string;
  login: string;
  name: string;
  role: string;
  permissions: string[];
  branch_ids: string[] | null;
  /** The resource this person is on the calendar, where the account is linked to one. */
  resource_id?: string | null;
}

export interface Session {
  token?: string;
  expires_at: Instant;
  staff: Staff;
}

/** What the customer file, too, knows of a booking. */
export interface BookingLine {
  id: string;
  number: string;
  status: BookingStatus;
  payment_status: PaymentStatus;
  service_name: Text;
  branch_id: string;
  start: Instant;
  end: Instant;
  contact: Contact;
  total_cents: number;
  paid_cents: number;
  currency: string;
  channel: string;
  requested_at: Instant;
}

export interface BookingListItem extends BookingLine {
  order_status: OrderStatus;
  deposit_money: Deposit["money"];
}

export interface CustomerListItem {
  id: string;
  name: string;
  phone: string;
  bookings_count: number;
  spent_cents: number;
  currency: string;
  last_booking_at: Instant | null;
  created_at: Instant;
}

/** What is kept of a fact; which of it there is depends on the type. */
export interface TimelineDetails {
  number?: string;
  start?: Instant;
  amount_cents?: number;
  currency?: string;
  [name: string]: unknown;
}

export interface TimelineItem {
  id: string;
  at: Instant;
  type: string;
  title: Text;
  booking_id: string | null;
  details: TimelineDetails;
}

export interface Customer extends CustomerListItem {
  timeline: TimelineItem[];
  bookings: BookingLine[];
}

export type MetricUnit = "count" | "cents" | "ratio";

export interface MetricInfo {
  name: string;
  title: Text;
  description: Text;
  unit: MetricUnit;
}

export interface MetricPoint {
  on: LocalDate;
  value: number | null;
}

export interface Metric {
  name: string;
  unit: MetricUnit;
  from: LocalDate;
  to: LocalDate;
  value: number | null;
  series: MetricPoint[];
}

export interface Task {
  id: string;
  title: Text;
  state: string;
  subject: string;
  created_at: Instant;
  details: Record<string, unknown>;
}

export type ChangeResource =
  | "booking"
  | "branch"
  | "calendar"
  | "customer"
  | "form"
  | "leave"
  | "metric"
  | "resource"
  | "roster"
  | "task"
  | "theme"
  | "waitlist";

/** One `change` of GET /api/v1/stream: says what to fetch again, never what it became. */
export interface Change {
  id: string;
  resource: ChangeResource;
  type: string;
  subject: string;
  branch_id: string | null;
}
