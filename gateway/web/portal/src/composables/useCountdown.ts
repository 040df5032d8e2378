/** Seconds left until an instant, ticking while the component lives. */
import { onScopeDispose, ref } from 'vue'
import { secondsUntil } from '@kit/format'
import { serverNow } from '../lib/clock'

export function useCountdown(until: () => string | null | undefined) {
  const seconds = ref(0)
  const tick = () => {
    const instant = until()
    seconds.value = instant ? secondsUntil(instant, serverNow()) : 0
  }
  const timer = setInterval(tick, 500)
  tick()
  onScopeDispose(() => clearInterval(timer))
  return { seconds, tick }
}
