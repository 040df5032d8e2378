/** A form that is opened by its link: loaded, counted, kept while it is filled in, and sent once. */
import { ref, shallowRef, watch } from 'vue'
import { todayIn } from '@kit/format'
import type { Json } from '@kit/forms/logic'
import { listBranches } from '../api'
import { asProblem, type ApiProblem } from '../api/client'
import { findChoices, openForm, submitForm, visitForm, type Answers, type FormAddress, type OpenForm } from '../api/forms'
import { serverNow } from '../lib/clock'
import { attemptKey, dropFormDraft, keepFormDraft, readFormDraft, scopeOf, visitorName } from '../lib/formDraft'
import { useAnswers } from './useAnswers'
import { forgetUploads } from './useUploads'

/** Nothing tells a form's zone; all branches of a studio share their date. */
const STUDIO_ZONE = 'Asia/Shanghai'

export interface Opened {
  form: OpenForm
  timezone: string
  answers: ReturnType<typeof useAnswers>
}

/** `carried` is what the link says of hidden fields. */
export function useFormPage(address: FormAddress, carried: Record<string, string>) {
  const scope = scopeOf(address)
  const opened = shallowRef<Opened | null>(null)
  const problem = shallowRef<ApiProblem | null>(null)
  const refusal = shallowRef<ApiProblem | null>(null)
  const isSending = ref(false)
  const isSent = ref(false)
  let isStarted = false

  async function load(): Promise<void> {
    problem.value = null
    try {
      const [form, timezone] = await Promise.all([openForm(address), studioZone()])
      show(form, timezone)
      void visitForm(address, 'view', visitorName()).catch(() => undefined)
    } catch (error) {
      problem.value = asProblem(error)
    }
  }

  function show(form: OpenForm, timezone: string): void {
    const start = { ...readFormDraft(scope), ...carriedBy(form, carried) }
    const answers = useAnswers(form, todayIn(timezone, serverNow()), start, (key, text) => findChoices(address, key, text))
    watch(answers.given, (given) => keepFormDraft(scope, given))
    opened.value = { form, timezone, answers }
  }

  function change(key: string, value: Json): void {
    opened.value?.answers.change(key, value)
    refusal.value = null
    if (isStarted) return
    isStarted = true
    void visitForm(address, 'start', visitorName()).catch(() => undefined)
  }

  const find = (key: string, text: string) => void opened.value?.answers.find(key, text)

  /** Send the answers; true when they have arrived. */
  async function send(): Promise<boolean> {
    if (!opened.value || isSending.value || !opened.value.answers.check()) return false
    const { form, answers } = opened.value
    isSending.value = true
    refusal.value = null
    try {
      const body = { version: form.version, answers: answers.content() }
      await submitForm(address, body, attemptKey(scope, body))
      dropFormDraft(scope)
      forgetUploads(scope, form.definition.fields.map(({ key }) => key))
      isSent.value = true
    } catch (error) {
      await takeRefusal(asProblem(error))
    } finally {
      isSending.value = false
    }
    return isSent.value
  }

  async function takeRefusal(told: ApiProblem): Promise<void> {
    if (['booking.form_closed', 'booking.survey_answered'].includes(told.code)) problem.value = told
    else if (told.code === 'booking.form_outdated') {
      await load()
      refusal.value = told
    } else if (!opened.value?.answers.place(told)) refusal.value = told
  }

  function again(): void {
    isSent.value = false
    opened.value = null
    void load()
  }

  return { scope, opened, problem, refusal, isSending, isSent, load, change, find, send, again }
}

async function studioZone(): Promise<string> {
  try {
    return (await listBranches())[0]?.timezone ?? STUDIO_ZONE
  } catch {
    return STUDIO_ZONE
  }
}

function carriedBy({ definition }: OpenForm, carried: Record<string, string>): Answers {
  const hidden = definition.fields.filter(({ key, kind }) => kind === 'hidden' && carried[key])
  return Object.fromEntries(hidden.map(({ key }) => [key, carried[key]]))
}
