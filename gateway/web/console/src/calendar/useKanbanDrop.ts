// A card dropped on a column does what the booking's own buttons do, with the same questions.
import type { Booking } from "@kit/types";
import { ElMessage } from "element-plus";
import { ref } from "vue";
import { useI18n } from "vue-i18n";
import { api } from "../api";
import { useBookingActions } from "../booking/useBookingActions";
import { asProblem } from "../composables/useFetched";
import type { KanbanAction } from "./kanbanModel";

export function useKanbanDrop(): { carryOut: (bookingId: string, action: KanbanAction) => Promise<void> } {
  const { t } = useI18n();
  const booking = ref<Booking | null>(null);
  const { actions, approve, checkIn, complete, markNoShow } = useBookingActions(booking, (next) => (booking.value = next));
  const DO: Record<KanbanAction, () => Promise<void>> = { approve, checkIn, complete, noShow: markNoShow };

  async function carryOut(bookingId: string, action: KanbanAction): Promise<void> {
    try {
      booking.value = await api.booking(bookingId);
    } catch (reason) {
      ElMessage.error(asProblem(reason).message);
      return;
    }
    if (actions.value.includes(action)) await DO[action]();
    else ElMessage.warning(t("kanban.notYet", { action: t(`actions.${action}`) }));
  }

  return { carryOut };
}
