// A text in both languages, as somebody typed it.
import type { Text } from "@kit/types";

/** Both languages are kept; the one that was left empty says the same as the other, or its readers see nothing. */
export const both = ({ zh, en }: Text): Text => ({ zh: zh.trim() || en.trim(), en: en.trim() || zh.trim() });
