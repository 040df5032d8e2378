/** Draw a quiet cover for a package that has no photograph: one scene per category, as an SVG data address. */
import type { Service } from '@kit/types'

type Scene = { words: RegExp; sky: [string, string]; art: string }

const frame = (sky: [string, string], art: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" preserveAspectRatio="xMidYMid slice">` +
  `<defs><linearGradient id="s" x1="0" y1="0" x2="0.6" y2="1"><stop stop-color="${sky[0]}"/><stop offset="1" stop-color="${sky[1]}"/></linearGradient>` +
  `<radialGradient id="g"><stop stop-color="#fff" stop-opacity=".75"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient></defs>` +
  `<rect width="400" height="300" fill="url(#s)"/>${art}</svg>`

const branch = (x: number, y: number, turn: number, colour: string) =>
  `<g transform="translate(${x} ${y}) rotate(${turn})" fill="none" stroke="${colour}" stroke-width="1.6" stroke-linecap="round">` +
  `<path d="M0 0C10-40 8-80 30-120"/>` +
  [18, 40, 62, 84, 104]
    .map((d, i) => `<path d="M${4 + i * 4}-${d}q${i % 2 ? -24 : 22}-4 ${i % 2 ? -30 : 30}-24q${i % 2 ? 24 : -22} 2 ${i % 2 ? 30 : -30} 24z" fill="${colour}" fill-opacity=".28"/>`)
    .join('') +
  `</g>`

const scenes: Scene[] = [
  {
    words: /婚|wedding|bridal/i,
    sky: ['#f6e3da', '#e3b9a6'],
    art:
      `<circle cx="290" cy="70" r="150" fill="url(#g)"/>` +
      `<path d="M110 300V150a90 90 0 0 1 180 0v150z" fill="#fbf1ea"/><path d="M130 300V152a70 70 0 0 1 140 0v148z" fill="#f3d8ca"/>` +
      `<path d="M150 300V154a50 50 0 0 1 100 0v146z" fill="#fff8f2"/><circle cx="222" cy="176" r="26" fill="#f2c9a5" opacity=".8"/>` +
      `<path d="M0 300q90-34 200-14t200-10v24z" fill="#c98f79" opacity=".5"/>` +
      branch(88, 296, -14, '#8d5a48') +
      branch(318, 298, 8, '#8d5a48'),
  },
  {
    words: /儿童|宝宝|宝贝|百天|周岁|满月|新生|孕|child|kid|baby|newborn|maternity/i,
    sky: ['#fdeecb', '#f2c79a'],
    art:
      `<circle cx="110" cy="90" r="130" fill="url(#g)"/>` +
      `<g stroke="#a5683c" stroke-width="1.2" fill="none" opacity=".8"><path d="M262 118q6 60-14 122M312 96q-12 80-60 146M222 84q22 80 26 156"/></g>` +
      `<ellipse cx="262" cy="88" rx="26" ry="31" fill="#e58e6c"/><ellipse cx="314" cy="66" rx="23" ry="28" fill="#f6f0e2"/><ellipse cx="220" cy="56" rx="22" ry="27" fill="#8fb0a4"/>` +
      `<path d="M0 300v-58q70-44 150-8t150-6 100 0v72z" fill="#e9a873" opacity=".75"/><path d="M0 300v-26q100-40 210-6t190-8v40z" fill="#cf8454" opacity=".7"/>` +
      `<path d="M112 62a34 34 0 1 0 30 52 28 28 0 1 1-30-52z" fill="#fffaf0"/>`,
  },
  {
    words: /全家|家庭|亲子|family/i,
    sky: ['#e9eedd', '#a9bd9c'],
    art:
      `<circle cx="200" cy="100" r="170" fill="url(#g)"/><circle cx="206" cy="116" r="50" fill="#fbf3da"/>` +
      `<path d="M0 300V196q60-40 130-16t130-16 140 6v130z" fill="#8aa583"/><path d="M0 300v-66q90-36 190 0t210-14v80z" fill="#6b8b6c"/>` +
      `<g fill="#33503f"><path d="M152 262v-34a16 16 0 0 1 32 0v34zM216 262v-40a17 17 0 0 1 34 0v40zM188 262v-16a11 11 0 0 1 22 0v16z"/><circle cx="168" cy="200" r="10"/><circle cx="233" cy="193" r="10.5"/><circle cx="199" cy="226" r="7.5"/></g>` +
      `<path d="M0 300v-34q140-20 400-4v38z" fill="#4c6d54"/>`,
  },
  {
    words: /古风|国风|汉服|旗袍|中式|hanfu|heritage|classical/i,
    sky: ['#e6e4d6', '#9db0a4'],
    art:
      `<circle cx="288" cy="92" r="52" fill="#c9553f" opacity=".88"/><path d="M0 300V190q50-60 96-16 40-66 92-10 50-40 90 8 60-50 122-10v138z" fill="#7f998f" opacity=".75"/>` +
      `<path d="M0 300v-64q70-70 128-14 66-50 124 6 70-44 148-2v74z" fill="#527367"/><path d="M0 300v-34q110-30 210-6t190-10v50z" fill="#2c5f53"/>` +
      `<g stroke="#fff" stroke-width="1.4" fill="none" opacity=".7"><path d="M40 120h70q12 0 12-10t-10-10-10 8M300 178h60q10 0 10-8t-8-8"/></g>`,
  },
  {
    words: /证件|形象|商务|职业|id\b|profile|business|headshot/i,
    sky: ['#dde5e8', '#93a9b5'],
    art:
      `<circle cx="200" cy="110" r="170" fill="url(#g)"/><rect x="126" y="40" width="148" height="196" rx="4" fill="#f7f5f1"/><rect x="138" y="52" width="124" height="172" fill="#6f8fa1"/>` +
      `<path d="M150 224c0-44 20-58 50-58s50 14 50 58z" fill="#2e4350"/><path d="M184 168l16 22 16-22-16-6z" fill="#f7f5f1"/><ellipse cx="200" cy="128" rx="25" ry="31" fill="#f1d9c4"/><path d="M174 126c0-30 12-38 27-38s26 8 26 36c-8-10-30-8-40-16-3 8-7 12-13 18z" fill="#2e3a42"/>` +
      `<g stroke="#5c7483" stroke-width="1.4"><path d="M112 40h-26M126 26V4M274 26V4M288 40h26M112 236h-26M126 250v22M274 250v22M288 236h26"/></g>`,
  },
  {
    words: /写真|闺蜜|情侣|个人|艺术|portrait|couple|friends/i,
    sky: ['#6f4a4c', '#2f2430'],
    art:
      `<path d="M96 0h128l96 300H60z" fill="#f3c9a0" opacity=".2"/><path d="M130 0h66l66 300H112z" fill="#ffe3bf" opacity=".2"/><circle cx="186" cy="130" r="92" fill="#e9a37c" opacity=".9"/><circle cx="186" cy="130" r="92" fill="url(#g)" opacity=".6"/>` +
      `<path d="M150 300c0-52 16-60 30-70-22-8-36-34-34-66 2-36 24-58 54-58 34 0 56 26 54 60-2 12 10 24 12 32 0 6-8 6-10 8-2 12 0 26-22 24-10 0-14 4-12 16 30 8 44 20 48 54z" fill="#3a2430"/>` +
      `<path d="M0 300q120-34 400-8v8z" fill="#1f1822"/>` +
      branch(340, 300, 6, '#d9a58a'),
  },
]

const fallback: Omit<Scene, 'words'> = {
  sky: ['#f1eadd', '#d3c2aa'],
  art:
    `<circle cx="200" cy="130" r="180" fill="url(#g)"/><g transform="translate(200 150)" fill="none" stroke="#8b7355" stroke-width="1.6"><circle r="86"/><circle r="70"/>` +
    [0, 60, 120, 180, 240, 300].map((turn) => `<path d="M-35-60.6L35-60.6L70 0" transform="rotate(${turn})"/>`).join('') +
    `</g>`,
}

const cache = new Map<string, string>()

/** Return a CSS background for the package: its own picture if it is ours, else a scene. */
export function coverOf(service: Pick<Service, 'category' | 'name' | 'cover'>): string {
  if (service.cover && /^\/(?!\/)/.test(service.cover)) return `url("${encodeURI(service.cover)}")`
  const words = [service.category, service.name].map((text) => `${text.zh} ${text.en}`)
  const key = words.join('|')
  const scene = words.map((word) => scenes.find((one) => one.words.test(word))).find(Boolean) ?? fallback
  if (!cache.has(key)) cache.set(key, dataUrl(frame(scene.sky, scene.art)))
  return cache.get(key) as string
}

const dataUrl = (svg: string) => `url("data:image/svg+xml,${encodeURIComponent(svg).replace(/'/g, '%27')}")`

/** Morning light through a window: the picture behind the greeting. */
export const heroArt = dataUrl(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 520" preserveAspectRatio="xMaxYMid slice"><defs>` +
    `<linearGradient id="w" x1="0" y1="0" x2="1" y2="1"><stop stop-color="#f3e7d9"/><stop offset=".55" stop-color="#e7cfb8"/><stop offset="1" stop-color="#c99d80"/></linearGradient>` +
    `<linearGradient id="l" x1="1" y1="0" x2="0" y2="1"><stop stop-color="#fffaf0"/><stop offset="1" stop-color="#fff3dd" stop-opacity=".55"/></linearGradient>` +
    `<filter id="b"><feGaussianBlur stdDeviation="3.2"/></filter><filter id="c"><feGaussianBlur stdDeviation="5"/></filter></defs>` +
    `<rect width="1200" height="520" fill="url(#w)"/>` +
    `<g transform="translate(690 30) skewY(14) skewX(-10)" fill="url(#l)" filter="url(#b)">` +
    [0, 1, 2].map((col) => [0, 1].map((line) => `<rect x="${col * 132}" y="${line * 176}" width="118" height="162"/>`).join('')).join('') +
    `</g><g filter="url(#c)" opacity=".5" transform="translate(960 470) scale(2.1)">` +
    branch(0, 0, 10, '#7d5138') +
    branch(26, 10, 38, '#7d5138') +
    branch(-30, 8, -24, '#7d5138') +
    `</g><path d="M0 470q500-26 1200 4v46H0z" fill="#b98a6c" opacity=".35"/></svg>`,
)
