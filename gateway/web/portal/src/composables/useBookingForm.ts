/** The booking form: what was typed, what is wrong with it, and sending it once. */
import { computed, reactive, ref, watch } from 'vue'
import { useIdempotencyKey } from '@kit/idempotency'
import type { Alternative } from '@kit/scheduling'
import type { Branch, Service } from '@kit/types'
import { createBooking } from '../api'
import { asProblem, type ApiProblem } from '../api/client'
import { dropDraft, keepDraft, readDraft } from '../lib/draft'
import { offerKey, type Offer } from '../lib/offers'
import { cleanPhone, validate, type DraftField } from '../lib/validate'
import { countStart } from '../lib/visits'
import { wishesOf } from '../lib/wishes'
import { useAddOns } from './useAddOns'
import { useCoupon } from './useCoupon'
import { useFieldErrors } from './useFieldErrors'
import { useQuote } from './useQuote'
import { useVisitForms } from './useVisitForms'

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

export function useBookingForm(service: Offer, branch: Branch, others: Service[]) {
  const key = offerKey(service)
  const draft = reactive(readDraft(key))
  const isSending = ref(false)
  const problem = ref<ApiProblem | null>(null)
  const taken = ref<Taken | null>(null)
  const idempotency = useIdempotencyKey()
  const { addOns, picked, choose: pick, notice } = useAddOns(service, draft)
  /** Of what was chosen, what this branch still offers. */
  const also = computed(() => draft.also.filter((id) => others.some((one) => one.id === id)))
  const added = () => also.value.flatMap((id) => others.find((one) => one.id === id) ?? [])
  const questions = useVisitForms([service, ...others], () => [service, ...added()], branch)

  const coupon = useCoupon(draft)

  const errors = computed(() => validate(draft))
  const wishes = computed(() => wishesOf(service, draft))
  const { quote, isAsking } = useQuote(
    () => (draft.start && !service.session ? { ...sold(), ...coupon.body(), branch_id: branch.id, start: draft.start, add_ons: picked.value } : null),
    (refusal) => {
      if (!coupon.notice(refusal) && notice(refusal)) problem.value = refusal
    },
  )
  const { touched, messageOf, touch, forget, place } = useFieldErrors<DraftField>(() => errors.value, FIELD_OF_POINTER)

  watch(draft, () => keepDraft(key, draft))
  watch(draft, () => countStart('book'), { once: true })
  watch(() => [draft.start, draft.part], () => clear('slot'))
  watch(also, (now, before) => {
    // Another length is another time.
    if (String(now) !== String(before)) choose('')
  })
  watch(() => draft.name, () => clear('name'))
  watch(() => draft.phone, () => clear('phone'))
  watch(() => draft.note, () => clear('note'))
  watch(() => draft.addOns, () => (problem.value = null))

  function clear(field: DraftField): void {
    forget(field)
    problem.value = null
  }

  const sold = () => ({
    service_id: service.id,
    ...(also.value.length ? { also: also.value } : {}),
    ...(service.package_id ? { package_id: service.package_id } : {}),
    ...(wishes.value.resourceIds.length ? { resource_ids: wishes.value.resourceIds } : {}),
  })

  const body = () => ({
    ...sold(),
    ...(service.session ? { session_id: service.session.id, session_token: service.session.token } : {}),
    branch_id: branch.id,
    start: draft.start,
    ...(draft.part ? { day_part: draft.part } : {}),
    contact: { name: draft.name.trim(), phone: cleanPhone(draft.phone) },
    ...(wishes.value.options.length ? { options: wishes.value.options } : {}),
    ...(picked.value.length ? { add_ons: picked.value } : {}),
    ...(service.session ? {} : coupon.body()),
    ...questions.body(),
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
    channel: 'web' as const,
  })

  /** Send the form; returns the receipt, or null when something must be changed first. */
  async function submit() {
    touch(...FIELDS)
    const isAnswered = questions.check()
    if (!isAnswered || Object.keys(errors.value).length || isSending.value) return null
    isSending.value = true
    problem.value = null
    try {
      const content = body()
      const receipt = await createBooking(content, idempotency.keyFor(content))
      dropDraft(key)
      questions.drop()
      return receipt
    } catch (error) {
      takeRefusal(asProblem(error))
      return null
    } finally {
      isSending.value = false
    }
  }

  function takeRefusal(refusal: ApiProblem): void {
    if (coupon.notice(refusal)) return
    if (!refusal.isTaken) {
      if (notice(refusal) || !(place(refusal) || questions.place(refusal))) problem.value = refusal
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

  return { draft, questions, wishes, also, coupon, addOns, picked, quote, isAsking, isSending, problem, taken, messageOf, touch, choose, pick, submit }
}
