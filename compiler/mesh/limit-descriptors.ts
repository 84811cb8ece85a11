import type { Gateway, RateLimiter, Route, Service } from './mesh.ts'
import { type Sourced, text } from './sourced.ts'

/** The thing that a limit is about, as a rate-limit service knows it: the entry that each of its requests has. */
export interface Counted {
  readonly key: 'service' | 'gateway' | 'route'
  /** `shop/cart`, `istio-ingress/public`, `shop/cart/search`. */
  readonly value: Sourced<string>
}

export const countService = ({ namespace, name }: Service): Counted => ({
  key: 'service',
  value: text`${namespace}/${name}`,
})

export const countGateway = ({ namespace, name }: Gateway): Counted => ({
  key: 'gateway',
  value: text`${namespace}/${name}`,
})

export const countRoute = ({ namespace, name }: Service, route: Route): Counted => ({
  key: 'route',
  value: text`${namespace}/${name}/${route.name}`,
})

/** Names the ConfigMap with the limits of a rate-limit service. */
export const nameLimits = ({ name }: RateLimiter): Sourced<string> => text`${name}.rate-limits`
