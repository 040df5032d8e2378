/** What can be booked: a service alone, as the first of a package, or as a session that is paid already. */
import type { OrderSession, Package } from '@kit/money'
import type { Service } from '@kit/types'

/** A service, with the terms on which this customer gets it. */
export interface Offer extends Service {
  package_id?: string
  session?: { id: string; token: string }
}

/** The packages that begin with one of the services, then the services themselves. */
export const offersOf = (services: Service[], packages: Package[]): Offer[] => [
  ...packages.flatMap((one) => offerOfPackage(one, services) ?? []),
  ...services,
]

/** A package as it is booked: its terms, and the time of its first appointment that the branch offers. */
export function offerOfPackage(bundle: Package, services: Service[]): Offer | null {
  const ids = bundle.items.filter((item) => item.kind === 'session').map((item) => item.service_id)
  const first = ids.map((id) => services.find((one) => one.id === id)).find(Boolean)
  if (!first) return null
  const { name, category, summary, price_cents, deposit_cents, deposit, needs_approval, currency } = bundle
  return {
    ...first,
    ...{ name, category, summary, price_cents, deposit_cents, deposit, needs_approval, currency },
    cover: bundle.cover ?? first.cover,
    content: bundle.items.map(({ label, quantity }) => counted(label, quantity)),
    package_id: bundle.id,
  }
}

/** A further appointment of a package: it costs nothing more. */
export const offerOfSession = (service: Service, session: Pick<OrderSession, 'id'>, token: string): Offer => ({
  ...service,
  price_cents: 0,
  deposit_cents: 0,
  deposit: { ...service.deposit, kind: 'none', value: 0 },
  session: { id: session.id, token },
})

/** What names an offer among others; services and packages have ids of their own. */
export const offerKey = (offer: Offer) => offer.session?.id ?? offer.package_id ?? offer.id

const counted = (label: Service['name'], quantity: number) =>
  quantity > 1 ? { zh: `${label.zh} × ${quantity}`, en: `${label.en} × ${quantity}` } : label
