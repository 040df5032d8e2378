/** Files on their way to the server: how far each is, gone on with after a break, a reload or a mistake. */
import { computed, onScopeDispose, reactive, ref } from 'vue'
import { readUpload, type Upload } from '../api/uploads'
import { asProblem } from '../api/client'
import { t } from '../i18n'
import { refusalOf, type FileLimits } from '../lib/files'
import { forget, keep, readKept } from '../lib/kept'
import { endUpload, sendFile } from '../lib/tus'

/** Files that are sent at the same time; more only share the line. */
const AT_ONCE = 2
/** Between two questions whether the server has looked at a file. */
const CHECK_MS = 700

export interface SentFile {
  name: string
  size: number
  /** Bytes that have arrived. */
  sent: number
  /** `paused` waits for its file to be chosen again, `failed` for another try. */
  state: 'waiting' | 'sending' | 'checking' | 'ready' | 'paused' | 'failed' | 'refused'
  token: string
  upload: Upload | null
  message: string
}

type Kept = Pick<SentFile, 'name' | 'size' | 'token'>

export interface UploadPlan {
  /** What the files are remembered under on this device. */
  scope: string
  /** The header that lets its sender upload; read anew for each file. */
  right: () => Record<string, string>
  told: Record<string, string>
  limits: () => FileLimits
  /** Files that are there already and count against the limit. */
  others?: () => number
  arrived?: (file: SentFile) => void
}

export function useUploads({ scope, right, told, limits, others = () => 0, arrived = () => undefined }: UploadPlan) {
  const storageName = `yingqi.uploads.${scope}`
  const files = ref<SentFile[]>([])
  const refusal = ref('')
  const sources = new WeakMap<SentFile, File>()
  const stops = new Map<SentFile, AbortController>()
  let isOver = false

  const isBusy = computed(() => files.value.some(({ state }) => ['waiting', 'sending', 'checking'].includes(state)))
  const room = computed(() => limits().maxFiles - others() - files.value.filter(({ state }) => state !== 'refused').length)

  function remember(): void {
    const kept: Kept[] = files.value.filter(({ token }) => token).map(({ name, size, token }) => ({ name, size, token }))
    if (kept.length) keep(storageName, kept)
    else forget(storageName)
  }

  /** Take what was chosen: what was broken off is gone on with, the rest is new. */
  function add(chosen: File[]): void {
    refusal.value = ''
    for (const file of chosen) {
      const paused = files.value.find((one) => one.state === 'paused' && one.name === file.name && one.size === file.size)
      const wrong = refusalOf(file, limits())
      if (paused) queue(paused, file)
      else if (wrong) refusal.value = `${file.name}：${wrong}`
      else if (room.value <= 0) refusal.value = t('file.tooMany', { n: limits().maxFiles })
      else {
        const fresh = reactive<SentFile>({ name: file.name, size: file.size, sent: 0, state: 'waiting', token: '', upload: null, message: '' })
        files.value.push(fresh)
        queue(fresh, file)
      }
    }
  }

  function queue(item: SentFile, file: File): void {
    sources.set(item, file)
    Object.assign(item, { state: 'waiting', message: '' })
    next()
  }

  function next(): void {
    const waiting = files.value.find(({ state }) => state === 'waiting')
    if (waiting && stops.size < AT_ONCE) {
      void send(waiting).then(next)
      next()
    }
  }

  async function send(item: SentFile): Promise<void> {
    const stop = new AbortController()
    stops.set(item, stop)
    item.state = 'sending'
    try {
      await sendFile(sources.get(item) as File, {
        right: right(),
        told,
        token: item.token,
        signal: stop.signal,
        onBegun: (token) => {
          item.token = token
          remember()
        },
        onSent: (bytes) => (item.sent = bytes),
      })
      await see(item)
    } catch (error) {
      if (!stop.signal.aborted) Object.assign(item, { state: 'failed', message: asProblem(error).message })
    } finally {
      stops.delete(item)
    }
  }

  /** Follow an upload until the server has looked at it. */
  async function see(item: SentFile): Promise<void> {
    for (;;) {
      const upload = await readUpload(item.token)
      Object.assign(item, { upload, sent: upload.received })
      if (upload.state === 'ready') {
        item.state = 'ready'
        if (!isOver) arrived(item)
        return
      }
      if (upload.state === 'refused') {
        Object.assign(item, { state: 'refused', message: t(`file.refused.${upload.refusal ?? 'damaged'}`), token: '' })
        remember()
        return
      }
      item.state = upload.state === 'receiving' ? 'paused' : 'checking'
      if (item.state === 'paused' || isOver) return
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS))
    }
  }

  function retry(item: SentFile): void {
    const file = sources.get(item)
    if (file) queue(item, file)
    else void see(item).catch(() => undefined)
  }

  /** Stop sending a file, or take it back. */
  function remove(item: SentFile): void {
    stops.get(item)?.abort()
    if (item.token) void endUpload(item.token)
    letGo(item)
  }

  /** Show a file no more: it is somewhere else now. */
  function letGo(item: SentFile): void {
    files.value = files.value.filter((one) => one !== item)
    remember()
    next()
  }

  /** Bring back what this device was sending before the page was closed. */
  async function restore(): Promise<void> {
    const kept = (readKept<Kept[]>(storageName) ?? []).map((one) =>
      reactive<SentFile>({ ...one, sent: 0, state: 'checking', upload: null, message: '' }),
    )
    files.value.push(...kept)
    await Promise.all(
      kept.map((item) =>
        see(item).catch((error) => {
          if (asProblem(error).isTemporary) Object.assign(item, { state: 'failed', message: asProblem(error).message })
          else letGo(item)
        }),
      ),
    )
  }

  onScopeDispose(() => {
    isOver = true
    stops.forEach((stop) => stop.abort())
  })

  return { files, refusal, isBusy, room, add, retry, remove, letGo, restore }
}

/** Forget the files of a scope and of those below it: they belong to something now. */
export function forgetUploads(scope: string, keys: string[]): void {
  keys.forEach((key) => forget(`yingqi.uploads.${scope}.${key}`))
}
