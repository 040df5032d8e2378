/** Whether a person is looking at this page: not behind another page, tab or app. */
import { ref } from 'vue'
import { onHide, onShow, onUnload } from '@dcloudio/uni-app'

export function usePageFront() {
  const isInFront = ref(true)
  let isPageShown = true
  const apply = () => {
    let isSeen = true
    // #ifdef H5
    isSeen = document.visibilityState !== 'hidden'
    // #endif
    isInFront.value = isPageShown && isSeen
  }
  onShow(() => {
    isPageShown = true
    apply()
  })
  onHide(() => {
    isPageShown = false
    apply()
  })
  // #ifdef H5
  document.addEventListener('visibilitychange', apply)
  onUnload(() => document.removeEventListener('visibilitychange', apply))
  // #endif
  return { isInFront }
}
