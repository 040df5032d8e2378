/** The browser's tab title, in the current language. */
import { watchEffect } from 'vue'
import { onShow } from '@dcloudio/uni-app'

export function useTitle(title: () => string): void {
  const apply = () => {
    // #ifdef H5
    document.title = title()
    // #endif
  }
  watchEffect(apply)
  // uni writes the title of pages.json when a page comes to the front
  onShow(() => setTimeout(apply))
}
