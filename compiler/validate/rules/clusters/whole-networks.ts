import { placeAtKey } from '../../../mesh/spec-place.ts'
import { defineRule } from '../../rule.ts'

/** A cluster without a network would be no part of the mesh that the others are. */
export const wholeNetworks = defineRule<{ cluster: string; network: string }>(
  {
    code: 'MESH3476',
    severity: 'error',
    summary: 'Either every cluster has a network, or none',
    reads: ['clusters.*.network'],
    message: p => `the cluster \`${p.cluster}\` has no network, and others have one`,
    help: p =>
      `set its \`network\`, such as \`${p.network}\`: clusters with networks are one mesh; without any, each is a mesh of its own`,
  },
  function* ({ clusters }, report) {
    const network = clusters.find(cluster => cluster.network !== undefined)?.network
    if (network === undefined) return
    for (const cluster of clusters)
      if (cluster.network === undefined)
        yield report(placeAtKey(cluster.origin), { cluster: cluster.name.value, network: network.value })
  },
)
