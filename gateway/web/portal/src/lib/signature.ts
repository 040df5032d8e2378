/** The strokes of a signature, [x, y, x, y, …] in whole points of its sheet, kept within what is taken as one. */
import { SIGNATURE_BOX, type SignaturePoint } from '@kit/agreements'
import { isObject, type Json } from '@kit/forms/logic'

export type Stroke = number[]

export const WIDTH = 600
export const HEIGHT = 240
const MAX_STROKES = 200
const MAX_NUMBERS = 4000
/** Points nearer than this look like one, and a slow hand leaves thousands. */
const NEAR = 3

export function strokesOf(value: Json): Stroke[] {
  const isOurs = isObject(value) && value.width === WIDTH && value.height === HEIGHT
  return isOurs && Array.isArray(value.strokes) ? (value.strokes as Stroke[]) : []
}

/** The same strokes in the box in which agreements are signed, of the same shape as the sheet. */
export const inBox = (strokes: readonly Stroke[]): SignaturePoint[][] =>
  strokes.map((stroke) =>
    Array.from({ length: stroke.length / 2 }, (_, i): SignaturePoint => [
      Math.round((stroke[2 * i] * SIGNATURE_BOX.width) / WIDTH),
      Math.round((stroke[2 * i + 1] * SIGNATURE_BOX.height) / HEIGHT),
    ]),
  )

export const canGrow = (strokes: readonly Stroke[]) =>
  strokes.length < MAX_STROKES && strokes.reduce((sum, stroke) => sum + stroke.length, 0) < MAX_NUMBERS - 2

/** Add a point to a stroke; the same stroke when the point is where it ends already. */
export function grown(stroke: Stroke, [x, y]: [number, number]): Stroke {
  const point = [clamped(x, WIDTH), clamped(y, HEIGHT)]
  const [lastX, lastY] = stroke.slice(-2)
  if (stroke.length && Math.hypot(point[0] - lastX, point[1] - lastY) < NEAR) return stroke
  return [...stroke, ...point]
}

/** How far one key moves the pen. */
const STEP = 10
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
  '': [0, 0],
}

/** Where a key moves the pen, which begins left of the middle; null for any other key. */
export function moved(pen: [number, number] | null, key: string): [number, number] | null {
  const [x, y] = pen ?? [WIDTH / 4, HEIGHT / 2]
  const step = ARROWS[key]
  return step ? [clamped(x + step[0], WIDTH), clamped(y + step[1], HEIGHT)] : null
}

const clamped = (value: number, most: number) => Math.round(Math.min(most, Math.max(0, value)))
