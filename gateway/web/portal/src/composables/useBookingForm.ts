/** The booking form: what was typed, what is wrong with it, and sending it once. */
import { computed, reactive, ref, watch } from 'vue'
import { useIdempotencyKey } from '@kit/idempotency'
import type { Alternative } from '@kit/scheduling'
import type { Branch, Service } from '@kit/types'
import { createBooking } from '../api'
import { asProblem, type ApiProblem } from '../api/client'
import { dropDraft, keepDraft, readDraft } from '../lib/draft'
import { cleanPhone, validate, type DraftField } from '../lib/validate'
import { wishesOf } from '../lib/wishes'
import { useAddOns } from './useAddOns'
import { useFieldErrors } from './useFieldErrors'
import { useQuote } from './useQuote'

const FIELDS = ['slot', 'name', 'phone', 'note', 'consent'] as const
const FIELD_OF_POINTER: Record<string, DraftField> = {
  '/start': 'slot',
  '/day_part': 'slot',
  '/contact/name': 'name',
  '/contact/phone': 'phone',
  '/note': 'note',
}

/** A refused time: why, and what else there is. */
export interface Taken {
  problem: ApiProblem
  alternatives: Alternative[]
}

export function useBookingForm(service: Service, branch: Branch) {
  const draft = reactive(readDraft(service.id))
  const isSending = ref(false)
  const problem = ref<ApiProblem | null>(null)
  const taken = ref<Taken | null>(null)
  const idempotency = useIdempotencyKey()
  const { addOns, picked, choose: pick, notice } = useAddOns(service, draft)

  const errors = computed(() => validate(draft))
  const wishes = computed(() => wishesOf(service, draft))
  const { quote, isAsking } = useQuote(
    () => (draft.start ? { service_id: service.id, branch_id: branch.id, start: draft.start, add_ons: picked.value } : null),
    (refusal) => {
      if (notice(refusal)) problem.value = refusal
    },
  )
  const { touched, messageOf, touch, forget, place } = useFieldErrors<DraftField>(() => errors.value, FIELD_OF_POINTER)

  watch(draft, () => keepDraft(service.id, draft))
  watch(() => [draft.start, draft.part], () => clear('slot'))
  watch(() => draft.name, () => clear('name'))
  watch(() => draft.phone, () => clear('phone'))
  watch(() => draft.note, () => clear('note'))
  watch(() => draft.addOns, () => (problem.value = null))

  function clear(field: DraftField): void {
    forget(field)
    problem.value = null
  }

  const body = () => ({
    service_id: service.id,
    branch_id: branch.id,
    start: draft.start,
    ...(draft.part ? { day_part: draft.part } : {}),
    contact: { name: draft.name.trim(), phone: cleanPhone(draft.phone) },
    ...(wishes.value.resourceIds.length ? { resource_ids: wishes.value.resourceIds } : {}),
    ...(wishes.value.options.length ? { options: wishes.value.options } : {}),
    ...(picked.value.length ? { add_ons: picked.value } : {}),
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
    channel: 'web' as const,
  })

  /** Send the form; returns the receipt, or null when something must be changed first. */
  async function submit() {
    touch(...FIELDS)
    if (Object.keys(errors.value).length || isSending.value) return null
    isSending.value = true
    problem.value = null
    try {
      const content = body()
      const receipt = await createBooking(content, idempotency.keyFor(content))
      dropDraft(service.id)
      return receipt
    } catch (error) {
      takeRefusal(asProblem(error))
      return null
    } finally {
      isSending.value = false
    }
  }

  function takeRefusal(refusal: ApiProblem): void {
    if (!refusal.isTaken) {
      if (notice(refusal) || !place(refusal)) problem.value = refusal
      return
    }
    idempotency.renew()
    choose('')
    touched.slot = false
    taken.value = { problem: refusal, alternatives: refusal.everyAlternative }
  }

  function choose(start: string, part = ''): void {
    draft.start = start
    draft.part = part
    if (start) taken.value = null
  }

  return { draft, wishes, addOns, picked, quote, isAsking, isSending, problem, taken, messageOf, touch, choose, pick, submit }
}
