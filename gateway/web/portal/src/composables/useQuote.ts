/** What a wish costs now, asked anew a moment after it has changed. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Quote, QuoteRequest } from '@kit/money'
import { askQuote } from '../api'
import { asProblem, type ApiProblem } from '../api/client'

/** Long enough for a second tap on "+", short enough not to be noticed. */
const STILL_MS = 200

/** `wish` is null while there is nothing to ask for; what cannot be had is told to `refused`. */
export function useQuote(wish: () => QuoteRequest | null, refused: (problem: ApiProblem) => void) {
  const quote = shallowRef<Quote | null>(null)
  const isAsking = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = 0

  async function ask(wanted: QuoteRequest, ticket: number): Promise<void> {
    try {
      const answer = await askQuote(wanted)
      if (ticket === latest) quote.value = answer
    } catch (error) {
      if (ticket !== latest) return
      quote.value = null
      refused(asProblem(error))
    }
    if (ticket === latest) isAsking.value = false
  }

  watch(
    () => JSON.stringify(wish()),
    (wanted) => {
      clearTimeout(timer)
      const ticket = ++latest
      isAsking.value = wanted !== 'null'
      if (isAsking.value) timer = setTimeout(() => ask(JSON.parse(wanted) as QuoteRequest, ticket), STILL_MS)
      else quote.value = null
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
    latest += 1
  })
  return { quote, isAsking }
}
