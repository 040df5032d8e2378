// The endpoints the console calls, one function each; those of scheduling are in schedulingApi.ts.
import type { Cause, MoveTerms } from "@kit/money";
import type {
  Availability,
  Booking,
  BookingListItem,
  BookingReceipt,
  BookingRequest,
  Branch,
  Customer,
  CustomerListItem,
  Metric,
  MetricInfo,
  Page,
  Service,
  Session,
  Task,
} from "@kit/types";
import { client, part as id } from "./transport";

export interface BookingFilter {
  q?: string;
  status?: string;
  order_status?: string;
  branch_id?: string;
  from?: string;
  to?: string;
}

export interface SpanFilter {
  from: string;
  to: string;
  branch_id?: string;
}

export const api = {
  signIn: (login: string, password: string) => client.post<Session>("sessions", { body: { login, password } }),
  currentSession: () => client.get<Session>("sessions/current"),
  signOut: () => client.delete("sessions/current"),

  branches: () => client.get<Page<Branch>>("branches"),
  services: (branchId: string) => client.get<Page<Service>>("services", { query: { branch_id: branchId } }),
  availability: (query: { service_id: string; branch_id: string; from: string; to: string }, signal?: AbortSignal) =>
    client.get<Availability>("availability", { query, signal }),

  bookings: (filter: BookingFilter, cursor: string | null, signal?: AbortSignal) =>
    client.get<Page<BookingListItem>>("bookings", { query: { ...filter, cursor, limit: 30 }, signal }),
  booking: (bookingId: string, signal?: AbortSignal) => client.get<Booking>(`bookings/${id(bookingId)}`, { signal }),
  book: (body: BookingRequest, idempotencyKey: string) =>
    client.post<BookingReceipt>("bookings", { body, idempotencyKey }),
  approve: (bookingId: string) => client.post<Booking>(`bookings/${id(bookingId)}/approve`, { body: {} }),
  reject: (bookingId: string, reason: string) =>
    client.post<Booking>(`bookings/${id(bookingId)}/reject`, { body: { reason } }),
  checkIn: (bookingId: string) => client.post<Booking>(`bookings/${id(bookingId)}/check-in`, { body: {} }),
  start: (bookingId: string) => client.post<Booking>(`bookings/${id(bookingId)}/start`, { body: {} }),
  complete: (bookingId: string) => client.post<Booking>(`bookings/${id(bookingId)}/complete`, { body: {} }),
  markNoShow: (bookingId: string) => client.post<Booking>(`bookings/${id(bookingId)}/no-show`, { body: {} }),
  cancel: (bookingId: string, body: { cause: Cause; reason: string }) =>
    client.post<Booking>(`bookings/${id(bookingId)}/cancel`, { body }),
  previewMove: (bookingId: string, query: { cause: Cause; start: string }, signal?: AbortSignal) =>
    client.get<MoveTerms>(`bookings/${id(bookingId)}/move`, { query, signal }),
  reschedule: (bookingId: string, body: { cause: Cause; start: string; keep_price?: boolean }) =>
    client.post<Booking>(`bookings/${id(bookingId)}/reschedule`, { body }),

  customers: (q: string, cursor: string | null, signal?: AbortSignal) =>
    client.get<Page<CustomerListItem>>("customers", { query: { q, cursor, limit: 30 }, signal }),
  customer: (customerId: string, signal?: AbortSignal) =>
    client.get<Customer>(`customers/${id(customerId)}`, { signal }),

  metrics: () => client.get<Page<MetricInfo>>("metrics"),
  metric: (name: string, span: SpanFilter, signal?: AbortSignal) =>
    client.get<Metric>(`metrics/${id(name)}`, { query: { ...span, by: "day" }, signal }),

  openTasks: (cursor: string | null, signal?: AbortSignal) =>
    client.get<Page<Task>>("tasks", { query: { state: "open", cursor, limit: 50 }, signal }),
  completeTask: (taskId: string) => client.post<Task>(`tasks/${id(taskId)}/complete`, { body: {} }),
};
