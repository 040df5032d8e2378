/** Tells the page around a frame how high the frame would like to be. */

/** Follow the height of an element until the returned function is called. */
export function tellHeight(selector: string): () => void {
  const root = document.querySelector<HTMLElement>(selector)
  if (!root || window.parent === window || typeof ResizeObserver === 'undefined') return () => {}
  const tell = () => window.parent.postMessage({ yingqiForm: { height: Math.ceil(root.getBoundingClientRect().height) } }, '*')
  const observer = new ResizeObserver(tell)
  observer.observe(root)
  tell()
  return () => observer.disconnect()
}
