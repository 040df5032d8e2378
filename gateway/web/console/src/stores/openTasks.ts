// How many tasks are open, for the badge beside "to-do".
import { defineStore } from "pinia";
import { ref } from "vue";
import { api } from "../api";

export const useOpenTasks = defineStore("openTasks", () => {
  const count = ref(0);
  const more = ref(false);

  async function refresh(): Promise<void> {
    try {
      const page = await api.openTasks(null);
      count.value = page.items.length;
      more.value = page.next_cursor !== null;
    } catch {
      // the badge is a courtesy: the page itself reports problems
    }
  }

  return { count, more, refresh };
});
