/** What one may wish for with a package: optional roles, and people for the roles that are served. */
import type { AddOn, PickedAddOn } from '@kit/money'
import type { Resource, Service, ServiceRole, Text } from '@kit/types'
import type { Draft } from './draft'

export interface Wishes {
  options: string[]
  resourceIds: string[]
}

export const keyOf = (role: ServiceRole) => role.key ?? role.resource_type

export const optionalRoles = (service: Service) => service.roles.filter((role) => role.optional)

/** The roles that are served when these options are chosen. */
export const servedRoles = (service: Service, options: string[]) =>
  service.roles.filter((role) => !role.optional || options.includes(keyOf(role)))

/** What was wished of what there still is: a kept draft may be older than the package. */
export function wishesOf(service: Service, { options, crew }: Pick<Draft, 'options' | 'crew'>): Wishes {
  const known = optionalRoles(service).map(keyOf)
  const chosen = options.filter((key) => known.includes(key)).sort()
  const types = servedRoles(service, chosen).map((role) => role.resource_type)
  return { options: chosen, resourceIds: [...new Set(types.map((type) => crew[type]).filter(Boolean))] }
}

/** The chosen add-ons of those there are, never more than one may take now. */
export const pickedOf = (addOns: AddOn[], chosen: Draft['addOns']): PickedAddOn[] =>
  addOns
    .map((one) => ({ id: one.id, quantity: Math.min(chosen[one.id] ?? 0, mostOf(one)) }))
    .filter((one) => one.quantity > 0)

export const mostOf = ({ left, max_quantity: most }: AddOn) => Math.max(0, Math.min(left ?? most, most))

/** The names of what was wished: people first, then options. */
export function namesOf(service: Service | null, resources: Resource[], { options, resourceIds }: Wishes): Text[] {
  return [
    ...resources.filter((one) => resourceIds.includes(one.id)).map((one) => one.name),
    ...(service?.roles ?? []).filter((role) => role.optional && options.includes(keyOf(role))).map((role) => role.name),
  ]
}
