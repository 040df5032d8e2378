// The endpoints of what is booked at the desk: what can be had, drafts, private links, many moves at once.
import type { Draft, DraftBody, Move, MoveResult } from "@kit/drafts";
import type { AddOn, Cause, Quote, QuoteRequest } from "@kit/money";
import type { Booking, Page } from "@kit/types";
import { client, part as id } from "../transport";

export interface DraftFilter {
  q?: string;
  branch_id?: string;
}

type Items<Item> = { items: Item[] };

export const desk = {
  addOns: (serviceId: string, signal?: AbortSignal) =>
    client.get<Items<AddOn>>("add-ons", { query: { service_id: serviceId }, signal }),
  quote: (body: QuoteRequest, signal?: AbortSignal) => client.post<Quote>("quotes", { body, signal }),

  drafts: (filter: DraftFilter, cursor: string | null, signal?: AbortSignal) =>
    client.get<Page<Draft>>("drafts", { query: { ...filter, cursor, limit: 5 }, signal }),
  saveDraft: (draftId: string, body: DraftBody) => client.put<Draft>(`drafts/${id(draftId)}`, { body }),
  removeDraft: (draftId: string) => client.delete(`drafts/${id(draftId)}`),

  renewLink: (bookingId: string) => client.post<Booking>(`bookings/${id(bookingId)}/link`, { body: {} }),
  moveMany: (moves: Move[], cause: Cause) =>
    client.post<Items<MoveResult>>("bookings/reschedule", { body: { moves, cause } }),
};
