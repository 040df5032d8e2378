/** One's place on the waitlist by its private link: kept fresh, accepted, left. */
import { ref, shallowRef, watch } from 'vue'
import { secondsUntil } from '@kit/format'
import type { WaitlistEntry } from '@kit/scheduling'
import type { BookingReceipt, Branch, Resource, Service } from '@kit/types'
import { acceptOffer, leaveWaitlist, listBranches, listResources, listServices, readPlace } from '../api'
import { asProblem, type ApiProblem } from '../api/client'
import { t } from '../i18n'
import { serverNow } from '../lib/clock'
import { useKeptFresh } from './useKeptFresh'

/** The offer has just run out: the next state follows within seconds. */
const FAST_MS = 2_000
const SLOW_MS = 15_000
/** Nothing more happens to a place that was given up; the page still notices one that is wrong. */
const OVER_MS = 60_000

/** What a place is for; what is withdrawn since is missing, and the place shows without it. */
export interface About {
  branch: Branch
  service: Service | null
  resources: Resource[]
}

async function about({ branch_id, service_id }: WaitlistEntry): Promise<About> {
  const [branches, services, resources] = await Promise.all([
    listBranches(),
    listServices(branch_id).catch(() => []),
    listResources(branch_id, service_id).catch(() => []),
  ])
  const branch = branches.find((one) => one.id === branch_id)
  if (!branch) throw new Error('the branch of this place is closed')
  return { branch, service: services.find((one) => one.id === service_id) ?? null, resources }
}

export function usePlace(token: string) {
  const details = shallowRef<About | null>(null)
  const isSending = ref(false)
  const refusal = ref('')

  const { data: entry, ...fresh } = useKeptFresh<WaitlistEntry>({
    read: async () => {
      const entry = await readPlace(token)
      details.value ??= await about(entry)
      return entry
    },
    pace: paceOf,
  })

  watch(() => entry.value?.offer?.booking_id, (next) => next && (refusal.value = ''))

  /** Book what is offered, or open again what was; null when it cannot be had. */
  async function accept(): Promise<BookingReceipt | null> {
    const known = entry.value
    if (!known?.offer || isSending.value) return null
    isSending.value = true
    refusal.value = ''
    try {
      return await acceptOffer(known, known.offer, token)
    } catch (error) {
      const problem = asProblem(error)
      await fresh.refresh()
      refusal.value = problem.code === 'scheduling.offer_expired' ? whatNow(entry.value) : problem.message
      return null
    } finally {
      isSending.value = false
    }
  }

  /** Give the place up; the problem when that did not work. */
  async function leave(): Promise<ApiProblem | null> {
    try {
      await leaveWaitlist(token)
    } catch (error) {
      return asProblem(error)
    }
    refusal.value = ''
    await fresh.refresh()
    return null
  }

  return { ...fresh, entry, details, isSending, refusal, accept, leave }
}

function paceOf(entry: WaitlistEntry | null): number {
  if (entry?.state === 'offered') return secondsUntil(entry.offer?.expires_at ?? '', serverNow()) > 0 ? SLOW_MS : FAST_MS
  return entry?.state === 'expired' || entry?.state === 'left' ? OVER_MS : SLOW_MS
}

/** The offer is gone: what that means for who held it. */
function whatNow(entry: WaitlistEntry | null): string {
  if (entry?.state === 'waiting') return t('place.lostWaiting')
  return t(entry?.state === 'expired' ? 'place.lostExpired' : 'place.lostTaken')
}
