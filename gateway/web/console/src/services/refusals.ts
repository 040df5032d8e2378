// Where the gateway's refusal of a service is shown: at its fields, and the rest below the form; pure.
import type { FieldError } from "@kit/types";

export type Refusals = Record<string, string>;

/** The key of what belongs to no field that is shown. */
export const BELOW = "";

/** Field → sentence, by the first part of each pointer. */
export function refusalsOf(errors: FieldError[], message: string, shown: string[]): Refusals {
  if (!errors.length) return { [BELOW]: message };
  const found: Refusals = {};
  for (const error of errors) {
    const field = error.pointer.split("/")[1] ?? BELOW;
    found[shown.includes(field) ? field : BELOW] ??= error.message;
  }
  return found;
}
