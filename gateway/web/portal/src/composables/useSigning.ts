/** Signing one agreement: the name, the drawn signature, the consent, and sending all three once. */
import { computed, reactive, ref, watch } from 'vue'
import type { Agreement } from '@kit/agreements'
import type { Access } from '../api'
import { signAgreement } from '../api/agreements'
import { asProblem, type ApiProblem } from '../api/client'
import type { Key } from '../i18n'
import { NAME_MAX } from '../lib/limits'
import { inBox, type Stroke } from '../lib/signature'
import { useFieldErrors } from './useFieldErrors'

const FIELDS = ['name', 'strokes', 'consent'] as const
type Field = (typeof FIELDS)[number]
const FIELD_OF_POINTER: Record<string, Field> = { '/signer_name': 'name', '/strokes': 'strokes' }

export function useSigning(access: Access, agreementId: string, signer: string) {
  const given = reactive({ name: signer, strokes: [] as Stroke[], consent: false })
  const isSending = ref(false)
  const problem = ref<ApiProblem | null>(null)

  const errors = computed(() => {
    const missing: Partial<Record<Field, Key>> = {}
    if (!given.name.trim()) missing.name = 'agreement.nameMissing'
    else if (given.name.trim().length > NAME_MAX) missing.name = 'valid.nameLong'
    if (!given.strokes.length) missing.strokes = 'agreement.signatureMissing'
    if (!given.consent) missing.consent = 'agreement.consentMissing'
    return missing
  })
  const { messageOf, touch, forget, place } = useFieldErrors<Field>(() => errors.value, FIELD_OF_POINTER)
  watch(given, () => FIELDS.forEach(forget))

  /** Sign; null when something is missing or was refused. Sent again after a lost answer, it is the same signature. */
  async function sign(): Promise<Agreement | null> {
    touch(...FIELDS)
    if (Object.keys(errors.value).length || isSending.value) return null
    isSending.value = true
    problem.value = null
    try {
      return await signAgreement(access, agreementId, { signer_name: given.name.trim(), strokes: inBox(given.strokes) })
    } catch (error) {
      const refusal = asProblem(error)
      if (!place(refusal)) problem.value = refusal
      return null
    } finally {
      isSending.value = false
    }
  }

  return { given, isSending, problem, messageOf, touch, sign }
}
