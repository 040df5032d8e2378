// Single-key shortcuts of a page, silent while somebody types or a dialog is open.
import { onMounted, onUnmounted } from "vue";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function isCovered(): boolean {
  const dialogs = document.querySelectorAll("[aria-modal='true']");
  return Array.from(dialogs).some((dialog) => dialog.getClientRects().length > 0); // closed ones stay, hidden
}

export function useHotkeys(keys: Record<string, () => void>): void {
  function onKeydown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || isCovered()) return;
    const run = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (!run) return;
    event.preventDefault();
    run();
  }
  onMounted(() => window.addEventListener("keydown", onKeydown));
  onUnmounted(() => window.removeEventListener("keydown", onKeydown));
}
