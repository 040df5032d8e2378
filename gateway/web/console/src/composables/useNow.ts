// The clock on the page, ticking once a second for countdowns; one timer for all who ask.
import { onScopeDispose, readonly, ref, type Ref } from "vue";

const now = ref(new Date());
let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function useNow(): Readonly<Ref<Date>> {
  users += 1;
  if (users === 1) {
    now.value = new Date();
    timer = setInterval(() => (now.value = new Date()), 1000);
  }
  onScopeDispose(() => {
    users -= 1;
    if (users === 0) clearInterval(timer);
  });
  return readonly(now) as Readonly<Ref<Date>>;
}
