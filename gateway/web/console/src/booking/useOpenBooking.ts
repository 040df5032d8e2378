// Which booking the drawer shows: part of the address, so it survives a reload and closes with "back".
import { computed, type ComputedRef } from "vue";
import { useRoute, useRouter } from "vue-router";

export function useOpenBooking(): {
  openId: ComputedRef<string | null>;
  open: (bookingId: string) => void;
  close: () => void;
} {
  const route = useRoute();
  const router = useRouter();
  const openId = computed(() => (typeof route.query.booking === "string" ? route.query.booking : null));

  function open(bookingId: string): void {
    const query = { ...route.query, booking: bookingId };
    void (openId.value ? router.replace({ query }) : router.push({ query }));
  }

  function close(): void {
    const { booking: _closed, ...query } = route.query;
    void router.replace({ query });
  }

  return { openId, open, close };
}
