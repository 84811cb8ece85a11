import { isSubset } from '../is-subset.ts'
import type { Workload } from '../model.ts'
import type { World } from './world.ts'

/** A key that proxies of one namespace share if no rule tells them apart: what istiod makes for one, it makes for all. */
export function makeProxyClass(world: World, { namespace, labels }: Workload): string {
  const asked = world.remember(
    'source labels',
    () =>
      new Set(
        world.model.virtualServices.flatMap(({ http, tls, tcp }) =>
          [...http, ...tls, ...tcp].flatMap(({ matches }) =>
            matches.flatMap(({ sourceLabels }) => Object.keys(sourceLabels)),
          ),
        ),
      ),
  )
  const matching = [...asked].filter(key => Object.hasOwn(labels, key)).map(key => [key, labels[key]])
  return `${namespace} ${JSON.stringify(matching)}`
}

/** The same for listeners: a pod has none for its own address. */
export function makeListenerClass(world: World, proxy: Workload): string {
  const perPod = world.remember('services with a listener for each pod', () =>
    world.model.services.filter(
      ({ resolution, selector }) => resolution === 'passthrough' && Object.keys(selector).length > 0,
    ),
  )
  const isOwn = perPod.some(({ selector }) => isSubset(selector, proxy.labels))
  return `${makeProxyClass(world, proxy)}${isOwn ? ` ${proxy.name}` : ''}`
}
