/** Where the payer is, and handing a payment to WeChat; what a provider answered decides the rest. */

/** What WeChat said of a payment that was handed to it; the booking itself learns it from the provider. */
export type WeChatAnswer = 'done' | 'cancelled' | 'failed' | 'elsewhere'

/** A phone's browser can open a provider's app; a desktop's shows its page or code, as is usual there. */
const PHONE_SCENES: Record<string, string> = { wechat_pay: 'h5', alipay: 'wap' }

// #ifdef H5
/** The browser within WeChat; the one within WeCom, which calls itself so too, is another. */
const isInWeChat = () => /MicroMessenger/i.test(navigator.userAgent) && !/wxwork/i.test(navigator.userAgent)
// #endif

export function sceneOf(provider: string): string | undefined {
  let scene: string | undefined
  // #ifdef MP-WEIXIN
  if (provider === 'wechat_pay') scene = 'jsapi'
  // #endif
  // #ifdef H5
  if (/Android|iPhone|iPad|HarmonyOS|Mobile/i.test(navigator.userAgent)) scene = PHONE_SCENES[provider]
  // WeChat's own browser hands payments over only within WeChat
  if (provider === 'wechat_pay' && isInWeChat()) scene = 'jsapi'
  // #endif
  return scene
}

type Bridge = { invoke(name: string, params: object, answered: (answer: { err_msg: string }) => void): void }

/** Hand a payment to the WeChat around us; "elsewhere" where there is none. */
export function payInWeChat(params: Record<string, string>): Promise<WeChatAnswer> {
  return new Promise((resolve) => {
    // #ifdef H5
    const hand = () => {
      const bridge = (window as unknown as { WeixinJSBridge?: Bridge }).WeixinJSBridge
      if (!bridge) return false
      bridge.invoke('getBrandWCPayRequest', params, ({ err_msg: said }) => {
        if (said === 'get_brand_wcpay_request:ok') resolve('done')
        else resolve(said === 'get_brand_wcpay_request:cancel' ? 'cancelled' : 'failed')
      })
      return true
    }
    if (hand()) return
    if (!isInWeChat()) resolve('elsewhere')
    // a page that has just come back from WeChat may be there before its bridge
    else document.addEventListener('WeixinJSBridgeReady', hand, { once: true })
    // #endif
    // #ifdef MP-WEIXIN
    uni.requestPayment({
      provider: 'wxpay',
      orderInfo: '',
      timeStamp: params.timeStamp,
      nonceStr: params.nonceStr,
      package: params.package,
      signType: params.signType,
      paySign: params.paySign,
      success: () => resolve('done'),
      fail: ({ errMsg }: { errMsg: string }) => resolve(/cancel/.test(errMsg) ? 'cancelled' : 'failed'),
    })
    // #endif
  })
}
