import { isSubset } from '../../compiler/behavior/is-subset.ts'
import type { BehaviorModel, Service, Workload } from '../../compiler/behavior/model.ts'
import { getQualifiedName } from '../../compiler/behavior/qualified-name.ts'
import type { Caller } from '../../compiler/behavior/request.ts'
import { findNearestName, listQuoted, suggestName } from '../../compiler/diagnostics/suggest.ts'
import { readName } from '../../compiler/mesh/caller.ts'
import { Failure } from '../cli/failure.ts'
import { findGateways, type GatewayProxy } from './gateway-named.ts'
import { isNamedBy } from './is-named-by.ts'
import type { MeshAtHand } from './mesh.ts'

/** The caller that a word of a command names. */
export type NamedCaller =
  /** Clients outside, each through one of these gateways. */
  | { readonly kind: 'outside'; readonly gateways: readonly GatewayProxy[] }
  /** A workload, or a caller that no manifest has. */
  | {
      readonly kind: 'inside'
      readonly name: string
      readonly from: Caller & { readonly namespace: string }
      readonly hasNoSidecar: boolean
    }

/**
 * Finds the callers for a word. The word is a workload, as `web` or `shop/web`; a service, which means all its workloads; or, in the
 * words of a spec, `gateway/public`, `namespace/shop`, `external-caller/<identity>` or `anyone`. A workload with the name comes
 * first.
 *
 * @param what the text before the word, such as `--from`
 */
export function findCallers(
  word: string,
  mesh: Pick<MeshAtHand, 'model' | 'specNames' | 'remoteWorkloads'>,
  what: string,
): readonly NamedCaller[] {
  const callers = findCallersAnywhere(word, mesh, what)
  for (const caller of callers) {
    if (caller.kind === 'outside') continue
    const clusters = mesh.remoteWorkloads.get(caller.name)
    if (clusters !== undefined)
      throw new Failure(
        `\`${caller.name}\` does not run in this cluster`,
        `it runs in ${listQuoted(clusters)}: \`${what} ${word}@${clusters[0]}\``,
      )
  }
  return callers
}

function findCallersAnywhere(
  word: string,
  { model, specNames }: Pick<MeshAtHand, 'model' | 'specNames'>,
  what: string,
): readonly NamedCaller[] {
  const candidates = model.workloads.filter(({ proxy }) => proxy !== 'gateway')
  const named = candidates.filter(workload => isNamedBy(workload, word))
  if (named.length === 1) return named.map(getCaller)
  if (named.length > 1) throw refuseSeveral(word, named, what)
  const { kind, name } = readName(word)
  switch (kind) {
    case 'anyone':
      return [makeUnnamedCaller('anyone, without a sidecar', {}, true)]
    case 'gateway':
      return [{ kind: 'outside', gateways: findGateways(name, model) }]
    case 'namespace':
      return [makeUnnamedCaller(`anyone in ${name}`, { namespace: findNamespace(name, model) }, false)]
    case 'external-caller':
      return [makeUnnamedCaller(name, { identity: parseIdentity(name) }, false)]
    case 'external':
      throw new Failure(`\`${word}\` is outside the mesh, so it asks nothing`)
    case 'service':
    case 'workload':
      break
  }
  const specName = specNames.get(word) ?? word
  const services = model.services.filter(
    service => service.registry === 'Kubernetes' && isNamedBy(service, specName),
  )
  if (services.length > 1) throw refuseSeveral(word, services, what)
  const behind = candidates.filter(workload => services.some(service => isBehind(workload, service)))
  if (behind.length > 0) return behind.map(getCaller)
  const gateway = model.workloads.find(workload => workload.proxy === 'gateway' && isNamedBy(workload, word))
  if (gateway !== undefined)
    throw new Failure(
      `\`${word}\` is a gateway`,
      `\`${what} gateway/${gateway.name}\` calls as a client outside, through this gateway`,
    )
  const names = [...new Set(candidates.flatMap(candidate => [candidate.name, getQualifiedName(candidate)]))]
  const fitting = word.includes('/') ? names.filter(name => name.includes('/')) : names
  const help =
    findNearestName(word, fitting) === undefined
      ? `\`${what} anyone\` calls as a workload that no manifest has`
      : suggestName(word, fitting)
  throw new Failure(`there is no workload \`${word}\``, help)
}

const isBehind = ({ namespace, labels }: Workload, service: Service) =>
  namespace === service.namespace &&
  Object.keys(service.selector).length > 0 &&
  isSubset(service.selector, labels)

const refuseSeveral = (word: string, meant: readonly (Workload | Service)[], what: string) =>
  new Failure(
    `\`${word}\` is ${listQuoted(meant.map(getQualifiedName))}`,
    `say which, as in \`${what} ${getQualifiedName(meant[0]!)}\``,
  )

const getCaller = (workload: Workload): NamedCaller => ({
  kind: 'inside',
  name: getQualifiedName(workload),
  from: {
    namespace: workload.namespace,
    serviceAccount: workload.serviceAccount,
    labels: workload.labels,
  },
  hasNoSidecar: false,
})

/** A caller that no manifest has, under the name that a comparison gives it. */
const makeUnnamedCaller = (name: string, from: Caller, hasNoSidecar: boolean): NamedCaller => ({
  kind: 'inside',
  name,
  from: { namespace: 'somewhere', serviceAccount: 'somebody', ...from },
  hasNoSidecar,
})

function findNamespace(name: string, { namespaces, workloads }: BehaviorModel): string {
  const knownNames = [...new Set([...namespaces.keys(), ...workloads.map(({ namespace }) => namespace)])]
  if (knownNames.includes(name)) return name
  throw new Failure(`there is no namespace \`${name}\``, suggestName(name, knownNames))
}

function parseIdentity(name: string): string {
  if (/^[a-z0-9][-a-z0-9.]*(\/[-A-Za-z0-9._]+)+$/.test(name)) return `spiffe://${name}`
  throw new Failure(
    `\`${name}\` is no identity`,
    'write a trust domain and a path, as in `external-caller/partner.example.com/ns/billing/sa/worker`',
  )
}
