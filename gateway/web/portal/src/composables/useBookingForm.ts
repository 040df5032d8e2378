/** The booking form: what was typed, what is wrong with it, and sending it once. */
import { computed, reactive, ref, watch } from 'vue'
import type { Slot } from '@kit/types'
import { createBooking } from '../api'
import { asProblem, type ApiProblem } from '../api/client'
import { t } from '../i18n'
import { dropDraft, keepDraft, readDraft } from '../lib/draft'
import { cleanPhone, validate, type DraftField } from '../lib/validate'
import { useIdempotencyKey } from './useIdempotencyKey'

/** Where the server's JSON pointers show up in the form. */
const FIELD_OF_POINTER: Record<string, DraftField> = {
  '/start': 'slot',
  '/contact/name': 'name',
  '/contact/phone': 'phone',
  '/note': 'note',
}

export function useBookingForm(serviceId: string, branchId: string) {
  const draft = reactive(readDraft(serviceId))
  const touched = reactive<Partial<Record<DraftField, boolean>>>({})
  const refused = reactive<Partial<Record<DraftField, string>>>({})
  const isSending = ref(false)
  const problem = ref<ApiProblem | null>(null)
  /** Other times offered after "taken"; null while nothing was taken. */
  const alternatives = ref<Slot[] | null>(null)
  const idempotency = useIdempotencyKey()

  const errors = computed(() => validate(draft))
  const resourceIds = computed(() => Object.values(draft.crew).filter(Boolean))

  const messageOf = (field: DraftField) => {
    const own = errors.value[field]
    return own && touched[field] ? t(own) : (refused[field] ?? '')
  }
  const touch = (field: DraftField) => {
    touched[field] = true
  }
  const touchAll = () => (['slot', 'name', 'phone', 'note', 'consent'] as const).forEach(touch)

  watch(draft, () => keepDraft(serviceId, draft))
  watch(() => draft.start, () => clear('slot'))
  watch(() => draft.name, () => clear('name'))
  watch(() => draft.phone, () => clear('phone'))
  watch(() => draft.note, () => clear('note'))

  function clear(field: DraftField): void {
    delete refused[field]
    problem.value = null
  }

  const body = () => ({
    service_id: serviceId,
    branch_id: branchId,
    start: draft.start,
    contact: { name: draft.name.trim(), phone: cleanPhone(draft.phone) },
    ...(resourceIds.value.length ? { resource_ids: resourceIds.value } : {}),
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
    channel: 'web' as const,
  })

  /** Send the form; returns the receipt, or null when something must be changed first. */
  async function submit() {
    touchAll()
    if (Object.keys(errors.value).length || isSending.value) return null
    isSending.value = true
    problem.value = null
    try {
      const content = body()
      const receipt = await createBooking(content, idempotency.keyFor(content))
      dropDraft(serviceId)
      return receipt
    } catch (error) {
      takeRefusal(asProblem(error))
      return null
    } finally {
      isSending.value = false
    }
  }

  function takeRefusal(refusal: ApiProblem): void {
    if (refusal.code === 'scheduling.slot_taken') {
      idempotency.renew()
      draft.start = ''
      touched.slot = false
      alternatives.value = refusal.alternatives
      return
    }
    const unplaced = refusal.errors.filter((error) => !FIELD_OF_POINTER[error.pointer])
    for (const error of refusal.errors) {
      const field = FIELD_OF_POINTER[error.pointer]
      if (field) refused[field] = error.message
    }
    if (unplaced.length || !refusal.errors.length) problem.value = refusal
  }

  function choose(start: string): void {
    draft.start = start
    if (start) alternatives.value = null
  }

  return { draft, resourceIds, isSending, problem, alternatives, messageOf, touch, choose, submit }
}
