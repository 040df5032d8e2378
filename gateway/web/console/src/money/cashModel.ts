// Adds up what moved on a day, by the way it was paid; pure.
import type { CashTotal } from "@kit/money";

export interface Way {
  key: string;
  provider: string;
  method: string | null;
  currency: string;
  count: number;
  received: number;
  refunded: number;
  kinds: CashTotal[];
}

const keyOf = ({ provider, method, currency }: CashTotal): string => `${provider} ${method ?? ""} ${currency}`;

/** One entry for each way of paying, with what it was paid for. */
export function waysOf(totals: CashTotal[]): Way[] {
  const ways = new Map<string, Way>();
  for (const total of totals) {
    const key = keyOf(total);
    const { provider, method, currency } = total;
    const way = ways.get(key) ?? { key, provider, method, currency, count: 0, received: 0, refunded: 0, kinds: [] };
    way.count += total.count;
    way.received += total.received_cents;
    way.refunded += total.refunded_cents;
    way.kinds.push(total);
    ways.set(key, way);
  }
  return [...ways.values()];
}

export interface Sum {
  currency: string;
  received: number;
  refunded: number;
}

/**
 * What came and went in each currency; a day without any is told in the usual one.
 *
 * What was paid from a customer's account came when the account was filled.
 */
export function sumsOf(totals: CashTotal[]): Sum[] {
  const sums = new Map<string, Sum>();
  const moved = totals.filter(({ provider }) => provider !== "member");
  for (const { currency, received_cents: received, refunded_cents: refunded } of moved) {
    const sum = sums.get(currency) ?? { currency, received: 0, refunded: 0 };
    sum.received += received;
    sum.refunded += refunded;
    sums.set(currency, sum);
  }
  return sums.size ? [...sums.values()] : [{ currency: "CNY", received: 0, refunded: 0 }];
}
