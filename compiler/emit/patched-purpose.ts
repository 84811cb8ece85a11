import { readList, readRecord } from '../../schema/json-schema.ts'
import { isDirect } from '../mesh/direct-ports.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Manifest } from './manifest.ts'
import { unwrapTree } from './plain-tree.ts'

/** The loss of purpose that a patch must not cause: where in the object's spec, and why. */
export interface LostPurpose {
  /** The path from the object: `spec`, then keys. */
  readonly path: readonly (string | number)[]
  readonly why: string
  readonly help: string
}

/**
 * Finds the purpose that an object loses by a patch: the rules of a host, the policy that allows callers, or the objects that apply
 * to its workload. Other objects are emitted on the condition that the object has this purpose.
 */
export function findLostPurpose(mesh: Mesh, before: Manifest, after: Manifest): LostPurpose | undefined {
  const old = getManifestSpec(before)
  const spec = getManifestSpec(after)
  switch (before.kind) {
    case 'DestinationRule':
      return lostHost(old, spec) ?? refusedTls(mesh, after, spec)
    case 'VirtualService':
    case 'ServiceEntry':
      return lostHosts(mesh, old, spec)
    case 'AuthorizationPolicy':
      return lostAction(old, spec) ?? lostSelector('selector', old, spec)
    case 'PeerAuthentication':
    case 'RequestAuthentication':
      return lostSelector('selector', old, spec)
    case 'Service':
      return lostSelector('selector', old, spec)
    case 'WorkloadEntry':
      return lostSelector('labels', old, spec)
    case 'EnvoyFilter':
    case 'Sidecar':
      return lostSelector('workloadSelector', old, spec)
    default:
      return undefined
  }
}

type Fields = Readonly<Record<string, unknown>>

const getManifestSpec = ({ tree }: Manifest) => readRecord(readRecord(unwrapTree(tree))['spec'])

const asRaw = (kind: string) => `remove this part of the patch, and write another ${kind} under \`raw\``

function lostHost(old: Fields, spec: Fields): LostPurpose | undefined {
  if (spec['host'] === old['host']) return undefined
  const why = `\`${old['host']}\` would have no rules left`
  return { path: ['spec', 'host'], why, help: asRaw('DestinationRule') }
}

function lostHosts({ services, externals }: Mesh, old: Fields, spec: Fields): LostPurpose | undefined {
  const before = readList(old['hosts'])
  const after = readList(spec['hosts'])
  const lost = before.find(host => !after.includes(host))
  if (lost !== undefined) {
    const why = `no object would be left for \`${lost}\``
    return { path: ['spec', 'hosts'], why, help: `keep \`${lost}\` in the list` }
  }
  const known = new Set([
    ...services.map(({ host }) => host.value),
    ...externals.flatMap(({ hosts }) => hosts.map(({ value }) => value)),
  ])
  const index = after.findIndex(host => !before.includes(host) && known.has(String(host)))
  if (index === -1) return undefined
  const why = `\`${after[index]}\` has an object of its own, and Istio uses only one of the two`
  return { path: ['spec', 'hosts', index], why, help: 'remove it from the list' }
}

function lostAction(old: Fields, spec: Fields): LostPurpose | undefined {
  // As Istio reads a policy without one.
  if ((spec['action'] ?? 'ALLOW') === (old['action'] ?? 'ALLOW')) return undefined
  const why = 'a policy with another action allows no caller'
  return { path: ['spec', 'action'], why, help: asRaw('AuthorizationPolicy') }
}

function lostSelector(field: string, old: Fields, spec: Fields): LostPurpose | undefined {
  if (JSON.stringify(spec[field]) === JSON.stringify(old[field])) return undefined
  const why = 'it would select other pods, and leave its own pods without one'
  return { path: ['spec', field], why, help: 'set the labels of the pods in `workload.labels`' }
}

/** Plain text, or TLS of one's own, to a port that takes the mTLS of the mesh only: each connection is reset. */
function refusedTls({ services, namespaces }: Mesh, { name, namespace }: Manifest, spec: Fields) {
  const service = services.find(
    givenService => givenService.name.value === name && givenService.namespace.value === namespace,
  )
  if (service === undefined) return undefined
  const home = namespaces.find(givenNamespace => givenNamespace.name.value === namespace)
  const isStrict = (number: unknown) =>
    home?.mtls.value === 'strict' &&
    service.ports.some(
      port =>
        port.mtls === undefined &&
        !isDirect(service, port) &&
        (number === undefined || port.number.value === number),
    )
  for (const { path, policy, port } of policiesIn(spec)) {
    const mode = readRecord(policy['tls'])['mode']
    if (mode === undefined || mode === 'ISTIO_MUTUAL' || !isStrict(port)) continue
    return {
      path: [...path, 'tls', 'mode'],
      why: `callers would speak \`${mode}\`, but its ports accept only the mTLS of the mesh`,
      help: 'set `mtls: permissive` for the port or the namespace',
    }
  }
  return undefined
}

interface Policy {
  readonly path: readonly (string | number)[]
  readonly policy: Fields
  /** The port that it is for; undefined for all. */
  readonly port?: unknown
}

function* policiesIn(spec: Fields): Iterable<Policy> {
  yield* policyIn(['spec', 'trafficPolicy'], readRecord(spec['trafficPolicy']))
  for (const [index, subset] of readList(spec['subsets']).entries())
    yield* policyIn(
      ['spec', 'subsets', index, 'trafficPolicy'],
      readRecord(readRecord(subset)['trafficPolicy']),
    )
}

function* policyIn(path: Policy['path'], policy: Fields): Iterable<Policy> {
  yield { path, policy }
  for (const [index, level] of readList(policy['portLevelSettings']).entries()) {
    const fields = readRecord(level)
    const port = readRecord(fields['port'])['number']
    yield { path: [...path, 'portLevelSettings', index], policy: fields, port }
  }
}
