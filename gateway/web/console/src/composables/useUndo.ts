// A message with "undo" for some seconds; a newer one takes the place of the older.
import { ElButton, ElMessage, type MessageHandler } from "element-plus";
import { h } from "vue";
import { useI18n } from "vue-i18n";

const UNDO_MS = 8000; // long enough to read and reach, short enough not to be in the way

let shown: { message: MessageHandler; undo: () => void } | null = null;

function forget(): void {
  shown?.message.close();
  shown = null;
}

export function useUndo(): { offer: (text: string, undo: () => unknown) => void; undoLast: () => void } {
  const { t } = useI18n();

  function undoLast(): void {
    const last = shown;
    forget();
    last?.undo();
  }

  function offer(text: string, undo: () => unknown): void {
    forget();
    const button = h(
      ElButton,
      { size: "small", text: true, type: "primary", "data-testid": "undo", onClick: undoLast },
      () => t("common.undo"),
    );
    const message = ElMessage({
      type: "success",
      message: h("span", { class: "undo-line" }, [text, button]),
      duration: UNDO_MS,
      onClose: () => (shown = shown?.message === message ? null : shown),
    });
    shown = { message, undo };
  }

  return { offer, undoLast };
}
