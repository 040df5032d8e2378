// The endpoints of what the cash desk pays out and of the daily reconciliation.
import type { DailyReconciliation, PayoutRequest, Payouts } from "@kit/cashdesk";
import { client, part as id } from "./transport";

export const desk = {
  payouts: (bookingId: string, signal?: AbortSignal) =>
    client.get<Payouts>(`bookings/${id(bookingId)}/payouts`, { signal }),
  payOut: (bookingId: string, body: PayoutRequest, idempotencyKey: string) =>
    client.post<Payouts>(`bookings/${id(bookingId)}/payouts`, { body, idempotencyKey }),
  reconciliations: (signal?: AbortSignal) =>
    client.get<{ items: DailyReconciliation[] }>("payments/reconciliations", { signal }),
};
