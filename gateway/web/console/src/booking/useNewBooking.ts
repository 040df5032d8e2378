// The form of a booking at the desk: what is typed, what is wrong with it, and sending it once.
import { newIdempotencyKey, type ApiProblem } from "@kit/client";
import type { AddOn } from "@kit/money";
import type { BookingReceipt, Slot } from "@kit/types";
import { reactive, ref, watch, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { api } from "../api";
import { asProblem } from "../composables/useFetched";
import { emptyForm, fieldErrors, requestOf, type FieldErrors, type FieldName, type WishForm } from "./wishModel";

const FIELDS: FieldName[] = ["serviceId", "start", "addOns", "couponCode", "name", "phone", "note"];

export interface Refusal {
  message: string;
  alternatives: Slot[];
}

export interface NewBooking {
  form: WishForm;
  errors: Ref<FieldErrors>;
  refusal: Ref<Refusal | null>;
  message: Ref<string>;
  busy: Ref<boolean>;
  /** Begin anew with these values. */
  fill: (values: WishForm) => void;
  chooseBranch: (branchId: string) => void;
  chooseService: (serviceId: string) => void;
  explain: (problem: ApiProblem) => void;
  submit: (addOns: AddOn[], draftId: string | null) => Promise<BookingReceipt | null>;
}

export function useNewBooking(): NewBooking {
  const { t } = useI18n();
  const form = reactive(emptyForm(""));
  const errors = ref<FieldErrors>({});
  const refusal = ref<Refusal | null>(null);
  const message = ref("");
  const busy = ref(false);
  let key = newIdempotencyKey();

  // another wish is another booking; the same wish, sent again after a lost answer, is not
  watch(form, () => (key = newIdempotencyKey()));
  watch(
    () => form.start,
    () => (refusal.value = null),
  );
  for (const field of FIELDS) {
    watch(
      () => form[field],
      () => delete errors.value[field],
    );
  }

  function fill(values: WishForm): void {
    Object.assign(form, values);
    errors.value = {};
    refusal.value = null;
    message.value = "";
  }

  function chooseBranch(branchId: string): void {
    Object.assign(form, { branchId, serviceId: "", start: "", addOns: {} });
  }

  function chooseService(serviceId: string): void {
    Object.assign(form, { serviceId, start: "", addOns: {} });
  }

  function missing(): FieldErrors {
    const found: FieldErrors = {};
    if (!form.serviceId) found.serviceId = t("newBooking.needService");
    else if (!form.start) found.start = t("newBooking.needStart");
    if (!form.name.trim()) found.name = t("newBooking.needName");
    if (!form.phone.trim()) found.phone = t("newBooking.needPhone");
    return found;
  }

  function explain(problem: ApiProblem): void {
    if (!problem.isTemporary) key = newIdempotencyKey();
    if (problem.isTaken) {
      refusal.value = { message: problem.message, alternatives: problem.alternatives };
      return;
    }
    errors.value = fieldErrors(problem);
    if (!Object.keys(errors.value).length) message.value = problem.message;
  }

  async function submit(addOns: AddOn[], draftId: string | null): Promise<BookingReceipt | null> {
    errors.value = missing();
    message.value = "";
    refusal.value = null;
    if (Object.keys(errors.value).length || busy.value) return null;
    busy.value = true;
    try {
      return await api.book(requestOf(form, addOns, draftId), key);
    } catch (reason) {
      explain(asProblem(reason));
      return null;
    } finally {
      busy.value = false;
    }
  }

  return { form, errors, refusal, message, busy, fill, chooseBranch, chooseService, explain, submit };
}
