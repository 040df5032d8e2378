/** Where pages lead to; the only place that knows their paths. */
import { locale } from '../i18n'

const query = (pairs: Record<string, string>) =>
  Object.entries(pairs)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')

export const goHome = () => uni.reLaunch({ url: '/pages/index/index' })

export function goBack(): void {
  if (getCurrentPages().length > 1) uni.navigateBack()
  else goHome()
}

export const goBook = (serviceId: string, branchId: string) =>
  uni.navigateTo({ url: `/pages/book/book?${query({ service: serviceId, branch: branchId })}` })

/** Replace the form, so that "back" does not return to a form already sent. */
export const goBooking = (id: string, token: string) =>
  uni.redirectTo({ url: `/pages/booking/booking?${query({ id, token })}` })

export const callPhone = (phone: string) => uni.makePhoneCall({ phoneNumber: phone })

/** Leave for the cashier; false where the platform cannot open a web address. */
export function leaveFor(url: string): boolean {
  // #ifdef H5
  const target = new URL(url, location.href)
  if (!/^https?:$/.test(target.protocol)) return false
  // only our own cashier: to another's signed address nothing may be added
  if (target.pathname.includes('/sandbox/cashier/')) target.searchParams.set('lang', locale.value)
  location.href = target.href
  return true
  // #endif
  // #ifndef H5
  return false
  // #endif
}
