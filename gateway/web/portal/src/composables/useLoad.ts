/** Loading something once: what came, what went wrong, and whether it is still under way. */
import { ref, shallowRef } from 'vue'
import { asProblem, type ApiProblem } from '../api/client'

export function useLoad<T>(load: () => Promise<T>) {
  const data = shallowRef<T | null>(null)
  const problem = shallowRef<ApiProblem | null>(null)
  const isLoading = ref(false)
  let latest = 0

  /** Load again; an answer overtaken by a later call is dropped. */
  async function reload(): Promise<void> {
    const ticket = ++latest
    isLoading.value = true
    problem.value = null
    try {
      const loaded = await load()
      if (ticket === latest) data.value = loaded
    } catch (error) {
      if (ticket === latest) problem.value = asProblem(error)
    }
    if (ticket === latest) isLoading.value = false
  }

  return { data, problem, isLoading, reload }
}
