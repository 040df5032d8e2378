/** What can be bought beside a package, and how many of each are wanted. */
import { computed } from 'vue'
import { listAddOns } from '../api'
import type { ApiProblem } from '../api/client'
import type { Draft } from '../lib/draft'
import type { Offer } from '../lib/offers'
import { pickedOf } from '../lib/wishes'
import { useLoad } from './useLoad'

export function useAddOns(service: Offer, draft: Draft) {
  // With a session of a package that is paid already nothing else is bought.
  const { data, reload } = useLoad(async () => (service.session ? [] : listAddOns(service.id)))
  const addOns = computed(() => data.value ?? [])
  const picked = computed(() => pickedOf(addOns.value, draft.addOns))

  const choose = (id: string, quantity: number) => (draft.addOns = { ...draft.addOns, [id]: quantity })

  /** Take in what somebody else has bought meanwhile; false when a refusal is about something else. */
  function notice(refusal: ApiProblem): boolean {
    if (!refusal.code.startsWith('booking.add_on')) return false
    void reload()
    return true
  }

  void reload()
  return { addOns, picked, choose, notice }
}
