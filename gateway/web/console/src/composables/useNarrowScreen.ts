// Whether the screen is a phone's; the same width as in the styles (720 px).
import { onScopeDispose, ref, type Ref } from "vue";

export function useNarrowScreen(): Ref<boolean> {
  const query = window.matchMedia("(max-width: 720px)");
  const narrow = ref(query.matches);
  const follow = (): void => {
    narrow.value = query.matches;
  };
  query.addEventListener("change", follow);
  onScopeDispose(() => query.removeEventListener("change", follow));
  return narrow;
}
