/** The free times of one package, four weeks at a time. */
import { computed, ref, watch } from 'vue'
import { addDays, localDate, startOfWeek, todayIn } from '@kit/format'
import type { Slot } from '@kit/types'
import { findAvailability } from '../api'
import type { DayPart } from '../api/shapes'
import { serverNow } from '../lib/clock'
import { useLoad } from './useLoad'

/** Four whole weeks stay below a month, the widest range asked of the server at once. */
const DAYS_PER_PAGE = 28
/** Half a year ahead; the server closes days beyond the package's own horizon earlier. */
const LAST_PAGE = 6

export interface Subject {
  serviceId: string
  branchId: string
  timezone: string
  resourceIds: string[]
  options: string[]
  also?: string[]
}

export function useSchedule(subject: () => Subject) {
  const page = ref(0)
  const day = ref('')
  const today = todayIn(subject().timezone, serverNow())
  const firstMonday = startOfWeek(today)

  const from = computed(() => addDays(firstMonday, page.value * DAYS_PER_PAGE))
  const days = computed(() => Array.from({ length: DAYS_PER_PAGE }, (_, i) => addDays(from.value, i)))

  const availability = useLoad(async () => {
    const to = addDays(from.value, DAYS_PER_PAGE - 1)
    const start = from.value < today ? today : from.value
    const { slots, day_parts: parts = [], waitlist: canWait = true } = await findAvailability({ ...subject(), from: start, to })
    return { from: start, to, canWait, slots: byDay(slots, (slot) => localDate(slot.start)), parts: byDay(parts, (part) => part.day) }
  })

  const slotsByDay = computed<ByDay<Slot>>(() => availability.data.value?.slots ?? {})
  const partsByDay = computed<ByDay<DayPart>>(() => availability.data.value?.parts ?? {})
  const slots = computed(() => slotsByDay.value[day.value] ?? [])
  const parts = computed(() => partsByDay.value[day.value] ?? [])
  const freeDays = computed(() => [...new Set([...Object.keys(slotsByDay.value), ...Object.keys(partsByDay.value)])])
  /** Some packages have no waitlist. */
  const canWait = computed(() => availability.data.value?.canWait ?? false)
  const isEmpty = computed(() => availability.data.value !== null && freeDays.value.length === 0)

  function turn(step: number): void {
    page.value = Math.min(LAST_PAGE, Math.max(0, page.value + step))
  }

  /** Show the weeks of a day and choose it. */
  function show(target: string): void {
    const distance = (Date.parse(target) - Date.parse(firstMonday)) / 86_400_000
    page.value = Math.min(LAST_PAGE, Math.max(0, Math.floor(distance / DAYS_PER_PAGE)))
    day.value = target
  }

  /** True once the loaded range says that `start`, or that part of its day, is no longer free. */
  function isGone(start: string, part: string): boolean {
    const range = availability.data.value
    const on = localDate(start)
    if (!range || availability.isLoading.value || on < range.from || on > range.to) return false
    if (part) return !(range.parts[on] ?? []).some((one) => one.part === part)
    return !(range.slots[on] ?? []).some((slot) => slot.start === start)
  }

  watch(
    () => JSON.stringify([from.value, subject()]),
    () => {
      availability.data.value = null
      void availability.reload()
    },
    { immediate: true },
  )

  return {
    page, day, today, days, slots, parts, freeDays, canWait, isEmpty, turn, show, isGone,
    isLast: computed(() => page.value === LAST_PAGE),
    isLoading: availability.isLoading,
    problem: availability.problem,
    reload: availability.reload,
  }
}

type ByDay<Item> = Record<string, Item[]>

function byDay<Item extends { remaining: number }>(items: Item[], dayOf: (item: Item) => string): ByDay<Item> {
  const days: ByDay<Item> = {}
  for (const item of items) if (item.remaining > 0) (days[dayOf(item)] ??= []).push(item)
  return days
}
