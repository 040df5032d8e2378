// The endpoints of scheduling, one function each.
import type {
  BlockDraft,
  BranchDay,
  BranchDays,
  BranchDetail,
  BusyFeed,
  Calendar,
  CalendarLink,
  Closure,
  Explanation,
  Leave,
  LeaveRequest,
  Moved,
  MoveTo,
  Pool,
  ResizeTo,
  ResourceDraft,
  ResourceType,
  Roster,
  RosterPublished,
  RosterRule,
  Skill,
  SpecialDay,
  StaffResource,
  WaitlistEntry,
} from "@kit/scheduling";
import type { Page } from "@kit/types";
import { client, part as id } from "./transport";

type Items<Item> = { items: Item[] };
type Span = { from: string; to: string };

export interface ResourceFilter {
  branch_id: string;
  resource_type?: string;
  search?: string;
  include_inactive?: boolean;
}

export interface LeaveFilter {
  branch_id?: string;
  resource_id?: string;
  state?: string;
}

export interface WaitlistFilter {
  branch_id?: string;
  state?: string;
}

export interface StartQuestion {
  service_id: string;
  branch_id: string;
  start: string;
  booking_id?: string;
  resource_id?: string[];
}

const PAGE = 50;

export const scheduling = {
  // branches and their days
  branch: (branchId: string, signal?: AbortSignal) => client.get<BranchDetail>(`branches/${id(branchId)}`, { signal }),
  defineBranch: ({ id: branchId, ...body }: BranchDetail) =>
    client.put<BranchDetail>(`branches/${id(branchId)}`, { body }),
  branchDays: (branchId: string, span: Span, signal?: AbortSignal) =>
    client.get<BranchDays>(`branches/${id(branchId)}/days`, { query: { ...span }, signal }),
  defineBranchDay: ({ branch_id, day, ...body }: BranchDay) =>
    client.put<BranchDay>(`branches/${id(branch_id)}/days/${id(day)}`, { body }),
  defineClosure: ({ id: closureId, branch_id, ...body }: Closure) =>
    client.put<Closure>(`branches/${id(branch_id)}/closures/${id(closureId)}`, { body }),
  removeClosure: (closure: Closure) =>
    client.delete(`branches/${id(closure.branch_id)}/closures/${id(closure.id)}`),
  defineSpecialDay: ({ calendar, day, kind, name }: Omit<SpecialDay, "edited">) =>
    client.put<SpecialDay>(`special-days/${id(calendar)}/${id(day)}`, { body: { kind, name } }),

  // resources
  resourceTypes: () => client.get<Items<ResourceType>>("resource-types"),
  defineResourceType: ({ id: typeId, name, kind }: Omit<ResourceType, "built_in">) =>
    client.put<ResourceType>(`resource-types/${id(typeId)}`, { body: { name, kind } }),
  removeResourceType: (typeId: string) => client.delete(`resource-types/${id(typeId)}`),
  skills: () => client.get<Items<Skill>>("skills"),
  defineSkill: ({ id: skillId, name }: Skill) => client.put<Skill>(`skills/${id(skillId)}`, { body: { name } }),
  resources: (filter: ResourceFilter, cursor: string | null = null, signal?: AbortSignal, limit = PAGE) =>
    client.get<Page<StaffResource>>("resources", { query: { ...filter, cursor, limit }, signal }),
  defineResource: (resourceId: string, body: ResourceDraft) =>
    client.put<StaffResource>(`resources/${id(resourceId)}`, { body }),
  pools: () => client.get<Items<Pool>>("pools"),
  definePool: ({ id: poolId, contains: _derived, ...body }: Pool) =>
    client.put<Pool>(`pools/${id(poolId)}`, { body }),
  removePool: (poolId: string) => client.delete(`pools/${id(poolId)}`),

  // rosters
  roster: (resourceId: string, signal?: AbortSignal) =>
    client.get<Roster>(`resources/${id(resourceId)}/roster`, { signal }),
  defineRoster: (resourceId: string, rules: RosterRule[], publish: boolean) =>
    client.put<RosterPublished>(`resources/${id(resourceId)}/roster`, { body: { rules, publish } }),
  publishRosters: (branchId: string, resourceIds: string[] = []) =>
    client.post<RosterPublished>("rosters/publish", { body: { branch_id: branchId, resource_ids: resourceIds } }),

  // leave
  leaves: (filter: LeaveFilter, cursor: string | null = null, signal?: AbortSignal) =>
    client.get<Page<Leave>>("leaves", { query: { ...filter, cursor, limit: PAGE }, signal }),
  requestLeave: (leaveId: string, body: LeaveRequest) => client.put<Leave>(`leaves/${id(leaveId)}`, { body }),
  decideLeave: (leaveId: string, body: { approve: boolean; note?: string; despite_conflicts?: boolean }) =>
    client.post<Leave>(`leaves/${id(leaveId)}/decision`, { body }),
  cancelLeave: (leaveId: string) => client.post<Leave>(`leaves/${id(leaveId)}/cancel`, { body: {} }),

  // calendars elsewhere
  busyFeeds: (resourceId: string, signal?: AbortSignal) =>
    client.get<Items<BusyFeed>>(`resources/${id(resourceId)}/busy-feeds`, { signal }),
  defineBusyFeed: (resourceId: string, feedId: string, url: string) =>
    client.put<BusyFeed>(`resources/${id(resourceId)}/busy-feeds/${id(feedId)}`, { body: { url } }),
  removeBusyFeed: (feed: BusyFeed) => client.delete(`resources/${id(feed.resource_id)}/busy-feeds/${id(feed.id)}`),
  calendarLinks: (of: { branch_id?: string; resource_id?: string }, signal?: AbortSignal) =>
    client.get<Items<CalendarLink>>("calendar-links", { query: of, signal }),
  makeCalendarLink: (of: { branch_id?: string; resource_id?: string }) =>
    client.post<CalendarLink>("calendar-links", { body: of }),
  revokeCalendarLink: (linkId: string) => client.delete(`calendar-links/${id(linkId)}`),

  // the calendar and what one does in it
  calendar: (query: { branch_id: string } & Span, signal?: AbortSignal) =>
    client.get<Calendar>("calendar", { query, signal }),
  explain: (query: StartQuestion, signal?: AbortSignal) =>
    client.get<Explanation>("availability/explanation", { query: { ...query }, signal }),
  block: (blockId: string, body: BlockDraft) => client.put(`blocks/${id(blockId)}`, { body }),
  unblock: (blockId: string) => client.delete(`blocks/${id(blockId)}`),
  move: (allocationId: string, body: MoveTo) => client.post<Moved>(`allocations/${id(allocationId)}/move`, { body }),
  resize: (allocationId: string, body: ResizeTo) =>
    client.post<Moved>(`allocations/${id(allocationId)}/resize`, { body }),

  // the waitlist
  waitlist: (filter: WaitlistFilter, cursor: string | null = null, signal?: AbortSignal) =>
    client.get<Page<WaitlistEntry>>("waitlist", { query: { ...filter, cursor, limit: PAGE }, signal }),
  leaveWaitlist: (entryId: string) => client.delete(`waitlist/${id(entryId)}`),
};
