/** The answers to a form: what was given, what is asked for because of it, and what is wrong. */
import { computed, reactive, ref, shallowRef } from 'vue'
import type { Field } from '@kit/forms/kinds'
import type { Json } from '@kit/forms/logic'
import { state as stateOf } from '@kit/forms/state'
import type { Answers, AskedForm } from '../api/forms'
import type { ApiProblem } from '../api/client'
import { t, tx } from '../i18n'
import { isLong, narrowed, type Choice } from '../lib/choices'
import { groupsOf, isChosen } from '../lib/formLayout'

/** What the server makes itself. */
const NOT_SENT = ['section', 'computed']

export interface Question {
  field: Field
  value: Json
  isRequired: boolean
  message: string
  choices: Choice[]
  /** There are more choices than one can look through. */
  isSearched: boolean
}

export interface Group {
  key: string
  title: string
  hint: string
  questions: Question[]
}

/** Asks the server for choices of a field that has more than were told; null when it does not say. */
type Search = (key: string, text: string) => Promise<Choice[] | null>

/** `today` is the studio's date. */
export function useAnswers({ definition, options: known, more = [] }: AskedForm, today: string, start: Answers, search: Search) {
  const given = shallowRef<Answers>(offeredOnly(start, known, more))
  const options = shallowRef(known)
  const isTried = ref(false)
  const touched = reactive<Record<string, boolean>>({})
  const refused = reactive<Record<string, string>>({})
  const busy = reactive<Record<string, boolean>>({})
  /** What is typed to narrow the choices of a field, and the latest search for more of them. */
  const sought = reactive<Record<string, string>>({})
  const searches: Record<string, number> = {}

  const state = computed(() => stateOf(definition, given.value, { options: options.value as never, today }))
  const isShown = ({ key }: Field) => state.value.fields[key].visible
  const groups = computed<Group[]>(() =>
    groupsOf(definition.fields.filter(isShown)).map(({ section, fields }) => ({
      key: section?.key ?? '',
      title: tx(section?.label),
      hint: tx(section?.help),
      questions: fields.map(questionOf),
    })),
  )
  /** What is wrong with the form as a whole. */
  const complaints = computed(() =>
    isTried.value ? state.value.errors.filter(({ pointer }) => pointer === '/answers').map(({ message }) => tx(message)) : [],
  )

  const choicesOf = ({ key, options: own }: Field) => options.value[key] ?? own ?? []
  const chosenOf = (key: string) => [given.value[key] ?? []].flat()

  const questionOf = (field: Field): Question => ({
    field,
    value: field.key in given.value ? given.value[field.key] : state.value.fields[field.key].value,
    isRequired: state.value.fields[field.key].required,
    message: messageOf(field.key),
    choices: narrowed(choicesOf(field), sought[field.key] ?? '', chosenOf(field.key)),
    isSearched: isChosen(field) && (more.includes(field.key) || isLong(choicesOf(field))),
  })

  function messageOf(key: string): string {
    if (isTried.value && busy[key]) return t('file.wait')
    const [wrong] = state.value.fields[key].errors
    return wrong && (touched[key] || isTried.value) ? tx(wrong.message) : (refused[key] ?? '')
  }

  function change(key: string, value: Json): void {
    given.value = { ...given.value, [key]: value }
    delete refused[key]
  }

  /** Narrow the choices of a field by a text; of those that are too many to be told the server searches. */
  async function find(key: string, text: string): Promise<void> {
    sought[key] = text
    const turn = (searches[key] = (searches[key] ?? 0) + 1)
    const found = more.includes(key) ? await search(key, text).catch(() => null) : null
    if (!found || searches[key] !== turn) return
    offer(key, found)
    sought[key] = ''
  }

  /** Offer what a search has found; what is chosen stays among it. */
  function offer(key: string, found: Choice[]): void {
    const chosen = chosenOf(key)
    const kept = (options.value[key] ?? []).filter((one) => chosen.includes(one.value) && !found.some(({ value }) => value === one.value))
    options.value = { ...options.value, [key]: [...kept, ...found] }
  }

  const touch = (key: string) => (touched[key] = true)
  const setBusy = (key: string, isBusy: boolean) => (busy[key] = isBusy)

  /** Look at everything before it is sent; from here on errors are shown at once. */
  function check(): boolean {
    isTried.value = true
    const isWaiting = definition.fields.some((field) => busy[field.key] && isShown(field))
    return state.value.errors.length === 0 && !isWaiting
  }

  /** The answers as they are sent; null takes a default back. */
  function content(): Answers {
    const sent: Answers = {}
    for (const { key, kind } of definition.fields) {
      const { value, visible } = state.value.fields[key]
      const isTakenBack = value === null && visible && key in given.value
      if (!NOT_SENT.includes(kind) && (value !== null || isTakenBack)) sent[key] = value
    }
    return sent
  }

  /** Put what the server refused at its fields; false when something of it has no field here. */
  function place({ errors }: Pick<ApiProblem, 'errors'>): boolean {
    const shown = new Set(definition.fields.filter(isShown).map(({ key }) => key))
    const keyOf = (pointer: string) => /^\/answers\/([^/]+)/.exec(pointer)?.[1] ?? ''
    const placed = errors.filter(({ pointer }) => shown.has(keyOf(pointer)))
    placed.forEach(({ pointer, message }) => (refused[keyOf(pointer)] = message))
    return placed.length > 0 && placed.length === errors.length
  }

  return { given, groups, complaints, change, find, touch, setBusy, check, content, place }
}

/** What a search once found may be gone, and nobody here knows what it is called. */
function offeredOnly(start: Answers, known: Record<string, Choice[]>, searched: string[]): Answers {
  const isLost = (key: string) =>
    searched.includes(key) && ![start[key] ?? []].flat().every((one) => known[key]?.some(({ value }) => value === one))
  return Object.fromEntries(Object.entries(start).filter(([key]) => !isLost(key)))
}
