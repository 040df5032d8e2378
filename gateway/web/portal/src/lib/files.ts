/** What may be sent as a file, told before it is chosen; the server looks again. */
import type { Field } from '@kit/forms/kinds'
import { ORIGIN } from '../api/client'
import type { Upload } from '../api/uploads'
import { t } from '../i18n'

const MEBIBYTE = 1024 * 1024
const IMAGE_BYTES = 30 * MEBIBYTE
const DOCUMENT_BYTES = 50 * MEBIBYTE
/** What visitors may send at most, unless the studio has set another limit. */
const VIDEO_BYTES = 100 * MEBIBYTE
const MAX_FILES = 20
export const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/heic', 'image/heif', 'image/webp']

export interface FileLimits {
  maxFiles: number
  maxBytes: number
  /** Media types, also as "image/*"; none means whatever the server knows. */
  types: string[]
}

export const PHOTO_LIMITS: FileLimits = { maxFiles: MAX_FILES, maxBytes: IMAGE_BYTES, types: IMAGE_TYPES }

/** The limits of a field for images or files. */
export function limitsOf({ kind, validation = {} }: Field): FileLimits {
  const isImage = kind === 'image'
  const { max_items: files = MAX_FILES, max_bytes: bytes, media_types: types } = validation
  return {
    maxFiles: Math.min(files as number, MAX_FILES),
    maxBytes: Math.min((bytes as number | undefined) ?? Infinity, isImage ? IMAGE_BYTES : VIDEO_BYTES),
    types: (types as string[] | undefined) ?? (isImage ? IMAGE_TYPES : []),
  }
}

/** What keeps a file from being sent; "" when nothing does. */
export function refusalOf(file: Pick<File, 'size' | 'type'>, { maxBytes, types }: FileLimits): string {
  if (file.size === 0) return t('file.empty')
  if (!isAmong(file.type, types)) return t('file.typeRefused')
  const most = Math.min(maxBytes, mostOf(file.type))
  return file.size > most ? t('file.tooLarge', { size: sizeOf(most) }) : ''
}

/** Phones do not always say what a file is: then only the server can tell. */
const isAmong = (type: string, types: string[]) =>
  !type || !types.length || types.some((one) => one === type || (one.endsWith('/*') && type.startsWith(one.slice(0, -1))))

function mostOf(type: string): number {
  if (type.startsWith('image/')) return IMAGE_BYTES
  return type.startsWith('video/') || !type ? VIDEO_BYTES : DOCUMENT_BYTES
}

export function sizeOf(bytes: number): string {
  if (bytes < MEBIBYTE) return `${Math.max(1, Math.round(bytes / 1024))} KB`
  return `${Number((bytes / MEBIBYTE).toFixed(bytes < 10 * MEBIBYTE ? 1 : 0))} MB`
}

/** Where a variant of a file can be read; "" until there is one. */
export function urlOf({ files }: Upload, variant: 'large' | 'small'): string {
  const url = files.find((one) => one.variant === variant)?.url ?? ''
  let origin = ORIGIN
  // #ifdef H5
  origin = origin || location.origin // uni takes what begins with a slash for a file of the portal
  // #endif
  return url.startsWith('/') ? origin + url : url
}
