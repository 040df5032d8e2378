/** The current language, `t()` for interface texts and `tx()` for texts from the server. */
import { ref, shallowRef } from 'vue'
import { pickText } from '@kit/format'
import type { Locale, Text } from '@kit/types'
import { en } from './en'
import { keep, readKept } from '../lib/kept'
import { zh, type Key } from './zh'

export type { Key, Locale }
type Params = Record<string, string | number>

const STORAGE_KEY = 'yingqi.locale'
const texts: Record<Locale, Record<Key, string>> = { zh, en }

/** The studio's own name; it stands for the product's once it is known. */
export const brandName = shallowRef<Partial<Text> | null>(null)

export const locale = ref<Locale>(readKept(STORAGE_KEY) === 'en' ? 'en' : 'zh')

/** Return the interface text of `key`, its {parameters} filled in. */
export function t(key: Key, params: Params = {}): string {
  if (key === 'app.name' && brandName.value) return tx(brandName.value)
  return texts[locale.value][key].replace(/\{(\w+)\}/g, (whole, name) => String(params[name] ?? whole))
}

/** Return a multilingual text in the current language, or in whichever there is. */
export const tx = (text: Partial<Text> | null | undefined) => pickText(text, locale.value)

export function setLocale(next: Locale): void {
  locale.value = next
  keep(STORAGE_KEY, next)
  markDocument()
}

/** Tell the browser the language of the page (screen readers, fonts). */
export function markDocument(): void {
  // #ifdef H5
  document.documentElement.lang = locale.value === 'zh' ? 'zh-CN' : 'en'
  // #endif
}
