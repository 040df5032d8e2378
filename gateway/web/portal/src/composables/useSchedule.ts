/** The free times of one package, four weeks at a time. */
import { computed, ref, watch } from 'vue'
import { addDays, localDate, startOfWeek, todayIn } from '@kit/format'
import type { Slot } from '@kit/types'
import { findAvailability } from '../api'
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
}

export function useSchedule(subject: () => Subject) {
  const page = ref(0)
  const day = ref('')
  const today = todayIn(subject().timezone, serverNow())
  const firstMonday = startOfWeek(today)

  const from = computed(() => addDays(firstMonday, page.value * DAYS_PER_PAGE))
  const days = computed(() => Array.from({ length: DAYS_PER_PAGE }, (_, i) => addDays(from.value, i)))

  const availability = useLoad(async () => {
    const { serviceId, branchId, resourceIds } = subject()
    const to = addDays(from.value, DAYS_PER_PAGE - 1)
    const start = from.value < today ? today : from.value
    const { slots } = await findAvailability({ serviceId, branchId, resourceIds, from: start, to })
    return { from: start, to, byDay: groupByDay(slots) }
  })

  const slotsByDay = computed(() => availability.data.value?.byDay ?? {})
  const slots = computed(() => slotsByDay.value[day.value] ?? [])
  const isEmpty = computed(() => availability.data.value !== null && Object.keys(slotsByDay.value).length === 0)

  function turn(step: number): void {
    page.value = Math.min(LAST_PAGE, Math.max(0, page.value + step))
  }

  /** Show the weeks of a day and choose it. */
  function show(target: string): void {
    const distance = (Date.parse(target) - Date.parse(firstMonday)) / 86_400_000
    page.value = Math.min(LAST_PAGE, Math.max(0, Math.floor(distance / DAYS_PER_PAGE)))
    day.value = target
  }

  /** True once the loaded range says that `start` is no longer free. */
  function isGone(start: string): boolean {
    const range = availability.data.value
    const on = localDate(start)
    if (!range || availability.isLoading.value || on < range.from || on > range.to) return false
    return !(range.byDay[on] ?? []).some((slot) => slot.start === start)
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
    page, day, today, days, slots, slotsByDay, isEmpty, turn, show, isGone,
    isLast: computed(() => page.value === LAST_PAGE),
    isLoading: availability.isLoading,
    problem: availability.problem,
    reload: availability.reload,
  }
}

function groupByDay(slots: Slot[]): Record<string, Slot[]> {
  const days: Record<string, Slot[]> = {}
  for (const slot of slots) if (slot.remaining > 0) (days[localDate(slot.start)] ??= []).push(slot)
  return days
}
