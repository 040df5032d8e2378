// Sending a change: one at a time, told when done, a refusal told in the gateway's words.
import type { ApiProblem } from "@kit/client";
import { ElMessage } from "element-plus";
import { ref, type Ref } from "vue";
import { noticeOwnChange } from "../live/connection";
import { asProblem } from "./useFetched";

export interface Sending {
  /** The name of what is being sent, null while nothing is. */
  sending: Ref<string | null>;
  /**
   * Send; answers what came back, or null after a refusal.
   *
   * `refused` may take a problem over (true); else it is shown as a message.
   */
  send: <Answer>(
    name: string,
    call: () => Promise<Answer>,
    options?: { done?: string; refused?: (problem: ApiProblem) => boolean },
  ) => Promise<{ answer: Answer } | null>;
}

export function useSending(): Sending {
  const sending = ref<string | null>(null);

  const send: Sending["send"] = async (name, call, options = {}) => {
    if (sending.value) return null;
    sending.value = name;
    try {
      const answer = await call();
      if (options.done) ElMessage.success(options.done);
      return { answer };
    } catch (reason) {
      const problem = asProblem(reason);
      if (!options.refused?.(problem)) ElMessage.error(problem.message);
      return null;
    } finally {
      sending.value = null;
      noticeOwnChange(); // also after a refusal: what we showed was out of date
    }
  };

  return { sending, send };
}
