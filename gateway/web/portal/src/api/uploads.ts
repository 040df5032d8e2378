/** The endpoints of files: how an upload stands, and those of a booking. Sending one is lib/tus.ts. */
import type { Page } from '@kit/types'
import type { Access } from '.'
import { client } from './client'

export interface StoredFile {
  variant: 'original' | 'large' | 'small'
  /** Signed; good for some hours. */
  url: string
  content_type: string
  size: number
}

export interface Upload {
  id: string
  purpose: string
  name: string
  state: 'receiving' | 'checking' | 'ready' | 'refused' | 'expired'
  refusal: 'type_refused' | 'damaged' | 'too_large' | 'too_many_pixels' | null
  size: number | null
  received: number
  content_type: string | null
  files: StoredFile[]
}

const bookingPath = ({ id }: Access) => `bookings/${encodeURIComponent(id)}/uploads`
const proof = ({ token }: Access) => ({ 'X-Manage-Token': token })

export const readUpload = (token: string) => client.get<Upload>(`uploads/${encodeURIComponent(token)}`)

export const listUploads = (access: Access) =>
  client.get<Page<Upload>>(bookingPath(access), { headers: proof(access) }).then((page) => page.items)

export const removeUpload = (access: Access, uploadId: string) =>
  client.delete(`${bookingPath(access)}/${encodeURIComponent(uploadId)}`, { headers: proof(access) })
