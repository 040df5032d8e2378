import type { lookupZh } from './lookupZh'

/** English texts: the same keys as `lookupZh`, checked by the type. */
export const lookupEn: Record<keyof typeof lookupZh, string> = {
  'lookup.title': 'Find my booking',
  'lookup.lead': 'Enter the phone number you booked with and your lookup code to see, pay, move or cancel your booking.',
  'lookup.phonePlaceholder': 'The number you booked with',
  'lookup.code': 'Lookup code',
  'lookup.codeHint': '8 characters, capitals or not',
  'lookup.codePlaceholder': 'Such as 7K3M-9QXD',
  'lookup.phoneBad': 'Enter the whole phone number',
  'lookup.codeMissing': 'Enter the lookup code',
  'lookup.codeBad': 'A lookup code has 8 letters and digits, such as 7K3M-9QXD',
  'lookup.submit': 'Find',
  'lookup.submitting': 'Looking…',
  'lookup.wait': 'Try again in {time}',
  'lookup.lostTitle': 'No code?',
  'lookup.lostText': 'The code is in your messages and on the page of your booking. If you cannot find it, call the studio: they will ask who you are and tell you.',
  'lookup.link': 'Booked already? Find my booking',
  'lookup.own': 'Lookup code',
  'lookup.ownHint': 'Without the link, “Find my booking” opens this page with your phone number and this code. Keep it to yourself.',
}
