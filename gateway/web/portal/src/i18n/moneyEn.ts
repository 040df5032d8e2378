import type { moneyZh } from './moneyZh'

/** English texts: the same keys as `moneyZh`, checked by the type. */
export const moneyEn: Record<keyof typeof moneyZh, string> = {
  'addOn.title': 'Add to your session',
  'addOn.hint': 'Made ready with your package, for you to use on the day.',
  'addOn.left': 'Only {n} left',
  'addOn.soldOut': 'Sold out',
  'addOn.more': 'One more “{name}”',
  'addOn.less': 'One less “{name}”',

  'book.sum': 'Total',
  'book.deposit': 'Deposit due now',
  'book.advance': 'Advance due now',
  'book.balance': 'Balance at the studio',
  'book.priceHint': 'The usual price; once you choose a time you see the price of that day.',
  'book.earnestLimit':
    'Earnest money is limited by law to 20% of the price: {amount} of this deposit counts as an advance payment instead.',
  'book.approvalHint': 'The time is kept for you; the booking takes effect when the studio confirms it.',
  'book.approvalHintPaid': 'The studio confirms after payment; if it cannot, all is refunded.',

  'booking.schedule': 'When to pay',
  'booking.dueOpen': 'date to be agreed',
  'booking.dueNow': 'now',
  'booking.duePaid': 'paid',
  'booking.duePartly': '{amount} paid',
  'booking.refunds': 'Refunds',
  'booking.orderNumber': 'Order {number}',
  'booking.conflict': 'Something about your session has changed. The studio is rearranging it and will be in touch soon.',
  'booking.pendingHint': 'Studios usually answer soon, and we send you a message. If they cannot take it, all you paid goes back to you.',

  'change.moveFee': 'Fee for the move',
  'change.free': 'Free',
  'change.moveUnbound': 'Until your booking is confirmed, moving it is free, as often as you like',
  'change.moveFeeHint': 'The fee is added to your order and paid with the balance.',
  'change.paid': 'Paid',
  'change.refund': 'Refunded to you',
  'change.forfeited': 'Not refunded',
  'change.cancelFee': 'Cancellation fee',
  'change.nothingPaid': 'Nothing has been paid, so cancelling costs nothing',
  'change.refundHint': 'It goes back the way it was paid; how soon it arrives depends on the provider.',
  'change.refundAtDesk': 'What was paid at the studio is given back there, the rest the way it was paid.',

  'pay.how': 'How would you like to pay?',
  'pay.scan': 'Scan with {way} to pay',
  'pay.code': 'Payment QR code',
  'pay.waiting': 'This page updates by itself once you have paid.',
  'pay.done': 'Payment received',
  'pay.back': 'See my booking',
  'pay.failed': 'The payment did not go through. Please start it again.',
  'pay.onlyInWeChat': 'This way of paying works only inside WeChat. Please open the link of this page there.',
  'pay.none': 'There is no way to pay online yet. Please call the studio.',
}
