// What is in the form as a draft on the server: saving it, and knowing whether something is not saved.
import type { ApiProblem } from "@kit/client";
import { newIdempotencyKey } from "@kit/client";
import type { Draft } from "@kit/drafts";
import { ElMessageBox } from "element-plus";
import { computed, ref, type ComputedRef, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { asProblem } from "../composables/useFetched";
import { desk } from "./bookingApi";
import { wishOf, type WishForm } from "./wishModel";

export interface KeptDraft {
  /** Null while nothing is saved. */
  draftId: ComputedRef<string | null>;
  dirty: ComputedRef<boolean>;
  saving: Ref<boolean>;
  /** Take what is in the form now for what is saved. */
  keep: (draft: Draft | null) => void;
  save: () => Promise<boolean>;
}

export function useDraft(form: WishForm, refused: (problem: ApiProblem) => void): KeptDraft {
  const { t } = useI18n();
  const saved = ref<{ id: string; version: number } | null>(null);
  const baseline = ref("");
  const saving = ref(false);
  let newId = newIdempotencyKey();

  function keep(draft: Draft | null): void {
    saved.value = draft && { id: draft.id, version: draft.version };
    baseline.value = JSON.stringify(form);
    if (!draft) newId = newIdempotencyKey();
  }

  const send = (version: number | null): Promise<Draft> =>
    desk.saveDraft(saved.value?.id ?? newId, {
      branch_id: form.branchId,
      wish: wishOf(form),
      note: form.draftNote.trim(),
      version,
    });

  /** Somebody else has changed it: whoever writes now decides whether theirs is to stay. */
  async function overwrite(problem: ApiProblem): Promise<Draft | null> {
    const version = problem.problem.version;
    if (problem.code !== "booking.draft_changed" || typeof version !== "number") throw problem;
    const told = ElMessageBox.confirm(t("draft.changedText"), t("draft.changedTitle"), {
      confirmButtonText: t("draft.overwrite"),
      cancelButtonText: t("common.cancel"),
      type: "warning",
    });
    return told.then(
      () => send(version),
      () => null,
    );
  }

  async function save(): Promise<boolean> {
    if (saving.value) return false;
    saving.value = true;
    try {
      const draft = await send(saved.value?.version ?? null).catch((reason: unknown) => overwrite(asProblem(reason)));
      if (draft) keep(draft);
      return draft !== null;
    } catch (reason) {
      refused(asProblem(reason));
      return false;
    } finally {
      saving.value = false;
    }
  }

  return {
    draftId: computed(() => saved.value?.id ?? null),
    dirty: computed(() => JSON.stringify(form) !== baseline.value),
    saving,
    keep,
    save,
  };
}
