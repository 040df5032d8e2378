// What staff may do with a booking now, and doing it: ask first where it cannot be undone.
import { formatDayTime } from "@kit/format";
import type { Booking, BookingAction } from "@kit/types";
import { ElMessage, ElMessageBox } from "element-plus";
import { computed, ref, type ComputedRef, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { api } from "../api";
import { asProblem } from "../composables/useFetched";
import { useLocale } from "../i18n";
import { noticeOwnChange } from "../live/connection";

export type StaffAction = "checkIn" | "complete" | "noShow" | "reschedule" | "cancel";

/** What the console does of what the server allows; paying is the customer's. */
const STAFF_ACTIONS: Partial<Record<BookingAction, StaffAction>> = {
  check_in: "checkIn",
  complete: "complete",
  no_show: "noShow",
  reschedule: "reschedule",
  cancel: "cancel",
};

function allowedActions(booking: Booking): StaffAction[] {
  return booking.allowed_actions.flatMap((action) => STAFF_ACTIONS[action] ?? []);
}

export function useBookingActions(
  booking: Ref<Booking | null>,
  update: (booking: Booking) => void,
): {
  actions: ComputedRef<StaffAction[]>;
  running: Ref<StaffAction | null>;
  checkIn: () => Promise<void>;
  complete: () => Promise<void>;
  markNoShow: () => Promise<void>;
  cancel: () => Promise<void>;
} {
  const { t } = useI18n();
  const { locale, pick } = useLocale();
  const running = ref<StaffAction | null>(null);
  const actions = computed(() => (booking.value ? allowedActions(booking.value) : []));

  async function run(action: StaffAction, send: (id: string) => Promise<Booking>, done: string): Promise<void> {
    if (!booking.value || running.value) return;
    running.value = action;
    try {
      update(await send(booking.value.id));
      ElMessage.success(t(done));
    } catch (reason) {
      ElMessage.error(asProblem(reason).message);
    } finally {
      running.value = null;
      noticeOwnChange(); // also after a refusal: what we showed was out of date
    }
  }

  const words = (): Record<string, string> => ({
    name: booking.value?.contact.name ?? "",
    service: pick(booking.value?.service.name),
    time: booking.value ? formatDayTime(booking.value.start, locale.value, booking.value.branch.timezone) : "",
  });

  /** The typed reason when confirmed, null when the person keeps things as they are. */
  async function confirm(action: "complete" | "noShow" | "cancel", asksReason = false): Promise<string | null> {
    try {
      const answer: unknown = await ElMessageBox({
        title: t(`actions.${action}Title`),
        message: t(`actions.${action}Text`, words()),
        showCancelButton: true,
        showInput: asksReason,
        inputPlaceholder: asksReason ? t("actions.cancelReason") : undefined,
        confirmButtonText: t(action === "cancel" ? "actions.cancelConfirm" : `actions.${action}`),
        cancelButtonText: t(action === "cancel" ? "actions.keep" : "common.cancel"),
        confirmButtonClass: action === "complete" ? "" : "el-button--danger",
        autofocus: !asksReason,
      });
      return (answer as { value?: string | null } | null)?.value ?? "";
    } catch {
      return null;
    }
  }

  async function checkIn(): Promise<void> {
    await run("checkIn", api.checkIn, "actions.checkedIn");
  }

  async function complete(): Promise<void> {
    if ((await confirm("complete")) !== null) await run("complete", api.complete, "actions.completed");
  }

  async function markNoShow(): Promise<void> {
    if ((await confirm("noShow")) !== null) await run("noShow", api.markNoShow, "actions.markedNoShow");
  }

  async function cancel(): Promise<void> {
    const reason = await confirm("cancel", true);
    if (reason !== null) await run("cancel", (id) => api.cancel(id, reason.trim()), "actions.cancelled");
  }

  return { actions, running, checkIn, complete, markNoShow, cancel };
}
