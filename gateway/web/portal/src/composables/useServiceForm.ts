/** The form of a package, answered while it is booked. */
import { computed, shallowRef, watch } from 'vue'
import { todayIn } from '@kit/format'
import type { Json } from '@kit/forms/logic'
import type { Branch } from '@kit/types'
import type { ApiProblem } from '../api/client'
import { findChoices, readPublishedForm, type OpenForm } from '../api/forms'
import { serverNow } from '../lib/clock'
import { dropFormDraft, keepFormDraft, readFormDraft } from '../lib/formDraft'
import { useAnswers } from './useAnswers'
import { useLoad } from './useLoad'
import { forgetUploads } from './useUploads'

export function useServiceForm(formId: string | null | undefined, branch: Branch) {
  const scope = `book.${formId}`
  const { data: form, problem, reload } = useLoad<OpenForm>(() => readPublishedForm(formId as string))
  const answers = shallowRef<ReturnType<typeof useAnswers> | null>(null)
  /** A form that is closed, or not published yet, is not asked for. */
  const isAsked = computed(() => Boolean(formId) && ![404, 409].includes(problem.value?.status ?? 0))
  const groups = computed(() => answers.value?.groups.value ?? [])
  const complaints = computed(() => answers.value?.complaints.value ?? [])

  watch(form, (opened) => {
    if (opened) answers.value = useAnswers(opened, todayIn(branch.timezone, serverNow()), readFormDraft(scope))
  })
  if (formId) void reload()

  function change(key: string, value: Json): void {
    if (!answers.value) return
    answers.value.change(key, value)
    keepFormDraft(scope, answers.value.given.value)
  }

  async function find(key: string, text: string): Promise<void> {
    const code = form.value?.code
    const found = code ? await findChoices({ code, token: '' }, key, text).catch(() => null) : null
    if (found) answers.value?.offer(key, found)
  }

  /** False while something of it keeps the booking from being sent. */
  const check = () => !isAsked.value || Boolean(answers.value?.check())
  const body = () => (answers.value ? { answers: answers.value.content() } : {})
  const place = (refusal: ApiProblem) => Boolean(answers.value?.place(refusal))
  const touch = (key: string) => answers.value?.touch(key)
  const setBusy = (key: string, isBusy: boolean) => answers.value?.setBusy(key, isBusy)

  function drop(): void {
    if (!form.value) return
    dropFormDraft(scope)
    forgetUploads(scope, form.value.definition.fields.map(({ key }) => key))
  }

  return { scope, form, isAsked, problem, groups, complaints, reload, change, find, touch, setBusy, check, body, place, drop }
}
