/** Something read again and again while its page is in front, at the pace it needs. */
import { onScopeDispose, ref, shallowRef, type Ref } from 'vue'
import { asProblem, type ApiProblem } from '../api/client'

export interface Freshness<T> {
  read: () => Promise<T>
  /** Milliseconds until it is read again. */
  pace: (known: T | null) => number
  /** Called with what came and what was known, before it is shown. */
  arrives?: (fresh: T, known: T | null) => void
}

export function useKeptFresh<T>({ read, pace, arrives }: Freshness<T>) {
  const data = shallowRef(null) as Ref<T | null>
  const problem = shallowRef<ApiProblem | null>(null)
  const isLoading = ref(true)
  let timer: ReturnType<typeof setTimeout> | undefined
  let isInFront = false
  let latest = 0

  function accept(fresh: T): void {
    latest += 1 // answers to earlier polls are older than this
    arrives?.(fresh, data.value)
    data.value = fresh
    problem.value = null
  }

  async function refresh(): Promise<void> {
    clearTimeout(timer)
    const ticket = ++latest
    try {
      const fresh = await read()
      if (ticket === latest) accept(fresh)
    } catch (error) {
      if (ticket === latest) problem.value = asProblem(error)
    }
    isLoading.value = false
    schedule()
  }

  function schedule(): void {
    clearTimeout(timer)
    if (isInFront && !isHopeless()) timer = setTimeout(refresh, pace(data.value))
  }

  /** A link that was refused before it ever worked will not heal by itself. */
  const isHopeless = () => !data.value && [401, 403, 404, 422].includes(problem.value?.status ?? 0)

  function start(): void {
    isInFront = true
    void refresh()
  }

  function stop(): void {
    isInFront = false
    clearTimeout(timer)
  }

  onScopeDispose(stop)
  return { data, problem, isLoading, accept, refresh, start, stop }
}
