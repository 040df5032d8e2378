/** Which payments of a booking still mean something. */
import type { Change, Payment } from '@kit/money'
import type { Booking } from '@kit/types'

/** Its money came, even if some of it has gone back since. */
const isDone = (payment: Payment) => payment.paid_at !== null

/** Leave out attempts that were given up: those still pending although the same thing has been paid since. */
export const meaningfulPayments = (booking: Booking) =>
  booking.payments.filter(
    (payment) => payment.state !== 'pending' || !booking.payments.some((other) => isDone(other) && other.kind === payment.kind),
  )

/** Nothing more is owed or done for a booking that came to nothing. */
export const isOver = (booking: Booking) => ['cancelled', 'expired', 'rejected', 'no_show'].includes(booking.status)

export const isPaymentUnderWay = (booking: Booking) =>
  !isOver(booking) && meaningfulPayments(booking).some((payment) => payment.state === 'pending')

/** From here on the number of free moves is no number to show: nothing is agreed yet. */
const MANY_MOVES = 90

export const isUnlimited = (move: Change) => move.counts_as_move && move.free_moves_left >= MANY_MOVES

/** What the customer's own wish to move or to cancel would mean now; undefined when it is over. */
export const ownChanges = (booking: Booking) => booking.changes.find(({ cause }) => cause === 'customer')

/** Money that was taken at the desk goes back there. */
export const hasDeskMoney = (booking: Booking) =>
  booking.payments.some(
    ({ provider, received_cents: received, refunded_cents: back }) => provider === 'offline' && (received ?? 0) > back,
  )
