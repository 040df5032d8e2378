/** One booking seen by its private link, kept fresh by polling while the page is in front. */
import { computed } from 'vue'
import type { Booking } from '@kit/types'
import { readBooking, type Access } from '../api'
import { isPaymentUnderWay } from '../lib/payments'
import { useKeptFresh } from './useKeptFresh'

/** While something is about to happen (payment, confirmation), a person is watching. */
const FAST_MS = 2_000
const SLOW_MS = 15_000

/** A change just made (paid, moved, cancelled) is followed by its message within a second or two. */
const SETTLING_MS = 10_000

const isAwaitingPayment = (booking: Booking | null) => booking !== null && isPaymentUnderWay(booking)
const isMoving = (booking: Booking | null) => isAwaitingPayment(booking) || ['held', 'pending'].includes(booking?.status ?? '')

export function useBooking(access: Access) {
  let settledAt = 0
  const { data: booking, ...fresh } = useKeptFresh<Booking>({
    read: () => readBooking(access),
    pace: (known) => (isMoving(known) || Date.now() < settledAt ? FAST_MS : SLOW_MS),
    arrives: (next, known) => {
      if (known?.status !== next.status || known.start !== next.start) settledAt = Date.now() + SETTLING_MS
    },
  })
  const isPaying = computed(() => isAwaitingPayment(booking.value))

  return { ...fresh, booking, isPaying }
}
