/** A coupon: typed, then tried with the next price; one that is refused is told at its field. */
import { ref } from 'vue'
import type { ApiProblem } from '../api/client'
import type { Draft } from '../lib/draft'

export function useCoupon(draft: Draft) {
  const typed = ref(draft.coupon)
  const refusal = ref('')

  /** Use what was typed, once it is whole. */
  function apply(): void {
    if (draft.coupon === typed.value.trim()) return
    draft.coupon = typed.value.trim()
    refusal.value = ''
  }

  /** Take in that the coupon is refused; false when a refusal is about something else. */
  function notice(problem: ApiProblem): boolean {
    if (!problem.code.startsWith('crm.coupon')) return false
    refusal.value = problem.message
    draft.coupon = ''
    return true
  }

  const body = () => (draft.coupon ? { coupon_code: draft.coupon } : {})

  return { typed, refusal, apply, notice, body }
}
