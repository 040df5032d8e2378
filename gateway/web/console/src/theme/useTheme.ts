// The theme while somebody edits it: what was changed, saving, publishing, and bringing an earlier version back.
import type { ApiProblem } from "@kit/client";
import { isColour, unreadable, type Look } from "@kit/theme";
import type { FieldError } from "@kit/types";
import { ElMessageBox } from "element-plus";
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from "vue";
import { useI18n } from "vue-i18n";
import { useFetched } from "../composables/useFetched";
import { useSending } from "../composables/useSending";
import { useLiveRefetch } from "../live/useLiveRefetch";
import { contentOf, copyOf, isSame } from "./themeModel";
import { themeApi, type Theme, type ThemeVersion } from "./themeApi";

export interface ThemeDraft {
  theme: ShallowRef<Theme | null>;
  look: Ref<Look | null>;
  problem: Ref<ApiProblem | null>;
  waiting: ComputedRef<boolean>;
  load: () => Promise<void>;
  /** Something is written that was not saved. */
  dirty: ComputedRef<boolean>;
  /** Visitors see something else than what is written. */
  ahead: ComputedRef<boolean>;
  /** It can be saved as it stands. */
  sound: ComputedRef<boolean>;
  wrong: Ref<FieldError[]>;
  sending: Ref<string | null>;
  save: () => Promise<boolean>;
  publish: () => Promise<void>;
  discard: () => Promise<void>;
  restore: (version: ThemeVersion) => Promise<boolean>;
}

export function useTheme(): ThemeDraft {
  const { t } = useI18n();
  const { sending, send } = useSending();
  const theme = shallowRef<Theme | null>(null);
  const look = ref<Look | null>(null);
  const wrong = ref<FieldError[]>([]);

  function show(next: Theme): void {
    theme.value = next;
    look.value = copyOf(next.draft);
    wrong.value = [];
  }
  const dirty = computed(() => Boolean(theme.value && look.value && !isSame(look.value, theme.value.draft)));
  const ahead = computed(() => dirty.value || (theme.value !== null && theme.value.revision !== theme.value.published_revision));
  const sound = computed(() => {
    const colours = look.value?.colours;
    return Boolean(colours && look.value?.name.zh.trim() && Object.values(colours).every(isColour) && !unreadable(colours).length);
  });

  const fetched = useFetched(async (signal) => {
    const found = await themeApi.read(signal);
    if (!dirty.value) show(found); // what comes by itself never overwrites what somebody is writing
    return found;
  });
  useLiveRefetch(["theme"], fetched.refresh);

  function refused(problem: ApiProblem): boolean {
    if (problem.code === "booking.theme_changed") {
      void askToReload();
      return true;
    }
    wrong.value = problem.errors;
    return problem.errors.length > 0;
  }

  const sure = (text: string, confirm: string): Promise<boolean> =>
    ElMessageBox.confirm(text, { confirmButtonText: confirm, cancelButtonText: t("common.cancel") }).then(
      () => true,
      () => false,
    );

  async function askToReload(): Promise<void> {
    if (await sure(t("theme.stale"), t("theme.reload"))) show(await themeApi.read());
  }

  async function tried(name: string, call: () => Promise<Theme>, done: string): Promise<boolean> {
    const sent = await send(name, call, { done, refused });
    if (sent) show(sent.answer);
    return sent !== null;
  }

  const revision = (): number => theme.value?.revision ?? 0;

  async function save(): Promise<boolean> {
    const content = look.value && contentOf(look.value);
    return content !== null && tried("save", () => themeApi.save(revision(), content), t("theme.saved"));
  }

  async function publish(): Promise<void> {
    if ((dirty.value || revision() === 0) && !(await save())) return;
    await tried("publish", () => themeApi.publish(revision()), t("theme.published"));
  }

  /** Write again what visitors see; it is saved, or a later visit would find the old draft. */
  async function discard(): Promise<void> {
    if (!(await sure(t("theme.discardText"), t("theme.discard")))) return;
    if (theme.value?.revision === 0) return show(theme.value);
    await tried("discard", async () => themeApi.save(revision(), contentOf(bare(await themeApi.live()))), t("theme.discarded"));
  }

  async function restore({ version }: ThemeVersion): Promise<boolean> {
    const text = ahead.value ? t("theme.restoreOver", { version }) : t("theme.restoreText", { version });
    if (!(await sure(text, t("theme.restore")))) return false;
    return tried("restore", () => themeApi.restore(version, revision()), t("theme.restored", { version }));
  }

  return { theme, look, problem: fetched.problem, waiting: fetched.waiting, load: fetched.load, dirty, ahead, sound, wrong, sending, save, publish, discard, restore };
}

/** A public theme without its number, which is no part of its content. */
function bare(live: Look & { version?: number }): Look {
  const { version: _version, ...look } = live;
  return look;
}
