import type { LayeredSpec } from '../mesh/layered-spec.ts'
import type { Cluster, Mesh, Service } from '../mesh/mesh.ts'
import { because, from, type Sourced, SpecNode } from '../mesh/sourced.ts'
import { placeAt, placeAtKey } from '../mesh/spec-place.ts'
import { exclusiveFields, unchosenCluster, unknownCluster } from './diagnostics.ts'
import { emptyList, listSourcedEntries, type Report, readField, sortKeys } from './fields.ts'
import type { ServiceSpec } from './spec-sections.ts'

/** The clusters of an environment, and the cluster of the mesh among them. */
type Clusters = Pick<Mesh, 'cluster' | 'clusters'>

/**
 * Resolves the clusters that a spec declares, sorted by name. Reports a spec with `clusters` that is compiled for none of them, a
 * cluster folder that is not in the list, and a destination that all clusters would share.
 */
export function resolveClusters(
  { value: spec, entry, base, cluster: here }: LayeredSpec,
  report: Report,
): Clusters {
  const node = new SpecNode(undefined, 'clusters')
  const written = spec.clusters
  if (written === undefined) return { cluster: undefined, clusters: emptyList }
  const names = sortKeys(written)
  const clusters = names.map((name): Cluster => {
    const origin = node.at(name)
    const fields = written[name]!
    return {
      origin,
      name: from(origin, name),
      network: readField(fields, origin, 'network'),
      region: readField(fields, origin, 'region'),
      zones: listSourcedEntries(fields.zones, origin, 'zones'),
      destination:
        readField(fields, origin, 'destination') ?? because(name, origin, 'default:cluster-destination'),
      revision: readField(fields, origin, 'revision'),
    }
  })
  const cluster = clusters.find(({ name }) => name.value === here)
  if (here === undefined) report(unchosenCluster(placeAtKey(node), { clusters: names }))
  else if (cluster === undefined)
    report(unknownCluster(placeAtKey(node), { cluster: here, file: entry, base, legal: names }))
  if (spec.delivery?.cluster !== undefined) {
    const help = 'remove `delivery.cluster`: each cluster has a `destination` of its own'
    const related = { at: placeAtKey(node), message: 'the clusters' }
    const params = { owner: 'the spec', first: 'clusters', second: 'delivery.cluster', help }
    const place = new SpecNode(undefined, 'delivery').at('cluster')
    report(exclusiveFields(placeAtKey(place), params, [related]))
  }
  return { cluster, clusters }
}

/** Resolves the clusters that run a service. Reports those that the spec lacks. */
export function resolveHomes(
  { clusters: written }: ServiceSpec,
  service: SpecNode,
  { clusters }: Pick<Clusters, 'clusters'>,
  report: Report,
): Pick<Service, 'clusters'> {
  if (written === undefined) return everywhere
  const legal = clusters.map(({ name }) => name.value)
  const listed: readonly Sourced<string>[] = listSourcedEntries(written, service, 'clusters')
  for (const name of listed)
    if (!legal.includes(name.value))
      report(unknownCluster(placeAt(name.place!), { cluster: name.value, legal }))
  return { clusters: listed }
}

/** The default of a service's clusters: all of them. */
const everywhere = { clusters: emptyList }
