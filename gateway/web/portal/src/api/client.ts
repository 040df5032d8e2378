/** The gateway's client for this face: the kit's, carried by `uni.request` on every platform. */
import { ApiProblem, createClient, type Transport } from '@kit/client'
import { locale, t } from '../i18n'
import { learnServerTime } from '../lib/clock'

/** Empty in a browser (same origin); a mini-program has no origin and needs the gateway's. */
export const ORIGIN: string = import.meta.env.VITE_API_ORIGIN ?? ''
/** Long enough for a slow phone network, short enough that a person still waits. */
const TIMEOUT_MS = 15_000

const uniTransport: Transport = ({ method, url, headers, body }) =>
  new Promise((resolve, reject) => {
    uni.request({
      url,
      method: method as 'GET' | 'POST',
      header: headers,
      data: body,
      // the kit parses; "text" keeps uni from doing it first
      dataType: 'text',
      timeout: TIMEOUT_MS,
      success: (answer) => {
        const header = headerOf(answer.header)
        learnServerTime(header('Date'))
        resolve({ status: answer.statusCode, text: String(answer.data ?? ''), header })
      },
      fail: reject,
    })
  })

/** Mini-programs keep the server's spelling of header names, browsers lower them. */
const headerOf = (headers: Record<string, string> = {}) => (name: string) => {
  const found = Object.keys(headers).find((one) => one.toLowerCase() === name.toLowerCase())
  return found ? headers[found] : null
}

export const client = createClient({ baseUrl: `${ORIGIN}/api/v1`, locale: () => locale.value, transport: uniTransport })

/** Turn anything thrown into an `ApiProblem`. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  return new ApiProblem({ status: -1, code: 'client.bug', message: t('problem.unknown') })
}

export { ApiProblem }
