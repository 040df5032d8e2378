// Shapes of scheduling over HTTP: the studio's resources and days, rosters, the calendar, the waitlist.
import type { BookingStatus, Branch, Instant, LocalDate, Resource, Slot, Text } from "./types";

/** HH:MM on the branch's clocks; an end that is not later than its start lies on the next day. */
export type ClockTime = string;

export interface DayHours {
  opens: ClockTime;
  closes: ClockTime;
}

/** ISO weekdays 1–7, 8 a public holiday, 9 a day off that is worked in exchange (调休). */
export type DayCode = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

export interface WeeklyHours extends DayHours {
  weekday: DayCode;
}

// --- branches and their days

export interface BranchDetail extends Branch {
  holiday_calendar: string | null;
  open_on_holidays: boolean;
  travel_minutes: number;
  hours: WeeklyHours[];
}

export interface BranchDay {
  branch_id: string;
  day: LocalDate;
  hours: DayHours[];
  reason: string;
}

export interface Closure {
  id: string;
  branch_id: string;
  first_day: LocalDate;
  last_day: LocalDate;
  reason: string;
}

export interface SpecialDay {
  calendar: string;
  day: LocalDate;
  kind: "holiday" | "work_day" | "ordinary";
  name: Text;
  edited: boolean;
}

export interface BranchDays {
  closures: Closure[];
  days: BranchDay[];
  special_days: SpecialDay[];
}

// --- resources

export interface ResourceType {
  id: string;
  name: Text;
  kind: "person" | "space" | "thing";
  built_in: boolean;
}

export interface Skill {
  id: string;
  name: Text;
}

export interface Pool {
  id: string;
  name: Text;
  resource_ids: string[];
  pool_ids: string[];
  /** Every resource in it, those of its pools included. */
  contains: string[];
}

export interface StaffResource extends Resource {
  /** How many equal units there are, or how many a class takes. */
  capacity: number;
  attributes: Record<string, string>;
  /** Skill → 1 (learns it) to 5 (teaches it). */
  skills: Record<string, number>;
  /** Needs time to get from place to place. */
  mobile: boolean;
  travel_minutes: number;
  active: boolean;
}

export type ResourceDraft = Omit<StaffResource, "id">;

// --- rosters, leave, calendars elsewhere

export interface RosterRule {
  branch_id: string;
  priority: number;
  extra: boolean;
  weekdays: DayCode[];
  first_day: LocalDate | null;
  last_day: LocalDate | null;
  cycle_weeks: number;
  cycle_week: number;
  cycle_from: LocalDate | null;
  hours: DayHours[];
  breaks: DayHours[];
}

export interface Roster {
  resource_id: string;
  published: RosterRule[];
  draft: RosterRule[] | null;
}

/** A booking whose resource is not there any more. */
export interface SupplyConflict {
  booking_id: string | null;
  allocation_id: string;
  resource_id: string;
  start: Instant;
  end: Instant;
}

export interface RosterPublished {
  resource_ids: string[];
  conflicts: SupplyConflict[];
}

export interface LeaveRequest {
  resource_id: string;
  start: Instant;
  end: Instant;
  reason: string;
  approve?: boolean;
  despite_conflicts?: boolean;
}

export interface Leave {
  id: string;
  resource_id: string;
  resource_name: Text;
  branch_id: string;
  start: Instant;
  end: Instant;
  reason: string;
  state: "pending" | "approved" | "rejected" | "cancelled";
  requested_by: string;
  requested_at: Instant;
  decided_by: string | null;
  decided_at: Instant | null;
  note: string;
  conflicts: SupplyConflict[];
}

export interface BusyFeed {
  id: string;
  resource_id: string;
  url: string;
  fetched_at: Instant | null;
  error: string;
  busy_times: number;
}

export interface CalendarLink {
  id: string;
  branch_id: string | null;
  resource_id: string | null;
  created_at: Instant;
  /** The whole secret address. */
  url: string;
}

// --- the calendar

export interface CalendarResource {
  id: string;
  /** Its home, which is another branch for a guest. */
  branch_id: string;
  resource_type: string;
  type_name: Text;
  kind: ResourceType["kind"];
  name: Text;
  capacity: number;
}

export interface CalendarEntry {
  id: string;
  resource_id: string;
  start: Instant;
  end: Instant;
  locked_start: Instant;
  locked_end: Instant;
  state: "held" | "confirmed" | "blocked";
  status: "held" | "confirmed" | "served" | "no_show" | "blocked";
  kind: "booking" | "block";
  booking_id: string | null;
  booking: {
    number: string;
    status: BookingStatus;
    service_name: Text;
    contact_name: string;
    contact_phone: string;
    /** Somebody of its crew is not there any more. */
    in_conflict?: boolean;
  } | null;
  service_id: string | null;
  line: string | null;
  hold_expires_at: Instant | null;
  day_part: string | null;
  revision: number;
  forced: boolean;
  reason: string;
  session: string | null;
  /** Of the whole session of a class, else null. */
  places_taken: number | null;
  places: number | null;
}

export interface RosterShift {
  resource_id: string;
  start: Instant;
  end: Instant;
}

export interface AwaySpan extends RosterShift {
  kind: "leave" | "busy_elsewhere";
  reason: string;
}

/** One resource's local date: minutes rostered (less leave), allocated, and free. */
export interface DayLoad {
  resource_id: string;
  day: LocalDate;
  rostered_minutes: number;
  allocated_minutes: number;
  free_minutes: number;
}

export interface Calendar {
  timezone: string;
  resources: CalendarResource[];
  entries: CalendarEntry[];
  rosters: RosterShift[];
  away: AwaySpan[];
  loads: DayLoad[];
}

export interface BlockDraft {
  resource_id: string;
  start: Instant;
  end: Instant;
  reason: string;
  all_units?: boolean;
  force?: boolean;
}

export interface MoveTo {
  start: Instant;
  resource_id?: string | null;
  force?: boolean;
  reason?: string;
}

export interface ResizeTo {
  start: Instant;
  end: Instant;
  force?: boolean;
  reason?: string;
}

/** What a drag came to: the booking's people and rooms as they are now, or the block. */
export interface Moved {
  hold: { start: Instant; crew: { allocation_id: string | null; resource_id: string; line: string | null }[] } | null;
  block: { id: string } | null;
}

// --- why not

export interface Alternative extends Slot {
  /** What differs from what was wanted; absent in answers of older versions. */
  kind?: "time" | "person" | "branch";
  branch_id?: string | null;
  branch_name?: Text | null;
  resource_id?: string | null;
  resource_name?: Text | null;
}

export interface Obstacle {
  resource_id: string;
  name: Text;
  kind: string;
  allocation_id: string | null;
  booking_id: string | null;
  start: Instant | null;
  end: Instant | null;
}

export interface LineAnswer {
  line: string;
  resource_type: string;
  needed: number;
  free: number;
  obstacles: Obstacle[];
}

export interface Explanation {
  offered: boolean;
  rules: { code: string; message: Text }[];
  lines: LineAnswer[];
  alternatives: Alternative[];
}

// --- the waitlist

export interface WaitlistEntry {
  id: string;
  service_id: string;
  branch_id: string;
  from: LocalDate;
  to: LocalDate;
  weekdays: DayCode[] | null;
  earliest: ClockTime | null;
  latest: ClockTime | null;
  resource_ids: string[];
  options: string[];
  contact: { name: string; phone: string; language: string };
  priority: number;
  state: "waiting" | "offered" | "accepted" | "expired" | "left";
  joined_at: Instant;
  ahead: number;
  offer: { booking_id: string; start: Instant; expires_at: Instant } | null;
}
