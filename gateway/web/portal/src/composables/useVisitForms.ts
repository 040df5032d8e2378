/** The forms of all services of one visit, answered together. */
import { computed, watch } from 'vue'
import type { Branch } from '@kit/types'
import type { ApiProblem } from '../api/client'
import { bodyOf, faultsOf, sheetsOf, type Asking } from '../lib/visitForms'
import { useServiceForm } from './useServiceForm'

/** `known` are the services that may come to be among `services`. */
export function useVisitForms(known: readonly Asking[], services: () => readonly Asking[], branch: Branch) {
  const forms = new Map(sheetsOf(known).map(({ formId }) => [formId, useServiceForm(formId, branch)]))
  const sheets = computed(() =>
    sheetsOf(services()).flatMap((sheet) => {
      const questions = forms.get(sheet.formId)
      return questions ? [{ ...sheet, questions }] : []
    }),
  )
  const asked = computed(() => sheets.value.filter(({ questions }) => questions.isAsked.value))

  watch(sheets, (now) => now.forEach(({ questions }) => questions.open()), { immediate: true })

  /** False while something of them keeps the booking from being sent; looks at every one. */
  const check = () => asked.value.map(({ questions }) => questions.check()).every(Boolean)

  const body = () =>
    bodyOf(
      asked.value.flatMap(({ formId, isFirst, questions }) => {
        const answers = questions.content()
        return answers ? [{ formId, isFirst, answers }] : []
      }),
    )

  /** Put what the server refused at its fields; false when something of it has no field here. */
  function place({ errors }: Pick<ApiProblem, 'errors'>): boolean {
    const about = asked.value.map((sheet) => ({ questions: sheet.questions, errors: faultsOf(errors, sheet) }))
    const refused = about.filter((one) => one.errors.length)
    const isAll = refused.reduce((count, one) => count + one.errors.length, 0) === errors.length
    return refused.map(({ questions, errors: own }) => questions.place({ errors: own })).every(Boolean) && isAll && refused.length > 0
  }

  const drop = () => asked.value.forEach(({ questions }) => questions.drop())

  return { asked, check, body, place, drop }
}
