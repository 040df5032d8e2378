/** Answers that were not sent yet, kept on the device, and the key under which they are sent once. */
import { newIdempotencyKey } from '@kit/client'
import type { Answers, FormAddress } from '../api/forms'
import { forget, keep, readKept } from './kept'

/** A form is filled in within days; on a shared device what was typed is not to stay for longer. */
const KEPT_MS = 7 * 86_400_000

interface FormDraft {
  answers: Answers
  keptAt: number
}

interface Attempt {
  key: string
  content: string
}

export const scopeOf = ({ code, token }: FormAddress) => (token ? `${code}.${token.slice(-12)}` : code)
const draftName = (scope: string) => `yingqi.form.${scope}`
const attemptName = (scope: string) => `yingqi.sending.${scope}`

export function readFormDraft(scope: string): Answers {
  const draft = readKept<FormDraft>(draftName(scope))
  if (draft && Date.now() - draft.keptAt < KEPT_MS) return draft.answers
  dropFormDraft(scope)
  return {}
}

export const keepFormDraft = (scope: string, answers: Answers) =>
  keep(draftName(scope), { answers, keptAt: Date.now() } satisfies FormDraft)

export function dropFormDraft(scope: string): void {
  forget(draftName(scope))
  forget(attemptName(scope))
}

/** One key for one content, also after a reload in the midst of sending. */
export function attemptKey(scope: string, body: unknown): string {
  const content = JSON.stringify(body)
  const before = readKept<Attempt>(attemptName(scope))
  if (before?.content === content) return before.key
  const attempt: Attempt = { key: newIdempotencyKey(), content }
  keep(attemptName(scope), attempt)
  return attempt.key
}

/** What tells one visitor's visits from another's; only counted. */
export function visitorName(): string {
  const name = readKept<string>('yingqi.visitor') ?? newIdempotencyKey()
  keep('yingqi.visitor', name)
  return name
}
