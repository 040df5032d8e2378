/** Bring the first of some places into view and put the cursor where one can type or choose. */
export function reveal(selectors: string[]): void {
  // #ifdef H5
  const found = selectors.map((selector) => document.querySelector<HTMLElement>(selector)).find(Boolean)
  found?.scrollIntoView({ block: 'center', behavior: 'smooth' })
  found?.querySelector<HTMLElement>('input, textarea, select, [tabindex="0"]')?.focus({ preventScroll: true })
  // #endif
  // #ifndef H5
  uni.pageScrollTo({ selector: selectors.join(','), duration: 200 })
  // #endif
}
