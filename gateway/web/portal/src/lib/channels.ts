/** By what channel a visitor comes: the studio's own word in the address, or else where the portal runs. */

/** What `?channel=` says within an address, or ""; forms' links have channels of the same shape. */
export const channelIn = (address: string): string => /[?&]channel=([a-z][a-z0-9_]{0,31})(?:[&#]|$)/.exec(address)?.[1] ?? ''

/** Whether a page is shown only to be tried: in the console's editor of the theme. */
export const isTried = (address: string): boolean => /\/preview(?:[/?#]|$)|[?&]preview\b/.test(address)

export const browserChannel = (agent: string): string => (/MicroMessenger/i.test(agent) ? 'wechat' : 'web')
