/** Small things kept on the device between visits; forgotten with the page where storage is closed to us. */
const memory = new Map<string, unknown>()

export function readKept<T>(name: string): T | null {
  try {
    const found = uni.getStorageSync(name)
    if (found !== '' && found != null) return found as T
  } catch {
    // a frame within another site may not store anything
  }
  return (memory.get(name) as T | undefined) ?? null
}

export function keep(name: string, value: unknown): void {
  memory.set(name, value)
  try {
    uni.setStorageSync(name, value)
  } catch {
    // as above
  }
}

export function forget(name: string): void {
  memory.delete(name)
  try {
    uni.removeStorageSync(name)
  } catch {
    // as above
  }
}
