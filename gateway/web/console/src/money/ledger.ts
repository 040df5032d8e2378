// What the money of a booking allows at the desk; the server decides anew.
import type { Payment } from "@kit/money";
import type { Booking } from "@kit/types";

const CLOSED = ["cancelled", "expired", "rejected"];

/** Nothing is sold any more on a booking that came to nothing. */
export const isOpen = (booking: Booking): boolean => !CLOSED.includes(booking.status);

/** What of a payment has not gone back, and is not on its way. */
export const leftOf = (payment: Payment): number =>
  payment.paid_at === null ? 0 : Math.max(0, (payment.received_cents ?? 0) - payment.refunded_cents);

/** What of the deposit has not been paid. */
export const depositDue = (booking: Booking): number =>
  Math.max(0, Math.min(booking.deposit_cents - booking.paid_cents, booking.balance_cents));
