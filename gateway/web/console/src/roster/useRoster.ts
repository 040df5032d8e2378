// The state of the roster editor: what was read, what was changed, and sending it as draft or for good.
import { todayIn } from "@kit/format";
import type { RosterRule, StaffResource, SupplyConflict } from "@kit/scheduling";
import { computed, ref, type ComputedRef, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { useFetched, type Fetched } from "../composables/useFetched";
import { useSending } from "../composables/useSending";
import { scheduling } from "../schedulingApi";
import { useBranches } from "../stores/branches";
import { copyOf, toGrid, toRules, type RosterGrid } from "./rosterModel";

export interface RosterEditing {
  fetched: Fetched<RosterGrid>;
  grid: Ref<RosterGrid>;
  /** published, draft, or changed here and not yet sent. */
  state: ComputedRef<"published" | "draft" | "changed">;
  conflicts: Ref<SupplyConflict[]>;
  sending: Ref<string | null>;
  save: (publish: boolean) => Promise<void>;
  /** Put back what counts now. */
  restore: () => void;
}

export function useRoster(resource: () => StaffResource): RosterEditing {
  const { t } = useI18n();
  const branches = useBranches();
  const { sending, send } = useSending();
  const grid = ref<RosterGrid>({ weeks: [], cycleFrom: null, others: [] });
  const published = ref<RosterRule[]>([]);
  const hasDraft = ref(false);
  const sent = ref("");
  const conflicts = ref<SupplyConflict[]>([]);

  function rules(): RosterRule[] {
    const { branch_id } = resource();
    return toRules(grid.value, branch_id, todayIn(branches.zoneOf(branch_id)));
  }

  function show(list: RosterRule[]): RosterGrid {
    grid.value = toGrid(copyOf(list));
    return grid.value;
  }

  const fetched = useFetched(async (signal) => {
    const roster = await scheduling.roster(resource().id, signal);
    published.value = roster.published;
    hasDraft.value = roster.draft !== null;
    show(roster.draft ?? roster.published);
    sent.value = JSON.stringify(rules());
    return grid.value;
  });

  const state = computed(() => {
    if (JSON.stringify(rules()) !== sent.value) return "changed";
    return hasDraft.value ? "draft" : "published";
  });

  async function save(publish: boolean): Promise<void> {
    const wanted = rules();
    const done = t(publish ? "roster.publishedDone" : "roster.savedDone");
    const answer = await send(publish ? "publish" : "save", () => scheduling.defineRoster(resource().id, wanted, publish), { done });
    if (!answer) return;
    conflicts.value = answer.answer.conflicts;
    hasDraft.value = !publish;
    sent.value = JSON.stringify(wanted);
    if (publish) published.value = wanted;
  }

  function restore(): void {
    show(published.value);
  }

  return { fetched, grid, state, conflicts, sending, save, restore };
}
