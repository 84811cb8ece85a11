import { isSubset } from '../is-subset.ts'
import type { Workload } from '../model.ts'
import type { World } from './world.ts'

/** A key that proxies of one namespace share if no rule tells them apart: what istiod makes for one, it makes for all. */
export const makeProxyClass = (world: World, proxy: Workload): string =>
  `${proxy.namespace} ${makeLabelsClass(world, proxy)}`

/** The same where namespaces are alike. */
export function makeLabelsClass(world: World, { labels }: Workload): string {
  const labelKeys = world.remember(
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
  if (labelKeys.size === 0) return ''
  const matching = [...labelKeys].filter(key => Object.hasOwn(labels, key)).map(key => [key, labels[key]])
  return JSON.stringify(matching)
}

/**
 * Tells whether namespaces that import everything see the same: what istiod makes for a proxy of one is then what it makes for
 * one of another, but for the short names of services. A name without a dot could be such a short name.
 */
export const areNamespacesAlike = (world: World): boolean =>
  world.remember('whether namespaces are alike', () => {
    const { services, virtualServices } = world.model
    const isDotted = (host: string) => host.includes('.') || host === '*'
    return (
      services.every(({ exportTo, host }) => exportTo.includes('*') && isDotted(host)) &&
      new Set(services.map(({ host }) => host.toLowerCase())).size === services.length &&
      virtualServices.every(
        ({ exportTo, hosts, http, tls, tcp }) =>
          exportTo.includes('*') &&
          hosts.every(isDotted) &&
          [...http, ...tls, ...tcp].every(({ matches }) =>
            matches.every(({ sourceNamespace }) => sourceNamespace === undefined),
          ),
      )
    )
  })

/**
 * The same for listeners: a pod has none for its own address.
 *
 * @param isAlike whether proxies of other namespaces may share the key
 */
export function makeListenerClass(world: World, proxy: Workload, isAlike: boolean): string {
  const perPod = world.remember('services with a listener for each pod', () =>
    world.model.services.filter(
      ({ resolution, selector }) => resolution === 'passthrough' && Object.keys(selector).length > 0,
    ),
  )
  const isOwn = perPod.some(({ selector }) => isSubset(selector, proxy.labels))
  const name = isOwn ? ` ${proxy.namespace}/${proxy.name}` : ''
  return `${isAlike ? makeLabelsClass(world, proxy) : makeProxyClass(world, proxy)}${name}`
}
