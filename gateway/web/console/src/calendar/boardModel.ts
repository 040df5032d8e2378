// Turns the gateway's calendar into what the board draws: groups, entries, off-duty shades; pure.
import { addDays, formatTime, localDate, pickText, wallClock } from "@kit/format";
import type { AwaySpan, Calendar, CalendarEntry, CalendarResource } from "@kit/scheduling";
import { bookingStates, conflictLook, entryStatuses, lookOf, type StateLook } from "@kit/states";
import type { Instant, LocalDate, Locale, Text } from "@kit/types";
import type { Calendar as Board } from "@event-calendar/core";

export interface ResourceGroup {
  type: string;
  name: Text;
  resources: CalendarResource[];
}

const OPENS_AT = 9; // hours shown when nothing is earlier or later
const CLOSES_AT = 20;

/** Kinds in the order in which the gateway gives them. */
export function groupsOf(resources: CalendarResource[]): ResourceGroup[] {
  const groups = new Map<string, ResourceGroup>();
  for (const resource of resources) {
    const { resource_type: type, type_name: name } = resource;
    const group = groups.get(type) ?? { type, name, resources: [] };
    group.resources.push(resource);
    groups.set(type, group);
  }
  return [...groups.values()];
}

/** The calendar of one kind of resource, or of one resource alone. */
export function narrowed(calendar: Calendar, to: { type?: string; resourceId?: string }): Calendar {
  if (!to.type && !to.resourceId) return calendar;
  const resources = calendar.resources.filter(
    (resource) =>
      (!to.type || resource.resource_type === to.type) && (!to.resourceId || resource.id === to.resourceId),
  );
  const kept = new Set(resources.map(({ id }) => id));
  const ofKept = <Item extends { resource_id: string }>(items: Item[]): Item[] =>
    items.filter((item) => kept.has(item.resource_id));
  return {
    timezone: calendar.timezone,
    resources,
    entries: ofKept(calendar.entries),
    rosters: ofKept(calendar.rosters),
    away: ofKept(calendar.away),
    loads: ofKept(calendar.loads),
  };
}

export function boardResources(calendar: Calendar, locale: Locale): Board.ResourceInput[] {
  return groupsOf(calendar.resources).map((group) => ({
    id: `group:${group.type}`,
    title: pickText(group.name, locale),
    extendedProps: { group: true, count: group.resources.length },
    children: group.resources.map((resource) => ({ id: resource.id, title: pickText(resource.name, locale) })),
  }));
}

/** The colours of an entry: those of its booking, where there is one. */
export function lookOfEntry(entry: CalendarEntry): StateLook {
  if (entry.kind === "booking" && entry.booking) return lookOf(bookingStates, entry.booking.status);
  return lookOf(entryStatuses, entry.status);
}

/** A quiet band across the row that names a kind of resource. */
export function groupBands(calendar: Calendar, span: { from: LocalDate; to: LocalDate }): Board.EventInput[] {
  return groupsOf(calendar.resources).map(({ type }) => ({
    id: `band:${type}`,
    resourceIds: [`group:${type}`],
    start: span.from,
    end: addDays(span.to, 1),
    allDay: true,
    display: "background",
    classNames: ["group-band"],
  }));
}

/** Whether a booking has lost somebody or its room: the service says so, or they are seen to be away. */
export function isInConflict(entry: CalendarEntry, calendar: Calendar): boolean {
  if (!entry.booking || (entry.status !== "held" && entry.status !== "confirmed")) return false;
  if (entry.booking.in_conflict) return true;
  return calendar.away.some(
    (away) =>
      away.resource_id === entry.resource_id &&
      Date.parse(away.start) < Date.parse(entry.end) &&
      Date.parse(away.end) > Date.parse(entry.start),
  );
}

/** Whether an entry can still be moved: what has been served, or not come to, stays as it was. */
export function isMovable(entry: CalendarEntry): boolean {
  return entry.status === "held" || entry.status === "confirmed" || entry.status === "blocked";
}

export function boardEvents(calendar: Calendar): Board.EventInput[] {
  return calendar.entries.map((entry) => {
    const look = lookOfEntry(entry);
    return {
      id: entry.id,
      resourceIds: [entry.resource_id],
      start: entry.start,
      end: entry.end,
      backgroundColor: look.soft,
      textColor: look.colour,
      classNames: [
        `entry-${entry.status}`,
        ...(entry.forced ? ["entry-forced"] : []),
        ...(isInConflict(entry, calendar) ? ["entry-conflict"] : []),
      ],
      ...(isMovable(entry) ? {} : { startEditable: false, durationEditable: false }),
      extendedProps: { entry },
    };
  });
}

/** Leave and appointments elsewhere, behind the entries; over several days as whole days. */
export function awayShades(calendar: Calendar, wholeDays: boolean): Board.EventInput[] {
  const { timezone } = calendar;
  return calendar.away.map((away: AwaySpan, index) => ({
    id: `away:${index}`,
    resourceIds: [away.resource_id],
    start: wholeDays ? localDate(away.start, timezone) : away.start,
    end: wholeDays ? addDays(localDate(justBefore(away.end), timezone), 1) : away.end,
    allDay: wholeDays,
    display: "background",
    classNames: ["away", `away-${away.kind}`],
    extendedProps: { away },
  }));
}

const justBefore = (instant: Instant): Instant => new Date(Date.parse(instant) - 1).toISOString();

/** The hours to show: the usual ones, widened to whatever happens outside them. */
export function hoursShown(calendar: Calendar): { from: number; to: number } {
  let [from, to] = [OPENS_AT, CLOSES_AT];
  for (const span of [...calendar.entries.filter(withinADay), ...calendar.rosters]) {
    const start = wallClock(span.start, calendar.timezone);
    const end = wallClock(span.end, calendar.timezone);
    const sameDay = start.day === end.day;
    from = Math.min(from, start.hour);
    to = Math.max(to, sameDay ? end.hour + (end.minute ? 1 : 0) : 24);
  }
  return { from, to };
}

const DAY_MS = 86_400_000;

/** A garment that is away for days says nothing about the hours of work. */
function withinADay(span: { start: Instant; end: Instant }): boolean {
  return Date.parse(span.end) - Date.parse(span.start) < DAY_MS;
}

/** Shade the time outside everybody's shifts; a type without any roster counts as always there. */
export function offDutyShades(calendar: Calendar, day: LocalDate, offset: string): Board.EventInput[] {
  const rosteredIds = new Set(calendar.rosters.map((shift) => shift.resource_id));
  const rosteredTypes = new Set(
    calendar.resources.filter((resource) => rosteredIds.has(resource.id)).map((resource) => resource.resource_type),
  );
  const whole = { start: `${day}T00:00:00${offset}`, end: `${addDays(day, 1)}T00:00:00${offset}` };
  return calendar.resources
    .filter((resource) => rosteredTypes.has(resource.resource_type))
    .flatMap((resource) => gaps(calendar, resource.id, whole))
    .map((gap, index) => ({ ...gap, id: `off:${index}`, display: "background", classNames: ["off-duty"] }));
}

function gaps(
  calendar: Calendar,
  resourceId: string,
  whole: { start: Instant; end: Instant },
): { resourceIds: string[]; start: Instant; end: Instant }[] {
  const shifts = calendar.rosters
    .filter((shift) => shift.resource_id === resourceId)
    .filter((shift) => Date.parse(shift.end) > Date.parse(whole.start) && Date.parse(shift.start) < Date.parse(whole.end))
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  const found = [];
  let free = whole.start;
  for (const shift of shifts) {
    if (Date.parse(shift.start) > Date.parse(free)) found.push({ resourceIds: [resourceId], start: free, end: shift.start });
    if (Date.parse(shift.end) > Date.parse(free)) free = shift.end;
  }
  if (Date.parse(free) < Date.parse(whole.end)) found.push({ resourceIds: [resourceId], start: free, end: whole.end });
  return found;
}

export interface AgendaItem {
  key: string;
  entry: CalendarEntry;
  start: Instant;
  end: Instant;
  resources: CalendarResource[];
  inConflict: boolean;
}

/** One item for each booking or block of a day, with everybody it occupies, in order of time. */
export function agendaOf(calendar: Calendar): AgendaItem[] {
  const byId = new Map(calendar.resources.map((resource) => [resource.id, resource]));
  const items = new Map<string, AgendaItem>();
  for (const entry of calendar.entries) {
    const key = entry.booking_id ?? entry.id;
    const item = items.get(key) ?? { key, entry, start: entry.start, end: entry.end, resources: [], inConflict: false };
    if (Date.parse(entry.start) < Date.parse(item.start)) item.start = entry.start;
    if (Date.parse(entry.end) > Date.parse(item.end)) item.end = entry.end;
    const resource = byId.get(entry.resource_id);
    if (resource) item.resources.push(resource);
    item.inConflict ||= isInConflict(entry, calendar);
    items.set(key, item);
  }
  return [...items.values()].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}

export function countsOf(calendar: Calendar): { bookings: number; held: number } {
  const all = agendaOf(calendar).filter((item) => item.entry.booking_id);
  const held = all.filter((item) => item.entry.state === "held").length;
  return { bookings: all.length - held, held };
}

export function describeEntry(entry: CalendarEntry, locale: Locale, calendar: Calendar): string {
  const times = `${formatTime(entry.start, calendar.timezone)}–${formatTime(entry.end, calendar.timezone)}`;
  const looks = [lookOfEntry(entry), ...(isInConflict(entry, calendar) ? [conflictLook] : [])];
  const state = looks.map(({ label }) => pickText(label, locale)).join(" ");
  if (!entry.booking) return [times, state, entry.reason].filter(Boolean).join(" ");
  return `${times} ${entry.booking.contact_name} ${pickText(entry.booking.service_name, locale)} ${state}`;
}
