/** Long lists of choices, narrowed by what somebody types. */
import type { Text } from '@kit/types'

/** What one can look through without searching. */
const LOOKED_THROUGH = 20

export interface Choice {
  value: string
  label: Text
}

export const isLong = (choices: readonly Choice[]) => choices.length > LOOKED_THROUGH

/** The choices that have a text in their name, whichever the language; those that are chosen stay. */
export function narrowed<One extends Choice>(choices: readonly One[], text: string, chosen: readonly unknown[]): One[] {
  const needle = squeezed(text)
  return choices.filter(({ value, label }) => chosen.includes(value) || [label.zh, label.en].some((name) => squeezed(name).includes(needle)))
}

/** As the server searches: no case, no spaces, no dashes of a phone. */
const squeezed = (text = '') => text.toLowerCase().replace(/[\s\-+()]/g, '')
