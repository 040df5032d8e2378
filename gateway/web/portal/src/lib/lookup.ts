/** What is typed to find a booking: a phone number and its lookup code. The server checks again. */
import type { Key } from '../i18n'

export interface LookupWish {
  phone: string
  code: string
}

export type LookupField = keyof LookupWish

/** Crockford's base32: without I, L, O and U. */
const CODE = /^[0-9A-HJKMNP-TV-Z]{8}$/
const BETWEEN = /[\s\-\u2010-\u2015\u2212]/g
const PHONE_DIGITS_MIN = 5

/** Return a code as it is shown, however it was typed; "" for what can be none. As services/booking/links.py does. */
export function readCode(typed: string): string {
  const plain = typed.normalize('NFKC').toUpperCase().replace(BETWEEN, '')
  const meant = plain.replace(/O/g, '0').replace(/[IL]/g, '1')
  return CODE.test(meant) ? `${meant.slice(0, 4)}-${meant.slice(4)}` : ''
}

/** Any number that may be one: the studio also writes down landlines. */
const phoneError = (typed: string): Key | undefined => {
  if (!typed.trim()) return 'valid.phone'
  const digits = typed.normalize('NFKC').replace(/\D/g, '')
  return digits.length < PHONE_DIGITS_MIN ? 'lookup.phoneBad' : undefined
}

const codeError = (typed: string): Key | undefined => {
  if (!typed.trim()) return 'lookup.codeMissing'
  return readCode(typed) ? undefined : 'lookup.codeBad'
}

export function validateLookup({ phone, code }: LookupWish): Partial<Record<LookupField, Key>> {
  const errors: Partial<Record<LookupField, Key>> = {}
  const [ofPhone, ofCode] = [phoneError(phone), codeError(code)]
  if (ofPhone) errors.phone = ofPhone
  if (ofCode) errors.code = ofCode
  return errors
}
