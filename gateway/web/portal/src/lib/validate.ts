/** The rules of the forms: which fields lack what. The server checks again. */
import { addDays } from '@kit/format'
import type { Key } from '../i18n'
import type { Draft } from './draft'
import { NAME_MAX, NOTE_MAX, WAIT_DAYS_MAX } from './limits'

export type DraftField = 'slot' | 'name' | 'phone' | 'note' | 'consent'
export type DraftErrors = Partial<Record<DraftField, Key>>

const CHINA_MOBILE = /^(\+?86)?1[3-9]\d{9}$/
const ABROAD = /^\+[1-9]\d{6,14}$/

/** Remove what people type between digits. */
export const cleanPhone = (phone: string) => phone.replace(/[\s\-()（）]/g, '').replace(/^00/, '+')

const nameError = (name: string): Key | undefined => {
  if (!name.trim()) return 'valid.name'
  return name.trim().length > NAME_MAX ? 'valid.nameLong' : undefined
}

const phoneError = (typed: string): Key | undefined => {
  const phone = cleanPhone(typed)
  if (!phone) return 'valid.phone'
  const isGood = CHINA_MOBILE.test(phone) || (ABROAD.test(phone) && !phone.startsWith('+86'))
  return isGood ? undefined : 'valid.phoneBad'
}

const found = <Field extends string>(errors: Partial<Record<Field, Key | undefined>>) => {
  const entries = Object.entries(errors).filter(([, error]) => error)
  return Object.fromEntries(entries) as Partial<Record<Field, Key>>
}

export const validate = (draft: Draft): DraftErrors =>
  found<DraftField>({
    slot: draft.start ? undefined : 'valid.slot',
    name: nameError(draft.name),
    phone: phoneError(draft.phone),
    note: draft.note.length > NOTE_MAX ? 'valid.note' : undefined,
    consent: draft.consent ? undefined : 'valid.consent',
  })

/** When a start would do, as it is typed: local dates, ISO weekdays (none: all), HH:MM or "". */
export interface Window {
  from: string
  to: string
  weekdays: number[]
  earliest: string
  latest: string
}

export type WindowField = 'from' | 'to' | 'weekdays' | 'latest' | 'name' | 'phone'

export const validateWindow = (window: Window, contact: Pick<Draft, 'name' | 'phone'>, today: string) =>
  found<WindowField>({
    from: window.from ? undefined : 'valid.date',
    to: lastDayError(window, today),
    latest: window.earliest && window.latest && window.latest < window.earliest ? 'valid.hours' : undefined,
    name: nameError(contact.name),
    phone: phoneError(contact.phone),
  })

function lastDayError({ from, to }: Window, today: string): Key | undefined {
  if (!to) return 'valid.date'
  if (from && to < from) return 'valid.dates'
  if (to < today) return 'valid.datePast'
  return from && to > addDays(from, WAIT_DAYS_MAX - 1) ? 'valid.datesLong' : undefined
}
