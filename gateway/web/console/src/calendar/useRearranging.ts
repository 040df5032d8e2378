// Carrying a drag out: optimistic on the board, undone on request, explained when it is refused.
import type { ApiProblem } from "@kit/client";
import { formatDayTime, formatTime, shifted } from "@kit/format";
import type { Alternative, CalendarEntry, Explanation } from "@kit/scheduling";
import type { Instant } from "@kit/types";
import { ElMessage } from "element-plus";
import { ref, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { api } from "../api";
import { asProblem } from "../composables/useFetched";
import { useUndo } from "../composables/useUndo";
import { useLocale } from "../i18n";
import { noticeOwnChange } from "../live/connection";
import { scheduling } from "../schedulingApi";
import type { Rearrangement } from "./dragging";

/** A refused change and what is known of the reason; the explanation comes a moment later. */
export interface Refusal {
  change: Rearrangement;
  problem: ApiProblem;
  explanation: Explanation | null;
  explaining: boolean;
  /** The start of the booking as a whole; alternatives are starts of it, not of this entry. */
  bookingStart: Instant;
}

const EXPLAINED = new Set([
  "scheduling.slot_taken",
  "scheduling.quota_reached",
  "scheduling.start_not_offered",
  "scheduling.resource_unsuitable",
]);

const secondsFrom = (from: Instant, to: Instant): number => Math.round((Date.parse(to) - Date.parse(from)) / 1000);

/** Send a change; answers the entry's id afterwards, for a move may make it anew. */
async function send({ entry, start, end, resourceId }: Rearrangement, forceReason?: string): Promise<string> {
  const force = forceReason ? { force: true, reason: forceReason } : {};
  const moved = end
    ? await scheduling.resize(entry.id, { start, end, ...force })
    : await scheduling.move(entry.id, { start, resource_id: resourceId ?? null, ...force });
  const serving = resourceId ?? entry.resource_id;
  const member = moved.hold?.crew.find((one) => one.resource_id === serving && one.line === entry.line);
  return member?.allocation_id ?? moved.block?.id ?? entry.id;
}

export function useRearranging(place: () => { branchId: string; timezone: string }): {
  refusal: Ref<Refusal | null>;
  busy: Ref<boolean>;
  rearrange: (change: Rearrangement, snapBack?: () => void) => Promise<void>;
  force: (reason: string) => Promise<void>;
  choose: (alternative: Alternative) => Promise<void>;
  undoLast: () => void;
} {
  const { t } = useI18n();
  const { locale } = useLocale();
  const { offer, undoLast } = useUndo();
  const refusal = ref<Refusal | null>(null) as Ref<Refusal | null>;
  const busy = ref(false);

  function words(change: Rearrangement): string {
    const { timezone } = place();
    const name = change.entry.booking?.contact_name || change.entry.reason || t("calendar.blocked");
    const time = formatDayTime(change.start, locale.value, timezone);
    if (change.end) return t("moving.resized", { name, time: `${time}–${formatTime(change.end, timezone)}` });
    return t("moving.moved", { name, time });
  }

  /** What brings an entry back to where it was; its id may be another one now. */
  function inverse(change: Rearrangement, id: string): Rearrangement {
    const { entry } = change;
    const now: CalendarEntry = { ...entry, id, start: change.start, end: change.end ?? entry.end };
    if (change.end) return { entry: now, start: entry.start, end: entry.end };
    return { entry: now, start: entry.start, resourceId: entry.resource_id };
  }

  /** Ask what the refusal itself does not say: when the booking starts, and which rule it breaks. */
  async function explain(refused: Refusal): Promise<void> {
    const { entry, start, resourceId } = refused.change;
    if (!entry.booking_id || !entry.service_id) return;
    refused.explaining = true;
    try {
      refused.bookingStart = (await api.booking(entry.booking_id)).start;
      if (refused.problem.isTaken) return;
      refused.explanation = await scheduling.explain({
        service_id: entry.service_id,
        branch_id: place().branchId,
        start: shifted(refused.bookingStart, secondsFrom(entry.start, start), place().timezone),
        booking_id: entry.booking_id,
        resource_id: resourceId ? [resourceId] : [],
      });
    } catch {
      // the refusal's own sentence stays: it says the most important thing
    } finally {
      refused.explaining = false;
    }
  }

  function tell(change: Rearrangement, problem: ApiProblem): void {
    if (!EXPLAINED.has(problem.code)) {
      ElMessage.error(problem.message);
      return;
    }
    const bookingStart = change.entry.start;
    refusal.value = { change, problem, explanation: null, explaining: false, bookingStart };
    void explain(refusal.value); // the reactive one: what is found out shows at once
  }

  /** Run a change; it answers how to undo it. */
  async function carryOut(change: Rearrangement, run: () => Promise<() => Promise<unknown>>, snapBack?: () => void): Promise<void> {
    busy.value = true;
    try {
      const undo = await run();
      refusal.value = null;
      offer(words(change), () => takeBack(change, undo));
    } catch (reason) {
      snapBack?.();
      tell(change, asProblem(reason));
    } finally {
      busy.value = false;
      noticeOwnChange();
    }
  }

  async function takeBack(change: Rearrangement, undo: () => Promise<unknown>): Promise<void> {
    try {
      await undo();
      ElMessage.success(t("moving.undone"));
    } catch (reason) {
      tell(change, asProblem(reason));
    } finally {
      noticeOwnChange();
    }
  }

  function drag(change: Rearrangement, snapBack?: () => void, forceReason?: string): Promise<void> {
    const run = async () => {
      const id = await send(change, forceReason);
      return () => send(inverse(change, id));
    };
    return carryOut(change, run, snapBack);
  }

  const rearrange = (change: Rearrangement, snapBack?: () => void): Promise<void> => drag(change, snapBack);

  async function force(reason: string): Promise<void> {
    if (refusal.value) await drag(refusal.value.change, undefined, reason);
  }

  /** A person is swapped on the board; at another time the engine chooses who is free, as for a customer. */
  async function choose(alternative: Alternative): Promise<void> {
    if (!refusal.value) return;
    const { change, bookingStart } = refusal.value;
    const { entry } = change;
    const start = shifted(entry.start, secondsFrom(bookingStart, alternative.start), place().timezone);
    const bookingId = entry.booking_id;
    if (alternative.resource_id || !bookingId) {
      return drag({ entry, start, resourceId: alternative.resource_id ?? undefined });
    }
    // what the studio rearranges on its board is its own affair: it costs the customer nothing
    const moveTo = (to: string) => api.reschedule(bookingId, { cause: "studio", start: to });
    await carryOut({ entry, start }, async () => {
      await moveTo(alternative.start);
      return () => moveTo(bookingStart);
    });
  }

  return { refusal, busy, rearrange, force, choose, undoLast };
}
