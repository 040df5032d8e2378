/** The form of a service, answered while it is booked. */
import { computed, shallowRef, watch } from 'vue'
import { todayIn } from '@kit/format'
import type { Json } from '@kit/forms/logic'
import type { Branch } from '@kit/types'
import type { ApiProblem } from '../api/client'
import { findChoices, readPublishedForm, type OpenForm } from '../api/forms'
import type { Choice } from '../lib/choices'
import { serverNow } from '../lib/clock'
import { dropFormDraft, keepFormDraft, readFormDraft } from '../lib/formDraft'
import { countStart, countView } from '../lib/visits'
import { useAnswers } from './useAnswers'
import { useLoad } from './useLoad'
import { forgetUploads } from './useUploads'

export function useServiceForm(formId: string, branch: Branch) {
  const scope = `book.${formId}`
  const { data: form, problem, isLoading, reload } = useLoad<OpenForm>(() => readPublishedForm(formId))
  let isStarted = false
  const answers = shallowRef<ReturnType<typeof useAnswers> | null>(null)
  /** A form that is closed, or not published yet, is not asked for. */
  const isAsked = computed(() => ![404, 409].includes(problem.value?.status ?? 0))
  const groups = computed(() => answers.value?.groups.value ?? [])
  const complaints = computed(() => answers.value?.complaints.value ?? [])

  watch(form, (opened) => {
    if (!opened) return
    countView('form')
    answers.value = useAnswers(opened, todayIn(branch.timezone, serverNow()), readFormDraft(scope), search)
  })

  function open(): void {
    if (!form.value && !isLoading.value) void reload()
  }

  function change(key: string, value: Json): void {
    if (!answers.value) return
    if (!isStarted) countStart('form')
    isStarted = true
    answers.value.change(key, value)
    keepFormDraft(scope, answers.value.given.value)
  }

  async function search(key: string, text: string): Promise<Choice[] | null> {
    const code = form.value?.code
    return code ? findChoices({ code, token: '' }, key, text) : null
  }

  const find = (key: string, text: string) => void answers.value?.find(key, text)

  /** False while something of it keeps the booking from being sent. */
  const check = () => !isAsked.value || Boolean(answers.value?.check())
  const content = () => answers.value?.content()
  const place = (refusal: Pick<ApiProblem, 'errors'>) => Boolean(answers.value?.place(refusal))
  const touch = (key: string) => answers.value?.touch(key)
  const setBusy = (key: string, isBusy: boolean) => answers.value?.setBusy(key, isBusy)

  function drop(): void {
    if (!form.value) return
    dropFormDraft(scope)
    forgetUploads(scope, form.value.definition.fields.map(({ key }) => key))
  }

  return { scope, form, isAsked, problem, groups, complaints, open, reload, change, find, touch, setBusy, check, content, place, drop }
}
