/** One booking seen by its private link, kept fresh by polling while the page is in front. */
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { Booking } from '@kit/types'
import { readBooking, type Access } from '../api'
import { asProblem, type ApiProblem } from '../api/client'
import { isPaymentUnderWay } from '../lib/payments'

/** While something is about to happen (payment, confirmation), a person is watching. */
const FAST_MS = 2_000
const SLOW_MS = 15_000

/** A change just made (paid, moved, cancelled) is followed by its message within a second or two. */
const SETTLING_MS = 10_000

export function useBooking(access: Access) {
  const booking = shallowRef<Booking | null>(null)
  const problem = shallowRef<ApiProblem | null>(null)
  const isLoading = ref(true)
  let timer: ReturnType<typeof setTimeout> | undefined
  let isInFront = false
  let latest = 0
  let settledAt = 0

  const isPaying = computed(() => booking.value !== null && isPaymentUnderWay(booking.value))
  const isMoving = computed(() => isPaying.value || ['held', 'pending'].includes(booking.value?.status ?? ''))

  function accept(fresh: Booking): void {
    latest += 1 // answers to earlier polls are older than this
    if (booking.value?.status !== fresh.status || booking.value?.start !== fresh.start) settledAt = Date.now() + SETTLING_MS
    booking.value = fresh
    problem.value = null
  }

  async function refresh(): Promise<void> {
    clearTimeout(timer)
    const ticket = ++latest
    try {
      const fresh = await readBooking(access)
      if (ticket === latest) accept(fresh)
    } catch (error) {
      if (ticket === latest) problem.value = asProblem(error)
    }
    isLoading.value = false
    schedule()
  }

  function schedule(): void {
    clearTimeout(timer)
    const isWatched = isMoving.value || Date.now() < settledAt
    if (isInFront && !isHopeless()) timer = setTimeout(refresh, isWatched ? FAST_MS : SLOW_MS)
  }

  /** A link that was refused before it ever worked will not heal by itself. */
  const isHopeless = () => !booking.value && [401, 403, 404, 422].includes(problem.value?.status ?? 0)

  function start(): void {
    isInFront = true
    void refresh()
  }

  function stop(): void {
    isInFront = false
    clearTimeout(timer)
  }

  onScopeDispose(stop)
  return { booking, problem, isLoading, isPaying, accept, refresh, start, stop }
}
