// Deciding on leave: approved at once, or after looking at the bookings that are in its way.
import type { ApiProblem } from "@kit/client";
import type { Leave, SupplyConflict } from "@kit/scheduling";
import { ElMessageBox } from "element-plus";
import { ref, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { useSending } from "../composables/useSending";
import { scheduling } from "../schedulingApi";

export const conflictsIn = (problem: ApiProblem): SupplyConflict[] => (problem.problem.conflicts as SupplyConflict[] | undefined) ?? [];

/** Leave that could not be approved as it is. */
export interface Objection {
  leave: Leave;
  message: string;
  conflicts: SupplyConflict[];
}

export function useLeaveActions(): {
  sending: Ref<string | null>;
  objection: Ref<Objection | null>;
  approve: (leave: Leave, despite?: boolean) => Promise<void>;
  reject: (leave: Leave) => Promise<void>;
  withdraw: (leave: Leave) => Promise<void>;
} {
  const { t } = useI18n();
  const { sending, send } = useSending();
  const objection = ref<Objection | null>(null);

  async function approve(leave: Leave, despite = false): Promise<void> {
    const body = { approve: true, despite_conflicts: despite };
    const sent = await send(leave.id, () => scheduling.decideLeave(leave.id, body), {
      done: t("leave.approved"),
      refused: (problem) => {
        if (problem.code !== "scheduling.leave_conflicts") return false;
        objection.value = { leave, message: problem.message, conflicts: conflictsIn(problem) };
        return true;
      },
    });
    if (sent) objection.value = null;
  }

  async function reject(leave: Leave): Promise<void> {
    const answer = await ElMessageBox.prompt(t("leave.rejectText"), t("leave.rejectTitle"), {
      confirmButtonText: t("leave.reject"),
      cancelButtonText: t("common.cancel"),
      confirmButtonClass: "el-button--danger",
      inputPlaceholder: t("leave.note"),
    }).catch(() => null);
    if (!answer) return;
    const note = (answer as { value?: string | null }).value?.trim() ?? "";
    await send(leave.id, () => scheduling.decideLeave(leave.id, { approve: false, note }), { done: t("leave.rejected") });
  }

  async function withdraw(leave: Leave): Promise<void> {
    const sure = await ElMessageBox.confirm(t("leave.cancelText"), t("leave.cancelTitle"), {
      confirmButtonText: t("leave.cancel"),
      cancelButtonText: t("common.back"),
    }).catch(() => null);
    if (sure) await send(leave.id, () => scheduling.cancelLeave(leave.id), { done: t("leave.cancelled") });
  }

  return { sending, objection, approve, reject, withdraw };
}
