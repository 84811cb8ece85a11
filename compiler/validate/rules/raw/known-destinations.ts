import { findNearestName, findOnlyNear } from '../../../diagnostics/suggest.ts'
import { completeHost } from '../../../mesh/complete-host.ts'
import type { Mesh } from '../../../mesh/mesh.ts'
import type { SpecNode } from '../../../mesh/sourced.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { type Fields, readEntries, readFields } from '../../raw-fields.ts'
import { defineRule } from '../../rule.ts'

/** Istio makes no cluster for an undeclared host or subset: Envoy answers 503, and the flag is NC. */
export const knownDestinations = defineRule<{ what: string; near: string | undefined }>(
  {
    code: 'MESH4012',
    severity: 'warning',
    summary: 'Raw objects and patches route to known hosts and versions',
    covers: ['IST0101', 'IST0174', 'KIA0202', 'KIA1101', 'KIA1107'],
    reads: ['services', 'externals', 'namespaces'],
    message: p => p.what,
    help: ({ near }) =>
      near === undefined ? 'declare it in the spec, or correct the name' : `did you mean \`${near}\`?`,
  },
  function* (mesh, report) {
    const destinations = [...listDestinations(mesh)]
    // A neighbor may bring hosts, and is read later.
    if (destinations.length === 0 || mesh.delivery.neighbors.length > 0) return
    const subsets = subsetsByHost(mesh)
    const hosts = [...subsets.keys()]
    for (const { text, namespace, subset, node } of destinations) {
      const host = completeHost(text, namespace)
      const versions = subsets.get(host)
      if (versions === undefined) {
        if (hosts.some(wildcard => coversWithWildcard(wildcard, host)) || isBeyondSpec(mesh, host)) continue
        const full = hosts.find(name => name === `${host}.svc.cluster.local`)
        const what = `there is no host \`${host}\`: requests to it do not arrive`
        yield report(placeAt(node.at('host')), { what, near: full ?? findNearestName(host, hosts) })
      } else if (typeof subset === 'string' && !versions.has(subset)) {
        const what = `\`${host}\` has no version \`${subset}\`: requests to it do not arrive`
        yield report(placeAt(node.at('subset')), { what, near: findNearestName(subset, versions) })
      }
    }
  },
)

interface Destination {
  readonly text: string
  /** The namespace of the object: short names are completed with it. */
  readonly namespace: string
  readonly subset: unknown
  readonly node: SpecNode
}

/** Yields every host that a raw object or a patch sends requests to, or has rules for. */
function* listDestinations({ raw, patches }: Mesh): Iterable<Destination> {
  for (const { apiVersion, kind, object, namespace = 'default', origin } of raw) {
    if (!apiVersion.startsWith('networking.istio.io/')) continue
    const spec = readFields(object['spec'])
    const node = origin.at('spec')
    if (kind === 'VirtualService') yield* routedIn(spec, namespace, node)
    if (kind === 'DestinationRule') yield* destinationIn({ host: spec['host'] }, namespace, node)
  }
  for (const { kind, namespace, spec, origin } of patches)
    if (kind === 'VirtualService') yield* routedIn(spec, namespace, origin.at('spec'))
}

function* routedIn(spec: Fields, namespace: string, node: SpecNode): Iterable<Destination> {
  for (const protocol of ['http', 'tls', 'tcp']) {
    for (const [index, entry] of readEntries(spec[protocol]).entries()) {
      const route = node.at(protocol).at(index)
      const { mirror } = readFields(entry)
      yield* destinationIn(readFields(mirror), namespace, route.at('mirror'))
      for (const field of ['route', 'mirrors']) {
        for (const [number, share] of readEntries(readFields(entry)[field]).entries()) {
          const { destination } = readFields(share)
          const place = route.at(field).at(number).at('destination')
          yield* destinationIn(readFields(destination), namespace, place)
        }
      }
    }
  }
}

function* destinationIn({ host, subset }: Fields, namespace: string, node: SpecNode): Iterable<Destination> {
  if (typeof host === 'string' && !host.startsWith('*')) yield { text: host, namespace, subset, node }
}

/** Indexes each host that there is, wildcards among them, and its versions. */
function subsetsByHost(mesh: Mesh): ReadonlyMap<string, ReadonlySet<string>> {
  const subsets = new Map<string, Set<string>>()
  const add = (host: string, names: readonly string[] = []) =>
    subsets.set(host, new Set([...(subsets.get(host) ?? []), ...names]))
  const { services, externals, gateways, istio, raw, patches } = mesh
  for (const { host, versions } of services)
    add(
      host.value,
      versions.map(({ name }) => name.value),
    )
  for (const host of externals.flatMap(({ hosts }) => hosts)) add(host.value)
  for (const { workload, namespace } of gateways) add(completeHost(workload.value, namespace.value))
  add(completeHost('istiod', istio.namespace.value))
  for (const { revision } of istio.controlPlanes)
    if (revision !== undefined) add(completeHost(`istiod-${revision.value}`, istio.namespace.value))
  add(completeHost('kubernetes'))
  for (const { kind, name, namespace, object } of raw) {
    const spec = readFields(object['spec'])
    if (kind === 'Service') add(completeHost(name, namespace))
    if (kind === 'ServiceEntry')
      for (const host of readEntries(spec['hosts'])) add(completeHost(String(host), namespace))
    if (kind === 'DestinationRule' && subsets.has(completeHost(String(spec['host']), namespace)))
      add(completeHost(String(spec['host']), namespace), subsetNames(spec))
  }
  for (const { kind, name, namespace, spec } of patches) {
    const host = completeHost(name, namespace)
    if (kind === 'DestinationRule' && subsets.has(host)) add(host, subsetNames(spec))
  }
  return subsets
}

const subsetNames = (spec: Fields) =>
  readEntries(spec['subsets']).map(subset => String(readFields(subset)['name']))

const coversWithWildcard = (wildcard: string, host: string) =>
  wildcard.startsWith('*.') && host.endsWith(wildcard.slice(1))

/** Tells whether a host is in a namespace of which the spec declares no services, and whose name is not a misspelling. */
function isBeyondSpec({ namespaces }: Mesh, host: string): boolean {
  const home = /^[^.]+\.([^.]+)\.svc\.cluster\.local$/.exec(host)?.[1]
  const served = namespaces.filter(({ hasServices }) => hasServices).map(({ name }) => name.value)
  return home !== undefined && !served.includes(home) && findOnlyNear(home, served) === undefined
}
