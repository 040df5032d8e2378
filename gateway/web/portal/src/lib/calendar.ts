/** Hand a booking to the customer's own calendar. */
import type { Booking } from '@kit/types'
import { t, tx } from '../i18n'
import { toIcs } from './ics'

export function addToCalendar(booking: Booking, url: string): void {
  const summary = t('booking.icsSummary', { name: tx(booking.service.name), branch: tx(booking.branch.name) })
  const description = t('booking.icsNote', { number: booking.number, phone: booking.branch.phone })
  const location = tx(booking.branch.address)
  // #ifdef H5
  const text = toIcs(
    {
      id: booking.id, sequence: booking.reschedule_count, start: booking.start, end: booking.end,
      summary, location, url, description: `${description}\n${url}`, cancelled: booking.status === 'cancelled',
    },
    new Date(),
  )
  download(new Blob([text], { type: 'text/calendar;charset=utf-8' }), `${booking.number}.ics`)
  // #endif
  // #ifdef MP-WEIXIN
  wx.addPhoneCalendar({
    title: summary, description, location,
    startTime: Date.parse(booking.start) / 1000,
    endTime: String(Date.parse(booking.end) / 1000),
  })
  // #endif
}

// #ifdef H5
function download(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // some browsers read the address only after the click has been handled
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
// #endif
