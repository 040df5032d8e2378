/** Which services may be one booking, as the server says: one sum of money, and one kind of deposit. */
import type { Service } from '@kit/types'

const asksDeposit = ({ deposit }: Service) => deposit.kind !== 'none' && deposit.due === 'booking'

export const goTogether = (one: Service, other: Service) =>
  one.currency === other.currency && (!asksDeposit(one) || !asksDeposit(other) || one.deposit.money === other.deposit.money)

/** Those that go with the first one. */
export const besides = (first: Service, services: Service[]) =>
  services.filter((one) => one.id !== first.id && goTogether(first, one))

/** Those that go with everything chosen among them, and what is chosen. */
export function addable(services: Service[], chosen: string[]): Service[] {
  const taken = services.filter((one) => chosen.includes(one.id))
  return services.filter((one) => taken.includes(one) || taken.every((other) => goTogether(one, other)))
}
