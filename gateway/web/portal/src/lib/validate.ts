/** The rules of the booking form: which fields lack what. The server checks again. */
import type { Key } from '../i18n'
import type { Draft } from './draft'
import { NAME_MAX, NOTE_MAX } from './limits'

export type DraftField = 'slot' | 'name' | 'phone' | 'note' | 'consent'
export type DraftErrors = Partial<Record<DraftField, Key>>

const CHINA_MOBILE = /^(\+?86)?1[3-9]\d{9}$/
const ABROAD = /^\+[1-9]\d{6,14}$/

/** Remove what people type between digits. */
export const cleanPhone = (phone: string) => phone.replace(/[\s\-()（）]/g, '').replace(/^00/, '+')

export function validate(draft: Draft): DraftErrors {
  const errors: DraftErrors = {}
  if (!draft.start) errors.slot = 'valid.slot'
  const name = draft.name.trim()
  if (!name) errors.name = 'valid.name'
  else if (name.length > NAME_MAX) errors.name = 'valid.nameLong'
  const phone = cleanPhone(draft.phone)
  if (!phone) errors.phone = 'valid.phone'
  else if (!CHINA_MOBILE.test(phone) && !(ABROAD.test(phone) && !phone.startsWith('+86'))) errors.phone = 'valid.phoneBad'
  if (draft.note.length > NOTE_MAX) errors.note = 'valid.note'
  if (!draft.consent) errors.consent = 'valid.consent'
  return errors
}
