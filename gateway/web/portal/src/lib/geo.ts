/**
 * Places in what people paste: coordinates, and the links that map apps share.
 *
 * Coordinates stay as they were written, with the datum they are in: maps in mainland China are drawn in gcj02, some
 * hundred metres from what satellites say (wgs84), and Baidu has one of its own (bd09).
 */

export type Datum = 'wgs84' | 'gcj02' | 'bd09'

export interface Point {
  lat: number
  lng: number
  datum: Datum
}

const PLACES = 6 // of a degree: a tenth of a metre
const NUMBER = '(-?\\d{1,3}(?:\\.\\d+)?)'
const PAIR = new RegExp(`^${NUMBER}\\s*[,，\\s]\\s*${NUMBER}$`)
const MAX_TEXT = 2000

/** What a pasted text says of a place; null for a text without coordinates, as of a short link. */
export function placeIn(text: string): Point | null {
  const plain = text.trim().slice(0, MAX_TEXT)
  const bare = PAIR.exec(plain.replace(/[°NE北东纬经：:]/g, ' ').trim().replace(/\s*[,，]\s*/, ','))
  if (bare) return written(bare[1]!, bare[2]!)
  const link = /[a-z]+:\/\/\S+/i.exec(plain)?.[0]
  if (!link) return null
  const address = decoded(link)
  const app = APPS.find(({ host }) => host.test(address))
  return app ? app.read(address) : null
}

/** Whether a text holds the address of a page: one that says nothing of a place is worth a word. */
export const isLink = (text: string): boolean => /[a-z]+:\/\/\S+/i.test(text)

/** An address at which a map app, or else its page, shows a point. */
export function mapUrl({ lat, lng, datum }: Point): string {
  if (datum === 'bd09') return `https://api.map.baidu.com/marker?location=${lat},${lng}&title=%E2%97%8F&content=%E2%97%8F&output=html&coord_type=bd09ll&src=yingqi`
  return `https://uri.amap.com/marker?position=${lng},${lat}&coordinate=${datum === 'gcj02' ? 'gaode' : 'wgs84'}&callnative=1`
}

/** What a device or a map tells, rounded; null for what is no place on earth. */
export function pointAt(lat: number, lng: number, datum: Datum): Point | null {
  if (!(Math.abs(lat) <= 90 && Math.abs(lng) <= 180)) return null
  const rounded = (degrees: number) => Number(degrees.toFixed(PLACES))
  return { lat: rounded(lat), lng: rounded(lng), datum }
}

/** Province, city and district in one line: as somebody parted them, or else by what they end with. */
export function regionIn(text: string): string[] {
  const parts = text.split(/[\s/,，、>·-]+/).filter(Boolean)
  if (parts.length !== 1) return parts.slice(0, MOST_LEVELS)
  return (parts[0]!.match(/.+?(?:特别行政区|自治区|自治州|自治县|自治旗|地区|[省市区县旗盟]|$)/g) ?? []).slice(0, MOST_LEVELS)
}

const MOST_LEVELS = 3

/** Two numbers that somebody wrote: latitude first, unless it can be none; then Gaode's picker wrote them. */
function written(first: string, second: string): Point | null {
  return Math.abs(Number(first)) > 90 ? pointAt(Number(second), Number(first), 'gcj02') : pointAt(Number(first), Number(second), 'wgs84')
}

interface App {
  host: RegExp
  read: (address: string) => Point | null
}

const APPS: App[] = [
  { host: /^https?:\/\/[^/]*\bamap\.com\/|^(?:ios|android)?amap(?:uri)?:\/\//i, read: gaode },
  { host: /^https?:\/\/[^/]*\bmap\.baidu\.com\/|^(?:baidumap|bdapp):\/\//i, read: baidu },
  { host: /^https?:\/\/[^/]*\bmap\.qq\.com\/|^qqmap:\/\//i, read: tencent },
  { host: /^https?:\/\/maps\.apple\.com\/|^maps:\/\//i, read: apple },
  { host: /^https?:\/\/(?:[^/]*\.)?google\.[a-z.]+\/maps|^https?:\/\/maps\.google\.[a-z.]+\/|^(?:comgooglemaps|geo):\/\//i, read: google },
]

function gaode(address: string): Point | null {
  const datum: Datum = /[?&]coordinate=wgs84\b|[?&]dev=1\b/.test(address) ? 'wgs84' : 'gcj02'
  const pair = either(address, ['position', 'to', 'center'])
  if (pair) return pointAt(pair[1], pair[0], datum) // longitude first
  const [lat, lng] = [one(address, ['lat', 'dlat']), one(address, ['lon', 'lng', 'dlon'])]
  if (lat !== null && lng !== null) return pointAt(lat, lng, datum)
  // ?q=31.2,121.4,name and ?p=B0FF…,31.2,121.4,name,address
  const shared = new RegExp(`[?&](?:q=|p=[^,&]*,)${NUMBER},${NUMBER}(?:[,&]|$)`).exec(address)
  return shared ? pointAt(Number(shared[1]), Number(shared[2]), datum) : null
}

function baidu(address: string): Point | null {
  const told = /[?&]coord_type=(\w+)/i.exec(address)?.[1]?.toLowerCase() ?? 'bd09ll'
  const datum: Datum = told.startsWith('gcj') ? 'gcj02' : told.startsWith('wgs') ? 'wgs84' : 'bd09'
  const pair = either(address, ['location', 'latlng', 'center']) ?? latlng(address)
  return pair && pointAt(pair[0], pair[1], datum)
}

function tencent(address: string): Point | null {
  const datum: Datum = /[?&]coord_type=1\b/.test(address) ? 'wgs84' : 'gcj02'
  const [x, y] = [one(address, ['pointx']), one(address, ['pointy'])]
  if (x !== null && y !== null) return pointAt(y, x, datum)
  const pair = either(address, ['coord', 'tocoord', 'center']) ?? pairAfter(address, 'coord:')
  return pair && pointAt(pair[0], pair[1], datum)
}

function apple(address: string): Point | null {
  const pair = either(address, ['coordinate', 'll', 'daddr', 'sll', 'q'])
  return pair && asDrawn(pair)
}

function google(address: string): Point | null {
  const place = new RegExp(`!3d${NUMBER}!4d${NUMBER}`).exec(address)
  const pair: Pair | null = place
    ? [Number(place[1]), Number(place[2])]
    : (either(address, ['query', 'q', 'daddr', 'destination', 'll', 'center']) ?? pairAfter(address, '/maps/(?:place|search)/') ?? pairAfter(address, '@'))
  return pair && asDrawn(pair)
}

/** Apple and Google draw mainland China as they must, and everything else as it is. */
const asDrawn = ([lat, lng]: Pair): Point | null => pointAt(lat, lng, isMainland(lat, lng) ? 'gcj02' : 'wgs84')

/** Roughly: what lies at a border of these boxes may be some hundred metres off. */
function isMainland(lat: number, lng: number): boolean {
  const within = (south: number, north: number, west: number, east: number) => lat >= south && lat <= north && lng >= west && lng <= east
  const isHongKong = within(22.13, 22.5, 113.82, 114.45)
  const isMacau = within(22.1, 22.22, 113.52, 113.6)
  const isTaiwan = within(21.8, 25.4, 119.9, 122.1)
  const isKoreaOrJapan = within(20, 39.7, 124.3, 136)
  return within(18, 53.6, 73.5, 135.1) && !isHongKong && !isMacau && !isTaiwan && !isKoreaOrJapan
}

type Pair = [number, number]

/** The first of some parameters that is two numbers; Google writes `loc:` before them. */
function either(address: string, names: string[]): Pair | null {
  for (const name of names) {
    const pair = pairAfter(address, `[?&]${name}=(?:loc:)?`)
    if (pair) return pair
  }
  return null
}

function pairAfter(address: string, before: string): Pair | null {
  const found = new RegExp(`${before}${NUMBER},\\s*${NUMBER}(?![\\d.])`).exec(address)
  return found ? [Number(found[1]), Number(found[2])] : null
}

function latlng(address: string): Pair | null {
  const [lat, lng] = [one(address, ['lat']), one(address, ['lng', 'lon'])]
  return lat === null || lng === null ? null : [lat, lng]
}

function one(address: string, names: string[]): number | null {
  const found = new RegExp(`[?&](?:${names.join('|')})=${NUMBER}(?![\\d.])`).exec(address)
  return found ? Number(found[1]) : null
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch {
    return text
  }
}
