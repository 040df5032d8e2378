// Nothing typed is lost by a wrong click: whoever closes, leaves or reloads is asked first.
import { ElMessageBox } from "element-plus";
import { onScopeDispose } from "vue";
import { useI18n } from "vue-i18n";
import { onBeforeRouteLeave } from "vue-router";

export function useUnsaved(about: { dirty: () => boolean; save: () => Promise<boolean>; close: () => void }): {
  /** Close at once, or after the answer; false when the person stays. */
  tryClose: () => Promise<boolean>;
} {
  const { t } = useI18n();

  async function mayGo(): Promise<boolean> {
    if (!about.dirty()) return true;
    const asked = ElMessageBox.confirm(t("draft.unsavedText"), t("draft.unsavedTitle"), {
      confirmButtonText: t("draft.save"),
      cancelButtonText: t("draft.discard"),
      distinguishCancelAndClose: true,
      type: "warning",
    });
    return asked.then(about.save, (answer: unknown) => answer === "cancel");
  }

  async function tryClose(): Promise<boolean> {
    const free = await mayGo();
    if (free) about.close();
    return free;
  }

  function warn(event: BeforeUnloadEvent): void {
    if (about.dirty()) event.preventDefault();
  }

  onBeforeRouteLeave(mayGo);
  window.addEventListener("beforeunload", warn);
  onScopeDispose(() => window.removeEventListener("beforeunload", warn));
  return { tryClose };
}
