import { isSubset } from '../../compiler/behavior/is-subset.ts'
import type { BehaviorModel, Gateway, Workload } from '../../compiler/behavior/model.ts'
import { getQualifiedName } from '../../compiler/behavior/qualified-name.ts'
import { listQuoted, suggestName } from '../../compiler/diagnostics/suggest.ts'
import { Failure } from '../cli/failure.ts'
import { isNamedBy } from './is-named-by.ts'

/** A workload of a gateway, with the Gateways that it serves. */
export interface GatewayProxy {
  readonly workload: Workload
  readonly gateways: readonly Gateway[]
}

/** The gateways that a word means, by the name of a workload or of a Gateway; without a word, all. At least one. */
export function findGateways(
  word: string | undefined,
  model: BehaviorModel,
): readonly [GatewayProxy, ...GatewayProxy[]] {
  const proxies = model.workloads
    .filter(({ proxy }) => proxy === 'gateway')
    .map(workload => ({
      workload,
      gateways: model.gateways.filter(({ selector }) => isSubset(selector, workload.labels)),
    }))
  const [first, ...others] = proxies.filter(
    ({ workload, gateways }) =>
      word === undefined || isNamedBy(workload, word) || gateways.some(gateway => isNamedBy(gateway, word)),
  )
  if (first !== undefined) return [first, ...others]
  if (word === undefined) throw new Failure('the mesh has no gateway', 'name a caller with `--from`')
  const names = [
    ...new Set([
      ...proxies.map(({ workload }) => getQualifiedName(workload)),
      ...model.gateways.map(({ name }) => name),
    ]),
  ]
  throw new Failure(`there is no gateway \`${word}\``, suggestName(word, names))
}

/** The gateway among some that an outside client calls: the only one that serves the host, if any does. */
export function findGatewayFor(host: string, candidates: readonly GatewayProxy[]): Workload {
  const serving = candidates.filter(({ gateways }) => isServedBy(gateways, host))
  const [only, ...gatewayProxies] = serving.length > 0 ? serving : candidates
  if (only !== undefined && gatewayProxies.length === 0) return only.workload
  const names = [only, ...gatewayProxies].flatMap(proxy =>
    proxy === undefined ? [] : getQualifiedName(proxy.workload),
  )
  throw new Failure(
    serving.length > 0
      ? `\`${host}\` is served by several gateways: ${listQuoted(names)}`
      : `several gateways can be meant, and none serves \`${host}\`: ${listQuoted(names)}`,
    `say which, as in \`--through ${names[0]}\``,
  )
}

/** Tells whether at least one server of the Gateways serves the host. */
export const isServedBy = (gateways: readonly Gateway[], host: string): boolean =>
  gateways.some(({ servers }) =>
    servers.some(({ hosts }) => hosts.some(givenHost => isHostServed(givenHost.host, host))),
  )

/** The host of a server, which may begin with `*`, covers the host. */
export const isHostServed = (served: string, host: string): boolean =>
  served.startsWith('*') ? host.endsWith(served.slice(1)) : served === host
