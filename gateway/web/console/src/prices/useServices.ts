// All services on offer anywhere, to choose from and to name.
import type { Text } from "@kit/types";
import { computed, type ComputedRef } from "vue";
import { useFetched, type Fetched } from "../composables/useFetched";
import { servicesApi, type SoldService } from "../services/servicesApi";

export function useServices(): {
  fetched: Fetched<SoldService[]>;
  services: ComputedRef<SoldService[]>;
  nameOf: (id: string) => Text;
} {
  const fetched = useFetched(async (signal) => (await servicesApi.services(signal)).items);
  const services = computed(() => fetched.value.value ?? []);
  const byId = computed(() => new Map(services.value.map((one) => [one.id, one])));
  const nameOf = (id: string): Text => byId.value.get(id)?.name ?? { zh: "…", en: "…" };
  return { fetched, services, nameOf };
}
