/** How the pages look: the studio's theme, from the first paint on, and what of it a browser is told. */
import { shallowRef } from 'vue'
import { DEFAULT_LOOK, tokensOf, type Look, type PublicTheme } from '@kit/theme'
import { client, ORIGIN } from '../api/client'
import { brandName } from '../i18n'
import { keep, readKept } from './kept'

const STORAGE_KEY = 'yingqi.theme'
/** How long a first visit waits for the theme before it shows the usual one; later visits know theirs. */
const PATIENCE_MS = 1_000

export const theme = shallowRef<Look>(DEFAULT_LOOK)

/** The whole address of a picture of the theme, ours only; "" for none. Short ones lead below /portal/ in `image`. */
export function pictureOf(url: string | null): string {
  if (!url || !/^\/files\/[\w-]+$/.test(url)) return ''
  let origin = ORIGIN
  // #ifdef H5
  origin ||= location.origin
  // #endif
  return `${origin}${url}`
}

/** The theme as inline style, where there is no root to carry it. */
export const styleOf = (look: Look): string =>
  Object.entries(tokensOf(look))
    .map(([name, value]) => `${name}:${value}`)
    .join(';')

/** Show the theme as it was last seen, then as it is. To be called before anything is painted. */
export function beginTheme(): void {
  // #ifdef H5
  if (isPreview()) {
    beginPreview()
    return
  }
  // #endif
  const kept = readKept<PublicTheme>(STORAGE_KEY)
  if (isWhole(kept)) show(kept)
  else hideUntilKnown()
  void refreshTheme()
}

/** Ask for the theme again: cheap, for a browser has it already unless another was published. */
export async function refreshTheme(): Promise<void> {
  // #ifdef H5
  if (isPreview()) return
  // #endif
  try {
    const found = await client.get<PublicTheme>('theme')
    if (!isWhole(found)) return
    keep(STORAGE_KEY, found)
    show(found)
  } catch {
    // the pages work without it, and say by themselves when the server is away
  } finally {
    reveal()
  }
}

/** Something kept by another release may lack what this one needs. */
const isWhole = (look: Look | null): look is Look =>
  Object.keys(DEFAULT_LOOK).every((name) => look?.[name as keyof Look] !== undefined)

function show(look: Look): void {
  theme.value = look
  brandName.value = look.name
  // #ifdef H5
  markDocument(look)
  // #endif
}

function hideUntilKnown(): void {
  // #ifdef H5
  document.documentElement.style.visibility = 'hidden'
  setTimeout(reveal, PATIENCE_MS)
  // #endif
}

function reveal(): void {
  // #ifdef H5
  document.documentElement.style.visibility = ''
  // #endif
}

// #ifdef H5
let marked: string[] = []

function markDocument(look: Look): void {
  const { style } = document.documentElement
  const tokens = tokensOf(look)
  marked.forEach((name) => style.removeProperty(name))
  marked = Object.keys(tokens)
  Object.entries(tokens).forEach(([name, value]) => style.setProperty(name, value))
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', look.colours.background)
  const logo = pictureOf(look.logo_url)
  if (logo) document.querySelector('link[rel=icon]')?.setAttribute('href', logo)
}

/** Whether the console frames this page to try a draft on; nobody else can. */
const isPreview = (): boolean => location.pathname.endsWith('/preview') && window.parent !== window

function beginPreview(): void {
  hideUntilKnown()
  window.addEventListener('message', ({ origin, source, data }: MessageEvent<{ yingqiTheme?: Look }>) => {
    if (origin !== location.origin || source !== window.parent || !data?.yingqiTheme) return
    if (isWhole(data.yingqiTheme)) show(data.yingqiTheme)
    reveal()
  })
  window.parent.postMessage({ yingqiPreview: 'ready' }, location.origin)
}
// #endif
