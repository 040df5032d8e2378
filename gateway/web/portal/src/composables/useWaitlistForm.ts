/** The way onto the waitlist: the days that would do, whom to tell, and joining once. */
import { computed, reactive, ref, watch } from 'vue'
import { todayIn } from '@kit/format'
import { useIdempotencyKey } from '@kit/idempotency'
import type { Branch, Service } from '@kit/types'
import { joinWaitlist } from '../api'
import { asProblem, type ApiProblem } from '../api/client'
import { locale } from '../i18n'
import { serverNow } from '../lib/clock'
import type { Draft } from '../lib/draft'
import { cleanPhone, validateWindow, type Window, type WindowField } from '../lib/validate'
import { wishesOf } from '../lib/wishes'
import { useFieldErrors } from './useFieldErrors'

const FIELDS = ['from', 'to', 'weekdays', 'latest', 'name', 'phone'] as const
const FIELD_OF_POINTER: Record<string, WindowField> = {
  '/from': 'from',
  '/to': 'to',
  '/weekdays': 'weekdays',
  '/earliest': 'latest',
  '/latest': 'latest',
  '/contact/name': 'name',
  '/contact/phone': 'phone',
}

export function useWaitlistForm(service: Service, branch: Branch, draft: () => Draft, days: Pick<Window, 'from' | 'to'>) {
  const window = reactive<Window>({ ...days, weekdays: [], earliest: '', latest: '' })
  const today = todayIn(branch.timezone, serverNow())
  const isSending = ref(false)
  const problem = ref<ApiProblem | null>(null)
  const idempotency = useIdempotencyKey()

  const errors = computed(() => validateWindow(window, draft(), today))
  const { messageOf, touch, forget, place } = useFieldErrors<WindowField>(() => errors.value, FIELD_OF_POINTER)
  watch([window, () => draft().name, () => draft().phone], () => {
    FIELDS.forEach(forget)
    problem.value = null
  })

  const content = () => ({
    service_id: service.id,
    branch_id: branch.id,
    resource_ids: wishesOf(service, draft()).resourceIds,
    options: wishesOf(service, draft()).options,
    from: window.from,
    to: window.to,
    weekdays: window.weekdays.length ? window.weekdays : null,
    earliest: window.earliest || null,
    latest: window.latest || null,
    contact: { name: draft().name.trim(), phone: cleanPhone(draft().phone), language: locale.value },
  })

  /** Join; returns the token of the private link, or null when something must be changed first. */
  async function submit(): Promise<string | null> {
    touch(...FIELDS)
    if (Object.keys(errors.value).length || isSending.value) return null
    isSending.value = true
    problem.value = null
    try {
      const wanted = content()
      const { token } = await joinWaitlist({ id: idempotency.keyFor(wanted), ...wanted })
      return token
    } catch (error) {
      const refusal = asProblem(error)
      if (!place(refusal)) problem.value = refusal
      return null
    } finally {
      isSending.value = false
    }
  }

  return { window, today, isSending, problem, messageOf, touch, submit }
}
