/** How the fields of a form lie on a page, and which control each kind of field has. */
import type { Field } from '@kit/forms/kinds'

export interface Part {
  /** The field that heads it; null for fields outside of sections. */
  section: Field | null
  fields: Field[]
}

/** Put fields under their sections, in the order in which the form writes them. */
export function groupsOf(fields: readonly Field[]): Part[] {
  const parts: Part[] = []
  const under = new Map<string, Part>()
  for (const field of fields) {
    if (field.kind === 'section') {
      const part = { section: field, fields: [] }
      under.set(field.key, part)
      parts.push(part)
    }
  }
  for (const [position, field] of fields.entries()) {
    if (field.kind === 'section') continue
    const own = field.section ? under.get(field.section) : undefined
    if (own) own.fields.push(field)
    else looseBefore(parts, fields.slice(position + 1)).fields.push(field)
  }
  return parts
}

/** The part for a field outside of sections: before the section that follows it. */
function looseBefore(parts: Part[], rest: readonly Field[]): Part {
  const next = rest.find(({ kind }) => kind === 'section')
  const at = next ? parts.findIndex(({ section }) => section?.key === next.key) : parts.length
  const before = parts[at - 1]
  if (before && before.section === null) return before
  const loose: Part = { section: null, fields: [] }
  parts.splice(at, 0, loose)
  return loose
}

export type Control =
  | 'text'
  | 'date'
  | 'choice'
  | 'select'
  | 'cascade'
  | 'files'
  | 'address'
  | 'signature'
  | 'consent'
  | 'computed'

const CONTROLS: Record<string, Control> = {
  date: 'date',
  datetime: 'date',
  timespan: 'date',
  single_choice: 'choice',
  multiple_choice: 'choice',
  dropdown: 'select',
  status: 'select',
  cascade: 'cascade',
  image: 'files',
  file: 'files',
  address: 'address',
  signature: 'signature',
  consent: 'consent',
  computed: 'computed',
}
/** What is offered side by side at most when one may choose one; more goes into a list that opens. */
const SIDE_BY_SIDE = 8

/** The control of a field; everything else is typed as text. */
export function controlOf({ kind, multiple }: Field, offered: number): Control {
  if (kind === 'resource' || kind === 'relation') return multiple || offered <= SIDE_BY_SIDE ? 'choice' : 'select'
  return CONTROLS[kind] ?? 'text'
}

/** Whether one chooses among options that lie in one list. */
export const isChosen = (field: Field) => ['choice', 'select'].includes(controlOf(field, 0))

export const takesSeveral = ({ kind, multiple }: Field) => kind === 'multiple_choice' || multiple === true
