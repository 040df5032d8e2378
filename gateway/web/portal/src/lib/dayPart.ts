/** Words for parts of a day that are booked before the hour is agreed. */
import { t, type Key } from '../i18n'
import { zh } from '../i18n/zh'

/** Studios name their parts; those without words of ours are shown as they are called. */
export function partName(part: string): string {
  const key = `part.${part}`
  return key in zh ? t(key as Key) : part.replace(/_/g, ' ')
}

/** 上午（具体时间待定）, or Morning (hour to be agreed). */
export const openHour = (part: string) => t('part.open', { part: partName(part) })
