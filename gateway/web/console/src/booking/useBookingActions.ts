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

export type StaffAction = "approve" | "reject" | "checkIn" | "start" | "complete" | "noShow" | "reschedule" | "cancel";

/** What the console does of what the server allows; paying is the customer's. */
const STAFF_ACTIONS: Partial<Record<BookingAction, StaffAction>> = {
  approve: "approve",
  reject: "reject",
  check_in: "checkIn",
  start: "start",
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
  approve: () => Promise<void>;
  reject: () => Promise<void>;
  checkIn: () => Promise<void>;
  start: () => Promise<void>;
  complete: () => Promise<void>;
  markNoShow: () => Promise<void>;
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
  async function confirm(action: "complete" | "noShow" | "reject", asksReason = false): Promise<string | null> {
    try {
      const answer: unknown = await ElMessageBox({
        title: t(`actions.${action}Title`),
        message: t(`actions.${action}Text`, words()),
        showCancelButton: true,
        showInput: asksReason,
        inputPlaceholder: asksReason ? t("actions.rejectReason") : undefined,
        confirmButtonText: t(`actions.${action}`),
        cancelButtonText: t("common.cancel"),
        confirmButtonClass: action === "complete" ? "" : "el-button--danger",
        autofocus: !asksReason,
      });
      return (answer as { value?: string | null } | null)?.value ?? "";
    } catch {
      return null;
    }
  }

  async function approve(): Promise<void> {
    await run("approve", api.approve, "actions.approved");
  }

  async function reject(): Promise<void> {
    const reason = await confirm("reject", true);
    if (reason !== null) await run("reject", (id) => api.reject(id, reason.trim()), "actions.rejected");
  }

  async function start(): Promise<void> {
    await run("start", api.start, "actions.started");
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

  return { actions, running, approve, reject, checkIn, start, complete, markNoShow };
}
