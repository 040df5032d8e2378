/** The gateway's public endpoints, one function each. */
import type { AddOn, MoveTerms, Package, PaymentKind, PaymentProvider, PaymentStart, Quote, QuoteRequest } from '@kit/money'
import type { WaitlistEntry } from '@kit/scheduling'
import type { Availability, Booking, BookingReceipt, BookingRequest, Branch, Page, Resource, Service } from '@kit/types'
import type { VisitAnswers } from '../lib/visitForms'
import { client } from './client'
import type { Joined, JoinRequest } from './shapes'

/** The proof that a customer may see a booking: both halves of the private link. */
export interface Access {
  id: string
  token: string
}

const bookingPath = ({ id }: Access) => `bookings/${encodeURIComponent(id)}`
const proof = ({ token }: Pick<Access, 'token'>) => ({ 'X-Manage-Token': token })
const itemsOf = <Item>(page: Page<Item>) => page.items

export const listBranches = () => client.get<Page<Branch>>('branches').then(itemsOf)

export const listServices = (branchId: string) =>
  client.get<Page<Service>>('services', { query: { branch_id: branchId } }).then(itemsOf)

export const listPackages = (branchId: string) =>
  client.get<Page<Package>>('packages', { query: { branch_id: branchId } }).then(itemsOf)

export const listResources = (branchId: string, serviceId: string) =>
  client.get<Page<Resource>>('resources', { query: { branch_id: branchId, service_id: serviceId } }).then(itemsOf)

export const listAddOns = (serviceId: string) =>
  client.get<Page<AddOn>>('add-ons', { query: { service_id: serviceId } }).then(itemsOf)

/** What a wish would cost; nothing is held by asking. */
export const askQuote = (body: QuoteRequest) => client.post<Quote>('quotes', { body })

export interface AvailabilityQuery {
  serviceId: string
  branchId: string
  from: string
  to: string
  resourceIds: string[]
  options: string[]
  also?: string[]
}

/** List the free times of local days `from` to `to`, both included. */
export const findAvailability = (query: AvailabilityQuery) =>
  client.get<Availability>('availability', {
    query: {
      service_id: query.serviceId,
      branch_id: query.branchId,
      from: query.from,
      to: query.to,
      resource_id: query.resourceIds,
      option: query.options,
      also: query.also ?? [],
    },
  })

export const createBooking = (body: BookingRequest, idempotencyKey: string) =>
  client.post<BookingReceipt>('bookings', { body, idempotencyKey })

export const readBooking = (access: Access) => client.get<Booking>(bookingPath(access), { headers: proof(access) })

export const listProviders = () => client.get<Page<PaymentProvider>>('payments/providers').then(itemsOf)

export interface PaymentWish {
  kind: PaymentKind
  provider: string
  /** Where the payer is; without it, where the provider is usually paid. */
  scene?: string
  /** Proves who pays, in a mini-program. */
  payer?: string
}

export const startPayment = (access: Access, wish: PaymentWish) =>
  client.post<PaymentStart>(`${bookingPath(access)}/payments`, { body: wish, headers: proof(access) })

export const cancelBooking = (access: Access, reason: string) =>
  client.post<Booking>(`${bookingPath(access)}/cancel`, { body: reason ? { reason } : {}, headers: proof(access) })

export const previewMove = (access: Access, start: string) =>
  client.get<MoveTerms>(`${bookingPath(access)}/move`, { query: { start }, headers: proof(access) })

export const rescheduleBooking = (access: Access, start: string) =>
  client.post<Booking>(`${bookingPath(access)}/reschedule`, { body: { start }, headers: proof(access) })

/** A form that is not named keeps its answers. */
export const answerForms = (access: Access, body: VisitAnswers) =>
  client.put<Booking>(`${bookingPath(access)}/answers`, { body, headers: proof(access) })

export const joinWaitlist = (body: JoinRequest) => client.post<Joined>('waitlist', { body })

export const readPlace = (token: string) => client.get<WaitlistEntry>('waitlist/mine', { headers: proof({ token }) })

export const leaveWaitlist = (token: string) => client.delete('waitlist/mine', { headers: proof({ token }) })

/** Book the time that is offered; for the same offer the same booking answers, however often it is asked. */
export const acceptOffer = (entry: WaitlistEntry, offer: NonNullable<WaitlistEntry['offer']>, token: string) =>
  createBooking(
    {
      service_id: entry.service_id,
      branch_id: entry.branch_id,
      start: offer.start,
      contact: { name: entry.contact.name, phone: entry.contact.phone },
      waitlist_token: token,
      channel: 'web',
    },
    `waitlist-${entry.id}-${offer.booking_id}`,
  )
