/** What a customer typed, kept while the tab lives so that going back or reloading loses nothing. */
export interface Draft {
  start: string
  /** The part of the day when the hour is left open: `start` is then only an instant of that day. */
  part: string
  /** Chosen resource id by resource type; absent = no preference. */
  crew: Record<string, string>
  /** Keys of the optional roles that are wanted. */
  options: string[]
  /** Ids of the services that come right after this one. */
  also: string[]
  /** How many of each add-on, by its id. */
  addOns: Record<string, number>
  /** The code of a coupon that is being used. */
  coupon: string
  name: string
  phone: string
  note: string
  consent: boolean
}

const memory: Record<string, Draft> = {}
const storageKey = (serviceId: string) => `yingqi.draft.${serviceId}`

const emptyDraft = (): Draft => ({ start: '', part: '', crew: {}, options: [], also: [], addOns: {}, coupon: '', name: '', phone: '', note: '', consent: false })

export function readDraft(serviceId: string): Draft {
  let stored: Partial<Draft> = memory[serviceId] ?? {}
  // #ifdef H5
  try {
    stored = JSON.parse(sessionStorage.getItem(storageKey(serviceId)) ?? 'null') ?? stored
  } catch {
    // storage may be closed to us: memory is enough
  }
  // #endif
  return { ...emptyDraft(), ...stored }
}

export function keepDraft(serviceId: string, draft: Draft): void {
  memory[serviceId] = { ...draft }
  // #ifdef H5
  try {
    sessionStorage.setItem(storageKey(serviceId), JSON.stringify(draft))
  } catch {
    // as above
  }
  // #endif
}

export function dropDraft(serviceId: string): void {
  delete memory[serviceId]
  // #ifdef H5
  try {
    sessionStorage.removeItem(storageKey(serviceId))
  } catch {
    // as above
  }
  // #endif
}
