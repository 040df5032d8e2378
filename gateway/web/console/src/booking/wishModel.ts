// A wish as it stands in the form, as it is asked for, and as a draft keeps it; pure.
import type { ApiProblem } from "@kit/client";
import type { Draft, Wish } from "@kit/drafts";
import type { AddOn, PickedAddOn, QuoteRequest } from "@kit/money";
import type { BookingRequest } from "@kit/types";

export interface WishForm {
  serviceId: string;
  branchId: string;
  start: string;
  /** How many of each add-on, by its id. */
  addOns: Record<string, number>;
  couponCode: string;
  name: string;
  phone: string;
  note: string;
  channel: "phone" | "walk_in";
  /** What staff keep for themselves while it is a draft. */
  draftNote: string;
}

export type FieldName = "serviceId" | "start" | "addOns" | "couponCode" | "name" | "phone" | "note";
export type FieldErrors = Partial<Record<FieldName, string>>;

/** A pointer below one of these belongs to its field; a draft's start with /wish. */
const POINTERS: [string, FieldName][] = [
  ["/service_id", "serviceId"],
  ["/start", "start"],
  ["/add_ons", "addOns"],
  ["/coupon_code", "couponCode"],
  ["/contact/name", "name"],
  ["/contact/phone", "phone"],
  ["/note", "note"],
];

/** Refusals that carry no pointer, by how their code begins. */
const CODES: [string, FieldName][] = [
  ["booking.add_on", "addOns"],
  ["crm.coupon", "couponCode"],
  ["booking.coupon", "couponCode"],
  ["booking.phone", "phone"],
  ["booking.service", "serviceId"],
];

export function emptyForm(branchId: string): WishForm {
  return {
    serviceId: "",
    branchId,
    start: "",
    addOns: {},
    couponCode: "",
    name: "",
    phone: "",
    note: "",
    channel: "phone",
    draftNote: "",
  };
}

/** What one order may hold of an add-on now. */
export const mostOf = ({ left, max_quantity: most }: AddOn): number => Math.max(0, Math.min(left ?? most, most));

/** The chosen add-ons of those there are, never more than may be had now. */
export function pickedOf(addOns: AddOn[], chosen: WishForm["addOns"]): PickedAddOn[] {
  return addOns
    .map((one) => ({ id: one.id, quantity: Math.min(chosen[one.id] ?? 0, mostOf(one)) }))
    .filter((one) => one.quantity > 0);
}

const chosenOf = (chosen: WishForm["addOns"]): PickedAddOn[] =>
  Object.entries(chosen).flatMap(([id, quantity]) => (quantity > 0 ? [{ id, quantity }] : []));

/** What is filled in, and nothing of what is not. */
export function wishOf(form: WishForm): Wish {
  const [name, phone, note, code] = [form.name.trim(), form.phone.trim(), form.note.trim(), form.couponCode.trim()];
  const addOns = chosenOf(form.addOns);
  return {
    channel: form.channel,
    ...(form.serviceId && { service_id: form.serviceId }),
    ...(form.start && { start: form.start }),
    ...((name || phone) && { contact: { ...(name && { name }), ...(phone && { phone }) } }),
    ...(addOns.length > 0 && { add_ons: addOns }),
    ...(code && { coupon_code: code }),
    ...(note && { note }),
  };
}

export function requestOf(form: WishForm, addOns: AddOn[], draftId: string | null): BookingRequest {
  const { coupon_code: code, ...wish } = wishOf(form);
  return {
    ...wish,
    service_id: form.serviceId,
    branch_id: form.branchId,
    start: form.start,
    contact: { name: form.name.trim(), phone: form.phone.trim() },
    add_ons: pickedOf(addOns, form.addOns),
    ...(code && { coupon_code: code }),
    ...(draftId && { draft_id: draftId }),
  };
}

/** What to ask the price of; null while there is no time to price. */
export function quoteOf(form: WishForm, addOns: AddOn[]): QuoteRequest | null {
  if (!form.serviceId || !form.branchId || !form.start) return null;
  const code = form.couponCode.trim();
  return {
    service_id: form.serviceId,
    branch_id: form.branchId,
    start: form.start,
    add_ons: pickedOf(addOns, form.addOns),
    ...(code && { coupon_code: code }),
  };
}

/** A draft as it goes on; a time that has passed meanwhile is chosen anew. */
export function formOf({ branch_id: branchId, wish, note }: Draft, now: Date): WishForm {
  const start = wish.start ?? "";
  return {
    ...emptyForm(branchId),
    serviceId: wish.service_id ?? "",
    start: start && new Date(start) > now ? start : "",
    addOns: Object.fromEntries((wish.add_ons ?? []).map(({ id, quantity }) => [id, quantity])),
    couponCode: wish.coupon_code ?? "",
    name: wish.contact?.name ?? "",
    phone: wish.contact?.phone ?? "",
    note: wish.note ?? "",
    channel: wish.channel === "walk_in" ? "walk_in" : "phone",
    draftNote: note,
  };
}

/** Each complaint at the field that it is about; what is about none is left out. */
export function fieldErrors({ code, message, errors }: Pick<ApiProblem, "code" | "message" | "errors">): FieldErrors {
  const found: FieldErrors = {};
  for (const error of errors) {
    const pointer = error.pointer.replace(/^\/wish/, "");
    const field = POINTERS.find(([start]) => pointer.startsWith(start))?.[1];
    if (field) found[field] ??= error.message;
  }
  const field = CODES.find(([start]) => code.startsWith(start))?.[1];
  if (field) found[field] ??= message;
  return found;
}
