// The console's language: Chinese first, the choice remembered in this browser.
import type { Locale, Text } from "@kit/types";
import { pickText } from "@kit/format";
import { computed, type WritableComputedRef } from "vue";
import { createI18n } from "vue-i18n";
import en from "./en";
import zh from "./zh";

const STORED = "yingqi.locale";

function remembered(): Locale {
  return localStorage.getItem(STORED) === "en" ? "en" : "zh";
}

export const i18n = createI18n({
  legacy: false,
  locale: remembered(),
  fallbackLocale: "zh",
  messages: { zh, en },
});

export function currentLocale(): Locale {
  return i18n.global.locale.value;
}

export function useLocale(): { locale: WritableComputedRef<Locale>; pick: (text: Partial<Text> | null | undefined) => string } {
  const locale = computed<Locale>({
    get: currentLocale,
    set: (value) => {
      i18n.global.locale.value = value;
      localStorage.setItem(STORED, value);
    },
  });
  return { locale, pick: (text) => pickText(text, locale.value) };
}
