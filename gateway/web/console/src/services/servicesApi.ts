// The endpoints of services (套餐) and of what they need, and their shapes over HTTP.
import type { Deposit, Part, Tier } from "@kit/money";
import type { ClockTime, DayCode } from "@kit/scheduling";
import type { Service, Text } from "@kit/types";
import { client, part as id } from "../transport";

/** A service with its terms, as the staff edit it. */
export interface SoldService extends Service {
  policy: Tier[];
  schedule: Part[];
  /** Among all services; where the list does not tell it, its order does. */
  position?: number;
}

/** One line of what a service needs; its time counts from the start of the booking. */
export interface RoleLine {
  /** Tells lines of one type apart. */
  key: string | null;
  /** What customers read; null: the name of the type. */
  name: Text | null;
  resource_type: string;
  quantity: number;
  offset_minutes: number;
  length_minutes: number;
  buffer_before_minutes: number;
  buffer_after_minutes: number;
  whole_days: boolean;
  /** Served only when asked for. */
  optional: boolean;
  /** One serves all places of a class. */
  shared: boolean;
  pool_id: string | null;
  skills: Record<string, number>;
  attributes: Record<string, unknown>;
}

/** A line as it is sent; what is left out is as a new line has it. */
export type RoleDraft = Partial<RoleLine> & Pick<RoleLine, "resource_type" | "length_minutes">;

export interface DayPart {
  part: string;
  opens: ClockTime;
  closes: ClockTime;
}

/** How a service may be booked: where, when, and whom it needs. */
export interface Requirement {
  service_id: string;
  branch_ids: string[];
  slot_step_minutes: number;
  minimum_notice_minutes: number;
  horizon_days: number;
  /** What customers are told. */
  duration_minutes: number;
  places: number;
  weekdays: DayCode[] | null;
  day_parts: DayPart[];
  waitlist_mode: "off" | "offer" | "notify";
  waitlist_offer_minutes: number;
  roles: RoleLine[];
}

/** When it may be booked, and by how many. */
export type BookingRules = Omit<Requirement, "service_id" | "branch_ids" | "duration_minutes" | "roles">;

/** The whole of a service; rules that are left out are as a new service has them. */
export interface ServiceDraft extends Partial<BookingRules> {
  name: Text;
  category: Text;
  summary: Text;
  content: Text[];
  price_cents: number;
  deposit: Deposit;
  policy: Tier[];
  schedule: Part[];
  needs_approval: boolean;
  currency: string;
  cover: string | null;
  position: number;
  form_id: string | null;
  branch_ids: string[];
  /** Null: worked out from the lines. */
  duration_minutes: number | null;
  roles: RoleDraft[];
}

export const servicesApi = {
  services: (signal?: AbortSignal) => client.get<{ items: SoldService[] }>("services", { signal }),
  defineService: (serviceId: string, body: ServiceDraft) =>
    client.put<SoldService>(`services/${id(serviceId)}`, { body }),
  requirement: (serviceId: string, signal?: AbortSignal) =>
    client.get<Requirement>(`services/${id(serviceId)}/requirement`, { signal }),
};
