/** The public endpoints of forms: opened by the code of a link or while booking, counted, answered. */
import type { Json } from '@kit/forms/logic'
import type { Definition } from '@kit/forms/state'
import type { Page, Text } from '@kit/types'
import type { Choice } from '../lib/choices'
import { client } from './client'

/** Where a form is found; the token, of a survey about one booking, is "" for anybody. */
export interface FormAddress {
  code: string
  token: string
}

export type Answers = Record<string, Json>

/** A form as one fills it in; nothing of it changes while it is open. */
export interface AskedForm {
  form_id: string
  version: number
  definition: Definition
  /** What fields bound to live data offer now, by key. */
  options: Record<string, Choice[]>
  /** The fields that offer more than that: search them. */
  more?: string[]
  /** The right to upload files, by purpose, for a while. */
  permits: Record<string, string>
}

export interface OpenForm extends AskedForm {
  kind: 'booking' | 'survey' | 'table' | 'other'
  name: Text
  /** Of its link; null for a form without an open one. */
  code?: string | null
}

export interface Submitted {
  submission_id: string
  submitted_at: string
}

const path = ({ code }: FormAddress) => `form-links/${encodeURIComponent(code)}`
const proof = ({ token }: FormAddress): Record<string, string> => (token ? { 'X-Manage-Token': token } : {})

export const openForm = (address: FormAddress) => client.get<OpenForm>(path(address), { headers: proof(address) })

/** The form that is answered while something is booked. */
export const readPublishedForm = (formId: string) => client.get<OpenForm>(`forms/${encodeURIComponent(formId)}/published`)

/** Search what a field offers; the first of what is found. */
export const findChoices = (address: FormAddress, field: string, text: string) =>
  client
    .get<Page<Choice>>(`${path(address)}/choices/${encodeURIComponent(field)}`, { query: { q: text }, headers: proof(address) })
    .then(({ items }) => items)

export const visitForm = (address: FormAddress, step: 'view' | 'start', visitor: string) =>
  client.post<{ counted: boolean }>(`${path(address)}/visits`, { body: { step, visitor } })

export const submitForm = (address: FormAddress, body: { version: number; answers: Answers }, idempotencyKey: string) =>
  client.post<Submitted>(`${path(address)}/submissions`, { body, headers: proof(address), idempotencyKey })
