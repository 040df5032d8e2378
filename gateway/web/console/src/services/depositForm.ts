// A deposit as it is typed, and the deposit it makes; pure.
import type { Deposit } from "@kit/money";

export interface DepositForm extends Omit<Deposit, "value"> {
  /** Of a fixed deposit; null while it cannot be read. */
  cents: number | null;
  /** Percent of the price. */
  percent: number;
}

export const DEPOSIT_KINDS: Deposit["kind"][] = ["none", "fixed", "percent", "full"];

const PERCENT = 100; // basis points
const USUAL_PERCENT = 20;

export function depositForm(of?: Deposit): DepositForm {
  return {
    kind: of?.kind ?? "fixed",
    cents: of?.kind === "fixed" ? of.value : null,
    percent: of?.kind === "percent" ? of.value / PERCENT : USUAL_PERCENT,
    due: of?.due ?? "booking",
    money: of?.money ?? "earnest",
  };
}

/** Null while its amount is missing. */
export function depositOf({ kind, cents, percent, due, money }: DepositForm): Deposit | null {
  const value = kind === "fixed" ? cents : kind === "percent" ? Math.round(percent * PERCENT) : 0;
  return value === null ? null : { kind, value, due, money };
}
