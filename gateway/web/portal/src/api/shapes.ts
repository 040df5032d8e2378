/** What scheduling's answers and requests hold beyond the kit's shapes; nothing here runs. */
import type { WaitlistEntry } from '@kit/scheduling'
import type { Contact, LocalDate, Locale } from '@kit/types'

/** A part of a day that can be booked before the hour is agreed. */
export interface DayPart {
  day: LocalDate
  part: string
  /** Of its best start: others may fit as many again, so it is no number to show. */
  remaining: number
}

declare module '@kit/types' {
  interface ServiceRole {
    key?: string | null
    /** Served only when asked for, by its key. */
    optional?: boolean
  }
  interface Availability {
    day_parts?: DayPart[]
    /** Whether one can wait for other times. */
    waitlist?: boolean
  }
  interface BookingRequest {
    options?: string[]
    /** `start` is then any instant of that day. */
    day_part?: string
    waitlist_token?: string
  }
  interface Booking {
    day_part?: string | null
  }
}

export interface JoinRequest {
  /** Sent again with the same id, the same place on the list answers. */
  id: string
  service_id: string
  branch_id: string
  resource_ids: string[]
  options: string[]
  from: LocalDate
  to: LocalDate
  weekdays: number[] | null
  earliest: string | null
  latest: string | null
  contact: Contact & { language: Locale }
}

export interface Joined extends WaitlistEntry {
  /** The secret of the private link. */
  token: string
}
