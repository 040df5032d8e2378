/** The forms of the services of one visit: each is asked once, and its answers have a place of their own. */
import type { Json } from '@kit/forms/logic'
import type { Booking, FieldError, Text } from '@kit/types'

/** A service, and the form that it asks, if any. */
export interface Asking {
  name: Text
  form_id: string | null
}

export interface Sheet {
  formId: string
  /** The services that ask it. */
  names: Text[]
  /** The first service of the visit is among them. */
  isFirst: boolean
}

export interface VisitAnswers {
  answers?: Record<string, Json>
  /** By the id of the form. */
  also_answers?: Record<string, Record<string, Json>>
}

/** The forms that services ask, in their order. */
export function sheetsOf(services: readonly Asking[]): Sheet[] {
  const sheets: Sheet[] = []
  for (const [place, { name, form_id: formId }] of services.entries()) {
    const same = sheets.find((one) => one.formId === formId)
    if (same) same.names.push(name)
    else if (formId) sheets.push({ formId, names: [name], isFirst: place === 0 })
  }
  return sheets
}

/** Answers as a request holds them. */
export function bodyOf(given: readonly { formId: string; isFirst: boolean; answers: Record<string, Json> }[]): VisitAnswers {
  const first = given.find(({ isFirst }) => isFirst)
  const also = given.filter(({ isFirst }) => !isFirst).map(({ formId, answers }) => [formId, answers])
  return { ...(first ? { answers: first.answers } : {}), ...(also.length ? { also_answers: Object.fromEntries(also) } : {}) }
}

/** What is wrong with one form, its pointers as the form itself writes them. */
export function faultsOf(errors: readonly FieldError[], { formId, isFirst }: Pick<Sheet, 'formId' | 'isFirst'>): FieldError[] {
  const at = isFirst ? '/answers' : `/also_answers/${formId}`
  return errors
    .filter(({ pointer }) => pointer === at || pointer.startsWith(`${at}/`))
    .map((one) => ({ ...one, pointer: `/answers${one.pointer.slice(at.length)}` }))
}

/** The services of a booking; those whose form was answered ask nothing any more. */
export function unanswered({ service, also, form_id, answers, lines }: Booking): Asking[] {
  // Of several services the booking's name is that of all; its lines name each.
  const name = lines.find(({ kind }) => kind === 'service')?.label ?? service.name
  return [{ name, form_id, answers }, ...also].map((one) => ({
    name: one.name,
    form_id: Object.keys(one.answers ?? {}).length ? null : one.form_id,
  }))
}
