/** Sends a file in pieces, and goes on where it stands after a broken connection: tus 1.0.0, in browsers. */
import { ApiProblem, asProblem, ORIGIN } from '../api/client'
import { locale, t } from '../i18n'

const VERSION = { 'Tus-Resumable': '1.0.0' }
/** What one request carries: lost at most, and short enough for a slow network not to time out. */
const PIECE_BYTES = 4 * 1024 * 1024
/** The pauses before a broken connection is tried again; whatever arrives begins them anew. */
const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000]

export interface Sending {
  /** The header that lets its sender upload. */
  right: Record<string, string>
  /** What the server is told of the file: its purpose, and what it belongs to. */
  told: Record<string, string>
  /** Of an upload that was begun before; "" begins one. */
  token: string
  signal: AbortSignal
  onBegun: (token: string) => void
  onSent: (bytes: number) => void
}

interface Asked {
  headers: Record<string, string>
  body?: Blob
  signal: AbortSignal
  onSent?: (bytes: number) => void
}

const urlOf = (token: string) => `${ORIGIN}/api/v1/uploads/${encodeURIComponent(token)}`

/** Send all that is missing; returns the upload's token. Rejects with an ApiProblem. */
export async function sendFile(file: File, sending: Sending): Promise<string> {
  let { token } = sending
  let failures = 0
  for (;;) {
    try {
      if (!token) {
        token = await begin(file, sending)
        sending.onBegun(token)
      }
      let offset = await standing(token, sending.signal)
      while (offset < file.size) {
        offset = await sendPiece(file, token, offset, sending)
        failures = 0
      }
      return token
    } catch (error) {
      const problem = asProblem(error)
      if (sending.signal.aborted || failures >= PAUSES_MS.length) throw problem
      if (problem.status === 404 && token) token = ''
      else if (!isPassing(problem)) throw problem
      await pause(PAUSES_MS[failures], sending.signal)
      failures += 1
    }
  }
}

/** End an upload; what does not arrive is swept away by the server. */
export const endUpload = (token: string) =>
  ask('DELETE', urlOf(token), { headers: VERSION, signal: new AbortController().signal }).catch(() => undefined)

/** Broken off, overtaken by another tab, or too busy: worth another try. */
const isPassing = ({ status }: ApiProblem) => [0, 409, 429].includes(status) || status >= 500

async function begin(file: File, { right, told, signal, onSent }: Sending): Promise<string> {
  const named = { ...told, filename: file.name, ...(file.type ? { filetype: file.type } : {}) }
  const answer = await ask('POST', `${ORIGIN}/api/v1/uploads`, {
    headers: { ...VERSION, ...right, 'Upload-Length': String(file.size), 'Upload-Metadata': metadata(named) },
    signal,
  })
  onSent(0)
  return decodeURIComponent((answer.getResponseHeader('Location') ?? '').split('/').pop() ?? '')
}

async function standing(token: string, signal: AbortSignal): Promise<number> {
  return offsetOf(await ask('HEAD', urlOf(token), { headers: VERSION, signal }))
}

async function sendPiece(file: File, token: string, offset: number, { signal, onSent }: Sending): Promise<number> {
  onSent(offset)
  const answer = await ask('PATCH', urlOf(token), {
    headers: { ...VERSION, 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' },
    body: file.slice(offset, offset + PIECE_BYTES),
    signal,
    onSent: (bytes) => onSent(offset + bytes),
  })
  return offsetOf(answer)
}

const offsetOf = (answer: XMLHttpRequest) => Number(answer.getResponseHeader('Upload-Offset'))

const metadata = (told: Record<string, string>) =>
  Object.entries(told)
    .map(([name, text]) => `${name} ${base64(text)}`)
    .join(',')

const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)))

/** fetch tells nothing of what was sent, so this is the older XMLHttpRequest. */
function ask(method: string, url: string, { headers, body, signal, onSent }: Asked): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const end = () => request.abort()
    const fail = (problem: ApiProblem) => {
      signal.removeEventListener('abort', end)
      reject(problem)
    }
    request.open(method, url)
    request.setRequestHeader('Accept-Language', locale.value)
    Object.entries(headers).forEach(([name, value]) => request.setRequestHeader(name, value))
    request.upload.onprogress = ({ loaded }) => onSent?.(loaded)
    request.onerror = request.onabort = () => fail(problemOf(0, ''))
    request.onload = () => {
      signal.removeEventListener('abort', end)
      if (request.status >= 200 && request.status < 300) resolve(request)
      else reject(problemOf(request.status, request.responseText))
    }
    if (signal.aborted) fail(problemOf(0, ''))
    else {
      signal.addEventListener('abort', end)
      request.send(body)
    }
  })
}

function problemOf(status: number, text: string): ApiProblem {
  try {
    return new ApiProblem({ ...JSON.parse(text), status })
  } catch {
    return new ApiProblem({ status, code: 'client.upload', message: t(status ? 'problem.unknown' : 'file.offline') })
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
