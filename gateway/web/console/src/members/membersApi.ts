// The endpoints of member levels, coupons and customers' accounts, one function each.
import type {
  AccountEntry,
  Coupon,
  CouponDraft,
  EntryRequest,
  LevelDraft,
  MemberAccount,
  MemberLevel,
  TopUpRequest,
} from "@kit/members";
import type { Page } from "@kit/types";
import { client, part as id } from "../transport";

const of = (customerId: string): string => `customers/${id(customerId)}`;

export const members = {
  levels: (signal?: AbortSignal) => client.get<{ items: MemberLevel[] }>("member-levels", { signal }),
  defineLevel: (levelId: string, body: LevelDraft) => client.put<MemberLevel>(`member-levels/${id(levelId)}`, { body }),
  coupons: (cursor: string | null, signal?: AbortSignal) =>
    client.get<Page<Coupon>>("coupons", { query: { cursor }, signal }),
  defineCoupon: (couponId: string, body: CouponDraft) => client.put<Coupon>(`coupons/${id(couponId)}`, { body }),

  account: (customerId: string, signal?: AbortSignal) => client.get<MemberAccount>(`${of(customerId)}/account`, { signal }),
  entries: (customerId: string, cursor: string | null, signal?: AbortSignal) =>
    client.get<Page<AccountEntry>>(`${of(customerId)}/account/entries`, { query: { cursor }, signal }),
  setLevel: (customerId: string, levelId: string | null) =>
    client.put<MemberAccount>(`${of(customerId)}/level`, { body: { level_id: levelId } }),
  topUp: (customerId: string, body: TopUpRequest, idempotencyKey: string) =>
    client.post<MemberAccount>(`${of(customerId)}/top-ups`, { body, idempotencyKey }),
  give: (customerId: string, body: EntryRequest, idempotencyKey: string) =>
    client.post<MemberAccount>(`${of(customerId)}/gifts`, { body, idempotencyKey }),
  adjust: (customerId: string, body: EntryRequest, idempotencyKey: string) =>
    client.post<MemberAccount>(`${of(customerId)}/adjustments`, { body, idempotencyKey }),
};
