// The branches this person works for, and the one being looked at (remembered).
import { pickText } from "@kit/format";
import type { Branch } from "@kit/types";
import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { api } from "../api";
import { currentLocale } from "../i18n";
import { useSession } from "./session";

const STORED = "yingqi.branch";
const FALLBACK_ZONE = "Asia/Shanghai";

export const useBranches = defineStore("branches", () => {
  const session = useSession();
  const every = ref<Branch[]>([]);
  const loaded = ref(false);
  const chosen = ref(localStorage.getItem(STORED) ?? "");

  const items = computed(() => {
    const mine = session.staff?.branch_ids;
    return mine ? every.value.filter((branch) => mine.includes(branch.id)) : every.value;
  });
  const current = computed(() => items.value.find((branch) => branch.id === chosen.value) ?? items.value[0] ?? null);
  const timezone = computed(() => current.value?.timezone ?? FALLBACK_ZONE);

  let loading: Promise<void> | null = null;
  async function fetchAll(): Promise<void> {
    every.value = (await api.branches()).items;
    loaded.value = true;
  }

  /** Load once; later calls share the answer, a failed call may be repeated. */
  function load(): Promise<void> {
    loading ??= fetchAll().catch((problem: unknown) => {
      loading = null;
      throw problem;
    });
    return loading;
  }

  /** Somebody changed a branch: fetch them anew, unless nobody has asked for them yet. */
  const refresh = async (): Promise<void> => void (loaded.value && (await fetchAll()));

  function choose(branchId: string): void {
    chosen.value = branchId;
    localStorage.setItem(STORED, branchId);
  }

  const byId = (branchId: string | null): Branch | null => every.value.find((branch) => branch.id === branchId) ?? null;
  /** What tells branches apart: a chain's name often stands before a dot. */
  const shortName = (branchId: string): string => pickText(byId(branchId)?.name, currentLocale()).split(/\s*[·・]\s*/).pop() ?? "";
  const zoneOf = (branchId: string | null): string => byId(branchId)?.timezone ?? timezone.value;

  return { items, loaded, current, timezone, load, refresh, choose, byId, shortName, zoneOf };
});
