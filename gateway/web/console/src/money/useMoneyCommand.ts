// A command about a booking's money, carried out once however often it is sent; refusals are told in the dialog.
import { useIdempotencyKey } from "@kit/idempotency";
import type { Booking } from "@kit/types";
import { ref, type Ref } from "vue";
import { useSending } from "../composables/useSending";
import type { Settled } from "../moneyApi";

export interface MoneyCommand<Body> {
  sending: Ref<string | null>;
  refused: Ref<string>;
  /** The booking after it, or null when it was refused. */
  run: (body: Body) => Promise<Booking | null>;
}

export function useMoneyCommand<Body>(
  booking: () => Booking,
  call: (bookingId: string, body: Body, idempotencyKey: string) => Promise<Settled>,
  done: string,
): MoneyCommand<Body> {
  const { sending, send } = useSending();
  const key = useIdempotencyKey();
  const refused = ref("");

  async function run(body: Body): Promise<Booking | null> {
    refused.value = "";
    const { id, messages } = booking();
    const sent = await send("money", () => call(id, body, key.keyFor([id, body])), {
      done,
      refused: (problem) => {
        if (!problem.isTemporary) key.renew(); // what never arrived, or may have, is asked again as the same
        refused.value = problem.errors[0]?.message ?? problem.message;
        return true;
      },
    });
    return sent && { ...sent.answer, messages };
  }

  return { sending, refused, run };
}
