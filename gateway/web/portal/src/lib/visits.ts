/** Counts who sees a page. Nothing waits for it, and every page works as well without it. */
import { client } from '../api/client'
import { browserChannel, channelIn, isTried } from './channels'
import { visitorName } from './formDraft'

export type CountedPage = 'home' | 'service' | 'package' | 'book' | 'form'

/** The way they came in: later addresses of the same visit no longer say it. */
let channel = ''

/** Count a view of a page, which may be several things at once: a service, and where it is booked. */
export const countView = (...pages: CountedPage[]) => count('view', pages)

/** Count that somebody began what a page is for. */
export const countStart = (...pages: CountedPage[]) => count('start', pages)

function count(step: 'view' | 'start', pages: CountedPage[]): void {
  let address = ''
  // #ifdef H5
  address = location.href
  channel ||= channelIn(address) || browserChannel(navigator.userAgent)
  // #endif
  // #ifdef MP-WEIXIN
  channel ||= channelIn(`?channel=${uni.getLaunchOptionsSync().query?.channel ?? ''}`) || 'mini_program'
  // #endif
  if (isTried(address)) return
  void client.post('visits', { body: { pages, step, channel, visitor: visitorName() } }).catch(() => undefined)
}
