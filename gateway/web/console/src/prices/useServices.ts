// All packages on offer anywhere, to choose from and to name.
import type { Service, Text } from "@kit/types";
import { computed, type ComputedRef } from "vue";
import { api } from "../api";
import { useFetched, type Fetched } from "../composables/useFetched";

export function useServices(): {
  fetched: Fetched<Service[]>;
  services: ComputedRef<Service[]>;
  nameOf: (id: string) => Text;
} {
  const fetched = useFetched(async () => (await api.services("")).items);
  const services = computed(() => fetched.value.value ?? []);
  const byId = computed(() => new Map(services.value.map((one) => [one.id, one])));
  const nameOf = (id: string): Text => byId.value.get(id)?.name ?? { zh: "…", en: "…" };
  return { fetched, services, nameOf };
}
