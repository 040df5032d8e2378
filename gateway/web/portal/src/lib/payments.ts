/** Which payments of a booking still mean something. */
import type { Booking, Payment } from '@kit/types'

const isDone = (payment: Payment) => payment.state === 'succeeded'

/** Leave out attempts that were given up: those still pending although the same thing has been paid since. */
export const meaningfulPayments = (booking: Booking) =>
  booking.payments.filter(
    (payment) => payment.state !== 'pending' || !booking.payments.some((other) => isDone(other) && other.kind === payment.kind),
  )

/** Nothing more is owed or done for a booking that came to nothing. */
export const isOver = (booking: Booking) => ['cancelled', 'expired', 'no_show'].includes(booking.status)

export const isPaymentUnderWay = (booking: Booking) =>
  !isOver(booking) && meaningfulPayments(booking).some((payment) => payment.state === 'pending')
