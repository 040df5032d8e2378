/** Words for a place on the waitlist: its days, hours and wishes. */
import { addDays, formatDay, formatWeekday } from '@kit/format'
import type { WaitlistEntry } from '@kit/scheduling'
import type { About } from '../composables/usePlace'
import { locale, t, tx } from '../i18n'
import { namesOf } from './wishes'

const A_MONDAY = '2024-01-01'

/** 周一, or Mon, of an ISO weekday. */
export const weekdayName = (iso: number) => formatWeekday(addDays(A_MONDAY, iso - 1), locale.value)

export function daysOf({ from, to }: WaitlistEntry): string {
  const first = formatDay(from, locale.value)
  return from === to ? first : `${first} – ${formatDay(to, locale.value)}`
}

export const weekdaysOf = ({ weekdays }: WaitlistEntry) =>
  (weekdays ?? []).filter((code) => code <= 7).map(weekdayName).join(t('app.comma'))

export function hoursOf({ earliest, latest }: WaitlistEntry): string {
  if (earliest && latest) return t('place.between', { from: earliest, to: latest })
  if (earliest) return t('place.after', { time: earliest })
  return latest ? t('place.before', { time: latest }) : ''
}

export const wishedOf = (entry: WaitlistEntry, { service, resources }: About) =>
  namesOf(service, resources, { resourceIds: entry.resource_ids, options: entry.options }).map(tx).join(t('app.comma'))
