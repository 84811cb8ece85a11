import { isSubset } from '../is-subset.ts'
import type { Workload } from '../model.ts'
import type { IndexedModel } from './indexed-model.ts'

/** A key that two proxies of one namespace share if no rule distinguishes them. istiod then makes the same configuration for both. */
export const makeProxyClass = (indexed: IndexedModel, proxy: Workload): string =>
  `${proxy.namespace} ${makeLabelsClass(indexed, proxy)}`

/** The same where namespaces are alike. */
export function makeLabelsClass(indexed: IndexedModel, { labels }: Workload): string {
  const labelKeys = indexed.remember(
    'source labels',
    () =>
      new Set(
        indexed.model.virtualServices.flatMap(({ http, tls, tcp }) =>
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
 * Tells whether namespaces that import everything see the same services. istiod then makes the same configuration for proxies of
 * both, except for the short names of services. A name without a dot could be such a short name.
 */
export const areNamespacesAlike = (indexed: IndexedModel): boolean =>
  indexed.remember('whether namespaces are alike', () => {
    const { services, virtualServices } = indexed.model
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
 * The same for listeners: a pod has no listener for its own address.
 *
 * @param isAlike whether proxies of other namespaces may share the key
 */
export function makeListenerClass(indexed: IndexedModel, proxy: Workload, isAlike: boolean): string {
  const perPod = indexed.remember('services with a listener for each pod', () =>
    indexed.model.services.filter(
      ({ resolution, selector }) => resolution === 'passthrough' && Object.keys(selector).length > 0,
    ),
  )
  const isOwn = perPod.some(({ selector }) => isSubset(selector, proxy.labels))
  const name = isOwn ? ` ${proxy.namespace}/${proxy.name}` : ''
  return `${isAlike ? makeLabelsClass(indexed, proxy) : makeProxyClass(indexed, proxy)}${name}`
}
