/** Where pages lead to; the only place that knows their paths. */
import { ORIGIN } from '../api/client'
import { locale } from '../i18n'
import type { Offer } from './offers'

const query = (pairs: Record<string, string>) =>
  Object.entries(pairs)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')

export const goHome = () => uni.reLaunch({ url: '/pages/index/index' })

export function goBack(): void {
  if (getCurrentPages().length > 1) uni.navigateBack()
  else goHome()
}

type Bookable = Pick<Offer, 'id' | 'package_id' | 'session'>

const bookPage = ({ id, package_id: bundle, session }: Bookable, branchId: string) =>
  `/pages/book/book?${query({
    service: id,
    branch: branchId,
    ...(bundle ? { package: bundle } : {}),
    ...(session ? { session: session.id, token: session.token } : {}),
  })}`

export const goBook = (offer: Bookable, branchId: string) => uni.navigateTo({ url: bookPage(offer, branchId) })

/** The same offer elsewhere, in place of this form. */
export const goBookInstead = (offer: Bookable, branchId: string) => uni.redirectTo({ url: bookPage(offer, branchId) })

/** `joined` greets who has just come on the list; the form stays behind for who finds a time after all. */
export const goPlace = (token: string) =>
  uni.navigateTo({ url: `/pages/waitlist/waitlist?${query({ token, joined: '1' })}` })

/** The private address of a place on the waitlist, as messages write it. */
export function placeLink(token: string): string {
  let portal = `${ORIGIN}/portal/`
  // #ifdef H5
  portal = location.origin + location.pathname
  // #endif
  return `${portal}#/pages/waitlist/waitlist?${query({ token })}`
}

/** Replace the form, so that "back" does not return to a form already sent. */
export const goBooking = (id: string, token: string) =>
  uni.redirectTo({ url: `/pages/booking/booking?${query({ id, token })}` })

export const goLookup = () => uni.navigateTo({ url: '/pages/lookup/lookup' })

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
