/** Finding a booking without its link. */
import type { LookupWish } from '../lib/lookup'
import { client } from './client'

export interface FoundBooking {
  id: string
  manage_token: string
}

export const findBooking = (body: LookupWish) => client.post<FoundBooking>('bookings/lookup', { body })
