// All resources of every branch the reader works for, to choose from and to name; read page by page.
import type { StaffResource } from "@kit/scheduling";
import type { Text } from "@kit/types";
import { computed, type ComputedRef } from "vue";
import { useFetched, type Fetched } from "../composables/useFetched";
import { scheduling } from "../schedulingApi";
import { useBranches } from "../stores/branches";

const MOST_AT_ONCE = 200; // the longest page the gateway gives

async function everyAt(branchId: string, signal: AbortSignal): Promise<StaffResource[]> {
  const found: StaffResource[] = [];
  let cursor: string | null = null;
  do {
    const page = await scheduling.resources({ branch_id: branchId }, cursor, signal, MOST_AT_ONCE);
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return found;
}

export function useEveryResource(): {
  fetched: Fetched<StaffResource[]>;
  resources: ComputedRef<StaffResource[]>;
  nameOf: (id: string) => Text;
} {
  const branches = useBranches();
  const fetched = useFetched(async (signal) => {
    await branches.load();
    return (await Promise.all(branches.items.map((branch) => everyAt(branch.id, signal)))).flat();
  });
  const resources = computed(() => fetched.value.value ?? []);
  const byId = computed(() => new Map(resources.value.map((one) => [one.id, one])));
  const nameOf = (id: string): Text => byId.value.get(id)?.name ?? { zh: "…", en: "…" };
  return { fetched, resources, nameOf };
}
