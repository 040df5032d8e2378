/** Who pays within WeChat: its browser goes to WeChat and comes back known, a mini-program brings a code. */
import type { PaymentKind } from '@kit/money'
import { ApiProblem, client } from '../api/client'

/** The payment for which a page was left. */
export interface Errand {
  bookingId: string
  kind: PaymentKind
  provider: string
}

/** Remembered in this window only, and only until it is taken up again. */
const REMEMBERED = 'yingqi.errand'

/** Whether a payment was refused because it is not proved yet who pays. */
export const lacksPayer = (error: unknown) => error instanceof ApiProblem && error.problem.reason === 'openid'

/** What a mini-program shows to prove who pays; a browser has its proof in a cookie that no script reads. */
export async function proofOfPayer(scene: string | undefined): Promise<string | undefined> {
  let proof: string | undefined
  // #ifdef MP-WEIXIN
  if (scene === 'jsapi') {
    const { payer } = await client.post<{ payer: string }>('wechat/payers', { body: { code: await codeOfUser() } })
    proof = payer
  }
  // #endif
  return proof
}

/** Leave for WeChat and come back to this page known; there the errand goes on. */
export async function goForPayer(errand: Errand): Promise<void> {
  // #ifdef H5
  const back = location.pathname + location.search + location.hash
  const { url } = await client.post<{ url: string }>('wechat/authorizations', { body: { back } })
  sessionStorage.setItem(REMEMBERED, JSON.stringify(errand))
  // so that "back" leads to where the page was opened from, and not to WeChat once more
  location.replace(url)
  // #endif
}

/** Take up, once, what this booking's page was left for. */
export function takeErrand(bookingId: string): Errand | null {
  let errand: Errand | null = null
  // #ifdef H5
  errand = JSON.parse(sessionStorage.getItem(REMEMBERED) ?? 'null') as Errand | null
  sessionStorage.removeItem(REMEMBERED)
  // #endif
  return errand?.bookingId === bookingId ? errand : null
}

// #ifdef MP-WEIXIN
const codeOfUser = () =>
  new Promise<string>((resolve, reject) => {
    uni.login({ provider: 'weixin', success: ({ code }) => resolve(code), fail: reject })
  })
// #endif
