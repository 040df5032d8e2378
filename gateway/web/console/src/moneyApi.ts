// The endpoints of prices and of money at the desk, one function each.
import type {
  AddOn,
  AddOnDraft,
  CashReport,
  CashTaken,
  ChargeRequest,
  CloseRequest,
  Package,
  PackageDraft,
  PriceRule,
  RefundRequest,
} from "@kit/money";
import type { Booking } from "@kit/types";
import { client, part as id } from "./transport";

type Items<Item> = { items: Item[] };

/** What the desk's commands answer: the booking without the messages sent. */
export type Settled = Omit<Booking, "messages">;

export const money = {
  takeCash: (bookingId: string, body: CashTaken, idempotencyKey: string) =>
    client.post<Settled>(`bookings/${id(bookingId)}/cash`, { body, idempotencyKey }),
  refund: (bookingId: string, body: RefundRequest, idempotencyKey: string) =>
    client.post<Settled>(`bookings/${id(bookingId)}/refunds`, { body, idempotencyKey }),
  charge: (bookingId: string, body: ChargeRequest, idempotencyKey: string) =>
    client.post<Settled>(`bookings/${id(bookingId)}/charges`, { body, idempotencyKey }),

  cashDay: (branchId: string, day: string, signal?: AbortSignal) =>
    client.get<CashReport>(`branches/${id(branchId)}/cash`, { query: { day }, signal }),
  closeCash: (branchId: string, body: CloseRequest) =>
    client.post<CashReport>(`branches/${id(branchId)}/cash/close`, { body }),

  packages: (signal?: AbortSignal) => client.get<Items<Package>>("packages", { query: { all: true }, signal }),
  definePackage: (packageId: string, body: PackageDraft) => client.put<Package>(`packages/${id(packageId)}`, { body }),
  endOrder: (bookingId: string, body: { kept_cents: number; reason: string }) =>
    client.post<Booking>(`bookings/${id(bookingId)}/end-order`, { body }),

  addOns: (signal?: AbortSignal) => client.get<Items<AddOn>>("add-ons", { query: { all: true }, signal }),
  defineAddOn: (addOnId: string, body: AddOnDraft) => client.put<AddOn>(`add-ons/${id(addOnId)}`, { body }),
  priceRules: (signal?: AbortSignal) => client.get<Items<PriceRule>>("price-rules", { signal }),
  definePriceRule: ({ id: ruleId, ...body }: PriceRule) =>
    client.put<PriceRule>(`price-rules/${id(ruleId)}`, { body }),
  removePriceRule: (ruleId: string) => client.delete(`price-rules/${id(ruleId)}`),
};
