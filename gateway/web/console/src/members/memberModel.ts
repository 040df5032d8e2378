// How levels, coupons and account entries read, and when a coupon holds; pure.
import { formatCount, formatMoney } from "@kit/format";
import type { AccountEntry, Coupon } from "@kit/members";

const WHOLE = 10_000;

/** A share off the price as shops write it: 95 折 in Chinese, 5 % off elsewhere. */
export function discountWords(basisPoints: number, locale: "zh" | "en"): string {
  if (locale === "en") return `${basisPoints / 100}% off`;
  const fold = (WHOLE - basisPoints) / 1000;
  return `${Math.round(fold * 100) / 100} 折`;
}

/** Percent as typed, in basis points; null when it is no share. */
export function basisPoints(percent: number | null): number | null {
  if (percent === null || percent < 0 || percent > 100) return null;
  return Math.round(percent * 100);
}

export type CouponState = "off" | "soon" | "over" | "usedUp" | "open";

/** Whether a coupon can be used now. */
export function couponState(coupon: Coupon, now: Date): CouponState {
  if (!coupon.active) return "off";
  if (now < new Date(coupon.valid_from)) return "soon";
  if (now >= new Date(coupon.valid_to)) return "over";
  return coupon.stock !== null && coupon.taken >= coupon.stock ? "usedUp" : "open";
}

/** An entry's amount with its sign, as money or as points. */
export function entryAmount({ account, amount }: AccountEntry, currency: string): string {
  const size = account === "points" ? formatCount(Math.abs(amount)) : formatMoney(Math.abs(amount), currency);
  return `${amount < 0 ? "−" : "+"}${size}`;
}
