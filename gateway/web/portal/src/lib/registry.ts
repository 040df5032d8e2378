/** Where a registered site must lead with its number: the ministry's register of Chinese sites. */
const REGISTRY = 'https://beian.miit.gov.cn/'

export function openRegistry(): void {
  // #ifdef H5
  window.open(REGISTRY, '_blank', 'noopener')
  // #endif
  // #ifndef H5
  uni.setClipboardData({ data: REGISTRY })
  // #endif
}
