/** Finding one's booking by phone and code: what is typed, what is wrong with it, and how long to wait. */
import { computed, reactive, ref, watch } from 'vue'
import { findBooking, type FoundBooking } from '../api/lookup'
import { asProblem, type ApiProblem } from '../api/client'
import { serverNow } from '../lib/clock'
import { readCode, validateLookup, type LookupField, type LookupWish } from '../lib/lookup'
import { useCountdown } from './useCountdown'
import { useFieldErrors } from './useFieldErrors'

const FIELD_OF_POINTER: Record<string, LookupField> = { '/phone': 'phone', '/code': 'code' }

export function useLookup() {
  const wish = reactive<LookupWish>({ phone: '', code: '' })
  const isSending = ref(false)
  const problem = ref<ApiProblem | null>(null)
  const waitUntil = ref('')
  const { seconds, tick } = useCountdown(() => waitUntil.value)

  const errors = computed(() => validateLookup(wish))
  const { messageOf, touch, forget, place } = useFieldErrors<LookupField>(() => errors.value, FIELD_OF_POINTER)
  watch(wish, () => {
    forget('phone')
    forget('code')
    problem.value = null
  })

  function refuse(refusal: ApiProblem): void {
    if (place(refusal)) return
    problem.value = refusal
    if (refusal.retryAfterSeconds === null || refusal.status !== 429) return
    waitUntil.value = new Date(serverNow().getTime() + refusal.retryAfterSeconds * 1000).toISOString()
    tick()
  }

  /** Look; returns what was found, or null when something must be changed or waited for first. */
  async function submit(): Promise<FoundBooking | null> {
    touch('phone', 'code')
    if (Object.keys(errors.value).length || isSending.value || seconds.value) return null
    isSending.value = true
    problem.value = null
    try {
      return await findBooking({ phone: wish.phone.trim(), code: readCode(wish.code) })
    } catch (error) {
      refuse(asProblem(error))
      return null
    } finally {
      isSending.value = false
    }
  }

  return { wish, isSending, problem, seconds, messageOf, touch, submit }
}
