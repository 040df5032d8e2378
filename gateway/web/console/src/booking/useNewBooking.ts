// The state of the new-booking form: what was typed, what is wrong with it, and sending it once.
import { newIdempotencyKey, type ApiProblem } from "@kit/client";
import type { BookingReceipt, BookingRequest, Slot } from "@kit/types";
import { reactive, ref, watch, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { api } from "../api";
import { asProblem } from "../composables/useFetched";

export interface NewBookingForm {
  serviceId: string;
  branchId: string;
  start: string;
  name: string;
  phone: string;
  note: string;
  channel: "phone" | "walk_in";
}

type FieldName = "serviceId" | "start" | "name" | "phone" | "note";

const POINTERS: Record<string, FieldName> = {
  "/service_id": "serviceId",
  "/start": "start",
  "/contact/name": "name",
  "/contact/phone": "phone",
  "/note": "note",
};

export interface Refusal {
  message: string;
  alternatives: Slot[];
}

function requestOf(form: NewBookingForm): BookingRequest {
  return {
    service_id: form.serviceId,
    branch_id: form.branchId,
    start: form.start,
    contact: { name: form.name.trim(), phone: form.phone.trim() },
    channel: form.channel,
    ...(form.note.trim() ? { note: form.note.trim() } : {}),
  };
}

export function useNewBooking(): {
  form: NewBookingForm;
  errors: Ref<Partial<Record<FieldName, string>>>;
  refusal: Ref<Refusal | null>;
  message: Ref<string>;
  busy: Ref<boolean>;
  reset: (branchId: string) => void;
  submit: () => Promise<BookingReceipt | null>;
} {
  const { t } = useI18n();
  const form = reactive<NewBookingForm>({
    serviceId: "",
    branchId: "",
    start: "",
    name: "",
    phone: "",
    note: "",
    channel: "phone",
  });
  const errors = ref<Partial<Record<FieldName, string>>>({});
  const refusal = ref<Refusal | null>(null);
  const message = ref("");
  const busy = ref(false);
  let key = newIdempotencyKey();

  // another wish is another booking; the same wish, sent again after a lost answer, is not
  watch(form, () => (key = newIdempotencyKey()));
  watch(
    () => [form.serviceId, form.branchId],
    () => (form.start = ""),
  );
  watch(
    () => form.start,
    () => (refusal.value = null),
  );

  for (const field of Object.values(POINTERS)) {
    watch(
      () => form[field],
      () => delete errors.value[field],
    );
  }

  function reset(branchId: string): void {
    Object.assign(form, { serviceId: "", branchId, start: "", name: "", phone: "", note: "", channel: "phone" });
    errors.value = {};
    refusal.value = null;
    message.value = "";
  }

  function missing(): Partial<Record<FieldName, string>> {
    const found: Partial<Record<FieldName, string>> = {};
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
    for (const error of problem.errors) {
      const field = POINTERS[error.pointer];
      if (field) errors.value[field] = error.message;
    }
    if (!Object.keys(errors.value).length) message.value = problem.message;
  }

  async function submit(): Promise<BookingReceipt | null> {
    errors.value = missing();
    message.value = "";
    refusal.value = null;
    if (Object.keys(errors.value).length || busy.value) return null;
    busy.value = true;
    try {
      return await api.book(requestOf(form), key);
    } catch (reason) {
      explain(asProblem(reason));
      return null;
    } finally {
      busy.value = false;
    }
  }

  return { form, errors, refusal, message, busy, reset, submit };
}
